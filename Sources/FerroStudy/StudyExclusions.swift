// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
package import FerroStatistics
import Foundation

extension StudyDefinition {
    /// Names in the column `outcome` that the study looks at: its outcomes and what it excludes by.
    package var names: Set<String> { Set(outcomes.map(\.name)).union(exclusions?.measures ?? []) }
}

/// The exclusions of a study: which rows its statistics see, and `exclusions.csv`.
package enum StudyExclusions {
    /// The rows of the study's outcomes that are analysed; the flow is nil where the study declares no exclusions.
    ///
    /// - Throws: `FerroError` (input) where a measure is missing from the table or nothing is left.
    package static func apply(_ definition: StudyDefinition, to rows: [OutcomeRow]) throws -> (rows: [OutcomeRow], flow: ExclusionFlow?) {
        let names = definition.outcomes.map(\.name)
        guard let criteria = definition.exclusions else {
            let configured = Set(names)
            return (rows.filter { configured.contains($0.outcome) }, nil)
        }
        let isWithin = definition.comparison.isWithin
        let applied = try criteria.applied(
            to: rows, outcomes: names, design: definition.design, conditions: definition.comparison.conditions.map(\.name)
        ) { isWithin ? (definition.design == .epochs ? $0.epoch : $0.session) ?? "" : $0.group }
        let configured = Set(names)
        return (applied.rows.filter { configured.contains($0.outcome) }, applied.flow)
    }

    /// What an analysis is given: without exclusions the whole table, so that its refusals can name what is there.
    static func analysed(_ definition: StudyDefinition, _ rows: [OutcomeRow]) throws -> [OutcomeRow] {
        let applied = try apply(definition, to: rows)
        return applied.flow == nil ? rows : applied.rows
    }

    /// `exclusions.csv`: for every group the units before, and what each criterion left out and left in.
    package static func table(_ flow: ExclusionFlow) -> CSVText {
        var text = CSVText(columns: ["group", "criterion", "units_excluded", "of_them_missing", "units_left", "subjects_left"])
        for group in flow.groups {
            text.append([group.name, "", "0", "0", "\(group.units)", "\(group.subjects)"])
            for (criterion, step) in zip(flow.criteria, group.steps) {
                text.append([group.name, criterion, "\(step.excluded)", "\(step.missing)", "\(step.unitsLeft)", "\(step.subjectsLeft)"])
            }
        }
        return text
    }

    /// `3 of 640 units are left out by the criteria of the study`
    package static func sentence(_ flow: ExclusionFlow) -> String {
        "\(flow.excluded) of \(flow.units) units are left out by the criteria of the study"
    }
}
