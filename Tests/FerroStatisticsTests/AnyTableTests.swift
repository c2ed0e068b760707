// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroStatistics
import Testing

/// Whatever a table holds, an analysis ends, and what it says agrees with itself.
@Suite struct AnyTableTests {
    private static let roles: [Role] = [.control, .perturbed, .treated, .treated, .other]
    private static let conditions = zip(["c", "p", "t", "u", "o"], roles).map { Condition(name: $0, role: $1) }

    /// A small table with everything that goes wrong in one: groups without animals, single animals, equal values, zeros, missing values,
    /// enormous and minute numbers.
    private func table(_ generator: inout SeededGenerator, log isLog: Bool, comparison: Comparison, word: StudyDesign) -> [OutcomeRow] {
        let pool: [Double?] = isLog ? [1, 1, 2, 0, nil, 1e-300, 1e300] : [1, 1, 2, 0, nil, -4, 1e-300, 1e59, -1e59]
        let isTame = generator.index(below: 2) == 0
        let occasions: [String] =
            switch comparison {
            case .groups: [""]
            case .changes: ["before", "after"]
            case .within(let conditions): conditions.map(\.name)
            }
        var rows: [OutcomeRow] = []
        for group in comparison.isWithin ? [""] : Self.conditions.map(\.name) {
            for animal in 0..<generator.index(below: 5) {
                for cell in 0..<1 + generator.index(below: 3) {
                    for occasion in occasions where generator.index(below: 8) > 0 {
                        let drawn = isLog ? Double.random(in: 0.5...3, using: &generator) : generator.normal()
                        rows.append(
                            OutcomeRow(
                                recording: "r", subject: "\(group)\(animal)", cage: "k\(group)\(animal / 2)", group: group, unit: "u\(cell)", outcome: "y",
                                value: isTame ? drawn : pool[generator.index(below: pool.count)], exposure: 600,
                                session: word == .sessions ? occasion : nil, epoch: word == .epochs ? occasion : nil))
                    }
                }
            }
        }
        return rows
    }

    @Test(arguments: 0..<400)
    func agreesWithItself(_ seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let word = StudyDesign.allCases[generator.index(below: 3)]
        let occasions = [Occasion(name: "before", role: .baseline), Occasion(name: "after", role: .response)]
        let comparison: Comparison =
            word == .groups
            ? .groups(Self.conditions)
            : generator.index(below: 2) == 0 ? .changes(Self.conditions, occasions: occasions) : .within(Self.conditions)
        let isLog = generator.index(below: 2) == 0
        let isPercent = !isLog && generator.index(below: 2) == 0
        let rows = table(&generator, log: isLog, comparison: comparison, word: word)
        guard !rows.isEmpty else { return }
        let analysis = try NormalizationAnalysis(
            design: word, comparison: comparison, unitOfAnalysis: generator.index(below: 2) == 0 ? .subject : .cage,
            outcomes: [
                OutcomeDefinition(
                    name: "y", scale: isLog ? .log : .linear, margin: generator.index(below: 2) == 0 ? nil : 0.5, zeros: isLog ? .replace(0.1) : nil,
                    change: isPercent ? .percent : .difference)
            ], settings: StatisticsSettings(seed: 1, permutations: 50, bootstrap: 50))
        let found = try analysis.run(rows, workers: 1)
        #expect(found.groups.count == 5 && found.normalization.count == 2 && found.distribution.count == 2)
        for row in found.normalization { check(row) }
        for row in found.distribution {
            for contrast in [row.pc, row.tp, row.tc] { #expect((contrast.distance ?? 0) >= 0 && 0...1 ~= contrast.permutationP ?? 0) }
            for share in [row.control, row.perturbed, row.treatedShare] { #expect(0...1 ~= share.share ?? 0) }
        }
        _ = try analysis.detectableEffects(rows, studies: 20, workers: 1)
    }

    private func check(_ row: NormalizationRow) {
        #expect((row.rescueStatus == .defined) == (row.rescue != nil))
        if row.rescue == nil { #expect(row.fiellerLow == nil && row.bootstrapLow == nil && row.verdict == .undetermined) }
        if let rescue = row.rescue, let low = row.fiellerLow, let high = row.fiellerHigh { #expect(low <= rescue && rescue <= high) }
        if let low = row.bootstrapLow, let high = row.bootstrapHigh { #expect(low <= high) }
        for contrast in [row.pc, row.tp, row.tc] {
            for p in [contrast.welchP, contrast.permutationP, contrast.adjustedP, contrast.mixed?.p] { #expect(0...1 ~= p ?? 0) }
            if let estimate = contrast.estimate, let low = contrast.low, let high = contrast.high { #expect(low <= estimate && estimate <= high) }
            #expect((contrast.permutationP ?? 1) >= (contrast.permutationMinimum ?? 0) * 0.999 || contrast.permutationKind == nil)
            #expect(contrast.mixed == nil || row.mixedStatus == .ok || row.mixedStatus == .singular || row.design == .epochs)
        }
        if let icc = row.icc { #expect(0...1 ~= icc && (row.designEffect ?? 0) >= 1) }
        #expect(row.warnings == row.warnings.sorted())
        #expect(row.warnings.contains(.noMargin) == (row.tostMargin == nil))
        #expect(row.warnings.contains(.singularFit) == (row.mixedStatus == .singular))
    }
}
