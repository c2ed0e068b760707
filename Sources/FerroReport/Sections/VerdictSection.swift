// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics
import FerroStudy

/// The verdicts at a glance, then a card for every outcome and treated group with the numbers behind each.
struct VerdictSection {
    /// Verdict word with its mark and style.
    struct Badge {
        let word: String
        let mark: String
        let style: String

        init(_ verdict: Verdict) {
            word = verdict.rawValue
            mark = verdict.mark
            style = verdict.style
        }
    }

    struct Cell {
        let badge: Badge?
        let text: String
        /// Words, which may be broken over lines, in place of numbers.
        let isLong: Bool
    }

    struct Line {
        let outcome: String
        let primary: Bool
        let perturbation: String
        let cells: [Cell]
    }

    struct ContrastLine {
        let name: String
        let estimate: String
        let welch: String
        let permutation: String
        let smallest: String
        let adjusted: String
    }

    struct Card {
        let badge: Badge?
        let treatment: String?
        let sentence: String?
        let contrasts: [ContrastLine]
        let unitHeading: String
        /// Whether the mixed model is fitted, and its estimates.
        let hasMixed: Bool
        let mixed: [MixedModelWords.Line]
        let mixedSentence: String
        /// Fieller's and the bootstrap's interval of the rescue index; nil where it is undefined.
        let intervals: String?
        let equivalence: String
        let sizes: String
        let warnings: [String]?
    }

    struct OutcomeCards {
        let heading: String
        let primary: Bool
        let perturbation: String
        let cards: [Card]
        /// Cards are folded for outcomes that are not primary where some are.
        let open: Bool
    }

    struct Rule {
        let badge: Badge
        let rule: String
    }

    let hasTreated: Bool
    /// Said once where there is nothing to give a verdict on.
    let withoutTreated: String?
    let treatments: [String]
    let perturbedHeading: String
    let lines: [Line]
    let outcomes: [OutcomeCards]
    let rules: [Rule]
    /// Heading of the adjusted p-values.
    let adjustment: String
    let testName: String

    init(_ results: StudyResults, _ study: StudyWords) {
        let rows = results.normalization
        let definitions = results.definition.outcomes
        let treated = study.conditions.filter { $0.role == .treated }
        hasTreated = !treated.isEmpty
        withoutTreated =
            treated.isEmpty ? "The study has no treated group, so only the perturbation is described: there is no rescue index and no verdict." : nil
        treatments = treated.map(\.label)
        perturbedHeading = "\(study.label(of: .perturbed)) against \(study.label(of: .control))"
        adjustment = results.definition.settings.multiplicity == .none ? "p adjusted: none" : "p adjusted (\(study.multiplicity))"
        testName = study.isWithin ? "paired t" : "Welch"
        lines = definitions.map { definition in
            let words = study.outcome(definition)
            let own = rows.filter { $0.outcome == definition.name }
            return Line(
                outcome: words.heading, primary: definition.primary, perturbation: own.first.map { words.contrast($0.pc) } ?? "—",
                cells: treated.map { condition in
                    guard let row = own.first(where: { $0.treated == condition.name }) else { return Cell(badge: nil, text: "—", isLong: false) }
                    let text = row.rescue == nil ? row.rescueStatus.rawValue : "R = \(Numbers.index(row.rescue, row.fiellerLow, row.fiellerHigh))"
                    return Cell(badge: Badge(row.verdict), text: text, isLong: row.rescue == nil)
                })
        }
        let hasPrimary = definitions.contains(where: \.primary)
        outcomes = definitions.compactMap { definition in
            let own = rows.filter { $0.outcome == definition.name }
            guard let first = own.first else { return nil }
            return OutcomeCards(
                heading: study.outcome(definition).heading, primary: definition.primary,
                perturbation: VerdictSentences(row: first, study: study).perturbation,
                cards: own.map { VerdictSection.card($0, study) }, open: definition.primary || !hasPrimary)
        }
        rules = Verdict.allCases.map { Rule(badge: Badge($0), rule: $0.rule) }
    }

    private static func card(_ row: NormalizationRow, _ study: StudyWords) -> Card {
        let words = study.outcome(named: row.outcome)
        let control = study.label(of: .control)
        let perturbed = study.label(of: .perturbed)
        let treated = study.label(of: row.treated)
        let sentences = VerdictSentences(row: row, study: study)
        let minus = words.isLog ? "÷" : "−"
        var contrasts = [(name: "\(perturbed) \(minus) \(control)", contrast: row.pc)]
        var sizes = ["\(control) n\u{A0}=\u{A0}\(row.nControl)", "\(perturbed) n\u{A0}=\u{A0}\(row.nPerturbed)"]
        if row.treated != nil {
            contrasts.append(("\(treated) \(minus) \(perturbed)", row.tp))
            contrasts.append(("\(treated) \(minus) \(control)", row.tc))
            sizes.append("\(treated) n\u{A0}=\u{A0}\(row.nTreated ?? 0)")
        }
        let mixed = MixedModelWords(row: row, study: study)
        // Without a treated group there is nothing that could be equivalent.
        let warnings = row.warnings.filter { row.treated != nil || $0 != .noMargin }
        let effects = mixed.lines(contrasts)
        return Card(
            badge: row.treated == nil ? nil : Badge(row.verdict), treatment: row.treated.map { study.label(of: $0) },
            sentence: row.treated == nil ? nil : sentences.verdict,
            contrasts: contrasts.map { line($0.name, $0.contrast, words) }, unitHeading: words.isLog ? "ratio [95 % interval]" : "difference [95 % interval]",
            hasMixed: !effects.isEmpty, mixed: effects, mixedSentence: mixed.sentence, intervals: mixed.intervals,
            equivalence: row.treated == nil ? "" : sentences.equivalenceLine, sizes: sizes.joined(separator: ", ") + " \(study.unit)s.",
            warnings: warnings.isEmpty ? nil : warnings.map(\.sentence))
    }

    static func line(_ name: String, _ contrast: Contrast, _ words: OutcomeWords) -> ContrastLine {
        let kind = contrast.permutationKind.map { $0 == .exact ? " (exact)" : " (random)" } ?? ""
        return ContrastLine(
            name: name, estimate: words.contrast(contrast), welch: Numbers.p(contrast.welchP),
            permutation: Numbers.p(contrast.permutationP) + (contrast.permutationP == nil ? "" : kind),
            smallest: Numbers.significant(contrast.permutationMinimum, digits: 2), adjusted: Numbers.p(contrast.adjustedP))
    }
}
