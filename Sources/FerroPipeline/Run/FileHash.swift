// SPDX-License-Identifier: GPL-3.0-or-later
import CXXHash
import FerroCore
import Foundation

/// XXH3-128 of files and texts, for manifests: `xxhsum -H2 FILE` prints the same digits. It guards against damage and mix-ups,
/// not against forgery, and runs at memory speed, so that hashing a night of recordings costs nothing beside reading it.
package enum FileHash {
    /// `xxh128:` and 32 hexadecimal digits.
    ///
    /// - Parameter sign: is called every few megabytes.
    package static func of(file path: String, sign: (@Sendable () -> Void)? = nil) throws -> String {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw FerroError.input("the file cannot be read", at: path)
        }
        defer { try? handle.close() }
        guard let state = XXH3_createState() else { throw FerroError.internalError("out of memory", at: path) }
        defer { XXH3_freeState(state) }
        XXH3_128bits_reset(state)
        do {
            while let data = try handle.read(upToCount: 1 << 22), !data.isEmpty {
                data.withUnsafeBytes { _ = XXH3_128bits_update(state, $0.baseAddress, $0.count) }
                sign?()
            }
        } catch {
            throw FerroError.input("the file cannot be read to its end", at: path)
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
