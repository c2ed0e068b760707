// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroStatistics
import FerroStudy
import Foundation

/// The interactive figure: every unit and experimental unit of an outcome, to be chosen, coloured, zoomed and asked for its name.
///
/// It is added to a page that is whole without it. Values are those of the files of units below the distributions; this part holds only what the
/// cells are called and what the subjects are coloured by.
struct ExploreSection {
    /// JSON that may stand between the tags of a script.
    let index: String
    /// The charting library, packed.
    let library: String
    let script = ExploreScript.text
    let unit: String
    /// What the marks are.
    let shown: String

    private struct Index: Encodable {
        let unit: String
        let outcomes: [Outcome]
        let groups: [Group]
        /// Experimental units by their number.
        let subjects: [String]
        let columns: [Column]
        let colours: [Colour]
    }

    private struct Outcome: Encodable {
        let title: String
        let unit: String
        let isLog: Bool
        /// Of the values, a column an experimental unit.
        let file: String
        /// Of every column, members without a value.
        var absent: [String: [Int]] = [:]
        /// Columns whose cells have no names.
        var unnamed: [String] = []
    }

    private struct Group: Encodable {
        let label: String
        let colour: String
        let shape: String
    }

    /// An experimental unit in a group, epoch or session.
    private struct Column: Encodable {
        /// As in the files of values.
        let name: String
        let group: Int
        let subject: Int
        let members: [Members]
    }

    /// Cells of one recording.
    private struct Members: Encodable {
        let recording: String
        /// nil where it is the experimental unit.
        let subject: String?
        let session: String?
        var units: [String]
    }

    /// A measure of the experimental units.
    private struct Colour: Encodable {
        let title: String
        var texts: [String?]?
        var numbers: [Double?]?
    }

    /// nil where no outcome has a file of units.
    init?(_ results: StudyResults, _ study: StudyWords, _ library: ChartLibrary) {
        let drawn = results.definition.outcomes.filter { DistributionSection.isDrawn($0, results) }
        guard !drawn.isEmpty else { return nil }
        let names = drawn.map { UnitNames(results, $0, study) }
        let subjects = study.unitNumbers.sorted { $0.value < $1.value }.map(\.key)
        var outcomes = drawn.map { outcome in
            let words = study.outcome(outcome)
            return Outcome(title: words.axisTitle, unit: words.unit, isLog: words.isLog, file: FigureDownload.unitsFile(of: outcome))
        }
        let sessions = Dictionary(results.recordings.map { ($0.recording.name, $0.recording.session) }) { first, _ in first }
        let hasSessions = results.definition.design != .sessions && Set(sessions.values).count > 1
        var columns: [Column] = []
        for (position, condition) in study.conditions.enumerated() {
            let points = drawn.map { outcome in results.groups.first { $0.outcome == outcome.name && $0.group == condition.name }?.points ?? [] }
            for point in Set(points.flatMap { $0.map(\.name) }).sorted() {
                let column = "\(condition.name)/\(point)"
                let own = zip(points, names).map { points, names in
                    points.first { $0.name == point }.map { names.names(of: $0, in: condition.name) }
                }
                let all = Set(own.flatMap { ($0 ?? nil) ?? [] }).sorted()
                for (index, names) in own.enumerated() {
                    guard let names else { continue }
                    if let names {
                        let present = Set(names)
                        let absent = all.indices.filter { !present.contains(all[$0]) }
                        if !absent.isEmpty { outcomes[index].absent[column] = absent }
                    } else {
                        outcomes[index].unnamed.append(column)
                    }
                }
                columns.append(
                    Column(
                        name: column, group: position, subject: study.unitNumbers[point] ?? -1,
                        members: ExploreSection.members(all, of: point) { hasSessions ? sessions[$0] ?? nil : nil }))
            }
        }
        let whole = Index(
            unit: study.unit, outcomes: outcomes,
            groups: study.conditions.map { condition in
                let style = study.style(of: condition.name)
                return Group(label: condition.label, colour: style.colour, shape: style.marker.vegaShape)
            }, subjects: subjects, columns: columns, colours: ExploreSection.colours(results, subjects))
        guard let text = ExploreSection.json(whole) else { return nil }
        index = text
        self.library = library.packed
        unit = study.unit
        let hasCells = results.groups.contains { $0.units > $0.points.count } && !(study.isChange && results.definition.design == .sessions)
        let cells = study.isChange ? "The change of every unit" : "Every unit"
        shown =
            hasCells
            ? "\(cells) (small) and the mean of every \(study.unit) (large)" : study.isChange ? "The change of every \(study.unit)" : "Every \(study.unit)"
    }

    private static func members(_ names: [UnitNames.Name], of point: String, session: (String) -> String?) -> [Members] {
        var members: [Members] = []
        for name in names {
            let subject = name.subject == point ? nil : name.subject
            if let last = members.indices.last, members[last].recording == name.recording, members[last].subject == subject {
                members[last].units.append(name.unit)
            } else {
                members.append(Members(recording: name.recording, subject: subject, session: session(name.recording), units: [name.unit]))
            }
        }
        return members
    }

    /// Cages that hold several subjects, and the covariates.
    private static func colours(_ results: StudyResults, _ subjects: [String]) -> [Colour] {
        var colours: [Colour] = []
        let cages = UnitNames.cages(results.outcomes)
        if results.definition.unitOfAnalysis == .subject, Set(cages.values).count < cages.count {
            colours.append(Colour(title: "Cage", texts: subjects.map { cages[$0] }))
        }
        for covariate in results.definition.covariates {
            guard let values = results.covariateValues.first(where: { $0.covariate == covariate.name })?.byUnit else { continue }
            colours.append(Colour(title: covariate.axisTitle, numbers: subjects.map { values[$0] }))
        }
        return colours
    }

    /// JSON in which no text can end the script that holds it, or begin another.
    static func json(_ value: some Encodable) -> String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        guard let data = try? encoder.encode(value) else { return nil }
        return String(decoding: data, as: UTF8.self).replacing("<", with: "\\u003c").replacing(">", with: "\\u003e").replacing("&", with: "\\u0026")
    }
}

extension Marker {
    /// The same shape by Vega's name.
    var vegaShape: String {
        switch self {
        case .circle: "circle"
        case .square: "square"
        case .diamond: "diamond"
        case .up: "triangle-up"
        case .down: "triangle-down"
        }
    }
}
