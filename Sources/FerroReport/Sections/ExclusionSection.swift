// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics
import FerroStudy

/// Which units were left out, by what, in which group.
struct ExclusionSection {
    let summary: String
    let warnings: [String]?
    let svg: String
    let download: FigureDownload

    init?(_ results: StudyResults, _ study: StudyWords) {
        guard let flow = results.exclusions, let criteria = results.definition.exclusions else { return nil }
        let diagram = FlowDiagram(flow: flow, groups: flow.groups.map { (study.label(of: $0.name), study.style(of: $0.name)) })
        let drawn = diagram.drawn()
        svg = drawn.text
        download = FigureDownload(name: "exclusions", title: "Units before and after exclusion", svg: drawn, data: StudyExclusions.table(flow))
        summary =
            "\(Numbers.counted(flow.excluded, "unit", "units")) of \(Numbers.count(flow.units)) "
            + "\(flow.excluded == 1 ? "is" : "are") left out by criteria that the study declares, each unit judged without its \(study.conditionWord)"
            + (criteria.outcomes.map { names in
                let guarded = results.definition.outcomes.filter { names.contains($0.name) }.map { study.outcome($0).inSentence }
                return "; they hold for \(guarded.joined(separator: ", "))"
            } ?? "")
            + ". A unit of which a criterion's measure is missing does not meet it. Criteria are applied from above; numbers beside the arrows are units left out."
        var warnings: [String] = []
        for group in flow.groups {
            let left = group.steps.last?.subjectsLeft ?? group.subjects
            if left < group.subjects {
                warnings.append(
                    "\(study.label(of: group.name)) loses \(Numbers.counted(group.subjects - left, "subject", "subjects")) of \(group.subjects) with all units."
                )
            }
        }
        let shares = flow.groups.filter { $0.units > 0 }.map { group in
            Double(group.units - (group.steps.last?.unitsLeft ?? group.units)) / Double(group.units)
        }
        if let least = shares.min(), let most = shares.max(), most - least >= 0.1 {
            warnings.append(
                "Between \(Numbers.fixed(least * 100, decimals: 0)) and \(Numbers.fixed(most * 100, decimals: 0)) % of the units are left out: where a perturbation or a treatment changes what the criteria look at, excluding by it changes the comparison."
            )
        }
        self.warnings = warnings.isEmpty ? nil : warnings
    }
}
