// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics
import FerroStudy
import Foundation

/// Chooses one recording to show for every group: the one nearest to the group's mean, so that no eye for a fine trace decides.
struct ExampleChoice {
    struct Example {
        var condition: Condition
        var state: StudyRecordingState
        /// Mean of the recording's units on the analysis scale.
        var value: Double
        /// What it was chosen to be near to.
        var mean: Double
    }

    let results: StudyResults
    let study: StudyWords

    /// The outcome that decides: the rate, else the first primary outcome, else the first.
    var outcome: OutcomeDefinition? {
        let outcomes = results.definition.outcomes
        return outcomes.first { $0.name == "firing_rate_hz" } ?? outcomes.first { $0.primary } ?? outcomes.first
    }

    /// In the order of the groups; a group without a finished recording has none.
    var examples: [Example] {
        guard let outcome else { return [] }
        let cells = CellValues(results: results, outcome: outcome)
        let done = results.recordings.filter { $0.status == .done }
        return study.conditions.compactMap { condition in
            let means = done.compactMap { state -> (state: StudyRecordingState, value: Double)? in
                guard study.condition(of: state.recording) == condition.name else { return nil }
                let values = cells.all.filter { $0.recording == state.recording.name && (state.recording.epoch == nil || $0.epoch == state.recording.epoch) }
                    .map(\.value)
                return Sample.mean(values).map { (state, $0) }
            }
            let group = results.groups.first { $0.outcome == outcome.name && $0.group == condition.name }
            // Where changes are compared, the group's mean is a change, which no recording shows by itself.
            guard let mean = study.isChange ? Sample.mean(means.map(\.value)) : group?.mean ?? Sample.mean(means.map(\.value)) else { return nil }
            guard let nearest = means.min(by: { abs($0.value - mean) < abs($1.value - mean) }) else { return nil }
            return Example(condition: condition, state: nearest.state, value: nearest.value, mean: mean)
        }
    }
}
