// SPDX-License-Identifier: GPL-3.0-or-later
import CXXHash
import FerroCore
import FerroHDF5
import FerroRecordings
import Synchronization

/// XXH3-128 of files and texts, for manifests: `xxhsum -H2 FILE` prints the same digits. It guards against damage and mix-ups,
/// not against forgery, and runs at memory speed, so that hashing a night of recordings costs nothing beside reading it.
package enum FileHash {
    /// `xxh128:` and 32 hexadecimal digits.
    ///
    /// - Parameter sign: is called every few megabytes.
    package static func of(file path: String, sign: (@Sendable () -> Void)? = nil) throws -> String {
        try FileHashing(path, sign: sign).finish()
    }

    package static func of(_ text: String) -> String {
        var copy = text
        return copy.withUTF8 { self.text(XXH3_128bits($0.baseAddress, $0.count)) }
    }

    fileprivate static func text(_ hash: XXH128_hash_t) -> String {
        func hexadecimal(_ word: UInt64) -> String {
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        return "xxh128:" + hexadecimal(hash.high64) + hexadecimal(hash.low64)
    }
}

/// The hash of a file that is formed piece by piece while the file is analysed: of bytes that were read for the analysis where they are shown in the
/// order of the file or nearly so, else by reading them once more, soon after, when they come from memory.
final class FileHashing: ByteWitness {
    private struct State: ~Copyable {
        let hash: OpaquePointer
        // Small enough to stay in the second-level cache between reading and hashing.
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
        var position = 0

        init(_ hash: OpaquePointer) { self.hash = hash }

        deinit {
            XXH3_freeState(hash)
            buffer.deallocate()
        }
    }

    /// Bytes between the last that were hashed and those that are shown, up to which the gap is read at once: another worker's block, as a rule.
    private static let mostGap = 32 << 20
    private static let mostLag = 4 << 20

    private let file: PositionedFile
    /// Of the file, in bytes, when it was opened.
    let size: Int
    private let sign: (@Sendable () -> Void)?
    private let state: Mutex<State>

    init(_ path: String, sign: (@Sendable () -> Void)? = nil) throws {
        file = try PositionedFile(path)
        size = try file.size()
        self.sign = sign
        guard let hash = XXH3_createState() else { throw FerroError.internalError("out of memory", at: path) }
        XXH3_128bits_reset(hash)
        state = Mutex(State(hash))
    }

    /// Goes on over bytes that were read from the file at `path`.
    ///
    /// Two workers may read neighbouring blocks at once. Whoever is shown to be ahead reads the little between, so that the next finds itself in order. None
    /// waits for another who is about it: what is not seen then is read later.
    func see(_ bytes: UnsafeRawBufferPointer, at offset: Int, of path: String) throws {
        guard path == file.path else { return }
        // As a number, because a pointer would not be let into the lock; the caller holds the bytes until this returns.
        let (start, end) = (Int(bitPattern: bytes.baseAddress), offset + bytes.count)
        try state.withLockIfAvailable { state in
            guard end > state.position, offset - state.position <= FileHashing.mostGap else { return }
            while state.position < offset, try hashPiece(&state, most: offset - state.position) {}
            guard state.position >= offset, state.position < end else { return }
            _ = XXH3_128bits_update(state.hash, UnsafeRawPointer(bitPattern: start + state.position - offset), end - state.position)
            state.position = end
        }
    }

    /// Goes on to about this share of the file. What is shown of it may lag a little behind, because other things lie in it too.
    func advance(to share: Double) throws {
        try state.withLockIfAvailable { state in
            guard share * Double(size) - Double(state.position) > Double(FileHashing.mostLag) else { return }
            while Double(state.position) < share * Double(size), try hashPiece(&state) {}
        }
    }

    /// Goes on to the end.
    func finish() throws -> String {
        try state.withLock { state in
            while try hashPiece(&state) {}
            return FileHash.text(XXH3_128bits_digest(state.hash))
        }
    }

    private func hashPiece(_ state: inout State, most: Int = .max) throws -> Bool {
        let piece = UnsafeMutableRawBufferPointer(rebasing: state.buffer[..<min(most, state.buffer.count)])
        let count = try file.readSome(at: state.position, into: piece)
        guard count > 0 else { return false }
        _ = XXH3_128bits_update(state.hash, state.buffer.baseAddress, count)
        state.position += count
        sign?()
        return true
    }
}
