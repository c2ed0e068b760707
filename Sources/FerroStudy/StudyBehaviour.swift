// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroStatistics

/// Behaviours of the subjects, judged as outcomes are: one value a subject, from the columns of the table of recordings.
enum StudyBehaviour {
    /// Rows of `behaviour.csv` and the groups behind them; none where no covariate is a behaviour. Every subject of the table counts, whether
    /// its firing was measured or not.
    ///
    /// - Throws: `FerroError` as the analysis of outcomes.
    static func statistics(_ definition: StudyDefinition, _ subjects: [StudyRecording]) throws -> (groups: [GroupRow], rows: [NormalizationRow]) {
        let behaviours = definition.covariates.compactMap(\.behaviour)
        guard !behaviours.isEmpty else { return ([], []) }
        var seen: Set<[String]> = []
        let rows = behaviours.flatMap { behaviour in
            subjects.compactMap { recording -> OutcomeRow? in
                // A subject has its value on any of its rows.
                let value = recording.covariates[behaviour.name]
                guard value != nil || !subjects.contains(where: { $0.subject == recording.subject && $0.covariates[behaviour.name] != nil }),
                    seen.insert([behaviour.name, recording.subject]).inserted
                else { return nil }
                return OutcomeRow(
                    recording: recording.name, subject: recording.subject, cage: recording.cage, group: recording.group, unit: "", outcome: behaviour.name,
                    value: value)
            }
        }
        let computed = try NormalizationAnalysis(
            design: .groups, comparison: definition.comparison, unitOfAnalysis: definition.unitOfAnalysis, outcomes: behaviours, settings: definition.settings
        ).run(rows)
        return (computed.groups, computed.normalization)
    }
}

extension StudyResults {
    /// The behaviours as a study of their own; nil where there are none.
    package var ofBehaviour: StudyResults? {
        guard !behaviour.isEmpty else { return nil }
        var definition = definition
        definition.outcomes = definition.covariates.compactMap(\.behaviour)
        return StudyResults(definition: definition, recordings: [], outcomes: [], groups: behaviourGroups, normalization: behaviour)
    }
}
