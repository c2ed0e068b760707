// SPDX-License-Identifier: GPL-3.0-or-later
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Memory of blocks, which are few, large and soon wanted again, by whichever thread.
///
/// Fresh memory costs a fault for every page, which the kernel has to clear: a twentieth of a run where each thread's heap grew by its own blocks. What is let
/// go of here is what the next block gets. A piece begins with a page, and of 2 MB or more where a huge page may; pieces below a quarter of a megabyte are the
/// heap's, and begin with a line of the cache.
package enum BlockPool {
    /// Pieces of at least so many bytes come from here.
    package static let smallest = 1 << 18
    /// The most that is kept for the next block; beyond that the pieces let go of first are given back.
    private static let mostKept = 96 << 20
    private static let hugePage = 2 << 20

    private struct Piece {
        var address: UInt
        var bytes: Int
        /// Who let go of it.
        var thread: UInt = 0
    }

    private struct State {
        /// Those that nobody uses, in the order in which they were let go of.
        var free: [Piece] = []
        var kept = 0
        /// The sizes of those in use.
        var used: [UInt: Int] = [:]
    }

    private static let state = Mutex(State())

    /// Uninitialised memory of at least so many bytes.
    package static func take(_ bytes: Int) -> UnsafeMutableRawPointer {
        guard bytes >= smallest, let piece = found(bytes) ?? mapped(bytes), let pointer = UnsafeMutableRawPointer(bitPattern: piece.address) else {
            return .allocate(byteCount: bytes, alignment: 64)
        }
        state.withLock { $0.used[piece.address] = piece.bytes }
        return pointer
    }

    /// Lets go of what was taken.
    package static func give(_ pointer: UnsafeMutableRawPointer) {
        let (address, thread) = (UInt(bitPattern: pointer), UInt(pthread_self()))
        let isOwn = state.withLock { state in
            guard let bytes = state.used.removeValue(forKey: address) else { return false }
            state.free.append(Piece(address: address, bytes: bytes, thread: thread))
            state.kept += bytes
            while state.kept > mostKept { unmap(&state, 0) }
            return true
        }
        if !isOwn { pointer.deallocate() }
    }

    /// Gives back to the system what nobody uses.
    package static func giveBack() {
        state.withLock { state in
            while !state.free.isEmpty { unmap(&state, state.free.count - 1) }
        }
    }

    /// A free piece that is large enough, and not half as large again: the last that this thread let go of, of which most is in its processor's cache,
    /// or the last of all.
    private static func found(_ bytes: Int) -> Piece? {
        let thread = UInt(pthread_self())
        return state.withLock { state in
            func fits(_ piece: Piece) -> Bool { piece.bytes >= bytes && piece.bytes <= bytes + bytes / 2 }
            guard let index = state.free.lastIndex(where: { $0.thread == thread && fits($0) }) ?? state.free.lastIndex(where: fits) else { return nil }
            let piece = state.free.remove(at: index)
            state.kept -= piece.bytes
            return piece
        }
    }

    private static func mapped(_ bytes: Int) -> Piece? {
        // In steps of 64 kB, so that sizes that are nearly the same are.
        let wanted = (bytes + 0xffff) & ~0xffff
        // More than is wanted, to begin where a huge page may.
        let room = wanted < hugePage ? wanted : wanted + hugePage
        guard let start = mmap(nil, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), start != MAP_FAILED else { return nil }
        let before = wanted == room ? 0 : -Int(bitPattern: start) & (hugePage - 1)
        let (first, after) = (start + before, room - before - wanted)
        if before > 0 { munmap(start, before) }
        if after > 0 { munmap(first + wanted, after) }
        #if os(Linux)
        // One fault for 2 MB instead of one for each 4 kB. Where the advice is not taken nothing changes.
        if wanted >= hugePage { madvise(first, wanted, MADV_HUGEPAGE) }
        #endif
        return Piece(address: UInt(bitPattern: first), bytes: wanted)
    }

    private static func unmap(_ state: inout State, _ index: Int) {
        let piece = state.free.remove(at: index)
        state.kept -= piece.bytes
        munmap(UnsafeMutableRawPointer(bitPattern: piece.address), piece.bytes)
    }
}
