// SPDX-License-Identifier: GPL-3.0-or-later

/// Counts of one channel's samples in bins of equal, dyadic width (see `NoiseHistogram`).
struct SampleBins: Sendable {
    static let pageBits = 8
    static let pageSize = 1 << pageBits
    static let maximalPages = 64
    /// Neighbouring pages whose counts lie side by side: what most samples need, found without looking for a page.
    static let corePages = 64
    static let finestExponent = -10
    /// Pages of which `settle` notes whether a sample falls on them.
    private static let sketchPages = 4096
    /// Samples beyond ±2^40 µV count as that.
    static let farthest: Float = 0x1p40

    /// Bin b holds the samples in [b, b + 1)·2^exponent µV.
    private(set) var exponent = finestExponent
    private var pages = BinPages()
    /// Counts of the core, then those of other pages in the order of their arrival.
    private var counts: [UInt32] = []
    /// Samples counted.
    private(set) var total = 0

    /// Counts samples.
    mutating func count(_ samples: UnsafeBufferPointer<Float>) {
        // A bin holds up to 2^32 - 1 samples; only when the total passes that (a day and a half at 30 kHz) need each count be watched.
        let watched = total + samples.count > Int(UInt32.max)
        var done = 0
        while done < samples.count {
            done += countWhilePaged(UnsafeBufferPointer(rebasing: samples[done...]), watched: watched)
            if done < samples.count { addPage(of: samples[done]) }
        }
        total += samples.count
    }

    /// Gives empty bins the width that these samples alone would bring about page by page, and puts the core in their middle. Does nothing where
    /// it takes more than one look to tell.
    mutating func settle(for samples: UnsafeBufferPointer<Float>) {
        guard total == 0, pages.count == 0, !samples.isEmpty else { return }
        var (low, high) = (Float.infinity, -Float.infinity)
        for sample in samples {
            if sample < low { low = sample }
            if sample > high { high = sample }
        }
        guard -SampleBins.farthest <= low, low <= high, high <= SampleBins.farthest else { return }
        var wider = SampleBins()
        func page(_ sample: Float) -> Int { SampleBins.bin(sample, wider.scale) >> SampleBins.pageBits }
        while page(high) - page(low) >= SampleBins.sketchPages { wider.exponent += 1 }
        let coarsest = wider.exponent
        let base = page(low)
        var isHeld = [Bool](repeating: false, count: page(high) - base + 1)
        let scale = wider.scale
        for sample in samples { isHeld[SampleBins.bin(sample, scale) >> SampleBins.pageBits - base] = true }
        var held = isHeld.indices.filter { isHeld[$0] }.map { base + $0 }
        while held.count > SampleBins.maximalPages {
            wider.exponent += 1
            held = held.reduce(into: []) { pairs, page in if pairs.last != page >> 1 { pairs.append(page >> 1) } }
        }
        // Narrower bins might do as well, unless these were seen to be too narrow.
        guard coarsest == SampleBins.finestExponent || wider.exponent > coarsest else { return }
        wider.pages = BinPages(around: held[held.count / 2])
        wider.grow()
        self = wider
    }

    /// Counts bins, all of them within `reach`, until one falls on a page that is not there, and returns how many it counted.
    mutating func count(_ indices: UnsafePointer<Int32>, times: Int, within reach: ClosedRange<Int>) -> Int {
        guard total + times <= Int(UInt32.max), !pages.flat.isEmpty else { return 0 }
        let core = Int32(truncatingIfNeeded: pages.coreFirst << SampleBins.pageBits)
        let pages = pages
        let done = counts.withUnsafeMutableBufferPointer { counts in
            guard let counts = counts.baseAddress else { return 0 }
            if reach.lowerBound >= Int(core), reach.upperBound < Int(core) + SampleBins.corePages << SampleBins.pageBits {
                for done in 0..<times { counts[Int(indices[done] &- core)] &+= 1 }
                return times
            }
            for done in 0..<times {
                let bin = indices[done]
                let inCore = UInt32(bitPattern: bin &- core)
                if inCore < SampleBins.corePages << SampleBins.pageBits {
                    counts[Int(inCore)] &+= 1
                } else {
                    guard let place = pages.outer(Int(bin) >> SampleBins.pageBits) else { return done }
                    counts[place << SampleBins.pageBits | Int(bin) & (SampleBins.pageSize - 1)] &+= 1
                }
            }
            return times
        }
        total += done
        admitCore(within: reach)
        return done
    }

