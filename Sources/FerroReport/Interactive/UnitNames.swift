// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics
import FerroStudy

/// What the cells behind an experimental unit are called, in the order in which `GroupPoint.cells` holds them.
///
/// The statistics keep values only; here the rows of the table are put in the same order and held against them, so that no cell gets the
/// name of another: a group point whose rows do not fit has no names.
struct UnitNames {
    struct Name: Hashable, Comparable {
        let subject: String
        let recording: String
        let unit: String

        static func < (left: Name, right: Name) -> Bool {
            (left.subject, left.recording, left.unit) < (right.subject, right.recording, right.unit)
        }
    }

    private struct Key: Hashable {
        let condition: String
        let point: String
    }

    private var names: [Key: [Name]] = [:]

    /// In the order of `point.cells`; nil where they are not known, as are those of changes between sessions, which are of no single cell.
    func names(of point: GroupPoint, in condition: String) -> [Name]? {
        names[Key(condition: condition, point: point.name)].flatMap { $0.count == point.cells.count ? $0 : nil }
    }

    init(_ results: StudyResults, _ outcome: OutcomeDefinition, _ study: StudyWords) {
        let definition = results.definition
        if study.isChange, definition.design == .sessions { return }
        let cages = definition.unitOfAnalysis == .cage ? UnitNames.cages(results.outcomes) : nil
        var found: [Name: [String: Double]] = [:]
        for row in results.outcomes where row.outcome == outcome.name {
            guard let value = row.value, let y = CellValues.analysed(value, row, outcome) else { continue }
            // The occasion of a comparison within subjects, and of a change.
            let occasion = definition.design == .epochs ? row.epoch : definition.design == .sessions ? row.session : nil
            found[Name(subject: row.subject, recording: row.recording, unit: row.unit), default: [:]][occasion ?? row.group] = y
        }
        let needed = study.isWithin ? Set(study.conditions.filter(\.role.isContrasted).map(\.name)) : []
        let groups = Dictionary(results.outcomes.map { ($0.subject, $0.group) }) { first, _ in first }
        for (name, values) in found.sorted(by: { $0.key < $1.key }) {
            let point = cages.map { $0[name.subject] ?? "" } ?? name.subject
            func add(_ condition: String) { names[Key(condition: condition, point: point), default: []].append(name) }
            switch definition.comparison {
            case .groups: for condition in values.keys { add(condition) }
            case .changes(_, let occasions):
                let both = occasions.filter { $0.role != .other }.map(\.name)
                if both.allSatisfy({ values[$0] != nil }) { add(groups[name.subject] ?? "") }
            case .within:
                // Sessions are matched by subject, and cells of a session are in no other.
                let isComplete = definition.design == .sessions || needed.isSubset(of: values.keys)
                for condition in values.keys where isComplete || !needed.contains(condition) { add(condition) }
            }
        }
        check(results, outcome, found, isChange: study.isChange)
    }

    /// Lets go of names whose values are not those of the statistics.
    private mutating func check(_ results: StudyResults, _ outcome: OutcomeDefinition, _ found: [Name: [String: Double]], isChange: Bool) {
        guard !isChange else { return }
        for group in results.groups where group.outcome == outcome.name {
            for point in group.points {
                let key = Key(condition: group.group, point: point.name)
                guard let own = names[key] else { continue }
                if own.map({ found[$0]?[group.group] }) != point.cells.map(Optional.init) { names[key] = nil }
            }
        }
    }

    /// The cage of every subject, the smallest name where rows give several.
    static func cages(_ rows: [OutcomeRow]) -> [String: String] {
        var cages: [String: String] = [:]
        for row in rows {
            guard let cage = row.cage, !cage.isEmpty else { continue }
            cages[row.subject] = min(cages[row.subject] ?? cage, cage)
        }
        return cages
    }
}
