// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroStatistics
import Foundation
import Testing

/// Laws of the mixed model; ReferenceTablesTests holds it against lme4 and lmerTest.
@Suite struct MixedModelTests {
    /// Groups of clusters of rows around the means given, with normal deviates of clusters and rows.
    private func draw(_ seed: UInt64, sizes: [[Int]], means: [Double], between: Double, within: Double) -> [[[Double]]] {
        var generator = SeededGenerator(seed: seed)
        func normal() -> Double { NormalDistribution.quantile(max(generator.uniform(), 1e-12)) }
        return zip(sizes, means).map { sizes, mean in
            sizes.map { size in
                let middle = mean + between * normal()
                return (0..<size).map { _ in middle + within * normal() }
            }
        }
    }

    private func balanced(_ seed: UInt64) -> [[[Double]]] {
        draw(seed, sizes: [[Int]](repeating: [Int](repeating: 7, count: 5), count: 3), means: [0, 1, 0.5], between: 1, within: 1)
    }

    /// In balanced data the estimates are those of the analysis of variance, and the degrees of freedom those between clusters.
    @Test(arguments: 0..<20)
    func balancedDataHaveTheClosedForm(_ seed: Int) throws {
        let data = balanced(UInt64(seed))
        let (m, n, k) = (7.0, 5.0, 3.0)
        let means = data.map { $0.map { $0.reduce(0, +) / m } }
        let grand = means.map { $0.reduce(0, +) / n }
        let between = m * zip(means, grand).reduce(0) { $0 + $1.0.reduce(0) { [g = $1.1] in $0 + ($1 - g) * ($1 - g) } } / (k * (n - 1))
        let within =
            zip(data, means).reduce(0) { sum, group in
                sum + zip(group.0, group.1).reduce(0) { $0 + $1.0.reduce(0) { [mean = $1.1] in $0 + ($1 - mean) * ($1 - mean) } }
            } / (k * n * (m - 1))
        let model = MixedModel(data)
        guard between > within else {
            #expect(model.status == .singular)
            return
        }
        #expect(model.status == .ok)
        let tau2 = (between - within) / m
        #expect(abs(try #require(model.tau2) / tau2 - 1) < 1e-9)
        #expect(abs(try #require(model.sigma2) / within - 1) < 1e-9)
        #expect(abs(try #require(model.icc) - tau2 / (tau2 + within)) < 1e-9)
        #expect(abs(try #require(model.designEffect) - (1 + (m - 1) * tau2 / (tau2 + within))) < 1e-9)
        let effect = try #require(model.difference(1, minus: 0))
        #expect(abs(effect.estimate - (grand[1] - grand[0])) < 1e-12)
        #expect(abs(effect.standardError / (2 * between / (m * n)).squareRoot() - 1) < 1e-9)
        #expect(abs(try #require(effect.satterthwaite) - k * (n - 1)) < 1e-6)
        #expect(effect.degreesOfFreedom <= k * (n - 1))
        #expect(effect.p == StudentT(degreesOfFreedom: effect.degreesOfFreedom).twoSided(effect.estimate / effect.standardError))
    }

    /// Clusters that differ less than their rows suggest: ordinary least squares, with the degrees of freedom between clusters.
    @Test func withoutVarianceBetweenClustersItIsLeastSquares() throws {
        let rows = [[-1.0, 1.1, 0.2], [1.0, -1.0, 0.1], [0.9, -0.9]]
        let data = [rows, rows.map { $0.map { 2 + $0 } }]
        let model = MixedModel(data)
        #expect(model.status == .singular)
        #expect(model.tau2 == 0 && model.icc == 0 && model.designEffect == 1)
        let effect = try #require(model.difference(1, minus: 0))
        #expect(abs(effect.estimate - 2) < 1e-12)
        #expect(effect.satterthwaite == 14)
        #expect(effect.degreesOfFreedom == 4)
        let all = rows.joined()
        let mean = all.reduce(0, +) / 8
        let sigma2 = 2 * all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 14
        #expect(abs(try #require(model.sigma2) / sigma2 - 1) < 1e-12)
        #expect(abs(effect.standardError / (sigma2 / 4).squareRoot() - 1) < 1e-12)
    }

    /// Another unit of measurement, another zero, and another order of clusters and groups change nothing but the numbers' unit.
    @Test func isEquivariant() throws {
        let data = draw(3, sizes: [[2, 5, 9, 1], [3, 3, 8], [6, 1, 4, 2, 2]], means: [0, 1, 2], between: 0.7, within: 0.5)
        let base = MixedModel(data)
        #expect(base.status == .ok)
        let moved = MixedModel(data.map { $0.map { $0.map { 1e4 - 3 * $0 } } })
        let turned = MixedModel(data.reversed().map { $0.reversed() })
        for (first, second) in [(0, 1), (2, 0), (1, 2)] {
            let effect = try #require(base.difference(first, minus: second))
            let other = try #require(moved.difference(first, minus: second))
            let back = try #require(turned.difference(2 - first, minus: 2 - second))
            #expect(abs(other.estimate / effect.estimate + 3) < 1e-8)
            #expect(abs(other.standardError / effect.standardError - 3) < 1e-8)
            #expect(abs(try #require(other.satterthwaite) / #require(effect.satterthwaite) - 1) < 1e-6)
            #expect(abs(back.estimate - effect.estimate) < 1e-11)
            #expect(abs(back.p - effect.p) < 1e-10)
        }
        #expect(abs(try #require(moved.icc) - #require(base.icc)) < 1e-9)
    }

