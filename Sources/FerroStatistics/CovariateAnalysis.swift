// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// Among which experimental units an association is looked for.
package enum CovariateScope: Sendable, Equatable {
    case all
    /// Group by group, pooled: what is left when the differences between groups are taken away.
    case withinGroups
    case group(String)

    /// As `covariates.csv` has it.
    package var text: String {
        switch self {
        case .all: "all"
        case .withinGroups: "within groups"
        case .group(let name): name
        }
    }
}

/// One outcome, one covariate and one scope: a row of `covariates.csv`.
package struct CovariateRow: Sendable, Equatable {
    package var outcome: String
    package var covariate: String
    package var scope: CovariateScope
    /// Experimental units with both values.
    package var n: Int
    /// nil below three units, or where a variable does not vary.
    package var correlation: RankCorrelation?
}

/// Associations of covariates with outcomes at the level of the experimental unit; groups that are only described are left out.
package enum CovariateAnalysis {
    /// - Parameter values: of every covariate, in the order wanted, by name of the experimental unit; a unit without a value is not in it.
    package static func rows(
        _ groups: [GroupRow], outcomes: [String], values: [(covariate: String, byUnit: [String: Double])], settings: StatisticsSettings
    ) -> [CovariateRow] {
        outcomes.flatMap { outcome in
            let own = groups.filter { $0.outcome == outcome && $0.role != .other }
            return values.flatMap { covariate, byUnit -> [CovariateRow] in
                let pairs = own.map { group in
                    group.points.compactMap { point in byUnit[point.name].map { (x: $0, y: point.value) } }
                }
                func row(_ scope: CovariateScope, _ sets: [[(x: Double, y: Double)]]) -> CovariateRow {
                    let generator = SeededGenerator(seed: settings.seed, stream: stableHash([outcome, covariate, scope.text, "covariate"]))
                    return CovariateRow(
                        outcome: outcome, covariate: covariate, scope: scope, n: sets.reduce(0) { $0 + $1.count },
                        correlation: RankCorrelation(sets, draws: settings.permutations, generator: generator))
                }
                return [row(.all, [pairs.flatMap { $0 }]), row(.withinGroups, pairs)] + zip(own, pairs).map { row(.group($0.group), [$1]) }
            }
        }
    }
}
