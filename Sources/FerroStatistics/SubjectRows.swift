// SPDX-License-Identifier: GPL-3.0-or-later

/// The rows of analysis of one subject in one condition, in an order that depends on their content only.
struct SubjectRows: Sendable, Equatable {
    /// How the value of the subject follows from its rows.
    enum Rows: Sendable, Equatable {
        /// Cells, or changes of cells: their mean.
        case cells([Double])
        /// Cells of two sessions, which are not matched: the change between the two means.
        case sessions(baseline: [Double], response: [Double], ChangeMeasure)
    }

    let subject: String
    /// The smallest name where the table gives several; nil where it gives none.
    let cage: String?
    var rows: Rows

    var count: Int {
        switch rows {
        case .cells(let cells): cells.count
        case .sessions(let baseline, let response, _): baseline.count + response.count
        }
    }

    /// nil without rows, and where a percentage of zero is asked for.
    var value: Double? {
        switch rows {
        case .cells(let cells): Sample.mean(cells)
        case .sessions(let baseline, let response, let measure):
            if let before = Sample.mean(baseline), let after = Sample.mean(response) { measure.change(from: before, to: after) } else { nil }
        }
    }
}

extension ChangeMeasure {
    /// nil for a percentage of zero, or of so little that the percentage is beyond every measurement.
    func change(from baseline: Double, to response: Double) -> Double? {
        switch self {
        case .difference:
            return response - baseline
        case .percent:
            guard baseline != 0 else { return nil }
            let percentage = 100 * response / baseline
            return abs(percentage) <= OutcomeDefinition.largestValue ? percentage : nil
        }
    }
}

/// An experimental unit with what is nested in it: a subject, or a cage with its subjects.
struct ExperimentalUnit: Sendable, Equatable {
    let kind: UnitOfAnalysis
    let name: String
    let subjects: [SubjectRows]

    /// Mean of the subjects; nil of none.
    var value: Double? { Sample.mean(subjects.compactMap(\.value)) }

    /// Subjects as they are, or gathered in their cages; ascending by name.
    static func units(of subjects: [SubjectRows], by unit: UnitOfAnalysis) -> [ExperimentalUnit] {
        switch unit {
        case .subject:
            return subjects.map { ExperimentalUnit(kind: unit, name: $0.subject, subjects: [$0]) }
        case .cage:
            let cages = Dictionary(grouping: subjects) { $0.cage ?? "" }
            return cages.keys.sorted().map { ExperimentalUnit(kind: unit, name: $0, subjects: cages[$0] ?? []) }
        }
    }
}