    /// Tells the pages of the core that hold counts now, of those that have some bin of `reach`; where that makes too many, the bins become wider.
    private mutating func admitCore(within reach: ClosedRange<Int>) {
        let core = 0...SampleBins.corePages - 1
        let first = reach.lowerBound >> SampleBins.pageBits - pages.coreFirst
        let last = reach.upperBound >> SampleBins.pageBits - pages.coreFirst
        guard last >= 0, first < SampleBins.corePages else { return }
        counts.withUnsafeBufferPointer { counts in
            for page in (first...last).clamped(to: core) where !pages.holds(core: page) {
                var any: UInt32 = 0
                for bin in page << SampleBins.pageBits..<(page + 1) << SampleBins.pageBits { any |= counts[bin] }
                if any != 0 { pages.append(pages.coreFirst + page) }
            }
        }
        while pages.count > SampleBins.maximalPages { coarsen() }
    }

    /// Counts samples until one falls on a page that is not there, and returns how many it counted.
    private mutating func countWhilePaged(_ samples: UnsafeBufferPointer<Float>, watched: Bool) -> Int {
        let scale = self.scale
        let pages = pages
        var counts = counts.mutableSpan
        for done in samples.indices {
            let bin = SampleBins.bin(samples[done], scale)
            guard let page = pages[bin >> SampleBins.pageBits] else { return done }
            let index = page << SampleBins.pageBits | bin & (SampleBins.pageSize - 1)
            if !watched || counts[index] < .max { counts[index] &+= 1 }
        }
        return samples.count
    }

    var scale: Float { Float(sign: .plus, exponent: -exponent, significand: 1) }

    /// Scaling by a power of two and rounding down are exact.
    @inline(__always)
    private static func bin(_ sample: Float, _ scale: Float) -> Int {
        Int((min(max(sample, -farthest), farthest) * scale).rounded(.down))
    }

    /// Allocates the page of a sample, unless coarsening to make room puts the sample on a page that is there.
    private mutating func addPage(of sample: Float) {
        while true {
            let page = SampleBins.bin(sample, scale) >> SampleBins.pageBits
            if pages[page] != nil { return }
            if pages.count < SampleBins.maximalPages {
                allocate(page)
                return
            }
            coarsen()
        }
    }

    private mutating func allocate(_ page: Int) {
        pages.append(page)
        grow()
    }

    private mutating func grow() {
        let missing = pages.places << SampleBins.pageBits - counts.count
        if missing > 0 { counts.append(contentsOf: repeatElement(0, count: missing)) }
    }

    /// Doubles the width of the bins, joining them in pairs.
    private mutating func coarsen() {
        var wider = SampleBins()
        wider.exponent = exponent + 1
        wider.total = total
        wider.pages = BinPages(around: middlePage >> 1)
        for (page, place) in pages.all {
            if wider.pages[page >> 1] == nil { wider.allocate(page >> 1) }
            guard let target = wider.pages[page >> 1] else { continue }
            let first = target << SampleBins.pageBits + (page & 1) << (SampleBins.pageBits - 1)
            let source = place << SampleBins.pageBits
            for bin in 0..<SampleBins.pageSize {
                wider.counts[first + bin >> 1] = saturating(wider.counts[first + bin >> 1], counts[source + bin])
            }
        }
        self = wider
    }

    /// The page in the middle of the samples.
    private var middlePage: Int {
        let sums = pages.all.sorted { $0.page < $1.page }.map { page, place in
            (page, counts[place << SampleBins.pageBits..<(place + 1) << SampleBins.pageBits].reduce(0) { $0 + Int($1) })
        }
        let half = sums.reduce(0) { $0 + $1.1 } / 2
        var below = 0
        for (page, sum) in sums {
            below += sum
            if below >= half { return page }
        }
        return 0
    }

    mutating func merge(_ other: SampleBins) {
        var other = other
        while true {
            while other.exponent < exponent { other.coarsen() }
            while exponent < other.exponent { coarsen() }
            let new = other.pages.all.count { pages[$0.page] == nil }
            if pages.count + new <= SampleBins.maximalPages { break }
            coarsen()
        }
        for (page, place) in other.pages.all {
            if pages[page] == nil { allocate(page) }
            guard let target = pages[page] else { continue }
            let first = target << SampleBins.pageBits
            let source = place << SampleBins.pageBits
            for bin in 0..<SampleBins.pageSize {
                counts[first + bin] = saturating(counts[first + bin], other.counts[source + bin])
            }
        }
        total += other.total
    }

