// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics
import FerroStudy

/// Behaviours judged as outcomes are, and whether they came back together with the firing.
struct BehaviourSection {
    let sentences: [String]
    let unit: String
    let perturbedHeading: String
    let treatments: [String]
    let lines: [VerdictSection.Line]
    let figures: [OutcomeSection.Figure]

    init?(_ results: StudyResults, _ study: StudyWords) {
        guard let behaviour = results.ofBehaviour else { return nil }
        var words = StudyWords(behaviour.definition)
        words.unitNumbers = study.unitNumbers
        let verdicts = VerdictSection(behaviour, words)
        unit = study.unit
        perturbedHeading = verdicts.perturbedHeading
        treatments = verdicts.treatments
        lines = verdicts.lines
        figures = OutcomeSection(behaviour, words).figures
        let primary = results.definition.outcomes.filter(\.primary)
        let told = primary.isEmpty ? results.definition.outcomes : primary
        sentences = told.flatMap { outcome in
            results.normalization.filter { $0.outcome == outcome.name && $0.treated != nil }.flatMap { firing in
                behaviour.normalization.filter { $0.treated == firing.treated }.map { row in
                    BehaviourWords(
                        firing: firing, behaviour: row, firingName: study.outcome(outcome).inSentence,
                        behaviourName: words.outcome(named: row.outcome).inSentence,
                        treatment: study.label(of: firing.treated), control: study.label(of: .control)
                    ).sentence
                }
            }
        }
    }
}

/// One treatment's verdicts on firing and on a behaviour in one sentence.
struct BehaviourWords {
    let firing: NormalizationRow
    let behaviour: NormalizationRow
    let firingName: String
    let behaviourName: String
    let treatment: String
    let control: String

    /// Whether something came back: nil where it cannot be told.
    private func cameBack(_ verdict: Verdict) -> Bool? {
        switch verdict {
        case .normalized, .overCorrected, .partial, .extentUnresolved: true
        case .noEvidence: false
        case .undetermined: nil
        }
    }

    private func told(_ row: NormalizationRow) -> String {
        switch row.verdict {
        case .normalized: "returned to normal"
        case .overCorrected: "went beyond \(control)"
        case .partial: "came back in part"
        case .extentUnresolved: "came back, how far is not resolved"
        case .noEvidence: "is not shown to have come back"
        case .undetermined: row.rescue == nil ? "cannot be judged (\(row.rescueStatus.rawValue))" : "may have come back or not, which the data do not tell"
        }
    }

    var sentence: String {
        let (first, second) = (cameBack(firing.verdict), cameBack(behaviour.verdict))
        // What is left open on one side is no contrast to what is known on the other.
        let isContrast = first != nil && second != nil && firing.verdict != behaviour.verdict
        let link = isContrast ? "while" : "and"
        let lead = "\(treatment): the \(firingName) \(told(firing)), \(link) the \(behaviourName) \(told(behaviour))."
        guard first != nil, second != nil, first != second else { return lead }
        return lead + " " + comparison
    }

    /// One shown and the other not is no difference by itself.
    private var comparison: String {
        guard let low = firing.fiellerLow, let high = firing.fiellerHigh, let least = behaviour.fiellerLow, let most = behaviour.fiellerHigh else { return "" }
        let indices =
            "R = \(Numbers.index(firing.rescue, low, high)) of the \(firingName), \(Numbers.index(behaviour.rescue, least, most)) of the \(behaviourName)"
        return low > most || least > high
            ? "The two came back to different extents: the intervals of their rescue indices do not overlap (\(indices))."
            : "That one is shown and the other is not does not show that they differ: the intervals of their rescue indices overlap (\(indices))."
    }
}
