// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics
import FerroStudy

/// What a treatment does to controls, beside what it does under the perturbation.
struct TreatedControlSection {
    struct Outcome {
        let heading: String
        let sentence: String
        let unitHeading: String
        let lines: [VerdictSection.ContrastLine]
    }

    let outcomes: [Outcome]

    init?(_ results: StudyResults, _ study: StudyWords) {
        guard !results.interactions.isEmpty else { return nil }
        outcomes = results.interactions.map { row in
            let words = study.outcome(named: row.outcome)
            let (control, perturbed) = (study.label(of: .control), study.label(of: .perturbed))
            let (treated, given) = (study.label(of: row.treated), study.label(of: row.treatedControl))
            let minus = words.isLog ? "÷" : "−"
            return Outcome(
                heading: "\(words.heading): \(treated)", sentence: TreatedControlWords(row: row, study: study).sentence,
                unitHeading: words.isLog ? "ratio [95 % interval]" : "difference [95 % interval]",
                lines: [
                    VerdictSection.line("\(given) \(minus) \(control)", row.inControls, words),
                    VerdictSection.line("\(treated) \(minus) \(perturbed)", row.inPerturbed, words),
                    VerdictSection.line(words.isLog ? "second ÷ first" : "second − first", row.difference, words),
                ])
        }
    }
}

/// A row of `interaction.csv` in plain sentences.
struct TreatedControlWords {
    let row: InteractionRow
    let study: StudyWords

    private func isShown(_ contrast: Contrast) -> Bool? { contrast.low.flatMap { low in contrast.high.map { low > 0 || $0 < 0 } } }

    var sentence: String {
        let words = study.outcome(named: row.outcome)
        let (treated, given, control) = (study.label(of: row.treated), study.label(of: row.treatedControl), study.label(of: .control))
        guard let inControls = isShown(row.inControls), let differs = isShown(row.difference) else {
            return "Whether the treatment of \(treated) changes controls cannot be told: a group has fewer than two \(study.unit)s, or nothing varies."
        }
        let effect = "\(given) against \(control): \(words.contrast(row.inControls))"
        let beyond = words.contrast(row.difference)
        switch (inControls, differs) {
        case (true, true):
            return
                "The treatment changes the \(words.inSentence) of controls as well (\(effect)). Under the perturbation it does something else by \(beyond), so that its effect there is not that in controls alone."
        case (true, false):
            return
                "The treatment changes the \(words.inSentence) of controls as well (\(effect)), and no effect beyond that is shown under the perturbation (\(beyond)): what looks like a rescue may be what the treatment does to anyone."
        case (false, true):
            return
                "No effect of the treatment on the \(words.inSentence) of controls is shown (\(effect)), and under the perturbation it does more or less than in controls, by \(beyond)."
        case (false, false):
            return
                "No effect of the treatment on the \(words.inSentence) of controls is shown (\(effect)), nor that its effect under the perturbation is another (\(beyond)): the data do not tell an undoing of the perturbation from an effect on anyone."
        }
    }
}

/// Whether an outcome follows the dose.
struct DoseSection {
    let lines: [VerdictSection.ContrastLine]
    let sentences: [String]

    init?(_ results: StudyResults, _ study: StudyWords) {
        guard !results.trends.isEmpty else { return nil }
        let hasSeveral = Set(results.trends.map(\.series.target)).count > 1
        lines = results.trends.map { row in
            let words = study.outcome(named: row.outcome)
            return VerdictSection.line(words.heading + (hasSeveral ? " (\(row.series.target ?? "no target"))" : ""), row.slope, words)
        }
        sentences = results.trends.map { DoseSection.sentence($0, study) }
    }

    static func sentence(_ row: TrendRow, _ study: StudyWords) -> String {
        let words = study.outcome(named: row.outcome)
        let order = zip(row.series.groups, row.counts).map { "\(study.label(of: $0)) (n = \($1))" }.joined(separator: ", ")
        guard let low = row.slope.low, let high = row.slope.high else {
            return
                "No slope of the \(words.inSentence) over the doses has an interval (\(order)): a group has fewer than two \(study.unit)s, or nothing varies."
        }
        let slope = "\(words.contrast(row.slope)) from one dose to the next; \(order)"
        guard low > 0 || high < 0 else {
            return "No trend of the \(words.inSentence) over the doses is shown: \(slope). This does not show that dose does not matter."
        }
        let way = row.isTowardsControl.map { $0 ? ", towards \(study.label(of: .control))" : ", away from \(study.label(of: .control))" } ?? ""
        return "The \(words.inSentence) \(low > 0 ? "rises" : "falls") with the dose\(way): \(slope)."
    }
}
