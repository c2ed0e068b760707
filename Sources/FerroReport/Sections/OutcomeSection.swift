// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics
import FerroStudy

/// The forest plot of rescue indices, and an estimation plot for every outcome.
struct OutcomeSection {
    struct Figure {
        let heading: String
        let svg: String
        let caption: String
        let download: FigureDownload
    }

    let forest: Figure?
    let figures: [Figure]

    init(_ results: StudyResults, _ study: StudyWords) {
        forest = OutcomeSection.forest(results.normalization.filter { $0.treated != nil }, study)
        var told: [(text: String, heading: String)] = []
        figures = results.definition.outcomes.compactMap { OutcomeSection.figure($0, results, study, &told) }
    }

    private static func forest(_ rows: [NormalizationRow], _ study: StudyWords) -> Figure? {
        // Without a single index there is nothing to draw; the verdicts say why.
        guard rows.contains(where: { $0.rescue != nil }) else { return nil }
        let drawn = ForestPlot(
            rows: rows.map { row in
                ForestPlot.Row(
                    outcome: study.outcome(named: row.outcome).heading, treatment: study.label(of: row.treated),
                    style: study.style(of: row.treated ?? ""), rescue: row.rescue, low: row.fiellerLow, high: row.fiellerHigh,
                    bootstrapLow: row.bootstrapLow, bootstrapHigh: row.bootstrapHigh, status: row.rescueStatus.rawValue, verdict: row.verdict.rawValue)
            }
        ).drawn()
        return Figure(
            heading: "Rescue indices", svg: drawn.text,
            caption:
                "Marks: rescue index; strokes: 95 % Fieller interval (arrows: it goes on); thin lines below: 95 % interval of the nested bootstrap, a check that decides nothing. 0 is no rescue, 1 full rescue. Where an index is undefined, the reason stands in its place.",
            download: FigureDownload(name: "rescue-indices", title: "Rescue indices", svg: drawn, data: FigureData.rescue(rows)))
    }

    private static func figure(
        _ outcome: OutcomeDefinition, _ results: StudyResults, _ study: StudyWords, _ told: inout [(text: String, heading: String)]
    ) -> Figure? {
        let rows = results.normalization.filter { $0.outcome == outcome.name }
        let groups = study.conditions.compactMap { condition in
            results.groups.first { $0.outcome == outcome.name && $0.group == condition.name }.map { (condition, $0) }
        }
        guard !groups.isEmpty else { return nil }
        // A change or a match over occasions is not seen in single rows, so only groups show their cells.
        let cells = study.isChange || study.isWithin ? [] : CellValues(results: results, outcome: outcome).all
        // Where every subject has one row, the rows are the subjects.
        let hasCells = groups.contains { $0.1.units > $0.1.points.count }
        let words = study.outcome(outcome)
        let columns = groups.map { condition, row in
            let own = rows.first { $0.treated == condition.name }
            return EstimationPlot.Column(
                label: condition.label, style: study.style(of: condition.name), row: row,
                cells: hasCells ? cells.filter { $0.condition == condition.name }.map(\.value) : [],
                toControl: condition.role == .perturbed ? rows.first?.pc : own?.tc, toPerturbed: own?.tp)
        }
        let plot = EstimationPlot(
            words: words, columns: columns, margin: rows.contains { $0.treated != nil } ? outcome.margin : nil, isPaired: study.isWithin,
            unitName: study.unit, numbers: study.unitNumbers, columnWord: study.conditionWord, controlLabel: study.label(of: .control),
            perturbedLabel: study.label(of: .perturbed))
        let drawn = plot.drawn()
        return Figure(
            heading: words.heading, svg: drawn.text, caption: caption(plot, study, outcome, &told),
            download: FigureDownload(
                name: "estimation-\(outcome.name)", title: "\(words.heading), estimation plot", svg: drawn,
                data: FigureData.estimation(plot, hasUnits: !DistributionSection.isDrawn(outcome, results))))
    }

    /// - Parameter told: what captions before it said of marks and intervals, with their headings; not said again.
    private static func caption(
        _ plot: EstimationPlot, _ study: StudyWords, _ outcome: OutcomeDefinition, _ told: inout [(text: String, heading: String)]
    ) -> String {
        var text = marks(plot, study, outcome)
        if let before = told.first(where: { $0.text == text }) {
            text = "Marks and intervals as for the \(before.heading)."
        } else {
            told.append((text, plot.words.inSentence))
        }
        let most = plot.columns.map { EstimationPlot.thinning(of: $0.cells.count) }.max() ?? 1
        if most > 1 { text += " Of the units one in \(most) is drawn where there are most." }
        if plot.margin != nil, plot.hasDifferences { text += " Band: equivalence to \(plot.controlLabel)." }
        return text
    }

    private static func marks(_ plot: EstimationPlot, _ study: StudyWords, _ outcome: OutcomeDefinition) -> String {
        var sentences: [String] = []
        let hasCells = plot.columns.contains { !$0.cells.isEmpty }
        // Behaviours, and tables of one row a subject.
        let isSingle = !plot.columns.contains { $0.row.units > $0.row.n }
        if hasCells { sentences.append("Small dots: units.") }
        sentences.append(
            plot.isPaired
                ? "Marks joined by lines: \(study.unit)s."
                : study.isChange ? "Marks: changes of \(study.unit)s." : isSingle ? "Marks: \(study.unit)s." : "Large marks: means of \(study.unit)s.")
        let mean = "\(outcome.scale == .log ? "geometric " : "")mean of the \(study.unit)s"
        let hasIntervals = plot.columns.contains { EstimationPlot.interval(of: $0.row) != nil }
        sentences.append(
            "Bar: \(mean)\(hasIntervals ? " with its 95 % interval (Student's t)" : ", without an interval")\(plot.columns.contains { $0.row.role == .control && $0.row.mean != nil } ? "; dashed line: mean of \(plot.controlLabel)" : "")."
        )
        let difference = outcome.scale == .log ? "ratios" : "differences"
        if plot.hasDifferences {
            let interval = plot.hasIntervals ? " with 95 % intervals (\(study.isWithin ? "paired" : "Welch's") t)" : ", without intervals"
            sentences.append(
                "Below: \(difference)\(interval), filled to \(plot.controlLabel)\(plot.hasComparisonsToPerturbed ? ", open to \(plot.perturbedLabel)" : "").")
        }
        if plot.hasBootstrap {
            sentences.append(
                "Shapes: the same \(difference) in \(Numbers.count(study.definition.settings.bootstrap)) draws of the \(isSingle ? "" : "nested ")bootstrap (\(isSingle ? study.unit + "s" : study.resampled); smoothed, each as wide as the others), the central 95 % darker. "
                    + "They need not agree with the intervals by t, which are the ones to cite: with few \(study.unit)s the bootstrap is too narrow"
                    + (isSingle ? "." : ", and where \(study.unit)s hardly differ beyond what their units do too wide, since it draws the units once more."))
        }
        return sentences.joined(separator: " ")
    }
}
