// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// Bytes that live as long as someone holds them. Written once by their maker before anyone else sees them.
final class DecodedChunk: @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer

    /// Uninitialised memory, to be filled completely before it is shared.
    init(byteCount: Int) { bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64) }
    deinit { bytes.deallocate() }
}

/// The chunks decoded last, up to a number of bytes. A chunk that several workers want at once is decoded once; the others wait.
final class ChunkCache: @unchecked Sendable {
    private let condition = NSCondition()
    private let capacity: Int
    // All below is touched with `condition` held only.
    private var chunks: [Int: DecodedChunk] = [:]
    private var pending: Set<Int> = []
    /// Keys from the one used longest ago to the last.
    private var order: [Int] = []
    private var size = 0

    init(capacity: Int) { self.capacity = capacity }

    /// Whether someone is making the chunk of this key: whoever wants others too does better to take those first.
    func isUnderWay(_ key: Int) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        return pending.contains(key)
    }

    /// The chunk of this key, made by `make` unless it is still here. An error goes to the one whose attempt failed.
    func chunk(_ key: Int, make: () throws -> DecodedChunk) throws -> DecodedChunk {
        condition.lock()
        while pending.contains(key) { condition.wait() }
        if let known = chunks[key] {
            touch(key)
            condition.unlock()
            return known
        }
        pending.insert(key)
        condition.unlock()

        let result = Result { try make() }

        condition.lock()
        pending.remove(key)
        if case .success(let made) = result { keep(made, key) }
        condition.broadcast()
        condition.unlock()
        return try result.get()
    }

    private func touch(_ key: Int) {
        order.removeAll { $0 == key }
        order.append(key)
    }

    private func keep(_ chunk: DecodedChunk, _ key: Int) {
        chunks[key] = chunk
        size += chunk.bytes.count
        touch(key)
        while size > capacity, order.count > 1 {
            if let dropped = chunks.removeValue(forKey: order.removeFirst()) { size -= dropped.bytes.count }
        }
    }
}
