// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics
import FerroStudy

/// Whether the cells came back, not only their mean: a figure, a table and a sentence for every outcome.
struct DistributionSection {
    struct Line {
        let group: String
        let share: String
        let toControl: String
        let controlP: String
        let controlLeast: String
        let toPerturbed: String
        let perturbedP: String
        let perturbedLeast: String
    }

    struct Figure {
        let heading: String
        let svg: String
        let caption: String
        let download: FigureDownload
        let lines: [Line]
        let hasTreated: Bool
        let sentences: [String]
    }

    let figures: [Figure]
    let groupHeading: String

    init?(_ results: StudyResults, _ study: StudyWords) {
        figures = results.definition.outcomes.compactMap { DistributionSection.figure($0, results, study) }
        guard !figures.isEmpty else { return nil }
        groupHeading = study.conditionWord.prefix(1).uppercased() + study.conditionWord.dropFirst()
    }

    /// Whether an outcome has a figure of its distributions, which then holds the values of its units.
    static func isDrawn(_ outcome: OutcomeDefinition, _ results: StudyResults) -> Bool {
        results.distribution.first { $0.outcome == outcome.name }.map { $0.controlLow != nil && $0.controlHigh != nil } ?? false
    }

    private static func figure(_ outcome: OutcomeDefinition, _ results: StudyResults, _ study: StudyWords) -> Figure? {
        let rows = results.distribution.filter { $0.outcome == outcome.name }
        guard let first = rows.first, let low = first.controlLow, let high = first.controlHigh else { return nil }
        let words = study.outcome(outcome)
        var curves: [DistributionPlot.Curve] = []
        var lines: [Line] = []
        for condition in study.conditions where condition.role.isContrasted {
            let own = rows.first { $0.treated == condition.name }
            let share = condition.role == .control ? first.control : condition.role == .perturbed ? first.perturbed : own?.treatedShare ?? .undefined
            let group = results.groups.first { $0.outcome == outcome.name && $0.group == condition.name }
            curves.append(
                DistributionPlot.Curve(
                    name: condition.name, label: condition.label, style: study.style(of: condition.name), points: group?.points ?? [], share: share))
            let toControl = condition.role == .perturbed ? first.pc : own?.tc ?? .undefined
            lines.append(
                Line(
                    group: condition.label + (condition.role == .control ? " (each \(study.unit) against the others)" : ""), share: Numbers.share(share),
                    toControl: distance(toControl, words), controlP: p(toControl), controlLeast: least(toControl),
                    toPerturbed: distance(own?.tp ?? .undefined, words),
                    perturbedP: p(own?.tp ?? .undefined), perturbedLeast: least(own?.tp ?? .undefined)))
        }
        let plot = DistributionPlot(
            words: words, curves: curves, range: low <= high ? low...high : nil, unitName: study.unit, controlLabel: study.label(of: .control))
        let drawn = plot.drawn()
        let normalization = results.normalization.filter { $0.outcome == outcome.name }
        return Figure(
            heading: words.heading, svg: drawn.text, caption: caption(study),
            download: FigureDownload(
                name: FigureDownload.distributionName(of: outcome), title: "\(words.heading), distributions", svg: drawn, data: FigureData.distribution(plot),
                units: FigureData.units(results.groups.filter { $0.outcome == outcome.name }, words)),
            lines: lines,
            hasTreated: rows.contains { $0.treated != nil },
            sentences: [DistributionWords(row: first, study: study).yardstick].compactMap { $0 }
                + rows.compactMap { row in
                    DistributionWords(row: row, study: study).sentence(verdict: normalization.first { $0.treated == row.treated }?.verdict)
                })
    }

    private static func distance(_ contrast: DistributionContrast, _ words: OutcomeWords) -> String {
        guard let distance = contrast.distance else { return "—" }
        let text = Numbers.significant(distance)
        return words.isLog ? "\(text) (ln)" : words.withUnit(text)
    }

    private static func p(_ contrast: DistributionContrast) -> String {
        guard let p = contrast.permutationP else { return "—" }
        return Numbers.p(p) + (contrast.permutationKind.map { $0 == .exact ? " (exact)" : " (random)" } ?? "")
    }

    private static func least(_ contrast: DistributionContrast) -> String {
        contrast.permutationMinimum.map { "smallest \(Numbers.significant($0, digits: 2))" } ?? ""
    }

    private static func caption(_ study: StudyWords) -> String {
        let units = study.isChange && study.definition.design == .sessions ? "changes of \(study.unit)s" : study.isChange ? "changes of units" : "units"
        return
            "Left: share of \(units) below each value, every \(study.unit) weighing the same; grey: the central 95 % of \(study.label(of: .control)). "
            + "Right: share of the \(units) of a \(study.unit) inside that range, mean with 95 % interval over \(study.unit)s (Student's t); "
            + "\(study.label(of: .control)) is its own yardstick, each \(study.unit) held against the range of the others."
    }
}

/// A row of `distribution.csv` in plain sentences.
struct DistributionWords {
    let row: DistributionRow
    let study: StudyWords

    /// What the shares of the treatments are to be held against; nil where the perturbed group has none.
    var yardstick: String? {
        guard row.perturbed.share != nil else { return nil }
        let control = study.label(of: .control)
        return "In the range of the central 95 % of \(control) lie \(Numbers.share(row.perturbed)) of the units in \(study.label(of: .perturbed))"
            + (row.control.share == nil ? "." : "; one more \(study.unit) of \(control) would show \(Numbers.share(row.control)).")
    }

    /// - Parameter verdict: what the means said of the same treatment; the sentence tells where the cells say otherwise.
    func sentence(verdict: Verdict?) -> String? {
        guard let treated = row.treated, row.treatedShare.share != nil else { return nil }
        let name = study.label(of: treated)
        var text = "\(name): \(Numbers.share(row.treatedShare)) of the units lie in that range."
        guard let p = row.tc.permutationP else { return text }
        switch (verdict, p < 0.05) {
        case (.normalized?, true):
            text += " The mean returned to normal, the distribution did not: it differs from control (\(Numbers.pStatement(p)), \(study.unit)s permuted)."
        case (_, true): text += " The distribution differs from control (\(Numbers.pStatement(p)), \(study.unit)s permuted)."
        case (_, false):
            text +=
                " No difference between the distribution and that of control is shown (\(Numbers.pStatement(p)), \(study.unit)s permuted), which does not show that they are the same."
        }
        return text
    }
}
