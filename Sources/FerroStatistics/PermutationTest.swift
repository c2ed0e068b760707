// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// A two-sided permutation test of a difference of means.
///
/// All relabellings are enumerated where there are at most 200 000; else random ones are drawn and the observed one is counted
/// among them (Phipson and Smyth 2010, Stat Appl Genet Mol Biol 9:39). Ties count as extreme.
package struct PermutationTest: Sendable, Equatable {
    package let p: Double
    /// The smallest p-value that the numbers of experimental units can give, ties ignored.
    package let minimum: Double
    package let kind: PermutationKind

    package static let exactLimit = 200_000

    /// Relabels the experimental units of two groups; nil where one is empty.
    package init?(_ first: Sample, _ second: Sample, draws: Int, generator: SeededGenerator) {
        let n1 = first.n
        let n2 = second.n
        guard n1 > 0, n2 > 0 else { return nil }
        let raw = first.values + second.values
        guard let low = raw.min(), let high = raw.max() else { return nil }
        // Only differences matter: counted from the lowest value no digits are lost, and equal values are all 0.
        let pooled = raw.map { $0 - low }
        let total = pooled.reduce(0, +)
        let tolerance = 1e-9 * (high - low)
        func difference(_ sum: Double) -> Double { abs(sum / Double(n1) - (total - sum) / Double(n2)) }
        let threshold = difference(pooled[..<n1].reduce(0, +)) - tolerance

        if let count = PermutationTest.choose(n1 + n2, n1), count <= PermutationTest.exactLimit {
            var extreme = 0
            PermutationTest.forEachSubsetSum(of: pooled, size: n1) { if difference($0) >= threshold { extreme += 1 } }
            p = Double(extreme) / Double(count)
            minimum = (n1 == n2 ? 2 : 1) / Double(count)
            kind = .exact
        } else {
            var generator = generator
            var shuffled = pooled
            var extreme = 0
            for _ in 0..<draws {
                var sum = 0.0
                for position in 0..<n1 {
                    shuffled.swapAt(position, position + generator.index(below: shuffled.count - position))
                    sum += shuffled[position]
                }
                if difference(sum) >= threshold { extreme += 1 }
            }
            p = Double(extreme + 1) / Double(draws + 1)
            minimum = 1 / Double(draws + 1)
            kind = .monteCarlo
        }
    }

    /// Flips the signs of paired differences; nil of none.
    package init?(differences: [Double], draws: Int, generator: SeededGenerator) {
        let n = differences.count
        guard n > 0 else { return nil }
        let magnitudes = differences.map { abs($0) }
        let tolerance = 1e-9 * (magnitudes.max() ?? 0)
        // |sum| orders the assignments as |mean| does.
        let threshold = abs(differences.reduce(0, +)) - tolerance * Double(n)
        if n < 20, 1 << n <= PermutationTest.exactLimit {
            var extreme = 0
            for assignment in 0..<(1 << n) {
                var sum = 0.0
                for index in 0..<n { sum += assignment >> index & 1 == 1 ? -magnitudes[index] : magnitudes[index] }
                if abs(sum) >= threshold { extreme += 1 }
            }
            p = Double(extreme) / Double(1 << n)
            minimum = 2 / Double(1 << n)
            kind = .exact
        } else {
            var generator = generator
            var extreme = 0
            for _ in 0..<draws {
                var sum = 0.0
                var bits: UInt64 = 0
                for index in 0..<n {
                    if index % 64 == 0 { bits = generator.next() }
                    sum += bits & 1 == 1 ? -magnitudes[index] : magnitudes[index]
                    bits >>= 1
                }
                if abs(sum) >= threshold { extreme += 1 }
            }
            p = Double(extreme + 1) / Double(draws + 1)
            minimum = 1 / Double(draws + 1)
            kind = .monteCarlo
        }
    }

    /// Binomial coefficient, or nil where it is far above the limit of enumeration.
    static func choose(_ n: Int, _ k: Int) -> Int? {
        var result = 1
        for step in 0..<min(k, n - k) {
            // result is choose(n, step), so the product divides evenly.
            result = result * (n - step) / (step + 1)
            if result > 1_000_000_000 { return nil }
        }
        return result
    }

    /// Calls `body` with the sum of every subset of `size` values, in lexicographic order of their positions.
    private static func forEachSubsetSum(of values: [Double], size: Int, _ body: (Double) -> Void) {
        let n = values.count
        var chosen = Array(0..<size)
        // partial[k] is the sum of the first k chosen values.
        var partial = [0.0]
        for index in chosen { partial.append(partial[index] + values[index]) }
        while true {
            body(partial[size])
            var position = size - 1
            while position >= 0, chosen[position] == n - size + position { position -= 1 }
            if position < 0 { return }
            chosen[position] += 1
            for later in position..<size {
                if later > position { chosen[later] = chosen[later - 1] + 1 }
                partial[later + 1] = partial[later] + values[chosen[later]]
            }
        }
    }
}
