// SPDX-License-Identifier: GPL-3.0-or-later

/// Where the pages of `SampleBins` are: a page is there from the first sample in it on.
///
/// The pages of the core have fixed places from 0 on, in their order; other pages get places behind it as they arrive.
struct BinPages: Sendable {
    private static let capacity = 4 * SampleBins.maximalPages
    /// Pages of a window around the first page, found by one look into a table.
    private static let flatPages = 1024

    /// First page of the core.
    private(set) var coreFirst = 0
    /// The pages that are there, in the order of arrival, and their places.
    private(set) var all: [(page: Int, place: Int)] = []
    /// Places in use, those of the core among them.
    private(set) var places = 0
    /// Places of the pages from `flatBase` on, −1 where none is. Empty where the first page lies so far out that bins are not exact in Float32.
    private(set) var flat: [Int16] = []
    private var flatBase = 0
    private var hasCore = false
    private var coreHeld: UInt128 = 0
    // Open addressing, where neighbouring pages do not collide.
    private var keys: [Int] = []
    private var slots: [Int16] = []

    init() {}

    /// No pages yet; the core will lie around `page`.
    init(around page: Int) { settle(around: page) }

    private mutating func settle(around page: Int) {
        hasCore = true
        coreFirst = page - SampleBins.corePages / 2
        places = SampleBins.corePages
        keys = Array(repeating: .min, count: BinPages.capacity)
        slots = Array(repeating: 0, count: BinPages.capacity)
        // Bins within ±2^22 are exact; one window on each side is kept clear.
        if abs(page) < 1 << (22 - SampleBins.pageBits) - 2 * BinPages.flatPages {
            flat = Array(repeating: -1, count: BinPages.flatPages)
            flatBase = page - BinPages.flatPages / 2
        }
    }

    var count: Int { all.count }

    /// Whether a page of the core, counted from its first, is there.
    @inline(__always)
    func holds(core page: Int) -> Bool { coreHeld >> UInt128(page) & 1 == 1 }

    /// The place of a page near the first; nil when it has not arrived or lies far out.
    @inline(__always)
    func outer(_ page: Int) -> Int? {
        let window = page - flatBase
        guard window >= 0, window < flat.count else { return nil }
        let place = Int(flat[window])
        return place >= 0 ? place : nil
    }

    /// The place of a page; nil when it has not arrived.
    @inline(__always)
    subscript(page: Int) -> Int? {
        guard !keys.isEmpty else { return nil }
        var slot = page & (BinPages.capacity - 1)
        while keys[slot] != page {
            if keys[slot] == .min { return nil }
            slot = (slot + 1) & (BinPages.capacity - 1)
        }
        return Int(slots[slot])
    }

    /// Requires a new page, and fewer than twice `SampleBins.maximalPages` so far.
    mutating func append(_ page: Int) {
        if !hasCore { settle(around: page) }
        let inCore = page - coreFirst
        let isCore = inCore >= 0 && inCore < SampleBins.corePages
        let place = isCore ? inCore : places
        if isCore { coreHeld |= 1 << UInt128(inCore) } else { places += 1 }
        var slot = page & (BinPages.capacity - 1)
        while keys[slot] != .min { slot = (slot + 1) & (BinPages.capacity - 1) }
        keys[slot] = page
        slots[slot] = Int16(place)
        let window = page - flatBase
        if flat.indices.contains(window) { flat[window] = Int16(place) }
        all.append((page, place))
    }
}
