// SPDX-License-Identifier: GPL-3.0-or-later
import CXXHash
import FerroCore
import FerroHDF5

/// XXH3-128 of files and texts, for manifests: `xxhsum -H2 FILE` prints the same digits. It guards against damage and mix-ups,
/// not against forgery, and runs at memory speed, so that hashing a night of recordings costs nothing beside reading it.
package enum FileHash {
    /// `xxh128:` and 32 hexadecimal digits.
    ///
    /// - Parameter sign: is called every few megabytes.
    package static func of(file path: String, sign: (@Sendable () -> Void)? = nil) throws -> String {
        let file = try PositionedFile(path)
        guard let state = XXH3_createState() else { throw FerroError.internalError("out of memory", at: path) }
        // Small enough to stay in the second-level cache between reading and hashing.
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
        defer {
            XXH3_freeState(state)
            buffer.deallocate()
        }
        XXH3_128bits_reset(state)
        var position = 0
        while true {
            let count = try file.readSome(at: position, into: buffer)
            guard count > 0 else { break }
            _ = XXH3_128bits_update(state, buffer.baseAddress, count)
            position += count
            sign?()
        }
        return text(XXH3_128bits_digest(state))
    }

    package static func of(_ text: String) -> String {
        var copy = text
        return copy.withUTF8 { self.text(XXH3_128bits($0.baseAddress, $0.count)) }
    }

    private static func text(_ hash: XXH128_hash_t) -> String {
        func hexadecimal(_ word: UInt64) -> String {
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        return "xxh128:" + hexadecimal(hash.high64) + hexadecimal(hash.low64)
    }
}
