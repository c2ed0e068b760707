// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Foundation
import Testing

@testable import FerroStatistics

/// Laws of the nested bootstrap; ReferenceTablesTests holds its limits against enumerated distributions.
@Suite struct NestedBootstrapTests {
    private func subjects(_ cells: [[Double]]) -> [ExperimentalUnit] {
        ExperimentalUnit.units(
            of: cells.enumerated().map { SubjectRows(subject: "m\($0)", cage: nil, rows: .cells($1)) }, by: .subject)
    }

    private func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
        let mean = values.reduce(0, +) / Double(values.count)
        return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
    }

    /// Mean and variance of the drawn means follow from the data: subjects vary around their mean, and rows around their subject's.
    @Test func momentsAreKnown() {
        let cells = [[1.0, 2, 4], [3.0, 3.5], [0.5], [2.0, 6, 1, 1]]
        let draws = 40_000
        let means = NestedBootstrap(subjects(cells)).means(draws: draws, generator: SeededGenerator(seed: 2))[0]
        let parts = cells.map(moments)
        let between = moments(parts.map(\.mean))
        let within = zip(parts, cells).reduce(0) { $0 + $1.0.variance / Double($1.1.count) } / 4
        let expected = (between.variance + within) / 4
        let found = moments(means)
        #expect(abs(found.mean - between.mean) < 5 * (expected / Double(draws)).squareRoot())
        #expect(abs(found.variance / expected - 1) < 5 * (2 / Double(draws)).squareRoot())
    }

    /// In a cage the subjects are drawn as well.
    @Test func cagesHoldAThirdLevel() {
        let rows = [("a", [1.0, 2]), ("a", [4.0]), ("b", [0.0, 1, 5])].enumerated().map {
            SubjectRows(subject: "m\($0)", cage: $1.0, rows: .cells($1.1))
        }
        let draws = 40_000
        let means = NestedBootstrap(ExperimentalUnit.units(of: rows, by: .cage)).means(draws: draws, generator: SeededGenerator(seed: 3))[0]
        // Cage a: subjects of means 1.5 and 4; cage b: one subject of mean 2. Rows vary by 0.25, 0 and 14/3.
        let between = moments([2.75, 2]).variance
        let subjects = (1.25 * 1.25 / 2 + 0) / 2
        let within = ((0.25 / 2 + 0) / 2 / 2 + 14.0 / 3 / 3) / 2
        let expected = (between + subjects + within) / 2
        let found = moments(means)
        #expect(abs(found.mean - 2.375) < 5 * (expected / Double(draws)).squareRoot())
        #expect(abs(found.variance / expected - 1) < 5 * (2 / Double(draws)).squareRoot())
    }

    /// Epochs share one draw of cells, so a constant difference stays constant; sessions do not.
    @Test func epochsAreDrawnTogether() {
        let cells = [[1.0, 2, 4], [3.0, 3.5], [0.5, 9]]
        let shifted = cells.map { $0.map { $0 + 10 } }
        func spread(_ isMatched: Bool) -> Double {
            let means = NestedBootstrap(conditions: [subjects(cells), subjects(shifted)], isMatched: isMatched)
                .means(draws: 500, generator: SeededGenerator(seed: 4))
            let differences = zip(means[0], means[1]).map { $1 - $0 }
            return (differences.max() ?? 0) - (differences.min() ?? 0)
        }
        #expect(spread(true) < 1e-12)
        #expect(spread(false) > 0.5)
    }

    /// Rows of both sessions are drawn, then the change is taken; a percentage of zero gives no number.
    @Test func changesOfSessions() {
        func unit(_ baseline: [Double], _ response: [Double], _ measure: ChangeMeasure) -> NestedBootstrap {
            let rows = SubjectRows(subject: "m", cage: nil, rows: .sessions(baseline: baseline, response: response, measure))
            return NestedBootstrap(ExperimentalUnit.units(of: [rows], by: .subject))
        }
        let differences = unit([1, 3], [10], .difference).means(draws: 300, generator: SeededGenerator(seed: 5))[0]
        #expect(Set(differences) == [7, 8, 9])
        let percent = unit([0, 2], [3, 3, 3], .percent).means(draws: 300, generator: SeededGenerator(seed: 6))[0]
        #expect(percent.contains { $0.isNaN })
        #expect(Set(percent.filter { !$0.isNaN }) == [150, 300])
        let interval = BootstrapInterval(control: [0, 0, .nan], perturbed: [1, 0, 1], treated: [0.5, 1, 0])
        #expect(interval?.low == 0.5 && interval?.high == 0.5)
        #expect(BootstrapInterval(control: [1], perturbed: [1], treated: [0]) == nil)
    }

    /// Linear interpolation at (count - 1) q.
    @Test func quantiles() {
        #expect(BootstrapInterval.quantile(0.025, ofSorted: [3]) == 3)
        #expect(BootstrapInterval.quantile(0.5, ofSorted: [1, 2, 5, 9]) == 3.5)
        #expect(abs(BootstrapInterval.quantile(0.975, ofSorted: [0, 1, 2, 3, 4]) - 3.9) < 1e-12)
        #expect(BootstrapInterval.quantile(1, ofSorted: [0, 1]) == 1)
    }

    /// Every index is as likely as any other, and any bound works.
    @Test(arguments: [1, 2, 3, 7, 60, 1000])
    func indicesAreUniform(_ bound: Int) {
        var random = IndexGenerator(SeededGenerator(seed: UInt64(bound)))
        var counts = [Int](repeating: 0, count: bound)
        let draws = 200 * bound + 20_000
        for _ in 0..<draws { counts[random.next(bound)] += 1 }
        let expected = Double(draws) / Double(bound)
        let chi = counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        #expect(chi < Double(bound - 1) + 5 * (2 * Double(bound)).squareRoot())
    }

    private func table() -> [OutcomeRow] {
        var generator = SeededGenerator(seed: 9)
        return ["a_uv", "b_uv", "c_uv"].flatMap { outcome in
            [("gh", 0.0), ("iso", 3.0), ("dfo", 1.0)].flatMap { group, shift in
                (0..<5).flatMap { subject in
                    (0..<4).map { cell in
                        OutcomeRow(
                            recording: "r\(group)\(subject)", subject: "\(group)\(subject)", group: group, unit: "u\(cell)", outcome: outcome,
                            value: shift + Double(subject) / 10 + generator.uniform())
                    }
                }
            }
        }
    }

    private func analysis(_ outcomes: [String], seed: UInt64 = 1, draws: Int = 500) throws -> NormalizationAnalysis {
        try NormalizationAnalysis(
            design: .groups,
            comparison: .groups([
                Condition(name: "gh", role: .control), Condition(name: "iso", role: .perturbed), Condition(name: "dfo", role: .treated),
            ]), unitOfAnalysis: .subject, outcomes: outcomes.map { OutcomeDefinition(name: $0, scale: .linear) },
            settings: StatisticsSettings(seed: seed, bootstrap: draws))
    }

    /// Neither the number of workers nor what else is analysed has an influence; the seed has.
    @Test func drawsBelongToSeedAndOutcome() throws {
        let rows = table()
        let one = try analysis(["a_uv", "b_uv", "c_uv"]).run(rows, workers: 1).normalization
        for workers in [2, 3, 8] {
            #expect(try analysis(["a_uv", "b_uv", "c_uv"]).run(rows, workers: workers).normalization == one)
        }
        let alone = try analysis(["b_uv"]).run(rows).normalization[0]
        #expect(alone.bootstrapLow == one[1].bootstrapLow && alone.bootstrapHigh == one[1].bootstrapHigh)
        let other = try analysis(["b_uv"], seed: 2).run(rows).normalization[0]
        #expect(other.bootstrapLow != alone.bootstrapLow)
        #expect(try #require(alone.bootstrapLow) < #require(alone.rescue) && #require(alone.rescue) < #require(alone.bootstrapHigh))
    }

    /// With twelve animals a group both intervals contain the true index about as often as they say; the bootstrap a little less.
    @Test func coverage() throws {
        let studies = 400
        var generator = SeededGenerator(seed: 21)
        var fieller = 0
        var bootstrap = 0
        for study in 0..<studies {
            let groups = [0.0, 3, 1.2].map { mean in
                subjects(
                    (0..<12).map { _ in
                        let level = mean + 0.5 * generator.normal()
                        return (0..<6).map { _ in level + 0.8 * generator.normal() }
                    })
            }
            let samples = groups.map { Sample($0.compactMap(\.value)) }
            let index = RescueIndex.between(control: samples[0], perturbed: samples[1], treated: samples[2])
            let means = groups.enumerated().map { group, units in
                NestedBootstrap(units).means(draws: 400, generator: SeededGenerator(seed: UInt64(study), stream: UInt64(group)))[0]
            }
            let interval = BootstrapInterval(control: means[0], perturbed: means[1], treated: means[2])
            if let low = index.low, let high = index.high, low...high ~= 0.6 { fieller += 1 }
            if let interval, interval.low...interval.high ~= 0.6 { bootstrap += 1 }
        }
        // 95 % of 400 is 380, with a standard deviation of 4.4.
        #expect(364...396 ~= fieller)
        #expect(352...394 ~= bootstrap)
    }
}
