// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroStatistics
import FerroStudy

/// Measures of the subjects beside their outcomes: a scatter plot, Spearman's correlations and what they do not show.
struct CovariateSection {
    struct Line {
        let scope: String
        let n: Int
        let rho: String
        let p: String
        let least: String
    }

    struct Figure {
        let heading: String
        let sentence: String
        let svg: String
        let download: FigureDownload
        let lines: [Line]
    }

    let figures: [Figure]
    let unitHeading: String

    init?(_ results: StudyResults, _ study: StudyWords) {
        guard !results.covariates.isEmpty else { return nil }
        unitHeading = study.unit + "s"
        figures = results.definition.covariates.flatMap { covariate in
            results.definition.outcomes.compactMap { CovariateSection.figure($0, covariate, results, study) }
        }
    }

    private static func figure(_ outcome: OutcomeDefinition, _ covariate: Covariate, _ results: StudyResults, _ study: StudyWords) -> Figure? {
        let rows = results.covariates.filter { $0.outcome == outcome.name && $0.covariate == covariate.name }
        guard let byUnit = results.covariateValues.first(where: { $0.covariate == covariate.name })?.byUnit, !rows.isEmpty else { return nil }
        let words = study.outcome(outcome)
        let clouds = study.conditions.filter { $0.role != .other }.map { condition in
            let group = results.groups.first { $0.outcome == outcome.name && $0.group == condition.name }
            return ScatterPlot.Cloud(
                name: condition.name, label: condition.label, style: study.style(of: condition.name),
                points: group?.points.compactMap { point in byUnit[point.name].map { (point.name, $0, point.value) } } ?? [])
        }
        let plot = ScatterPlot(words: words, covariate: covariate.axisTitle, clouds: clouds, unitName: study.unit, numbers: study.unitNumbers)
        let drawn = plot.drawn()
        let heading = "\(words.heading) and \(covariate.label)"
        return Figure(
            heading: heading, sentence: sentence(rows, words, covariate, study), svg: drawn.text,
            download: FigureDownload(
                name: "covariate-\(outcome.name)-\(covariate.name)", title: heading, svg: drawn, data: FigureData.scatter(plot, covariate)),
            lines: rows.map { row in
                let scope =
                    switch row.scope {
                    case .all: "all \(study.unit)s"
                    case .withinGroups: "within groups, pooled"
                    case .group(let name): study.label(of: name)
                    }
                let found = row.correlation
                return Line(
                    scope: scope, n: row.n, rho: found.map { Numbers.fixed($0.rho, decimals: 2) } ?? "—",
                    p: found.map { Numbers.p($0.p) + ($0.kind == .exact ? " (exact)" : " (random)") } ?? "—",
                    least: found.map { Numbers.significant($0.minimum, digits: 2) } ?? "—")
            })
    }

    static func sentence(_ rows: [CovariateRow], _ words: OutcomeWords, _ covariate: Covariate, _ study: StudyWords) -> String {
        guard let all = rows.first(where: { $0.scope == .all })?.correlation else {
            return "No association can be computed: fewer than three \(study.unit)s have both values, or one of them does not vary."
        }
        let within = rows.first { $0.scope == .withinGroups }?.correlation
        func told(_ found: RankCorrelation) -> String { "Spearman's ρ = \(Numbers.fixed(found.rho, decimals: 2)), \(Numbers.pStatement(found.p))" }
        switch (all.p < 0.05, within.map { $0.p < 0.05 }) {
        case (_, true?):
            let text = within.map(told) ?? ""
            return
                "Within groups, \(study.unit)s with more \(covariate.label) have a \((within?.rho ?? 0) > 0 ? "higher" : "lower") \(words.inSentence) (\(text)). An association is not a cause."
        case (true, _):
            return
                "Over all \(study.unit)s the \(words.inSentence) goes with \(covariate.label) (\(told(all))), but within groups no association is shown\(within.map { " (\(told($0)))" } ?? ""): the groups differ in both, which says nothing of the one depending on the other."
        case (false, _):
            return "No association of the \(words.inSentence) with \(covariate.label) is shown (\(told(all))), which does not show that there is none."
        }
    }
}

extension Covariate {
    /// With the unit that its name tells: `Time in open arms (s)`.
    var axisTitle: String {
        var named = OutcomeDefinition(name: name, scale: .linear)
        named.label = label
        return OutcomeWords(named, isChange: false).axisTitle
    }
}
