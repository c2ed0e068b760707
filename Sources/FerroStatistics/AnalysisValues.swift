// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// One group (or epoch or session) of one outcome: the values of its experimental units and what happened on the way to them.
struct ConditionSample: Sendable {
    let condition: Condition
    /// Subjects or cages, ascending by name, each with at least one row.
    let units: [ExperimentalUnit]
    /// The values of `units`.
    let sample: Sample
    /// Rows of analysis behind the sample.
    let rows: Int
    let subjects: Int
    /// Distinct cages; nil where a subject has none.
    let cages: Int?
    let facts: ConditionFacts
}

/// What became of the rows of one condition.
struct ConditionFacts: Sendable {
    var missing = false
    var zerosExcluded = false
    var zerosReplaced = false
    var zeroBaseline = false
    var shortestExposure: Double?
    var longestExposure: Double?

    mutating func observed(for exposure: Double?) {
        guard let exposure else { return }
        shortestExposure = min(shortestExposure ?? exposure, exposure)
        longestExposure = max(longestExposure ?? exposure, exposure)
    }
}

/// From the rows of one outcome to the values of the experimental units: scale, zeros, changes, means of units, means of subjects.
///
/// Every unit counts once within its subject and every subject once within its cage; nothing is weighted by the time observed.
struct AnalysisValues {
    private let outcome: OutcomeDefinition
    private let rules: TableRules
    private var facts: [ConditionFacts]
    private var subjects: [[SubjectRows]]
    private let cages: [String: Set<String>]

    /// A row with its place in the design and its value on the analysis scale.
    private struct Measured {
        let row: OutcomeRow
        let condition: Int
        let role: OccasionRole?
        let y: Double
    }

    /// - Parameter rows: rows of one outcome as `TableRules.admit` gives them.
    static func samples(of rows: [OutcomeRow], outcome: OutcomeDefinition, rules: TableRules) -> [ConditionSample] {
        var values = AnalysisValues(outcome, rules, cages: cages(of: rows))
        let measured = values.measure(rows)
        switch (rules.comparison, rules.design) {
        case (.groups, _): for one in measured { values.add(one.y, of: one.row.subject, to: one.condition) }
        case (.changes, .sessions): values.takeSessionChanges(measured)
        case (.changes, _): values.takeUnitChanges(measured)
        case (.within, .sessions): values.takeMatched(measured) { $0.subject }
        case (.within, _): values.takeMatched(measured) { [$0.subject, $0.recording, $0.unit] }
        }
        return values.conclude()
    }

    private init(_ outcome: OutcomeDefinition, _ rules: TableRules, cages: [String: Set<String>]) {
        self.outcome = outcome
        self.rules = rules
        self.cages = cages
        facts = rules.comparison.conditions.map { _ in ConditionFacts() }
        subjects = rules.comparison.conditions.map { _ in [] }
    }

    private static func cages(of rows: [OutcomeRow]) -> [String: Set<String>] {
        var cages: [String: Set<String>] = [:]
        for row in rows {
            if let cage = row.cage, !cage.isEmpty { cages[row.subject, default: []].insert(cage) }
        }
        return cages
    }

    // MARK: Rows

    private mutating func measure(_ rows: [OutcomeRow]) -> [Measured] {
        let conditions = Dictionary(uniqueKeysWithValues: rules.comparison.conditions.enumerated().map { ($1.name, $0) })
        var roles: [String: OccasionRole] = [:]
        if case .changes(_, let occasions) = rules.comparison {
            for occasion in occasions { roles[occasion.name] = occasion.role }
        }
        var measured: [Measured] = []
        for row in rows {
            let occasion = rules.occasion(of: row)
            guard let condition = conditions[rules.comparison.isWithin ? occasion ?? "" : row.group] else { continue }
            let role = occasion.flatMap { roles[$0] }
            if role == .other { continue }
            guard let value = row.value else {
                facts[condition].missing = true
                continue
            }
            facts[condition].observed(for: row.exposure)
            guard let y = transformed(value, row, condition) else { continue }
            measured.append(Measured(row: row, condition: condition, role: role, y: y))
        }
        return measured
    }

