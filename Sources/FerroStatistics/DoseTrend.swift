// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// A dose as the study file writes it.
package struct Dose: Sendable, Equatable {
    package var value: Double
    /// Empty where the study gives a bare number.
    package var unit: String

    package init(value: Double, unit: String = "") {
        self.value = value
        self.unit = unit
    }
}

/// Groups in ascending order of the dose of one treatment, the perturbed group without it first.
package struct DoseSeries: Sendable, Equatable {
    /// What the treatments act on; nil where the study does not say.
    package var target: String?
    package var groups: [String]

    /// Every series of a study: treated groups with a dose, by target, of at least two doses.
    package static func series(of conditions: [Condition]) -> [DoseSeries] {
        guard let perturbed = conditions.first(where: { $0.role == .perturbed }) else { return [] }
        let dosed = conditions.filter { $0.role == .treated && $0.dose != nil }
        var targets: [String?] = []
        for condition in dosed where !targets.contains(condition.target) { targets.append(condition.target) }
        return targets.compactMap { target in
            let own = dosed.filter { $0.target == target }.sorted { ($0.dose?.value ?? 0) < ($1.dose?.value ?? 0) }
            return own.count >= 2 ? DoseSeries(target: target, groups: [perturbed.name] + own.map(\.name)) : nil
        }
    }
}

/// One outcome over one series of doses: a row of `trend.csv`.
package struct TrendRow: Sendable, Equatable {
    package var outcome: String
    package var scale: AnalysisScale
    package var series: DoseSeries
    /// Experimental units, group by group.
    package var counts: [Int]
    /// Change from one dose to the next: the linear contrast of the group means over the order of doses.
    package var slope: Contrast
    /// Whether the slope leads from the perturbed group towards control; nil where one of them has no value.
    package var isTowardsControl: Bool?
}

/// Whether an outcome rises or falls from dose to dose, at the level of the experimental unit.
package enum DoseTrend {
    /// - Parameter groups: rows of `groups.csv` with their experimental units.
    package static func rows(
        _ groups: [GroupRow], conditions: [Condition], outcomes: [OutcomeDefinition], settings: StatisticsSettings
    ) -> [TrendRow] {
        let control = conditions.first { $0.role == .control }
        return outcomes.flatMap { outcome in
            DoseSeries.series(of: conditions).map { series in
                func row(_ name: String?) -> GroupRow? { groups.first { $0.outcome == outcome.name && $0.group == name } }
                let samples = series.groups.map { Sample(row($0)?.points.map(\.value) ?? []) }
                let weights = DoseTrend.weights(samples.count)
                var slope = Contrast.combination(samples, weights: weights, scale: outcome.scale)
                let generator = SeededGenerator(
                    seed: settings.seed, stream: stableHash([outcome.name] + series.groups + ["trend"]))
                let test = TrendPermutation(samples, weights: weights, draws: settings.permutations, generator: generator)
                slope.permutationP = test?.p
                slope.permutationMinimum = test?.minimum
                slope.permutationKind = test?.kind
                let way = row(control?.name)?.mean.flatMap { control in samples.first?.mean.map { control - $0 } }
                return TrendRow(
                    outcome: outcome.name, scale: outcome.scale, series: series, counts: samples.map(\.n), slope: slope,
                    isTowardsControl: slope.estimate.flatMap { slope in way.map { $0 * slope > 0 } })
            }
        }
    }

    /// Weights that make a line through means at 0, 1, 2, … have its slope.
    static func weights(_ count: Int) -> [Double] {
        let middle = Double(count - 1) / 2
        let squares = (0..<count).reduce(0) { $0 + (Double($1) - middle) * (Double($1) - middle) }
        return (0..<count).map { (Double($0) - middle) / squares }
    }
}

/// A two-sided permutation test of a sum of weighted group means: experimental units are relabelled over all groups.
struct TrendPermutation {
    let p: Double
    /// The smallest p-value that the numbers of experimental units can give, ties ignored.
    let minimum: Double
    let kind: PermutationKind

    /// All relabellings are enumerated where there are at most 200 000, else random ones are drawn; nil where a group is empty.
    init?(_ groups: [Sample], weights: [Double], draws: Int, generator: SeededGenerator) {
        let raw = groups.flatMap(\.values)
        guard groups.allSatisfy({ $0.n > 0 }), let low = raw.min(), let high = raw.max() else { return nil }
        let values = raw.map { $0 - low }
        let counts = groups.map(\.n)
        // What one value adds in each group.
        let shares = zip(weights, counts).map { $0 / Double($1) }
        let labels = counts.enumerated().flatMap { [Int](repeating: $0, count: $1) }
        let observed = abs(zip(values, labels).reduce(0) { $0 + $1.0 * shares[$1.1] })
        let threshold = observed - 1e-9 * (high - low) * weights.reduce(0) { $0 + abs($1) }
        if let ways = TrendPermutation.ways(counts), ways <= PermutationTest.exactLimit {
            var extreme = 0
            var left = counts
            func assign(_ position: Int, _ sum: Double) {
                guard position < values.count else {
                    if abs(sum) >= threshold { extreme += 1 }
                    return
                }
                for group in left.indices where left[group] > 0 {
                    left[group] -= 1
                    assign(position + 1, sum + values[position] * shares[group])
                    left[group] += 1
                }
            }
            assign(0, 0)
            p = Double(extreme) / Double(ways)
            // The reversed order is as extreme as the observed one where the groups' sizes read the same from both ends.
            minimum = (counts == counts.reversed() ? 2 : 1) / Double(ways)
            kind = .exact
        } else {
            var generator = generator
            var shuffled = values
            var extreme = 0
            for _ in 0..<draws {
                var sum = 0.0
                for position in shuffled.indices {
                    shuffled.swapAt(position, position + generator.index(below: shuffled.count - position))
                    sum += shuffled[position] * shares[labels[position]]
                }
                if abs(sum) >= threshold { extreme += 1 }
            }
            p = Double(extreme + 1) / Double(draws + 1)
            minimum = 1 / Double(draws + 1)
            kind = .monteCarlo
        }
    }

    /// Multinomial coefficient, or nil where it is far above the limit of enumeration.
    static func ways(_ counts: [Int]) -> Int? {
        var total = 0
        var ways = 1
        for count in counts {
            total += count
            guard let choices = PermutationTest.choose(total, count), choices <= PermutationTest.exactLimit else { return nil }
            ways *= choices
            if ways > 1_000_000_000 { return nil }
        }
        return ways
    }
}
