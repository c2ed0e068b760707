// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
package import FerroStatistics
import Foundation

/// `study power`: what a study of this design could detect, by simulation from the variances of its own table.
package enum StudyPower {
    /// - Parameters:
    ///   - table: a table of outcomes.
    ///   - studies: simulated studies a row.
    ///   - number: units of analysis in every group; nil for those of the table.
    /// - Throws: `FerroError` as `StudyStatistics.run`.
    package static func rows(_ definition: StudyDefinition, table: String, studies: Int, power: Double, number: Int? = nil) throws -> [PowerRow] {
        let outcomes = try OutcomeTable.read(table, for: definition)
        return try StudyStatistics.placed(at: table) {
            try NormalizationAnalysis(
                design: definition.design, comparison: definition.comparison, unitOfAnalysis: definition.unitOfAnalysis,
                outcomes: definition.outcomes, settings: definition.settings
            ).detectableEffects(StudyExclusions.analysed(definition, outcomes), studies: studies, power: power, number: number)
        }
    }

    /// `power.csv`: an empty field is undefined.
    package static func table(_ rows: [PowerRow]) -> CSVText {
        var text = CSVText(columns: [
            "outcome", "treated", "scale", "unit_of_analysis", "n_control", "n_perturbed", "n_treated", "variance_from", "between_sd", "within_sd",
            "studies", "power", "detectable_perturbation", "detectable_ratio", "assumed_perturbation", "detectable_rescue",
            "full_rescue_normalized",
        ])
        for row in rows {
            var fields = [row.outcome, row.treated ?? "", row.scale.rawValue, row.unitOfAnalysis.rawValue]
            fields += [row.nControl, row.nPerturbed, row.nTreated].map(CSVText.count)
            fields.append(row.source.rawValue)
            fields += [row.betweenSD, row.withinSD].map(CSVText.number)
            fields += [CSVText.count(row.studies), CSVText.number(row.power)]
            fields += [
                row.detectablePerturbation, row.detectableRatio, row.assumedPerturbation, row.detectableRescue, row.fullRescueNormalized,
            ].map(CSVText.number)
            text.append(fields)
        }
        return text
    }

    /// One line a row:
    /// ```
    /// outcome         treated  animals   perturbation   rescue  full rescue called normalized
    /// firing_rate_hz  dfo      8, 8, 8   1.52-fold      0.63    41 %
    /// ```
    package static func text(_ rows: [PowerRow]) -> String {
        let unit = rows.first?.unitOfAnalysis == .cage ? "cages" : "subjects"
        let header = ["outcome", "treated", unit, "perturbation", "rescue", "full rescue called normalized"]
        return StudySummary.columns(
            [header]
                + rows.map { row in
                    [
                        row.outcome, row.treated ?? "-",
                        [row.nControl, row.nPerturbed, row.nTreated].compactMap { $0.map(String.init) }.joined(separator: ", "),
                        perturbation(row), rescue(row), row.fullRescueNormalized.map { String(format: "%.0f %%", 100 * $0) } ?? "-",
                    ]
                })
    }

    private static func perturbation(_ row: PowerRow) -> String {
        guard let size = row.detectablePerturbation else { return "none" }
        return row.detectableRatio.map { String(format: "%.2f-fold", $0) } ?? String(format: "%.3g", size)
    }

    private static func rescue(_ row: PowerRow) -> String {
        guard row.treated != nil, row.assumedPerturbation != nil else { return "-" }
        guard let index = row.detectableRescue, index <= 1 else { return "not even a full one" }
        return String(format: "%.2f", index)
    }

    package static func json(_ rows: [PowerRow]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let entries = rows.map {
            Entry(
                outcome: $0.outcome, treated: $0.treated, detectable_perturbation: $0.detectablePerturbation, detectable_ratio: $0.detectableRatio,
                assumed_perturbation: $0.assumedPerturbation, detectable_rescue: $0.detectableRescue,
                full_rescue_normalized: $0.fullRescueNormalized, power: $0.power, studies: $0.studies)
        }
        return String(decoding: try encoder.encode(["power": entries]), as: UTF8.self)
    }

    private struct Entry: Encodable {
        var outcome: String
        var treated: String?
        var detectable_perturbation: Double?
        var detectable_ratio: Double?
        var assumed_perturbation: Double?
        var detectable_rescue: Double?
        var full_rescue_normalized: Double?
        var power: Double
        var studies: Int
    }
}
