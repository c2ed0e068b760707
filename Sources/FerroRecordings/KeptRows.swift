// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Synchronization

/// Rows of chunks that were unpacked for one reading and are wanted once more in the next, so that a chunk is not unpacked twice for its first or last rows.
final class KeptRows: Sendable {
    struct Piece {
        let rows: SampleRange
        let bytes: DecodedChunk
    }

    /// Bytes of all pieces, at most.
    private static let most = 8 << 20

    private struct State {
        var pieces: [Int: [Piece]] = [:]
        var size = 0
    }

    private let state = Mutex(State())

    /// Keeps rows of a chunk, unless some of it are kept, or too many are.
    ///
    /// - Parameters:
    ///   - key: the chunk's number.
    ///   - held: the chunk's rows.
    ///   - wanted: those to keep, which are worth it where they are no more than a quarter of the chunk.
    func keep(_ wanted: [SampleRange], of chunk: DecodedChunk, holding held: SampleRange, key: Int) {
        let count = wanted.reduce(0) { $0 + $1.count }
        guard count > 0, count * 4 <= held.count else { return }
        let rowBytes = chunk.bytes.count / held.count
        let isRoom = state.withLock { state in
            guard state.pieces[key] == nil, state.size + count * rowBytes <= KeptRows.most else { return false }
            state.size += count * rowBytes
            state.pieces[key] = []
            return true
        }
        guard isRoom else { return }
        let pieces = wanted.map { rows in
            let bytes = DecodedChunk(byteCount: rows.count * rowBytes)
            let first = (rows.lowerBound - held.lowerBound) * rowBytes
            bytes.bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: chunk.bytes[first..<first + bytes.bytes.count]))
            return Piece(rows: rows, bytes: bytes)
        }
        state.withLock { $0.pieces[key] = pieces }
    }

    /// What was kept of a chunk and holds all of some rows.
    func piece(of key: Int, with rows: SampleRange) -> Piece? {
        state.withLock { state in
            state.pieces[key]?.first { $0.rows.lowerBound <= rows.lowerBound && rows.upperBound <= $0.rows.upperBound }
        }
    }
}
