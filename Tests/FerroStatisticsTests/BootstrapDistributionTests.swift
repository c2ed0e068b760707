// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Foundation
import Testing

@testable import FerroStatistics

@Suite struct BootstrapDistributionTests {
    private func normal(_ count: Int, mean: Double, sd: Double, seed: UInt64) -> [Double] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            let radius = (-2 * log(1 - Double.random(in: 0..<1, using: &random))).squareRoot()
            return mean + sd * radius * cos(2 * .pi * Double.random(in: 0..<1, using: &random))
        }
    }

    /// The density of normal draws is that of the normal distribution widened by the kernel, and its area is all of them.
    @Test func normalDrawsHaveTheirDensity() throws {
        let (mean, sd) = (-3.0, 0.2)
        let draws = normal(10_000, mean: mean, sd: sd, seed: 4)
        let found = try #require(BootstrapDistribution(draws))
        #expect(found.densities.count == BootstrapDistribution.places)
        #expect(abs(found.densities.reduce(0, +) * found.step - 1) < 0.002)
        let kernel = 0.9 * sd * pow(10_000, -0.2)
        let wide = (sd * sd + kernel * kernel).squareRoot()
        for index in found.densities.indices {
            let z = (found.place(index) - mean) / wide
            let peak = 1 / (wide * (2 * Double.pi).squareRoot())
            let expected = peak * exp(-0.5 * z * z)
            // Five standard errors of a kernel's density, and what bins and the grid may cost.
            let error = 5 * (expected / (10_000 * kernel * 2 * Double.pi.squareRoot())).squareRoot()
            #expect(abs(found.densities[index] - expected) < error + 0.005 * peak, "\(index)")
            #expect(abs(found.density(at: found.place(index)) - found.densities[index]) < 1e-6 * peak)
        }
        #expect(abs(found.low - (mean - 1.96 * sd)) < 0.02 && abs(found.high - (mean + 1.96 * sd)) < 0.02)
        #expect(found.density(at: mean + 20 * sd) == 0 && found.density(at: mean - 20 * sd) == 0)
    }

    @Test func shiftAndScaleCarryOver() throws {
        let draws = normal(2000, mean: 0, sd: 1, seed: 9)
        let one = try #require(BootstrapDistribution(draws))
        let two = try #require(BootstrapDistribution(draws.map { 4 * $0 + 64 }))
        for index in one.densities.indices {
            #expect(abs(two.place(index) - (4 * one.place(index) + 64)) < 1e-9)
            #expect(abs(4 * two.densities[index] - one.densities[index]) < 1e-3)
        }
    }

    @Test func drawsThatSayNothingHaveNone() throws {
        #expect(BootstrapDistribution([]) == nil && BootstrapDistribution([1]) == nil)
        #expect(BootstrapDistribution([2, 2, 2]) == nil && BootstrapDistribution([.nan, 1, .infinity]) == nil)
        // A third of the draws lie apart; quartiles agree, the standard deviation does not.
        let lumps = try #require(BootstrapDistribution([Double](repeating: 0, count: 900) + [Double](repeating: 1, count: 100)))
        #expect(lumps.density(at: 0) > 5 * lumps.density(at: 1) && lumps.density(at: 1) > 0 && lumps.densities.allSatisfy { $0.isFinite })
        #expect(lumps.low == 0 && lumps.high == 1)
    }

    private func study(_ outcomes: [String] = ["rate"], groups: [(String, Double, Int)], seed: UInt64 = 1) throws -> [NormalizationRow] {
        var random = SeededGenerator(seed: 11)
        let rows = outcomes.flatMap { outcome in
            groups.flatMap { group, mean, animals in
                (0..<animals).flatMap { animal in
                    (0..<4).map { cell in
                        OutcomeRow(
                            recording: "\(group)\(animal)", subject: "\(group)\(animal)", cage: nil, group: group, unit: "\(cell)", outcome: outcome,
                            value: mean + Double.random(in: -1...1, using: &random), exposure: 60)
                    }
                }
            }
        }
        let roles: [Role] = [.control, .perturbed, .treated, .treated]
        return try NormalizationAnalysis(
            design: .groups, comparison: .groups(zip(groups, roles).map { Condition(name: $0.0, role: $1, label: $0.0) }), unitOfAnalysis: .subject,
            outcomes: outcomes.map { OutcomeDefinition(name: $0, scale: .linear) }, settings: StatisticsSettings(seed: seed, permutations: 50, bootstrap: 3000)
        ).run(rows).normalization
    }

    /// Contrasts have their draws whether the rescue is defined or not; they lie around the estimate, and three contrasts of the same
    /// groups share the draws of each.
    @Test func everyContrastHasItsDraws() throws {
        let rows = try study(groups: [("c", 0, 6), ("p", 0.05, 6), ("a", 5, 6), ("b", 1, 1)])
        #expect(rows[0].rescueStatus == .perturbationNotResolved)
        for contrast in [rows[0].pc, rows[0].tp, rows[0].tc] {
            let draws = try #require(contrast.bootstrap)
            let estimate = try #require(contrast.estimate)
            #expect(draws.low < estimate && estimate < draws.high)
            let mean = draws.densities.indices.reduce(0) { $0 + draws.place($1) * draws.densities[$1] * draws.step }
            #expect(abs(mean - estimate) < 0.05 * (draws.high - draws.low))
        }
        #expect(rows[1].pc.bootstrap == rows[0].pc.bootstrap)
        // One animal does not tell how animals differ.
        #expect(rows[1].tc.bootstrap == nil && rows[1].tp.bootstrap == nil && rows[1].tc.estimate != nil)
    }

    @Test func drawsFollowTheSeedAlone() throws {
        let groups = [("c", 0.0, 4), ("p", 2.0, 4), ("a", 1.0, 4)]
        let first = try study(["x", "y"], groups: groups)
        #expect(try study(["x", "y"], groups: groups) == first)
        #expect(try study(["x", "y"], groups: groups, seed: 2).map(\.tc.bootstrap) != first.map(\.tc.bootstrap))
    }
}
