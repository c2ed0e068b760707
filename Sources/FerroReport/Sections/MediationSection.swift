// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics
import FerroStudy

/// Paths from a covariate through firing to another, with what they do not show.
struct MediationSection {
    struct Line {
        let scope: String
        let n: Int
        let a: String
        let b: String
        let direct: String
        let total: String
        let indirect: String
    }

    struct Path {
        let heading: String
        let sentence: String
        let lines: [Line]
    }

    let unitHeading: String
    let paths: [Path]
    let caveats: [String]

    init?(_ results: StudyResults, _ study: StudyWords) {
        guard !results.mediation.isEmpty else { return nil }
        unitHeading = study.unit + "s"
        func label(_ name: String) -> String { results.definition.covariates.first { $0.name == name }?.label ?? name }
        paths = results.definition.mediation.map { path in
            let rows = results.mediation.filter { $0.path == path }
            let through = study.outcome(named: path.through)
            return Path(
                heading: "\(label(path.from)) → \(through.inSentence) → \(label(path.to))",
                sentence: MediationSection.sentence(rows, label(path.from), through.inSentence, label(path.to), study),
                lines: rows.map { row in
                    let effects = row.effects
                    return Line(
                        scope: row.scope == .all ? "all \(study.unit)s" : "within groups, pooled", n: row.n, a: MediationSection.told(effects?.onMediator),
                        b: MediationSection.told(effects?.ofMediator), direct: MediationSection.told(effects?.direct),
                        total: MediationSection.told(effects?.total),
                        indirect: Numbers.interval(effects?.indirect, effects?.low, effects?.high))
                })
        }
        let logs = Set(results.definition.mediation.map(\.through)).filter { study.outcome(named: $0).isLog }
        let units = study.unit + "s"
        caveats =
            [
                "That the first causes the second or the second the third: none of the three was assigned at random given the others, and the same numbers follow from other orders of causes.",
                "That nothing else drives both firing and the last variable. Such a common cause gives a product of coefficients where no path is.",
                "Over all \(units) the groups differ in everything that the perturbation and the treatments do, so that a path may be the difference between groups alone; the line within groups takes that out and has less to go by.",
                "Errors of measurement in the variable in the middle shrink b, so that a small ab is no proof of another path.",
                "The lines are straight and the same for everyone. The percentile interval is too narrow with few \(units), and with fewer than about twenty it is a hint.",
            ]
            + (logs.isEmpty
                ? [] : ["Slopes of outcomes on the log scale are in natural logarithms: a is the logarithm of a ratio, b a change for a factor of 2.72."])
    }

    private static func sentence(_ rows: [MediationRow], _ from: String, _ through: String, _ to: String, _ study: StudyWords) -> String {
        func isShown(_ row: MediationRow?) -> Bool? { row?.effects?.low.flatMap { low in row?.effects?.high.map { low > 0 || $0 < 0 } } }
        let within = rows.first { $0.scope == .withinGroups }
        switch (isShown(rows.first { $0.scope == .all }), isShown(within)) {
        case (_, true?):
            return
                "Within groups \(study.unit)s are as a path from \(from) through the \(through) to \(to) would make them: the interval of ab leaves out 0. It shows no cause; see below."
        case (true?, _):
            return
                "Over all \(study.unit)s the interval of ab leaves out 0, within groups it does not\(within?.effects == nil ? " (there are too few)" : ""): the path may be no more than the difference between the groups."
        case (false?, _): return "No part of \(from) that runs through the \(through) to \(to) is shown, which does not show that there is none."
        case (nil, _):
            return "There is no path to compute: fewer \(study.unit)s than it needs have all three values, or they do not vary apart."
        }
    }

    private static func told(_ coefficient: MediationEffects.Coefficient?) -> String {
        guard let coefficient else { return "—" }
        let texts = Numbers.evenly([coefficient.value, coefficient.standardError])
        return "\(texts[0]) (\(texts[1]))"
    }
}
