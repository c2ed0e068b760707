// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Testing

@testable import FerroStatistics

@Suite struct PowerAnalysisTests {
    private func blank(treated: String? = "dfo") -> PowerRow {
        PowerRow(
            outcome: "y", treated: treated, scale: .linear, unitOfAnalysis: .subject, nControl: 0, nPerturbed: 0, source: .none, studies: 20_000,
            power: 0.8)
    }

    private func analysis(_ scale: AnalysisScale = .linear, margin: Double? = nil) -> PowerAnalysis {
        PowerAnalysis(scale: scale, margin: margin, studies: 20_000, power: 0.8)
    }

    private func generator(_ name: String) -> SeededGenerator { SeededGenerator(seed: 3, stream: stableHash([name])) }

    /// 400 000 studies drawn with NumPy and judged by SciPy's t give 1.521 standard deviations for eight against eight and 1.570 for six
    /// against twelve: a little more than the noncentral t of equal variances (1.507 and 1.492), as Welch's test does not assume them.
    @Test(arguments: [(8, 8, 1.521), (6, 12, 1.570)])
    func twoGroups(_ n1: Int, _ n2: Int, _ expected: Double) throws {
        var row = blank(treated: nil)
        analysis(.log).between(
            control: [Double](repeating: 2, count: n1), perturbed: [Double](repeating: 2, count: n2), treated: nil, perturbation: nil,
            generator: generator, into: &row)
        let found = try #require(row.detectablePerturbation) / 2
        #expect(abs(found - expected) < 0.025, "\(found)")
        #expect(row.detectableRatio != nil && row.assumedPerturbation == row.detectablePerturbation && row.detectableRescue == nil)
    }

    /// statsmodels' TTestPower gives 1.1560 standard deviations of the differences for eight pairs.
    @Test func pairsAsFromTheNoncentralT() throws {
        var row = blank(treated: nil)
        let under = [1.0, 2, 4, 3, 8, 0, -1, 2]
        analysis().within(under: under, over: nil, perturbation: nil, generator: generator("w"), into: &row)
        let sd = try #require(Sample(under).sd)
        #expect(abs(try #require(row.detectablePerturbation) / sd - 1.156) < 0.025)
    }

    /// Everything scales with the unit of measurement, and a rescue does not.
    @Test func unitsOfMeasurement() throws {
        var one = blank()
        var ten = blank()
        let sds = [Double](repeating: 0.4, count: 7)
        let tens = sds.map { 10 * $0 }
        analysis(margin: 0.6).between(control: sds, perturbed: sds, treated: sds, perturbation: -2, generator: generator, into: &one)
        analysis(margin: 6).between(control: tens, perturbed: tens, treated: tens, perturbation: 20, generator: generator, into: &ten)
        #expect(abs(try #require(ten.detectablePerturbation) / #require(one.detectablePerturbation) - 10) < 1e-9)
        #expect(abs(try #require(ten.detectableRescue) - #require(one.detectableRescue)) < 1e-9)
        #expect(ten.fullRescueNormalized == one.fullRescueNormalized)
        #expect(one.assumedPerturbation == 2)
        #expect(try #require(one.detectableRescue) < 1)
        #expect(try #require(one.fullRescueNormalized) > 0.3)
    }

    @Test func whatCannotBeSaid() {
        var row = blank()
        analysis().between(control: [1], perturbed: [1, 1], treated: [1, 1], perturbation: nil, generator: generator, into: &row)
        #expect(row.detectablePerturbation == nil && row.detectableRescue == nil)
        analysis().between(control: [1, 1, 1], perturbed: [1, 1, 1], treated: [1], perturbation: nil, generator: generator, into: &row)
        #expect(row.detectablePerturbation != nil && row.detectableRescue == nil && row.fullRescueNormalized == nil)
        // A perturbation far below what is resolved: no rescue of it is found.
        var faint = blank()
        analysis().between(control: [1, 1, 1], perturbed: [1, 1, 1], treated: [1, 1, 1], perturbation: 0.01, generator: generator, into: &faint)
        #expect(faint.detectableRescue == nil)
    }

    // MARK: Whole studies

    private let comparison = Comparison.groups([
        Condition(name: "gh", role: .control), Condition(name: "iso", role: .perturbed), Condition(name: "dfo", role: .treated),
    ])

    private func study(_ names: [String], margin: Double? = nil) throws -> NormalizationAnalysis {
        try NormalizationAnalysis(
            design: .groups, comparison: comparison, unitOfAnalysis: .subject,
            outcomes: names.map { OutcomeDefinition(name: $0, scale: .linear, margin: margin) },
            settings: StatisticsSettings(seed: 5, permutations: 1, bootstrap: 1))
    }

