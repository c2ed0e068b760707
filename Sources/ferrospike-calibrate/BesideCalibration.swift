// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroStatistics

/// The tests that stand beside the verdicts: doses, treated controls, covariates and mediation, where nothing is to be found.
struct BesideCalibration {
    var studies: Int
    var sizes: [Int]

    /// Standard deviation of an animal's mean of 12 cells, the total variance of cells being 1.
    private static let spread = (SimulatedStudies.icc + (1 - SimulatedStudies.icc) / 12).squareRoot()

    private static let conditions = [
        Condition(name: "c", role: .control), Condition(name: "p", role: .perturbed), Condition(name: "lo", role: .treated, dose: Dose(value: 1)),
        Condition(name: "hi", role: .treated, dose: Dose(value: 2)), Condition(name: "d", role: .treatedControl, treatment: "hi"),
    ]
    private static let outcome = OutcomeDefinition(name: "y", scale: .linear)

    func text() -> String { tests() + "\n\n" + mediation() }

    // MARK: Tests

    private func tests() -> String {
        var table = MarkdownTable([
            "animals a group", "trend over 3 doses, Welch", "trend, permutation", "treated controls, Welch", "difference of differences, Welch",
            "covariate, all", "covariate, within groups",
        ])
        for animals in sizes {
            var counts = [Int](repeating: 0, count: 6)
            for study in 0..<studies {
                for (index, p) in pValues(animals, study).enumerated() where p < 0.05 { counts[index] += 1 }
            }
            table.append(["\(animals)"] + counts.map { CalibrationTables.rate($0, studies) })
        }
        return
            "**False positives at 0.05 of the tests beside the verdicts** (\(studies) studies a row; groups differ, as a perturbation and a drug make them, where the test allows it):\n\n"
            + table.text
    }

    private func pValues(_ animals: Int, _ study: Int) -> [Double] {
        var generator = SeededGenerator(seed: 500 + UInt64(animals), stream: UInt64(study))
        let settings = StatisticsSettings(seed: UInt64(study), permutations: 1000, bootstrap: 1)
        // The same mean for all doses; a drug that shifts whomever it is given to.
        let flat = groups(animals, [:], &generator)
        let shifted = groups(animals, ["p": 1.5, "lo": 1.5, "hi": 0.7, "d": -0.8], &generator)
        let trend = DoseTrend.rows(flat, conditions: Self.conditions, outcomes: [Self.outcome], settings: settings).first?.slope
        let alone = TreatedControls.rows(flat, conditions: Self.conditions, outcomes: [Self.outcome], settings: settings).first
        let both = TreatedControls.rows(shifted, conditions: Self.conditions, outcomes: [Self.outcome], settings: settings).first
        func measure(_ groups: [GroupRow], shift: Double) -> [String: Double] {
            var byUnit: [String: Double] = [:]
            for group in groups { for point in group.points { byUnit[point.name] = generator.normal() + (group.group == "c" ? 0 : shift) } }
            return byUnit
        }
        func covariate(_ groups: [GroupRow], _ scope: CovariateScope, shift: Double) -> Double {
            let values = measure(groups, shift: shift)
            let rows = CovariateAnalysis.rows(groups, outcomes: ["y"], values: [("x", values)], settings: settings)
            return rows.first { $0.scope == scope }?.correlation?.p ?? 1
        }
        return [
            trend?.welchP ?? 1, trend?.permutationP ?? 1, alone?.inControls.welchP ?? 1, both?.difference.welchP ?? 1, covariate(flat, .all, shift: 0),
            covariate(shifted, .withinGroups, shift: 2),
        ]
    }

    private func groups(_ animals: Int, _ means: [String: Double], _ generator: inout SeededGenerator) -> [GroupRow] {
        Self.conditions.map { condition in
            let points = (0..<animals).map {
                GroupPoint(name: "\(condition.name)\($0)", value: (means[condition.name] ?? 0) + Self.spread * generator.normal())
            }
            return GroupRow(
                outcome: "y", group: condition.name, role: condition.role, n: animals, units: animals, mean: Sample(points.map(\.value)).mean, points: points)
        }
    }

    // MARK: Mediation

    /// Animals of three groups; X, M and Y have variance 1 but for what a path adds.
    private func mediation() -> String {
        var table = MarkdownTable([
            "animals a group, of three", "no slope at all", "X moves M alone (a = 0.6)", "M moves Y alone (b = 0.6)", "path of 0.6 × 0.6 found",
        ])
        for animals in sizes {
            let shares = [(0, 0), (0.6, 0), (0, 0.6), (0.6, 0.6)].enumerated().map { place, slopes in
                let found = (0..<studies).count { study in
                    var generator = SeededGenerator(seed: 600 + UInt64(animals) + 100 * UInt64(place), stream: UInt64(study))
                    return isFound(animals, slopes.0, slopes.1, UInt64(study), &generator)
                }
                return CalibrationTables.rate(found, studies)
            }
            table.append(["\(animals)"] + shares)
        }
        return "**Mediation claimed**: the bootstrap interval of ab within groups leaves out 0 (\(studies) studies a field):\n\n" + table.text
    }

    private func isFound(_ animals: Int, _ a: Double, _ b: Double, _ seed: UInt64, _ generator: inout SeededGenerator) -> Bool {
        var x: [String: Double] = [:]
        var y: [String: Double] = [:]
        var groups: [GroupRow] = []
        for (index, name) in ["c", "p", "t"].enumerated() {
            var points: [GroupPoint] = []
            for animal in 0..<animals {
                let unit = "\(name)\(animal)"
                let cause = Double(index) + generator.normal()
                let middle = a * cause + generator.normal()
                x[unit] = cause
                y[unit] = b * middle + generator.normal()
                points.append(GroupPoint(name: unit, value: middle))
            }
            groups.append(GroupRow(outcome: "y", group: name, role: .treated, n: animals, units: animals, points: points))
        }
        let settings = StatisticsSettings(seed: seed, permutations: 1, bootstrap: 500)
        let rows = MediationAnalysis.rows([MediationPath(from: "x", through: "y", to: "z")], groups, values: ["x": x, "z": y], settings: settings)
        guard let effects = rows.first(where: { $0.scope == .withinGroups })?.effects, let low = effects.low, let high = effects.high else { return false }
        return low > 0 || high < 0
    }
}
