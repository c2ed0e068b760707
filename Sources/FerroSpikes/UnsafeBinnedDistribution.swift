// SPDX-License-Identifier: GPL-3.0-or-later

/// A cumulative distribution that is linear inside bins of width 1: what lies below each page of counts is known, what lies below a bin is summed up when
/// it is asked for.
struct BinnedDistribution {
    /// Counts of neighbouring bins, which have to outlive this.
    struct Page {
        let number: Int
        private let counts: UnsafeBufferPointer<UInt16>
        /// What comes on top of a few counts.
        private let excess: [(bin: Int, more: Int)]
        /// Mass below the page.
        fileprivate var below = 0

        /// Requires the counts of a whole page.
        init(_ number: Int, counts: UnsafeBufferPointer<UInt16>, excess: [(bin: Int, more: Int)]) {
            precondition(counts.count == SampleBins.pageSize)
            self.number = number
            self.counts = counts
            self.excess = excess
        }

        fileprivate func count(_ bin: Int) -> Int { Int(counts[bin]) + excess.reduce(0) { $1.bin == bin ? $0 + $1.more : $0 } }

        /// Of the first `bins` bins.
        fileprivate func mass(_ bins: Int) -> Int {
            let more = excess.reduce(0) { $1.bin < bins ? $0 + $1.more : $0 }
            guard let base = counts.baseAddress else { return more }
            // A page of counts of less than 2^16 adds up to less than 2^32.
            var sums = SIMD16<UInt32>.zero
            let vectors = bins / 16
            for number in 0..<vectors {
                sums &+= SIMD16<UInt32>(truncatingIfNeeded: UnsafeRawPointer(base + 16 &* number).loadUnaligned(as: SIMD16<UInt16>.self))
            }
            return (16 * vectors..<bins).reduce(Int(sums.wrappedSum()) + more) { $0 + Int(counts[$1]) }
        }
    }

    /// Ascending.
    private var pages: [Page]
    private(set) var mass = 0

    /// Requires ascending pages.
    init(_ pages: [Page]) {
        self.pages = pages
        for index in pages.indices {
            self.pages[index].below = mass
            mass += pages[index].mass(SampleBins.pageSize)
        }
    }

    /// The first and the last bin that hold samples; nil without samples.
    var ends: (first: Int, last: Int)? {
        guard let first = firstBin(where: { $0 > 0 }), let last = firstBin(where: { $0 == mass }) else { return nil }
        return (first.bin, last.bin)
    }

    func mass(below position: Double) -> Double {
        let bin = Int(position.rounded(.down))
        let number = bin >> SampleBins.pageBits
        let next = BinnedDistribution.first(of: pages.count) { pages[$0].number >= number }
        guard next < pages.count else { return Double(mass) }
        let page = pages[next]
        guard page.number == number else { return Double(page.below) }
        let inside = bin & (SampleBins.pageSize - 1)
        return Double(page.below + page.mass(inside)) + (position - Double(bin)) * Double(page.count(inside))
    }

    /// Where half of the mass lies below; 0 without samples.
    var median: Double {
        let half = Double(mass) / 2
        guard let middle = firstBin(where: { $0 > 0 && Double($0) >= half }) else { return 0 }
        return Double(middle.bin) + (half - Double(middle.below)) / Double(middle.count)
    }

    /// The first bin that, together with what lies below it, has a mass for which a condition holds; the mass below it, and its own. The condition holds for
    /// all that is more than a mass for which it holds.
    private func firstBin(where holds: (Int) -> Bool) -> (bin: Int, below: Int, count: Int)? {
        let next = BinnedDistribution.first(of: pages.count) { holds($0 + 1 < pages.count ? pages[$0 + 1].below : mass) }
        guard next < pages.count else { return nil }
        var below = pages[next].below
        for bin in 0..<SampleBins.pageSize {
            let count = pages[next].count(bin)
            if holds(below + count) { return (pages[next].number << SampleBins.pageBits + bin, below, count) }
            below += count
        }
        return nil
    }

    /// First of some indices for which an ascending condition holds, or their number.
    private static func first(of count: Int, where holds: (Int) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if holds(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
