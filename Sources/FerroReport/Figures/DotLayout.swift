// SPDX-License-Identifier: GPL-3.0-or-later

/// Where dots of equal or near values stand beside each other, the same in every run.
enum DotLayout {
    /// Offsets of few large dots, so that none covers another: each takes the place nearest to the middle that is free.
    static func swarm(_ positions: [Double], diameter: Double, limit: Double) -> [Double] {
        var offsets = [Double](repeating: 0, count: positions.count)
        var placed: [Int] = []
        for index in positions.indices.sorted(by: { (positions[$0], $0) < (positions[$1], $1) }) {
            var chosen = 0.0
            for step in 0...Int(2 * limit / diameter) {
                let candidate = Double((step + 1) / 2) * diameter * (step % 2 == 0 ? -1 : 1)
                guard abs(candidate) <= limit else { break }
                chosen = candidate
                let isFree = placed.allSatisfy { other in
                    let dx = offsets[other] - candidate
                    let dy = positions[other] - positions[index]
                    return dx * dx + dy * dy >= diameter * diameter * 0.98
                }
                if isFree { break }
            }
            offsets[index] = chosen
            placed.append(index)
        }
        return offsets
    }

    /// Offsets of many small dots within ±`width`/2, wide where dots are many: an even sequence scaled by the local density.
    static func cloud(_ positions: [Double], width: Double, reach: Double) -> [Double] {
        let order = positions.indices.sorted { (positions[$0], $0) < (positions[$1], $1) }
        let sorted = order.map { positions[$0] }
        var counts = [Int](repeating: 0, count: sorted.count)
        var first = 0
        var last = 0
        for index in sorted.indices {
            while sorted[first] < sorted[index] - reach { first += 1 }
            while last < sorted.count, sorted[last] <= sorted[index] + reach { last += 1 }
            counts[index] = last - first
        }
        let densest = Double(max(counts.max() ?? 1, 4))
        var offsets = [Double](repeating: 0, count: positions.count)
        for (rank, index) in order.enumerated() {
            offsets[index] = (halves(rank + 1) - 0.5) * width * Double(counts[rank]) / densest
        }
        return offsets
    }

    /// Van der Corput's sequence in base 2: 1/2, 1/4, 3/4, 1/8, …
    private static func halves(_ index: Int) -> Double {
        var value = 0.0
        var share = 0.5
        var rest = index
        while rest > 0 {
            if rest & 1 == 1 { value += share }
            rest >>= 1
            share /= 2
        }
        return value
    }
}
