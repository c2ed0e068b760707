// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroStatistics

/// The tables that a study's statistics leave as CSV files and in the catalog. An empty field is undefined.
enum StudyTables {
    static let names = [
        "groups", "normalization", "distribution", "exclusions", "covariates", "behaviour", "mediation", "trend", "interaction",
    ]

    /// Columns that count.
    static let counts: Set<String> = ["n", "units", "units_excluded", "of_them_missing", "units_left", "subjects_left"]

    /// Every table by its name; nil where the study has no such part.
    static func all(_ results: StudyResults) -> [(name: String, text: CSVText?)] {
        let texts: [CSVText?] = [
            StatisticsTables.groups(results.groups), StatisticsTables.normalization(results.normalization),
            StatisticsTables.distribution(results.distribution), results.exclusions.map(StudyExclusions.table),
            results.covariates.isEmpty ? nil : StudyCovariates.table(results.covariates),
            results.behaviour.isEmpty ? nil : StatisticsTables.normalization(results.behaviour),
            results.mediation.isEmpty ? nil : mediation(results.mediation), results.trends.isEmpty ? nil : trend(results.trends),
            results.interactions.isEmpty ? nil : interaction(results.interactions),
        ]
        return zip(names, texts).map { ($0, $1) }
    }

    /// Every table, one that the study has no part for without rows.
    static func filled(_ results: StudyResults) -> [(name: String, text: CSVText)] {
        zip(all(results), blank).map { ($0.name, $0.text ?? $1.text) }
    }

    static let blank: [(name: String, text: CSVText)] = Array(
        zip(
            names,
            [
                StatisticsTables.groups([]), StatisticsTables.normalization([]), StatisticsTables.distribution([]),
                StudyExclusions.table(ExclusionFlow(criteria: [], groups: [])), StudyCovariates.table([]), StatisticsTables.normalization([]), mediation([]),
                trend([]), interaction([]),
            ])
    ).map { ($0, $1) }

    // MARK: Tables

    private static func mediation(_ rows: [MediationRow]) -> CSVText {
        let coefficients = ["a", "b", "direct", "total"].flatMap { [$0, "\($0)_se"] }
        var text = CSVText(columns: ["from", "through", "to", "scope", "n"] + coefficients + ["indirect", "indirect_low", "indirect_high"])
        for row in rows {
            let effects = row.effects
            let numbers = [effects?.onMediator, effects?.ofMediator, effects?.direct, effects?.total].flatMap { [$0?.value, $0?.standardError] }
            text.append(
                [row.path.from, row.path.through, row.path.to, row.scope.text, "\(row.n)"]
                    + (numbers + [effects?.indirect, effects?.low, effects?.high]).map(CSVText.number))
        }
        return text
    }

    private static func trend(_ rows: [TrendRow]) -> CSVText {
        var text = CSVText(columns: ["outcome", "target", "scale", "doses", "counts"] + contrast("slope") + ["direction"])
        for row in rows {
            text.append(
                [
                    row.outcome, row.series.target ?? "", row.scale.rawValue, row.series.groups.joined(separator: " < "),
                    row.counts.map(String.init).joined(separator: " "),
                ] + fields(row.slope) + [row.isTowardsControl.map { $0 ? "towards control" : "away from control" } ?? ""])
        }
        return text
    }

    private static func interaction(_ rows: [InteractionRow]) -> CSVText {
        var text = CSVText(
            columns: ["outcome", "treated", "treated_control", "scale", "n_treated_control", "mean_treated_control"]
                + ["in_controls", "in_perturbed", "difference"].flatMap(contrast))
        for row in rows {
            text.append(
                [
                    row.outcome, row.treated, row.treatedControl, row.scale.rawValue, "\(row.nTreatedControl)", CSVText.number(row.meanTreatedControl),
                ] + [row.inControls, row.inPerturbed, row.difference].flatMap(fields))
        }
        return text
    }

    private static func contrast(_ name: String) -> [String] {
        ["estimate", "se", "df", "low", "high", "p_welch", "ratio", "ratio_low", "ratio_high", "p_perm", "p_perm_min", "perm_kind"].map { "\(name)_\($0)" }
    }

    private static func fields(_ contrast: Contrast) -> [String] {
        [
            contrast.estimate, contrast.standardError, contrast.degreesOfFreedom, contrast.low, contrast.high, contrast.welchP, contrast.ratio,
            contrast.ratioLow, contrast.ratioHigh, contrast.permutationP, contrast.permutationMinimum,
        ].map(CSVText.number) + [contrast.permutationKind?.rawValue ?? ""]
    }
}