    private mutating func transformed(_ value: Double, _ row: OutcomeRow, _ condition: Int) -> Double? {
        guard outcome.scale == .log else { return value }
        guard value == 0 else { return log(value) }
        switch outcome.zeros {
        case .replace(let substitute):
            facts[condition].zerosReplaced = true
            return log(substitute)
        case .halfCount:
            guard let half = OutcomeDefinition.halfEvent(of: outcome.name), let exposure = row.exposure else { return nil }
            facts[condition].zerosReplaced = true
            return log(half / exposure)
        case .exclude, nil:
            facts[condition].zerosExcluded = true
            return nil
        }
    }

    /// Neighbours with the same key, in order.
    private func runs<Key: Equatable>(_ measured: [Measured], by key: (OutcomeRow) -> Key) -> [ArraySlice<Measured>] {
        var runs: [ArraySlice<Measured>] = []
        var first = 0
        for index in measured.indices where index + 1 == measured.count || key(measured[index].row) != key(measured[index + 1].row) {
            runs.append(measured[first...index])
            first = index + 1
        }
        return runs
    }

    // MARK: Designs

    private mutating func add(_ value: Double, of subject: String, to condition: Int) {
        if let last = subjects[condition].indices.last, subjects[condition][last].subject == subject,
            case .cells(var cells) = subjects[condition][last].rows
        {
            // Let go of the array before it grows, so that it is not copied.
            subjects[condition][last].rows = .cells([])
            cells.append(value)
            subjects[condition][last].rows = .cells(cells)
        } else {
            subjects[condition].append(SubjectRows(subject: subject, cage: cages[subject]?.min(), rows: .cells([value])))
        }
    }

    /// Each unit against its own baseline; a unit without both is dropped.
    private mutating func takeUnitChanges(_ measured: [Measured]) {
        for run in runs(measured, by: { [$0.subject, $0.recording, $0.unit] }) {
            guard let any = run.first else { continue }
            guard let baseline = run.first(where: { $0.role == .baseline }), let response = run.first(where: { $0.role == .response }) else {
                facts[any.condition].missing = true
                continue
            }
            if let change = outcome.change.change(from: baseline.y, to: response.y) {
                add(change, of: any.row.subject, to: any.condition)
            } else {
                facts[any.condition].zeroBaseline = true
            }
        }
    }

    /// Mean of a subject's response against the mean of its baseline; units are not matched.
    private mutating func takeSessionChanges(_ measured: [Measured]) {
        for run in runs(measured, by: { $0.subject }) {
            guard let any = run.first else { continue }
            let baseline = run.filter { $0.role == .baseline }.map(\.y)
            let response = run.filter { $0.role == .response }.map(\.y)
            guard !baseline.isEmpty, !response.isEmpty else {
                facts[any.condition].missing = true
                continue
            }
            let subject = SubjectRows(
                subject: any.row.subject, cage: cages[any.row.subject]?.min(),
                rows: .sessions(baseline: baseline, response: response, outcome.change))
            if subject.value == nil {
                facts[any.condition].zeroBaseline = true
            } else {
                subjects[any.condition].append(subject)
            }
        }
    }

    /// Only what was seen under control, perturbed and every treatment; conditions of role `other` are described as they are.
    private mutating func takeMatched<Key: Equatable>(_ measured: [Measured], by key: (OutcomeRow) -> Key) {
        let conditions = rules.comparison.conditions
        let needed = Set(conditions.indices.filter { conditions[$0].role.isContrasted })
        for run in runs(measured, by: key) {
            let complete = needed.isSubset(of: run.map(\.condition))
            for one in run {
                if complete || !needed.contains(one.condition) {
                    add(one.y, of: one.row.subject, to: one.condition)
                } else {
                    facts[one.condition].missing = true
                }
            }
        }
    }

    // MARK: Experimental units

    private func conclude() -> [ConditionSample] {
        rules.comparison.conditions.enumerated().map { index, condition in
            let units = ExperimentalUnit.units(of: subjects[index], by: rules.unitOfAnalysis)
            let housed = subjects[index].compactMap { cages[$0.subject] }
            return ConditionSample(
                condition: condition, units: units, sample: Sample(units.compactMap(\.value)),
                rows: subjects[index].reduce(0) { $0 + $1.count }, subjects: subjects[index].count,
                cages: housed.count == subjects[index].count ? housed.reduce(into: Set<String>()) { $0.formUnion($1) }.count : nil,
                facts: facts[index])
        }
    }
}
