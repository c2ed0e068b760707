// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics

/// The mixed model of a row of `normalization.csv` as a table and a sentence.
struct MixedModelWords {
    struct Line {
        let name: String
        let estimate: String
        let degreesOfFreedom: String
        let p: String
    }

    let row: NormalizationRow
    let study: StudyWords

    private var outcome: OutcomeWords { study.outcome(named: row.outcome) }

    /// One line for each contrast that the model gives; empty where it is not fitted.
    func lines(_ contrasts: [(name: String, contrast: Contrast)]) -> [Line] {
        contrasts.compactMap { name, contrast in
            guard let effect = contrast.mixed else { return nil }
            return Line(
                name: name, estimate: estimate(effect), degreesOfFreedom: Numbers.significant(effect.degreesOfFreedom), p: Numbers.p(effect.p))
        }
    }

    /// The effect with its 95 % interval, in the words of the outcome.
    private func estimate(_ effect: MixedEffect) -> String {
        var contrast = Contrast()
        let half = StudentT(degreesOfFreedom: effect.degreesOfFreedom).quantile(0.975) * effect.standardError
        contrast.estimate = effect.estimate
        contrast.low = effect.estimate - half
        contrast.high = effect.estimate + half
        if outcome.isLog {
            contrast.ratio = contrast.estimate.map(outcome.native)
            contrast.ratioLow = contrast.low.map(outcome.native)
            contrast.ratioHigh = contrast.high.map(outcome.native)
        }
        return outcome.contrast(contrast)
    }

    var sentence: String {
        let cluster = study.unit
        switch row.mixedStatus {
        case .singular: return "The mixed model finds no variance between \(cluster)s (ICC 0)."
        case .ok:
            var text = "Mixed model"
            if let icc = row.icc {
                text += ": \(Numbers.fixed(icc * 100, decimals: 0)) % of the variance lies between \(cluster)s (ICC \(Numbers.fixed(icc, decimals: 2)))"
            }
            if let effect = row.designEffect {
                text += "; clustering inflates the variance of a mean of rows \(Numbers.significant(effect, digits: 2)) times (design effect)"
            }
            return text + "."
        case .notIdentifiable:
            return
                "No mixed model: with one row for every \(cluster), or no more \(cluster)s than groups, the variance between and within \(cluster)s cannot be told apart."
        case .noVariance: return "No mixed model: the rows of every \(cluster) agree."
        }
    }

    /// Both intervals of the rescue index; nil where it is undefined.
    var intervals: String? {
        guard let rescue = row.rescue else { return nil }
        guard let low = row.bootstrapLow, let high = row.bootstrapHigh else { return nil }
        let fewest = [row.nControl, row.nPerturbed, row.nTreated ?? 0].min() ?? 0
        return
            "Rescue index: Fieller \(Numbers.index(rescue, row.fiellerLow, row.fiellerHigh)), nested bootstrap [\(Numbers.fixed(low, decimals: 2)), \(Numbers.fixed(high, decimals: 2))]. "
            + (fewest < 8
                ? "Fieller's decides; with fewer than eight \(study.unit)s in a \(study.conditionWord) the bootstrap interval is too narrow."
                : "Fieller's decides; the bootstrap is a check.")
    }
}
