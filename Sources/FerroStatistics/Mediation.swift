// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// A path that a study asks about: from a measure of the subject through an outcome to another measure.
package struct MediationPath: Sendable, Equatable {
    package var from: String
    package var through: String
    package var to: String

    package init(from: String, through: String, to: String) {
        self.from = from
        self.through = through
        self.to = to
    }
}

/// The product of coefficients of one path and one scope: a row of `mediation.csv`.
package struct MediationRow: Sendable, Equatable {
    package var path: MediationPath
    package var scope: CovariateScope
    /// Experimental units with all three values.
    package var n: Int
    /// nil where there are too few, or where the variables do not vary apart.
    package var effects: MediationEffects?
}

/// Least squares of the mediator M on X and of Y on X and M (Baron and Kenny 1986, J Pers Soc Psychol 51:1173): M = aX, Y = c'X + bM, so
/// that the total effect of X on Y is c = c' + ab and the part through M is ab.
package struct MediationEffects: Sendable, Equatable {
    package struct Coefficient: Sendable, Equatable {
        package var value: Double
        package var standardError: Double
    }

    /// a: of X on M.
    package var onMediator: Coefficient
    /// b: of M on Y, X held.
    package var ofMediator: Coefficient
    /// c': of X on Y, M held.
    package var direct: Coefficient
    /// c: of X on Y.
    package var total: Coefficient
    /// ab.
    package var indirect: Double
    /// 95 % percentile interval of the bootstrap of experimental units (within groups where the scope is); nil where no draw has an effect.
    package var low: Double?
    package var high: Double?

    typealias Point = (x: Double, m: Double, y: Double)

    /// - Parameter sets: experimental units, set by set; each set has means of its own, which are taken away.
    init?(_ sets: [[Point]], draws: Int, generator: SeededGenerator) {
        let filled = sets.filter { !$0.isEmpty }
        let n = filled.reduce(0) { $0 + $1.count }
        guard n - filled.count - 2 >= 1, let moments = Moments(filled), let slopes = moments.slopes else { return nil }
        let rest = Double(n - filled.count)
        let residualM = max(moments.mm - slopes.a * moments.xm, 0) / (rest - 1)
        let residualY = max(moments.yy - slopes.direct * moments.xy - slopes.b * moments.my, 0) / (rest - 2)
        let residualTotal = max(moments.yy - slopes.total * moments.xy, 0) / (rest - 1)
        onMediator = Coefficient(value: slopes.a, standardError: (residualM / moments.xx).squareRoot())
        ofMediator = Coefficient(value: slopes.b, standardError: (residualY * moments.xx / moments.determinant).squareRoot())
        direct = Coefficient(value: slopes.direct, standardError: (residualY * moments.mm / moments.determinant).squareRoot())
        total = Coefficient(value: slopes.total, standardError: (residualTotal / moments.xx).squareRoot())
        indirect = slopes.a * slopes.b
        var generator = generator
        var products: [Double] = []
        products.reserveCapacity(draws)
        for _ in 0..<draws {
            let drawn = filled.map { set in set.map { _ in set[generator.index(below: set.count)] } }
            if let slopes = Moments(drawn)?.slopes { products.append(slopes.a * slopes.b) }
        }
        guard !products.isEmpty else { return }
        products.sort()
        low = BootstrapInterval.quantile(0.025, ofSorted: products)
        high = BootstrapInterval.quantile(0.975, ofSorted: products)
    }

    /// Sums of squares and products around the means of the sets.
    private struct Moments {
        var xx = 0.0
        var mm = 0.0
        var yy = 0.0
        var xm = 0.0
        var xy = 0.0
        var my = 0.0
        var determinant: Double { xx * mm - xm * xm }

        init?(_ sets: [[Point]]) {
            for set in sets {
                guard let meanX = Sample.mean(set.map(\.x)), let meanM = Sample.mean(set.map(\.m)), let meanY = Sample.mean(set.map(\.y)) else { return nil }
                for point in set {
                    let (x, m, y) = (point.x - meanX, point.m - meanM, point.y - meanY)
                    xx += x * x
                    mm += m * m
                    yy += y * y
                    xm += x * m
                    xy += x * y
                    my += m * y
                }
            }
        }

        /// nil where X or M does not vary, or both are one line.
        var slopes: (a: Double, b: Double, direct: Double, total: Double)? {
            guard xx > 0, mm > 0, determinant > 1e-10 * xx * mm else { return nil }
            return (xm / xx, (xx * my - xm * xy) / determinant, (mm * xy - xm * my) / determinant, xy / xx)
        }
    }
}

/// Mediation at the level of the experimental unit, over all of them and within groups; groups that are only described are left out.
package enum MediationAnalysis {
    package static func rows(
        _ paths: [MediationPath], _ groups: [GroupRow], values: [String: [String: Double]], settings: StatisticsSettings
    ) -> [MediationRow] {
        paths.flatMap { path -> [MediationRow] in
            let own = groups.filter { $0.outcome == path.through && $0.role != .other }
            let sets = own.map { group in
                group.points.compactMap { point -> MediationEffects.Point? in
                    guard let x = values[path.from]?[point.name], let y = values[path.to]?[point.name] else { return nil }
                    return (x, point.value, y)
                }
            }
            func row(_ scope: CovariateScope, _ sets: [[MediationEffects.Point]]) -> MediationRow {
                let generator = SeededGenerator(
                    seed: settings.seed, stream: stableHash([path.from, path.through, path.to, scope.text, "mediation"]))
                return MediationRow(
                    path: path, scope: scope, n: sets.reduce(0) { $0 + $1.count },
                    effects: MediationEffects(sets, draws: settings.bootstrap, generator: generator))
            }
            return [row(.all, [sets.flatMap { $0 }]), row(.withinGroups, sets)]
        }
    }
}
