// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics
import FerroStudy
import Foundation

/// The rows of one outcome on the analysis scale, each under the condition that it belongs to, for figures.
struct CellValues {
    struct Cell {
        var condition: String
        var recording: String
        /// Where epochs are files of their own, the one it comes from.
        var epoch: String?
        var value: Double
    }

    let all: [Cell]

    init(results: StudyResults, outcome: OutcomeDefinition) {
        let definition = results.definition
        let isWithin = definition.comparison.isWithin
        let known = Set(definition.comparison.conditions.map(\.name))
        all = results.outcomes.compactMap { row in
            guard row.outcome == outcome.name, let value = row.value, value.isFinite else { return nil }
            let condition = isWithin ? (definition.design == .epochs ? row.epoch : row.session) ?? "" : row.group
            guard known.contains(condition), let y = CellValues.analysed(value, row, outcome) else { return nil }
            return Cell(condition: condition, recording: row.recording, epoch: row.epoch, value: y)
        }
    }

    /// The value on the analysis scale, zeros by the outcome's rule; nil where the row is dropped.
    static func analysed(_ value: Double, _ row: OutcomeRow, _ outcome: OutcomeDefinition) -> Double? {
        guard outcome.scale == .log else { return value }
        guard value == 0 else { return value > 0 ? log(value) : nil }
        switch outcome.zeros {
        case .replace(let substitute): return log(substitute)
        case .halfCount:
            guard let half = OutcomeDefinition.halfEvent(of: outcome.name), let exposure = row.exposure, exposure > 0 else { return nil }
            return log(half / exposure)
        case .exclude, nil: return nil
        }
    }
}
