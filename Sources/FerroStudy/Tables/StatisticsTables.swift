// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
package import FerroStatistics

/// `groups.csv`, `normalization.csv` and `distribution.csv`: an empty field is undefined, numbers are as exact as they were computed.
package enum StatisticsTables {
    package static func groups(_ rows: [GroupRow]) -> CSVText {
        var text = CSVText(columns: ["outcome", "group", "role", "n", "units", "mean", "sd", "sem"])
        for row in rows {
            text.append(
                [row.outcome, row.group, row.role.rawValue, "\(row.n)", "\(row.units)"] + [row.mean, row.sd, row.sem].map(CSVText.number))
        }
        return text
    }

    package static func normalization(_ rows: [NormalizationRow]) -> CSVText {
        var text = CSVText(columns: normalizationColumns)
        for row in rows { text.append(fields(of: row)) }
        return text
    }

    package static let normalizationColumns: [String] =
        [
            "outcome", "treated", "design", "scale", "unit_of_analysis", "n_control", "n_perturbed", "n_treated", "units_control",
            "units_perturbed", "units_treated", "mean_control", "mean_perturbed", "mean_treated",
        ]
        + ["pc", "tp", "tc"].flatMap { name in
            [
                "estimate", "se", "df", "low", "high", "p_welch", "ratio", "ratio_low", "ratio_high", "p_perm", "p_perm_min", "perm_kind",
                "p_adjusted", "lmm_estimate", "lmm_se", "lmm_df_satterthwaite", "lmm_df", "lmm_p",
            ].map { "\(name)_\($0)" }
        }
        + [
            "icc", "design_effect", "lmm_status", "rescue", "rescue_status", "fieller_g", "fieller_low", "fieller_high", "bootstrap_low",
            "bootstrap_high", "tost_margin", "tost_p", "tost_low", "tost_high", "verdict", "warnings",
        ]

    package static func distribution(_ rows: [DistributionRow]) -> CSVText {
        var text = CSVText(
            columns: ["outcome", "treated", "scale", "unit_of_analysis", "control_low", "control_high"]
                + ["control", "perturbed", "treated"].flatMap { ["share_\($0)", "share_\($0)_low", "share_\($0)_high"] }
                + ["pc", "tp", "tc"].flatMap { name in ["distance", "p_perm", "p_perm_min", "perm_kind"].map { "\(name)_\($0)" } })
        for row in rows {
            var fields = [row.outcome, row.treated ?? "", row.scale.rawValue, row.unitOfAnalysis.rawValue]
            fields += [row.controlLow, row.controlHigh].map(CSVText.number)
            for share in [row.control, row.perturbed, row.treatedShare] { fields += [share.share, share.low, share.high].map(CSVText.number) }
            for contrast in [row.pc, row.tp, row.tc] {
                fields += [contrast.distance, contrast.permutationP, contrast.permutationMinimum].map(CSVText.number)
                fields.append(contrast.permutationKind?.rawValue ?? "")
            }
            text.append(fields)
        }
        return text
    }

    private static func fields(of row: NormalizationRow) -> [String] {
        var fields = [row.outcome, row.treated ?? "", row.design.rawValue, row.scale.rawValue, row.unitOfAnalysis.rawValue]
        fields += [row.nControl, row.nPerturbed, row.nTreated, row.unitsControl, row.unitsPerturbed, row.unitsTreated].map(CSVText.count)
        fields += [row.meanControl, row.meanPerturbed, row.meanTreated].map(CSVText.number)
        for contrast in [row.pc, row.tp, row.tc] {
            fields += [
                contrast.estimate, contrast.standardError, contrast.degreesOfFreedom, contrast.low, contrast.high, contrast.welchP,
                contrast.ratio, contrast.ratioLow, contrast.ratioHigh, contrast.permutationP, contrast.permutationMinimum,
            ].map(CSVText.number)
            fields += [contrast.permutationKind?.rawValue ?? "", CSVText.number(contrast.adjustedP)]
            fields += [
                contrast.mixed?.estimate, contrast.mixed?.standardError, contrast.mixed?.satterthwaite, contrast.mixed?.degreesOfFreedom,
                contrast.mixed?.p,
            ].map(CSVText.number)
        }
        fields += [CSVText.number(row.icc), CSVText.number(row.designEffect), row.mixedStatus.rawValue]
        fields += [CSVText.number(row.rescue), row.rescueStatus.rawValue]
        fields += [
            row.fiellerG, row.fiellerLow, row.fiellerHigh, row.bootstrapLow, row.bootstrapHigh, row.tostMargin, row.tostP, row.tostLow, row.tostHigh,
        ].map(CSVText.number)
        fields += [row.verdict.rawValue, row.warnings.map(\.rawValue).joined(separator: ";")]
        return fields
    }
}