    /// Six animals a group of 3 to 8 cells, with a variance of 0.3 between and 0.7 within.
    private func rows(_ name: String, _ seed: UInt64, perturbation: Double, rescue: Double) -> [OutcomeRow] {
        var generator = SeededGenerator(seed: seed)
        return [("gh", 0), ("iso", perturbation), ("dfo", perturbation * (1 - rescue))].flatMap { group, mean in
            (0..<6).flatMap { animal -> [OutcomeRow] in
                let level = mean + 0.3.squareRoot() * generator.normal()
                return (0..<3 + animal).map { cell in
                    OutcomeRow(
                        recording: "r\(group)\(animal)", subject: "\(group)\(animal)", group: group, unit: "u\(cell)", outcome: name,
                        value: level + 0.7.squareRoot() * generator.normal())
                }
            }
        }
    }

    /// In studies that are simulated cell by cell with these effects, as many find them as asked for.
    @Test func theEffectsAreFoundAsOftenAsSaid() throws {
        var row = blank()
        let sds = (0..<6).map { (0.3 + 0.7 / Double(3 + $0)).squareRoot() }
        analysis(margin: 0.8).between(control: sds, perturbed: sds, treated: sds, perturbation: 2.5, generator: generator, into: &row)
        let rescue = try #require(row.detectableRescue)
        let smallest = try #require(row.detectablePerturbation)
        let names = (0..<600).map { "y\($0)" }
        func share(_ perturbation: Double, _ rescue: Double, _ holds: (NormalizationRow) -> Bool) throws -> Double {
            let table = names.enumerated().flatMap { rows($1, UInt64($0), perturbation: perturbation, rescue: rescue) }
            return Double(try study(names, margin: 0.8).run(table).normalization.count(where: holds)) / 600
        }
        #expect(abs(try share(smallest, 0) { $0.rescueStatus == .defined && ($0.pc.estimate ?? 0) > 0 } - 0.8) < 0.07)
        #expect(abs(try share(2.5, rescue) { ($0.fiellerLow ?? 0) > 0 } - 0.8) < 0.07)
        let normalized = try share(2.5, 1) { $0.verdict == .normalized }
        #expect(abs(normalized - (try #require(row.fullRescueNormalized))) < 0.07, "\(normalized)")
    }

    /// Variances come from the table, one for all groups, and control and perturbed agree between treated groups.
    @Test func variancesOfTheTable() throws {
        let table = rows("y", 1, perturbation: 4, rescue: 0.5)
        let found = try study(["y"]).detectableEffects(table, studies: 500, power: 0.9, workers: 1)[0]
        let model = MixedModel(
            ["gh", "iso", "dfo"].map { group in
                (0..<6).map { animal in table.filter { $0.subject == "\(group)\(animal)" }.compactMap(\.value) }
            })
        #expect(found.source == .mixedModel)
        #expect(abs(try #require(found.betweenSD) - #require(model.tau2).squareRoot()) < 1e-12)
        #expect(abs(try #require(found.withinSD) - #require(model.sigma2).squareRoot()) < 1e-12)
        #expect(found.power == 0.9 && found.studies == 500 && found.nTreated == 6)
        #expect(found.assumedPerturbation.map { abs($0 - 4) < 1.5 } == true)
        let single = try study(["y"]).detectableEffects(table.filter { $0.unit == "u0" }, studies: 500, workers: 1)[0]
        #expect(single.source == .units && single.withinSD == nil && single.betweenSD != nil)
        // More animals detect less, and the numbers of the table are the ones without a number.
        let more = try study(["y"]).detectableEffects(table, studies: 2000, number: 24, workers: 1)[0]
        let same = try study(["y"]).detectableEffects(table, studies: 2000, number: 6, workers: 1)[0]
        let own = try study(["y"]).detectableEffects(table, studies: 2000, workers: 1)[0]
        #expect(more.nControl == 24 && more.nTreated == 24 && own.nControl == 6)
        #expect(abs(try #require(same.detectablePerturbation) / #require(own.detectablePerturbation) - 1) < 0.05)
        #expect(try #require(more.detectablePerturbation) < 0.55 * #require(own.detectablePerturbation))
        let flat = table.map { row in
            var row = row
            row.value = 1
            return row
        }
        let none = try study(["y"]).detectableEffects(flat, studies: 500, workers: 1)[0]
        #expect(none.source == .none && none.detectablePerturbation == nil && none.detectableRescue == nil)
    }
}
