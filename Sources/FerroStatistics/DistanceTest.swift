// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// The distance between the distributions of cells of two groups, and a permutation test of it over experimental units.
///
/// The distance is Wasserstein's of order 1, the area between the two cumulative distributions, in the unit of the values: moving all
/// cells of one group by d moves the distance by d at most. Experimental units weigh equally, whatever the number of their cells.
package struct DistanceTest: Sendable, Equatable {
    package let distance: Double
    package let p: Double
    /// The smallest p-value that the numbers of experimental units can give, ties ignored.
    package let minimum: Double
    package let kind: PermutationKind

    /// A relabelling passes over every cell, so that more would take long and tell little.
    package static let mostDraws = 10_000

    /// Eight relabellings at once.
    private typealias Lanes = SIMD8<Double>

    /// Cells of both groups in ascending order: where a cell lies, what it adds to the difference of the two distributions.
    private struct Steps {
        var unit: [Int] = []
        var weight: [Double] = []
        /// To the next cell; 0 for the last.
        var gap: [Double] = []
        var span: Double

        init(_ cells: [(value: Double, unit: Int, weight: Double)]) {
            // By value alone: where values agree the gap is 0, and the sum of steps is the same up to rounding. The further keys keep
            // the order independent of how the cells came.
            let ordered = cells.sorted { ($0.value, $0.unit, $0.weight) < ($1.value, $1.unit, $1.weight) }
            unit = ordered.map(\.unit)
            weight = ordered.map(\.weight)
            gap = ordered.indices.map { $0 + 1 < ordered.count ? ordered[$0 + 1].value - ordered[$0].value : 0 }
            span = (ordered.last?.value ?? 0) - (ordered.first?.value ?? 0)
        }

        /// Area between the distributions where every unit counts with a coefficient of its own.
        func distances(_ coefficients: [Lanes]) -> Lanes {
            var difference = Lanes.zero
            var area = Lanes.zero
            let (units, weights, gaps, factors) = (unit.span, weight.span, gap.span, coefficients.span)
            for index in units.indices {
                difference += factors[units[index]] * weights[index]
                let size = difference.replacing(with: -difference, where: difference .< 0)
                area += size * gaps[index]
            }
            return area
        }
    }

    /// Two independent groups: units are relabelled. nil where a group is empty.
    ///
    /// All relabellings are counted where there are at most as many as `draws`; otherwise `draws` random ones.
    package init?(_ first: [[Double]], _ second: [[Double]], draws: Int, generator: SeededGenerator) {
        let n1 = first.count
        let n2 = second.count
        guard n1 > 0, n2 > 0 else { return nil }
        let steps = Steps(
            (first + second).enumerated().flatMap { unit, cells in
                cells.map { (value: $0, unit: unit, weight: 1 / Double(cells.count)) }
            })
        let (plus, minus) = (1 / Double(n1), -1 / Double(n2))
        let count = PermutationTest.choose(n1 + n2, n1).flatMap { $0 <= draws ? $0 : nil }
        var generator = generator
        var chosen = Array(0..<n1)
        var order = Array(0..<n1 + n2)
        self.init(
            steps, units: n1 + n2, exact: count, draws: draws, minimum: n1 == n2 ? 2 : 1,
            observed: (0..<n1 + n2).map { $0 < n1 ? plus : minus }
        ) { coefficients, lane, index in
            for unit in coefficients.indices { coefficients[unit][lane] = minus }
            if count != nil {
                if index > 0 { DistanceTest.advance(&chosen, of: n1 + n2) }
                for unit in chosen { coefficients[unit][lane] = plus }
            } else {
                for position in 0..<n1 {
                    order.swapAt(position, position + generator.index(below: order.count - position))
                    coefficients[order[position]][lane] = plus
                }
            }
        }
    }

    /// The same units under two conditions: the conditions of a unit are exchanged. nil of no units.
    package init?(paired first: [[Double]], _ second: [[Double]], draws: Int, generator: SeededGenerator) {
        let n = first.count
        guard n > 0, second.count == n else { return nil }
        let steps = Steps(
            [(first, 1.0), (second, -1.0)].flatMap { cells, sign in
                cells.enumerated().flatMap { unit, own in own.map { (value: $0, unit: unit, weight: sign / Double(own.count)) } }
            })
        let count = n < 40 && 1 << n <= draws ? 1 << n : nil
        var generator = generator
        self.init(
            steps, units: n, exact: count, draws: draws, minimum: 2, observed: [Double](repeating: 1 / Double(n), count: n)
        ) { coefficients, lane, index in
            var bits: UInt64 = 0
            for unit in 0..<n {
                if unit % 64 == 0 { bits = count == nil ? generator.next() : UInt64(index) }
                coefficients[unit][lane] = (bits & 1 == 1 ? -1 : 1) / Double(n)
                bits >>= 1
            }
        }
    }

    private init(
        _ steps: Steps, units: Int, exact: Int?, draws: Int, minimum: Double, observed: [Double],
        assign: (inout [Lanes], Int, Int) -> Void
    ) {
        let distance = steps.distances(observed.map { Lanes(repeating: $0) })[0]
        let threshold = distance - 1e-9 * steps.span
        let total = exact ?? draws
        var extreme = 0
        var coefficients = [Lanes](repeating: .zero, count: units)
        for first in stride(from: 0, to: total, by: Lanes.scalarCount) {
            let lanes = min(Lanes.scalarCount, total - first)
            for lane in 0..<lanes { assign(&coefficients, lane, first + lane) }
            let found = steps.distances(coefficients)
            for lane in 0..<lanes where found[lane] >= threshold { extreme += 1 }
        }
        self.distance = distance
        if let exact {
            p = Double(extreme) / Double(exact)
            self.minimum = minimum / Double(exact)
            kind = .exact
        } else {
            p = Double(extreme + 1) / Double(draws + 1)
            self.minimum = 1 / Double(draws + 1)
            kind = .monteCarlo
        }
    }

    /// The next subset in lexicographic order.
    private static func advance(_ chosen: inout [Int], of n: Int) {
        var position = chosen.count - 1
        while position >= 0, chosen[position] == n - chosen.count + position { position -= 1 }
        guard position >= 0 else { return }
        chosen[position] += 1
        for later in position + 1..<chosen.count { chosen[later] = chosen[later - 1] + 1 }
    }
}
