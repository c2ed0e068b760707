// SPDX-License-Identifier: GPL-3.0-or-later

/// Samples side by side in memory that begins with a line of the cache, so that no vector lies across two.
///
/// A value like an array: copies share memory until one of them changes.
package struct SampleMemory: Sendable, Equatable, RandomAccessCollection, MutableCollection {
    private var storage: Storage
    package private(set) var count: Int

    // Only `SampleMemory` writes, and only where it is the one owner.
    private final class Storage: @unchecked Sendable {
        let base: UnsafeMutablePointer<Float>

        init(count: Int) {
            base = BlockPool.take(count * MemoryLayout<Float>.stride).bindMemory(to: Float.self, capacity: count)
        }

        deinit { BlockPool.give(UnsafeMutableRawPointer(base)) }
    }

    /// Requires `fill` to write every sample that is ever read.
    package init(count: Int, fill: (inout UnsafeMutableBufferPointer<Float>) throws -> Void) rethrows {
        storage = Storage(count: count)
        self.count = count
        var buffer = UnsafeMutableBufferPointer(start: storage.base, count: count)
        try fill(&buffer)
    }

    package var startIndex: Int { 0 }
    package var endIndex: Int { count }

    package subscript(place: Int) -> Float {
        get {
            precondition(place >= 0 && place < count)
            return storage.base[place]
        }
        set { withUnsafeMutableBufferPointer { $0[place] = newValue } }
    }

    /// Lets go of all but the first samples.
    package mutating func keepFirst(_ kept: Int) {
        precondition(kept <= count)
        count = kept
    }

    package static func == (left: SampleMemory, right: SampleMemory) -> Bool {
        left.withUnsafeBufferPointer { left in right.withUnsafeBufferPointer { left.elementsEqual($0) } }
    }

    @inline(__always)
    package func withUnsafeBufferPointer<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(storage) { try body(UnsafeBufferPointer(start: storage.base, count: count)) }
    }

    @inline(__always)
    package mutating func withUnsafeMutableBufferPointer<Result>(_ body: (UnsafeMutableBufferPointer<Float>) throws -> Result) rethrows -> Result {
        if !isKnownUniquelyReferenced(&storage) {
            let own = Storage(count: count)
            own.base.initialize(from: storage.base, count: count)
            storage = own
        }
        return try withExtendedLifetime(storage) { try body(UnsafeMutableBufferPointer(start: storage.base, count: count)) }
    }
}