    private func saturating(_ left: UInt32, _ right: UInt32) -> UInt32 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? .max : sum
    }

    /// The bins that hold samples, ascending.
    func occupied() -> [(bin: Int, count: UInt32)] {
        var found: [(bin: Int, count: UInt32)] = []
        found.reserveCapacity(pages.count << SampleBins.pageBits)
        counts.withUnsafeBufferPointer { counts in
            for (page, place) in pages.all.sorted(by: { $0.page < $1.page }) {
                for bin in 0..<SampleBins.pageSize {
                    let count = counts[place << SampleBins.pageBits &+ bin]
                    if count > 0 { found.append((page << SampleBins.pageBits &+ bin, count)) }
                }
            }
        }
        return found
    }

    /// Median and median absolute deviation from it in microvolts; nil without samples.
    func medianAndDeviation() -> (median: Double, deviation: Double)? {
        let distribution = BinnedDistribution(pages.all.sorted { $0.page < $1.page }, counts)
        guard let (first, last) = distribution.ends else { return nil }
        let median = distribution.median
        // The mass in [m − r, m + r] grows with r: bisect for the smallest r with half of it.
        var low = 0.0
        var high = max(Double(last + 1) - median, median - Double(first))
        for _ in 0..<100 where high - low > 1e-9 * high {
            let middle = (low + high) / 2
            let inside = distribution.mass(below: median + middle) - distribution.mass(below: median - middle)
            if inside < Double(distribution.mass) / 2 { low = middle } else { high = middle }
        }
        let width = Double(sign: .plus, exponent: exponent, significand: 1)
        return (median * width, high < 1 ? 0 : high * width)
    }
}

extension SampleBins: Equatable {
    /// Whether the same samples were counted, as far as bins tell; the order of allocation does not matter.
    static func == (left: SampleBins, right: SampleBins) -> Bool {
        left.total == right.total && left.exponent == right.exponent
            && left.occupied().elementsEqual(right.occupied()) { $0.bin == $1.bin && $0.count == $1.count }
    }
}

/// A cumulative distribution that is linear inside bins of width 1.
private struct BinnedDistribution {
    /// Ascending.
    private let pages: [Int]
    /// Mass below each bin of the pages, one page after the other, and the whole at the end.
    private let below: [Int]

    init(_ pages: [(page: Int, place: Int)], _ counts: [UInt32]) {
        self.pages = pages.map(\.page)
        let size = SampleBins.pageSize
        below = [Int](unsafeUninitializedCapacity: pages.count * size + 1) { below, count in
            var sum = 0
            counts.withUnsafeBufferPointer { counts in
                for (_, place) in pages {
                    for bin in 0..<size {
                        below.initializeElement(at: count, to: sum)
                        sum += Int(counts[place * size + bin])
                        count += 1
                    }
                }
            }
            below.initializeElement(at: count, to: sum)
            count += 1
        }
    }

    var mass: Int { below[below.count - 1] }

    /// The first and the last bin that hold samples; nil without samples.
    var ends: (first: Int, last: Int)? {
        guard mass > 0 else { return nil }
        return (bin(index { below[$0 + 1] > 0 }), bin(index { below[$0 + 1] == mass }))
    }

    func mass(below position: Double) -> Double {
        let bin = Int(position.rounded(.down))
        let page = bin >> SampleBins.pageBits
        let next = BinnedDistribution.first(of: pages.count) { pages[$0] >= page }
        let start = next << SampleBins.pageBits
        guard next < pages.count, pages[next] == page else { return Double(below[start]) }
        let index = start + bin & (SampleBins.pageSize - 1)
        return Double(below[index]) + (position - Double(bin)) * Double(below[index + 1] - below[index])
    }

    var median: Double {
        let middle = index { Double(below[$0 + 1]) >= Double(mass) / 2 }
        return Double(bin(middle)) + (Double(mass) / 2 - Double(below[middle])) / Double(below[middle + 1] - below[middle])
    }

    private func bin(_ index: Int) -> Int { pages[index >> SampleBins.pageBits] << SampleBins.pageBits + index & (SampleBins.pageSize - 1) }

    /// First bin for which an ascending condition holds.
    private func index(where holds: (Int) -> Bool) -> Int { BinnedDistribution.first(of: below.count - 1, where: holds) }

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