    /// Volts or picovolts: the range of numbers is no limit.
    @Test(arguments: [1e-50, 1e-9, 1e9, 1e60])
    func anyUnitOfMeasurement(_ unit: Double) throws {
        let data = draw(8, sizes: [[2, 5, 9, 1], [3, 3, 8]], means: [0, 1], between: 0.7, within: 0.5)
        let base = try #require(MixedModel(data).difference(1, minus: 0))
        let model = MixedModel(data.map { $0.map { $0.map { $0 * unit } } })
        let scaled = try #require(model.difference(1, minus: 0))
        #expect(abs(scaled.estimate / base.estimate / unit - 1) < 1e-10)
        #expect(abs(scaled.standardError / base.standardError / unit - 1) < 1e-10)
        #expect(abs(try #require(scaled.satterthwaite) / #require(base.satterthwaite) - 1) < 1e-7)
        #expect(abs(scaled.p - base.p) < 1e-9)
        #expect(abs(try #require(model.icc) - #require(MixedModel(data).icc)) < 1e-9)
    }

    @Test func whatCannotBeFitted() {
        let oneRow = MixedModel([[[1], [2], [3]], [[4], [5]]])
        #expect(oneRow.status == .notIdentifiable)
        #expect(oneRow.icc == nil && oneRow.difference(0, minus: 1) == nil)
        #expect(MixedModel([[[1, 2]], [[4, 5, 6]]]).status == .notIdentifiable)
        #expect(MixedModel([[], []]).status == .notIdentifiable)
        let equal = MixedModel([[[1, 1], [2, 2, 2]], [[0.1, 0.1, 0.1], [5]]])
        #expect(equal.status == .noVariance)
        #expect(equal.sigma2 == nil && equal.designEffect == nil && equal.mean(of: 0) == nil)
    }

    @Test func aGroupWithoutClustersIsNoFixedEffect() throws {
        let data = draw(5, sizes: [[3, 4, 5], [2, 4, 4]], means: [0, 1], between: 1, within: 0.4)
        let two = MixedModel(data)
        let three = MixedModel([data[0], [], data[1]])
        #expect(three.difference(1, minus: 0) == nil)
        #expect(try #require(three.difference(2, minus: 0)) == #require(two.difference(1, minus: 0)))
        let means = MixedModel([data[0]])
        #expect(abs(try #require(means.mean(of: 0)).degreesOfFreedom) <= 2)
    }

    /// The deviance at the optimum is not above any neighbour's, by the definition with whole covariance matrices left in their parts.
    @Test(arguments: 0..<10)
    func theOptimumIsOne(_ seed: Int) throws {
        let data = draw(UInt64(100 + seed), sizes: [[2, 5, 9, 1], [3, 3, 8, 12], [6, 1, 4]], means: [0, 1, 2], between: 0.5, within: 1)
        let model = MixedModel(data)
        let tau2 = try #require(model.tau2)
        let sigma2 = try #require(model.sigma2)
        func deviance(_ tau2: Double, _ sigma2: Double) -> Double {
            data.reduce(0) { total, group in
                // Sherman and Morrison: V^-1 = (I - tau2/(sigma2 + m tau2) J)/sigma2, det V = sigma2^(m-1) (sigma2 + m tau2).
                func form(_ x: [Double], _ y: [Double]) -> Double {
                    let shrink = tau2 / (sigma2 + Double(x.count) * tau2)
                    return (zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } - shrink * x.reduce(0, +) * y.reduce(0, +)) / sigma2
                }
                let ones = group.map { $0.map { _ in 1.0 } }
                let precision = ones.reduce(0) { $0 + form($1, $1) }
                let mean = zip(ones, group).reduce(0) { $0 + form($1.0, $1.1) } / precision
                return total + log(precision)
                    + group.reduce(0) { sum, rows in
                        let m = Double(rows.count)
                        let residuals = rows.map { $0 - mean }
                        return sum + (m - 1) * log(sigma2) + log(sigma2 + m * tau2) + form(residuals, residuals)
                    }
            }
        }
        let least = deviance(tau2, sigma2)
        for factor in [0.9, 0.99, 1.01, 1.1] {
            #expect(deviance(tau2, sigma2 * factor) > least)
            if tau2 > 0 { #expect(deviance(tau2 * factor, sigma2) > least) }
        }
        for far in [0, 0.01, 0.3, 3, 100] { #expect(deviance(far * sigma2, sigma2) >= least - 1e-10) }
    }
}
