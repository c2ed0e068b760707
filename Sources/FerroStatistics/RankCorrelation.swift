// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// Spearman's rank correlation of experimental units with a permutation p-value, over all of them or within groups.
///
/// Within groups the ranks are taken, centred and permuted inside each group and then pooled, so that a difference between groups is no
/// association. Ties have their mean rank.
package struct RankCorrelation: Sendable, Equatable {
    package let n: Int
    package let rho: Double
    /// Two-sided.
    package let p: Double
    /// The smallest p-value that the numbers of units can give, ties ignored.
    package let minimum: Double
    package let kind: PermutationKind

    /// One group of at most this many units is permuted in every way.
    private static let mostExact = 8

    /// nil below three units, or where one of the variables does not vary within any group.
    package init?(_ groups: [[(x: Double, y: Double)]], draws: Int, generator: SeededGenerator) {
        let filled = groups.filter { $0.count >= 2 }
        let n = filled.reduce(0) { $0 + $1.count }
        guard n >= 3 else { return nil }
        let xs = filled.map { RankCorrelation.centredRanks($0.map(\.x)) }
        var ys = filled.map { RankCorrelation.centredRanks($0.map(\.y)) }
        func squares(_ ranks: [[Double]]) -> Double { ranks.reduce(0) { $0 + $1.reduce(0) { $0 + $1 * $1 } } }
        let scale = (squares(xs) * squares(ys)).squareRoot()
        guard scale > 0 else { return nil }
        func product(_ ys: [[Double]]) -> Double { zip(xs, ys).reduce(0) { $0 + zip($1.0, $1.1).reduce(0) { $0 + $1.0 * $1.1 } } }
        let observed = product(ys)
        // Ranks are halves of whole numbers around a mean; sums of their products differ by far more than this or not at all.
        let threshold = abs(observed) - 1e-9 * scale
        self.n = n
        rho = min(max(observed / scale, -1), 1)
        let ways = filled.reduce(1.0) { $0 * (1...$1.count).reduce(1.0) { $0 * Double($1) } }
        if filled.count == 1, n <= RankCorrelation.mostExact {
            var extreme = 0
            RankCorrelation.forEachOrder(of: ys[0]) { if abs(product([$0])) >= threshold { extreme += 1 } }
            p = Double(extreme) / ways
            minimum = 2 / ways
            kind = .exact
        } else {
            var generator = generator
            var extreme = 0
            for _ in 0..<draws {
                for group in ys.indices {
                    for position in ys[group].indices {
                        ys[group].swapAt(position, position + generator.index(below: ys[group].count - position))
                    }
                }
                if abs(product(ys)) >= threshold { extreme += 1 }
            }
            p = Double(extreme + 1) / Double(draws + 1)
            minimum = max(1 / Double(draws + 1), min(2 / ways, 1))
            kind = .monteCarlo
        }
    }

    /// Ranks around their mean; ties have their mean rank.
    static func centredRanks(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Double](repeating: 0, count: values.count)
        var first = 0
        while first < order.count {
            var last = first
            while last + 1 < order.count, values[order[last + 1]] == values[order[first]] { last += 1 }
            for position in first...last { ranks[order[position]] = Double(first + last) / 2 - Double(values.count - 1) / 2 }
            first = last + 1
        }
        return ranks
    }

    /// Every order of the values, by Heap's method (1963, Comput J 6:293).
    private static func forEachOrder(of values: [Double], _ body: ([Double]) -> Void) {
        var values = values
        var counters = [Int](repeating: 0, count: values.count)
        body(values)
        var position = 1
        while position < values.count {
            if counters[position] < position {
                values.swapAt(position % 2 == 0 ? 0 : counters[position], position)
                body(values)
                counters[position] += 1
                position = 1
            } else {
                counters[position] = 0
                position += 1
            }
        }
    }
}
