// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Foundation

/// Bytes that live as long as someone holds them. Written once by their maker before anyone else sees them.
final class DecodedChunk: @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer

    /// Uninitialised memory, to be filled completely before it is shared.
    init(byteCount: Int) { bytes = UnsafeMutableRawBufferPointer(start: BlockPool.take(byteCount), count: byteCount) }
    deinit { if let start = bytes.baseAddress { BlockPool.give(start) } }
}

/// The chunks decoded last, up to a number of bytes. A chunk that several workers want at once is decoded once; the others do something else
/// or wait.
final class ChunkCache: @unchecked Sendable {
    /// What someone who wants chunks does next.
    enum Turn {
        /// Of the wanted ones those at these positions are here.
        case take([(position: Int, chunk: DecodedChunk)])
        /// Those at these positions of the wanted ones, and of those ahead, are nobody's yet: make them, and `put` them all, or that there are none.
        case make(wanted: [Int], ahead: [Int])
    }

    private let condition = NSCondition()
    let capacity: Int
    // All below is touched with `condition` held only.
    private var chunks: [Int: DecodedChunk] = [:]
    private var pending: Set<Int> = []
    /// Keys from the one used longest ago to the last.
    private var order: [Int] = []
    private var size = 0

    init(capacity: Int) { self.capacity = capacity }

    /// What to do to come by the wanted chunks: take what is here, else make what nobody makes, at most `most` together; else make those
    /// ahead; else wait. Nobody waits who was told to make something and has not put it yet, so that waiting ends.
    ///
    /// - Precondition: some are wanted, and `most` is above zero.
    func turn(_ wanted: [Int], ahead: [Int], most: Int) -> Turn {
        condition.lock()
        defer { condition.unlock() }
        while true {
            let here = wanted.indices.compactMap { position in chunks[wanted[position]].map { (position: position, chunk: $0) } }
            if !here.isEmpty {
                for one in here { touch(wanted[one.position]) }
                return .take(here)
            }
            let free = wanted.indices.filter { !pending.contains(wanted[$0]) }.prefix(most)
            let next = ahead.indices.filter { !pending.contains(ahead[$0]) && chunks[ahead[$0]] == nil }.prefix(most - free.count)
            // Instead of waiting, only as many as are better made together are worth making.
            if !free.isEmpty || next.count == most {
                pending.formUnion(free.map { wanted[$0] })
                pending.formUnion(next.map { ahead[$0] })
                return .make(wanted: Array(free), ahead: Array(next))
            }
            condition.wait()
        }
    }

    /// Keeps what was made; nil where making it failed, which whoever else wants it finds out for himself.
    func put(_ made: [(key: Int, chunk: DecodedChunk?)]) {
        condition.lock()
        defer { condition.unlock() }
        for (key, chunk) in made {
            pending.remove(key)
            if let chunk { keep(chunk, key) }
        }
        condition.broadcast()
    }

    private func touch(_ key: Int) {
        order.removeAll { $0 == key }
        order.append(key)
    }

    private func keep(_ chunk: DecodedChunk, _ key: Int) {
        if let former = chunks.updateValue(chunk, forKey: key) { size -= former.bytes.count }
        size += chunk.bytes.count
        touch(key)
        while size > capacity, order.count > 1 {
            if let dropped = chunks.removeValue(forKey: order.removeFirst()) { size -= dropped.bytes.count }
        }
    }
}
