// SPDX-License-Identifier: GPL-3.0-or-later

/// Counts of one channel's samples in bins of equal, dyadic width (see `NoiseHistogram`).
struct SampleBins: Sendable {
    static let pageBits = 6
    static let pageSize = 1 << pageBits
    static let maximalPages = 128
    /// Neighbouring pages whose counts lie side by side: what most samples need, found without looking for a page.
    static let corePages = 128
    static let finestExponent = -10
    /// Pages of which `settle` notes whether a sample falls on them.
    private static let sketchPages = 4096
    /// Samples beyond ±2^40 µV count as that.
    static let farthest: Float = 0x1p40

    /// Bin b holds the samples in [b, b + 1)·2^exponent µV.
    private(set) var exponent = finestExponent
    private var pages = BinPages()
    /// Counts of the core, then those of other pages in the order of their arrival: narrow, because fetching and writing them is what counting costs.
    private var counts: [UInt16] = []
    /// What was taken off large counts, by their places.
    private var excess: [Int: Int] = [:]
    /// Samples counted since large counts were last reduced to less than 2^15.
    private var sinceReduction = 0
    private static let mostBetweenReductions = 1 << 15
    /// Samples counted.
    private(set) var total = 0

    /// Counts samples.
    mutating func count(_ samples: UnsafeBufferPointer<Float>) {
        var done = 0
        while done < samples.count {
            let times = min(samples.count - done, SampleBins.mostBetweenReductions)
            makeRoom(for: times)
            done += countWhilePaged(UnsafeBufferPointer(rebasing: samples[done..<done + times]))
            if done < samples.count { addPage(of: samples[done]) }
        }
    }

    /// Makes sure that so many samples, at most 2^15, can be counted even if all of them fall into one bin.
    private mutating func makeRoom(for times: Int) {
        if sinceReduction + times > SampleBins.mostBetweenReductions { reduce() }
    }

    private mutating func reduce() {
        let most = UInt16(SampleBins.mostBetweenReductions)
        sinceReduction = 0
        guard counts.reduce(0, |) >= most else { return }
        for place in counts.indices where counts[place] >= most {
            counts[place] -= most
            excess[place, default: 0] += Int(most)
        }
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

    /// Counts bins, at most 2^15 and all of them within `reach`, until one falls on a page that is not there, and returns how many it counted.
    mutating func count(_ indices: UnsafePointer<Int32>, times: Int, within reach: ClosedRange<Int>) -> Int {
        guard !pages.flat.isEmpty else { return 0 }
        makeRoom(for: times)
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
        add(done)
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
                var any: UInt16 = 0
                for bin in page << SampleBins.pageBits..<(page + 1) << SampleBins.pageBits { any |= counts[bin] }
                if any != 0 { pages.append(pages.coreFirst + page) }
            }
        }
        while pages.count > SampleBins.maximalPages { coarsen() }
    }

    /// Counts samples until one falls on a page that is not there, and returns how many it counted.
    private mutating func countWhilePaged(_ samples: UnsafeBufferPointer<Float>) -> Int {
        let scale = self.scale
        let pages = pages
        let done = counts.withUnsafeMutableBufferPointer { counts in
            for done in samples.indices {
                let bin = SampleBins.bin(samples[done], scale)
                guard let page = pages[bin >> SampleBins.pageBits] else { return done }
                counts[page << SampleBins.pageBits | bin & (SampleBins.pageSize - 1)] += 1
            }
            return samples.count
        }
        add(done)
        return done
    }

    private mutating func add(_ counted: Int) {
        total += counted
        sinceReduction += counted
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
        reduce()
        var wider = SampleBins()
        wider.exponent = exponent + 1
        wider.total = total
        wider.pages = BinPages(around: middlePage >> 1)
        for (page, place) in pages.all {
            if wider.pages[page >> 1] == nil { wider.allocate(page >> 1) }
            guard let target = wider.pages[page >> 1] else { continue }
            let first = target << SampleBins.pageBits + (page & 1) << (SampleBins.pageBits - 1)
            let source = place << SampleBins.pageBits
            for bin in 0..<SampleBins.pageSize { wider.counts[first + bin >> 1] += counts[source + bin] }
            for (bin, more) in excess(at: place) { wider.excess[first + bin >> 1, default: 0] += more }
        }
        wider.reduce()
        self = wider
    }

    /// What was taken off the counts of the page at a place, by their places in it.
    private func excess(at place: Int) -> [(bin: Int, more: Int)] {
        excess.isEmpty ? [] : excess.compactMap { $0.key >> SampleBins.pageBits == place ? ($0.key & (SampleBins.pageSize - 1), $0.value) : nil }
    }

    /// The page in the middle of the samples.
    private var middlePage: Int {
        let sums = pages.all.sorted { $0.page < $1.page }.map { page, place in
            (
                page,
                counts[place << SampleBins.pageBits..<(place + 1) << SampleBins.pageBits].reduce(0) { $0 + Int($1) }
                    + excess(at: place).reduce(0) { $0 + $1.more }
            )
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
        reduce()
        other.reduce()
        for (page, place) in other.pages.all {
            if pages[page] == nil { allocate(page) }
            guard let target = pages[page] else { continue }
            let first = target << SampleBins.pageBits
            let source = place << SampleBins.pageBits
            for bin in 0..<SampleBins.pageSize { counts[first + bin] += other.counts[source + bin] }
            for (bin, more) in other.excess(at: place) { excess[first + bin, default: 0] += more }
        }
        reduce()
        total += other.total
    }

    /// The bins that hold samples, ascending.
    func occupied() -> [(bin: Int, count: Int)] {
        pages.all.sorted { $0.page < $1.page }.flatMap { page, place in
            var found = counts[place << SampleBins.pageBits..<(place + 1) << SampleBins.pageBits].map(Int.init)
            for (bin, more) in excess(at: place) { found[bin] += more }
            return found.enumerated().filter { $0.element > 0 }.map { (page << SampleBins.pageBits + $0.offset, $0.element) }
        }
    }

    /// Median and median absolute deviation from it in microvolts; nil without samples.
    func medianAndDeviation() -> (median: Double, deviation: Double)? {
        counts.withUnsafeBufferPointer { counts in
            let pages = pages.all.sorted { $0.page < $1.page }.map { page, place in
                BinnedDistribution.Page(
                    page, counts: UnsafeBufferPointer(rebasing: counts[place << SampleBins.pageBits..<(place + 1) << SampleBins.pageBits]),
                    excess: excess(at: place))
            }
            return medianAndDeviation(BinnedDistribution(pages))
        }
    }

    private func medianAndDeviation(_ distribution: BinnedDistribution) -> (median: Double, deviation: Double)? {
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
