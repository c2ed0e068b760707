// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroStatistics

/// Studies in which a control, a perturbed and a treated group of animals have known means, normal differences between animals and
/// normal differences between the cells of an animal.
struct SimulatedStudies {
    /// Share of the variance, which is 1 in total, that lies between animals.
    static let icc = 0.3
    static let margin = 0.5

    var animals: Int
    var cells: ClosedRange<Int> = 12...12
    /// Perturbed minus control.
    var perturbation = 0.0
    /// Rescue index of the treatment: 0 leaves the perturbation, 1 removes it.
    var rescue = 0.0
    /// The same cells under all three conditions; differences between animals are then differences of their responses.
    var isWithin = false
    var seed: UInt64

    /// One simulated study: the row of its statistics, and the p-value that cells as independent observations would give.
    struct Result: Sendable {
        var row: NormalizationRow
        var distribution: DistributionRow
        var cellP: Double
    }

    /// Simulates and analyses `count` studies, each as an outcome of its own so that they are computed side by side.
    func run(_ count: Int, bootstrap: Int, permutations: Int) throws -> [Result] {
        var results: [Result] = []
        for first in stride(from: 0, to: count, by: 200) {
            let names = (first..<min(first + 200, count)).map { "study\($0)" }
            var rows: [OutcomeRow] = []
            var cellPs: [Double] = []
            for (offset, name) in names.enumerated() {
                var generator = SeededGenerator(seed: seed, stream: UInt64(first + offset))
                let own = draw(name, &generator)
                cellPs.append(SimulatedStudies.cellTest(own))
                rows += own
            }
            let analysis = try NormalizationAnalysis(
                design: isWithin ? .epochs : .groups, comparison: isWithin ? .within(SimulatedStudies.conditions) : .groups(SimulatedStudies.conditions),
                unitOfAnalysis: .subject,
                outcomes: names.map { OutcomeDefinition(name: $0, scale: .linear, margin: SimulatedStudies.margin) },
                settings: StatisticsSettings(seed: seed, permutations: permutations, bootstrap: bootstrap, multiplicity: .none))
            let computed = try analysis.run(rows)
            results += zip(zip(computed.normalization, computed.distribution), cellPs).map { Result(row: $0.0, distribution: $0.1, cellP: $1) }
        }
        return results
    }

    private static let conditions = [
        Condition(name: "c", role: .control), Condition(name: "p", role: .perturbed), Condition(name: "t", role: .treated),
    ]

    private func draw(_ name: String, _ generator: inout SeededGenerator) -> [OutcomeRow] {
        let means = ["c": 0, "p": perturbation, "t": perturbation * (1 - rescue)]
        let between = SimulatedStudies.icc.squareRoot()
        let within = (1 - SimulatedStudies.icc).squareRoot()
        var rows: [OutcomeRow] = []
        if isWithin {
            for animal in 0..<animals {
                let count = cells.lowerBound + generator.index(below: cells.count)
                // A cell has its own level, which its differences between conditions do not have.
                let levels = (0..<count).map { _ in generator.normal() }
                for condition in SimulatedStudies.conditions {
                    let response = (means[condition.name] ?? 0) + between * generator.normal()
                    for (cell, level) in levels.enumerated() {
                        rows.append(row(name, "m\(animal)", condition.name, cell, level + response + within * generator.normal()))
                    }
                }
            }
        } else {
            for condition in SimulatedStudies.conditions {
                for animal in 0..<animals {
                    let level = (means[condition.name] ?? 0) + between * generator.normal()
                    for cell in 0..<cells.lowerBound + generator.index(below: cells.count) {
                        rows.append(row(name, "\(condition.name)\(animal)", condition.name, cell, level + within * generator.normal()))
                    }
                }
            }
        }
        return rows
    }

    private func row(_ outcome: String, _ subject: String, _ condition: String, _ cell: Int, _ value: Double) -> OutcomeRow {
        OutcomeRow(
            recording: subject, subject: subject, group: isWithin ? "" : condition, unit: "u\(cell)", outcome: outcome, value: value,
            epoch: isWithin ? condition : nil)
    }

    /// What the statistics never do: a t test of perturbed against control over cells.
    private static func cellTest(_ rows: [OutcomeRow]) -> Double {
        func values(_ condition: String) -> Sample { Sample(rows.filter { $0.epoch ?? $0.group == condition }.compactMap(\.value)) }
        return Contrast.between(values("p"), minus: values("c"), scale: .linear).welchP ?? 1
    }
}
