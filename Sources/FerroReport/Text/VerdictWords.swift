// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics

extension Verdict {
    /// A mark that needs no colour to be told from the others.
    var mark: String {
        switch self {
        case .normalized: "✓"
        case .overCorrected: "▲"
        case .partial: "◐"
        case .extentUnresolved: "≥"
        case .noEvidence: "○"
        case .undetermined: "?"
        }
    }

    /// Name of its style.
    var style: String {
        switch self {
        case .normalized: "v-normalized"
        case .overCorrected: "v-over"
        case .partial: "v-partial"
        case .extentUnresolved: "v-unresolved"
        case .noEvidence: "v-none"
        case .undetermined: "v-undetermined"
        }
    }

    /// When the rule gives this verdict, in the words of its inputs.
    var rule: String {
        switch self {
        case .normalized:
            "equivalent to control within the margin fixed beforehand (TOST p < 0.05, the margin smaller than the perturbation), and the interval of the rescue index lies above 0"
        case .overCorrected: "the interval lies above 1: the treatment went beyond control"
        case .partial: "the interval lies between 0 and 1"
        case .extentUnresolved: "the interval lies above 0 and reaches 1 without shown equivalence: some rescue is shown, partial and full are not told apart"
        case .noEvidence: "the interval reaches 0 or below and stays below 1"
        case .undetermined: "everything else: the rescue index is undefined, or its interval spans 0 and 1"
        }
    }
}

/// A row of `normalization.csv` in plain sentences.
struct VerdictSentences {
    let row: NormalizationRow
    let study: StudyWords

    private var outcome: OutcomeWords { study.outcome(named: row.outcome) }
    private var control: String { study.label(of: .control) }
    private var perturbed: String { study.label(of: .perturbed) }
    private var index: String { "rescue index \(Numbers.index(row.rescue, row.fiellerLow, row.fiellerHigh))" }

    /// What the verdict says of this outcome and treatment.
    var verdict: String {
        guard row.rescue != nil else {
            return "No rescue index for the \(outcome.inSentence) (\(row.rescueStatus.rawValue)). \(reason)"
        }
        switch row.verdict {
        case .normalized:
            let margin = row.tostMargin.map { " within \(outcome.margin($0))" } ?? ""
            return "The \(outcome.inSentence) returned to normal: \(index); equivalent to \(control)\(margin), TOST \(Numbers.pStatement(row.tostP))."
        case .overCorrected:
            return "The \(outcome.inSentence) went beyond \(control): \(index), wholly above 1."
        case .partial:
            return "The \(outcome.inSentence) went part of the way back: \(index), wholly between no rescue (0) and full rescue (1)."
        case .extentUnresolved:
            return "Some rescue of the \(outcome.inSentence) is shown, but partial and full are not told apart: \(index), above 0 and reaching 1\(equivalence)."
        case .noEvidence:
            return "No evidence that the \(outcome.inSentence) came back: \(index), which includes 0 and stays below 1."
        case .undetermined:
            return "The data do not tell whether the \(outcome.inSentence) came back: \(index), which includes both no rescue (0) and full rescue (1)."
        }
    }

    /// The perturbation itself, without which there is nothing to rescue.
    var perturbation: String {
        guard row.pc.estimate != nil else { return "\(perturbed) and \(control) cannot be compared: a \(study.conditionWord) has no value." }
        let subject = study.isChange ? "the change in \(perturbed)" : perturbed
        let reference = study.isChange ? "that in \(control)" : control
        let size =
            outcome.isLog
            ? "\(subject) is \(Numbers.interval(row.pc.ratio, row.pc.ratioLow, row.pc.ratioHigh)) times \(reference)"
            : "\(subject) differs from \(reference) by \(outcome.contrast(row.pc))"
        guard let low = row.pc.low, let high = row.pc.high else { return "Perturbation: \(size)." }
        let isResolved = low > 0 || high < 0
        let none = outcome.isLog ? "1" : "0"
        return "Perturbation: \(size)\(isResolved ? "" : "; the interval includes \(none), no difference")."
    }

    private var equivalence: String {
        guard let margin = row.tostMargin else { return "; no equivalence margin was fixed" }
        guard row.tostP != nil else { return "" }
        if row.warnings.contains(.marginExceedsPerturbation) { return "; the equivalence margin is not smaller than the perturbation" }
        return "; equivalence within \(outcome.margin(margin)) is not shown, TOST \(Numbers.pStatement(row.tostP))"
    }

    private var reason: String {
        switch row.rescueStatus {
        case .perturbationNotResolved:
            "The 95 % interval of the difference between \(perturbed) and \(control) includes no difference, so a share of it means nothing."
        case .fewSubjects, .fewCages: "Without a spread within every \(study.conditionWord) there is no interval, and a number without one is not printed."
        case .noVariance: "The values do not vary, so there is no interval, and a number without one is not printed."
        case .noTreatedGroup, .defined: ""
        }
    }

    /// How equivalence came out, for the line below the contrasts.
    var equivalenceLine: String {
        guard let margin = row.tostMargin else { return "No equivalence margin was fixed beforehand." }
        guard let p = row.tostP else { return "Equivalence cannot be tested: the difference to \(control) has no interval." }
        let within = outcome.equivalenceInterval(row.tostLow, row.tostHigh)
        return
            "Equivalence to \(control) within \(outcome.margin(margin)): TOST \(Numbers.pStatement(p)), 90 % interval \(within)\(p < 0.05 ? " (inside the margin)" : " (not inside the margin)")."
    }
}
