// SPDX-License-Identifier: GPL-3.0-or-later

extension Multiplicity {
    /// Adjusted p-values of one family, in the order given.
    package func adjusted(_ family: [Double]) -> [Double] {
        let order = family.indices.sorted { (family[$0], $0) < (family[$1], $1) }
        let m = family.count
        var adjusted = family
        switch self {
        case .none:
            break
        case .holm:
            // Holm 1979, Scand J Stat 6:65: running maximum of (m - i + 1) p_(i).
            var running = 0.0
            for (rank, index) in order.enumerated() {
                running = max(running, min(1, Double(m - rank) * family[index]))
                adjusted[index] = running
            }
        case .bh:
            // Benjamini and Hochberg 1995, JRSS B 57:289: running minimum from the largest of p_(i) m/i.
            var running = 1.0
            for (rank, index) in order.enumerated().reversed() {
                running = min(running, family[index] * Double(m) / Double(rank + 1))
                adjusted[index] = running
            }
        }
        return adjusted
    }
}
