// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroStatistics
import Foundation
import Testing

/// Dose trends, treated controls and mediation against NumPy, SciPy, R (nlme, lm) and statsmodels:
/// fixtures/generators/designs_reference.py made fixtures/reference/statistics-designs.json.
@Suite struct DesignReferenceTests {
    struct Comparison: Decodable, CustomTestStringConvertible, Sendable {
        let name: String
        let groups: [[Double]]
        let estimate: Double
        let se: Double
        let df: Double
        let low: Double
        let high: Double
        let p_welch: Double
        let p_perm: Double?
        let p_perm_min: Double?
        var testDescription: String { name }
    }

    struct Coefficient: Decodable, Sendable {
        let value: Double
        let se: Double
    }

    struct Path: Decodable, CustomTestStringConvertible, Sendable {
        let name: String
        let sets: [[[Double]]]
        let bootstrap: [String: [Double]]
        let a: Coefficient
        let b: Coefficient
        let direct: Coefficient
        let total: Coefficient
        var testDescription: String { name }
    }

    struct Document: Decodable {
        let trend: [Comparison]
        let interaction: [Comparison]
        let mediation: [Path]
    }

    static let document: Document? = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        guard let data = try? Data(contentsOf: root.appendingPathComponent("fixtures/reference/statistics-designs.json")) else { return nil }
        return try? JSONDecoder().decode(Document.self, from: data)
    }()

    static let settings = StatisticsSettings(seed: 5, permutations: 20_000, bootstrap: 10_000)

    static func group(_ name: String, _ role: Role, _ values: [Double]) -> GroupRow {
        let points = values.enumerated().map { GroupPoint(name: "\(name)\($0)", value: $1) }
        let sample = Sample(values)
        return GroupRow(outcome: "y", group: name, role: role, n: values.count, units: values.count, mean: sample.mean, points: points)
    }

    static func trend(_ groups: [[Double]], settings: StatisticsSettings = settings) throws -> TrendRow {
        var conditions = [Condition(name: "c", role: .control), Condition(name: "p", role: .perturbed)]
        conditions += (1..<groups.count).reversed().map { Condition(name: "d\($0)", role: .treated, dose: Dose(value: pow(10, Double($0)))) }
        let rows = groups.enumerated().map { group($0 == 0 ? "p" : "d\($0)", $0 == 0 ? .perturbed : .treated, $1) }
        let found = DoseTrend.rows(rows, conditions: conditions, outcomes: [OutcomeDefinition(name: "y", scale: .linear)], settings: settings)
        return try #require(found.first)
    }

    private func agree(_ found: Contrast, _ expected: Comparison) {
        for (value, reference) in [
            (found.estimate, expected.estimate), (found.standardError, expected.se), (found.degreesOfFreedom, expected.df), (found.low, expected.low),
            (found.high, expected.high), (found.welchP, expected.p_welch),
        ] {
            #expect(abs((value ?? .nan) - reference) <= 1e-8 * max(1, abs(reference)), "\(expected.name): \(value ?? .nan), not \(reference)")
        }
    }

    @Test func areThere() throws {
        let document = try #require(Self.document)
        #expect(document.trend.count == 5 && document.interaction.count == 3 && document.mediation.count == 3)
    }

    @Test(arguments: document?.trend ?? []) func trends(_ one: Comparison) throws {
        let row = try Self.trend(one.groups)
        #expect(row.series.groups == ["p"] + (1..<one.groups.count).map { "d\($0)" } && row.counts == one.groups.map(\.count))
        agree(row.slope, one)
        #expect(row.slope.permutationKind == .exact)
        #expect(abs(try #require(row.slope.permutationP) - (one.p_perm ?? .nan)) < 1e-12)
        #expect(abs(try #require(row.slope.permutationMinimum) - (one.p_perm_min ?? .nan)) < 1e-12)
    }

    @Test(arguments: document?.interaction ?? []) func treatedControls(_ one: Comparison) throws {
        let conditions = [
            Condition(name: "c", role: .control), Condition(name: "p", role: .perturbed), Condition(name: "t", role: .treated),
            Condition(name: "d", role: .treatedControl, treatment: "t"),
        ]
        let rows = zip(["t", "p", "d", "c"], one.groups).map { name, values in
            Self.group(name, conditions.first { $0.name == name }?.role ?? .other, values)
        }
        let found = try #require(
            TreatedControls.rows(rows, conditions: conditions, outcomes: [OutcomeDefinition(name: "y", scale: .linear)], settings: Self.settings).first)
        agree(found.difference, one)
        #expect(found.difference.permutationP == nil)
        // The two effects are the Welch contrasts that every study has.
        let samples = one.groups.map { Sample($0) }
        #expect(found.inPerturbed.low == Contrast.between(samples[0], minus: samples[1], scale: .linear).low)
        #expect(found.inControls.high == Contrast.between(samples[2], minus: samples[3], scale: .linear).high)
        #expect(found.inControls.permutationKind == .exact && found.nTreatedControl == samples[2].n)
    }

    private func path(_ sets: [[[Double]]]) throws -> (all: MediationRow, within: MediationRow) {
        var x: [String: Double] = [:]
        var y: [String: Double] = [:]
        let groups = sets.enumerated().map { index, set in
            for (place, point) in set.enumerated() {
                x["g\(index)\(place)"] = point[0]
                y["g\(index)\(place)"] = point[2]
            }
            return Self.group("g\(index)", .treated, set.map { $0[1] })
        }
        let rows = MediationAnalysis.rows(
            [MediationPath(from: "x", through: "y", to: "z")], groups, values: ["x": x, "z": y], settings: Self.settings)
        try #require(rows.map(\.scope) == [.all, .withinGroups])
        return (rows[0], rows[1])
    }

    @Test(arguments: document?.mediation ?? []) func mediation(_ one: Path) throws {
        let row = try path(one.sets).within
        let effects = try #require(row.effects)
        #expect(row.n == one.sets.reduce(0) { $0 + $1.count })
        for (found, expected) in [(effects.onMediator, one.a), (effects.ofMediator, one.b), (effects.direct, one.direct), (effects.total, one.total)] {
            #expect(abs(found.value - expected.value) < 1e-8 && abs(found.standardError - expected.se) < 1e-8, "\(found), not \(expected)")
        }
        #expect(abs(effects.indirect - one.a.value * one.b.value) < 1e-8)
        for (limit, name) in [(effects.low, "low"), (effects.high, "high")] {
            let range = try #require(one.bootstrap[name])
            let found = try #require(limit)
            #expect(range[0] <= found && found <= range[1], "\(name): \(found), not in \(range)")
        }
        // One set is one group.
        let all = try path([one.sets.flatMap { $0 }])
        #expect(all.all.effects?.total == all.within.effects?.total)
        #expect(abs(effects.total.value - effects.direct.value - effects.indirect) < 1e-9)
    }

    // MARK: Laws

    /// Over two groups the slope is the difference between them.
    @Test func twoDosesAreADifference() throws {
        let values = [[3.0, 4, 5.5, 2], [1.0, 2, 2.5], [0.5, 1.5, 1.25]]
        let slope = Contrast.combination([Sample(values[0]), Sample(values[1])], weights: [-1, 1], scale: .log)
        let welch = Contrast.between(Sample(values[1]), minus: Sample(values[0]), scale: .log)
        #expect(abs((slope.low ?? .nan) - (welch.low ?? 0)) < 1e-12 && abs((slope.ratio ?? .nan) - (welch.ratio ?? 0)) < 1e-12)
        // Backwards it has the other sign and the same p.
        let forward = try Self.trend([values[1], values[2], values[1].map { $0 + 9 }]).slope
        let backward = try Self.trend([values[1].map { $0 + 9 }, values[2], values[1]]).slope
        #expect(abs((forward.estimate ?? .nan) + (backward.estimate ?? .nan)) < 1e-12 && forward.permutationP == backward.permutationP)
    }

    @Test func randomRelabellingsAgreeWithEnumeration() throws {
        let groups = [[2.0, 1.5, 2.2, 2.6], [1.2, 1.9, 1.1], [0.9, 1.4, 0.8, 1.6]]
        let exact = try #require(try Self.trend(groups).slope.permutationP)
        // Two more values a group make too many relabellings to count; the p-value then is that of as many draws.
        let many = groups.map { $0 + $0.map { $0 + 0.01 } }
        let slope = try Self.trend(many).slope
        #expect(slope.permutationKind == .monteCarlo && slope.permutationMinimum == 1 / 20_001.0)
        #expect((slope.permutationP ?? 1) < exact)
        var settings = Self.settings
        settings.seed = 6
        #expect(abs((try Self.trend(many, settings: settings).slope.permutationP ?? 1) - (slope.permutationP ?? 0)) < 0.005)
    }

    @Test func theDirectionIsSaidByControl() throws {
        let conditions = [
            Condition(name: "c", role: .control), Condition(name: "p", role: .perturbed), Condition(name: "lo", role: .treated, dose: Dose(value: 1)),
            Condition(name: "hi", role: .treated, dose: Dose(value: 3)), Condition(name: "x", role: .treated, target: "other", dose: Dose(value: 3)),
        ]
        let rows = [("c", 0.0), ("p", 3), ("lo", 2), ("hi", 1), ("x", 9)].map { name, mean in
            Self.group(name, .treated, [mean - 0.1, mean, mean + 0.2])
        }
        let found = DoseTrend.rows(rows, conditions: conditions, outcomes: [OutcomeDefinition(name: "y", scale: .linear)], settings: Self.settings)
        // One dose of another target is no series.
        #expect(found.map(\.series.groups) == [["p", "lo", "hi"]] && found.first?.isTowardsControl == true)
    }

    @Test func whatCannotBeComputedIsLeftOut() throws {
        #expect(try Self.trend([[1, 2], [], [3, 4]]).slope.estimate == nil)
        let single = try Self.trend([[1, 2], [2], [3, 4]]).slope
        #expect(single.estimate != nil && single.low == nil && single.permutationP != nil)
        // Three units leave no degree of freedom; a line has no slope of M with X held.
        #expect(try path([[[1, 2, 3], [2, 1, 0], [0, 1, 1]]]).all.effects == nil)
        #expect(try path([(0..<9).map { [Double($0), 2 * Double($0), Double($0 * $0)] }]).all.effects == nil)
        #expect(try path([(0..<9).map { [1, Double($0), Double($0 * $0)] }]).all.effects == nil)
    }
}
