// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Foundation
import Testing

@testable import FerroPipeline

/// The hash of a file that is formed of what others read.
struct FileHashTests {
    private let bytes: [UInt8] = {
        var generator = SeededGenerator(seed: 1)
        return (0..<3_000_001).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }()

    private func withFile(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "hash-\(UUID().uuidString)").path
        try Data(bytes).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private func show(_ range: Range<Int>, to hashing: FileHashing, of path: String) throws {
        try bytes[range].withUnsafeBytes { try hashing.see($0, at: range.lowerBound, of: path) }
    }

    @Test("whatever is shown, in whatever order, the hash is that of the file")
    func orderDoesNotMatter() throws {
        try withFile { path in
            let expected = try FileHash.of(file: path)
            var generator = SeededGenerator(seed: 2)
            for _ in 0..<20 {
                let hashing = try FileHashing(path)
                for _ in 0..<30 {
                    let first = Int.random(in: 0..<bytes.count, using: &generator)
                    try show(first..<min(bytes.count, first + Int.random(in: 0...400_000, using: &generator)), to: hashing, of: path)
                    if Bool.random(using: &generator) { try hashing.advance(to: Double.random(in: 0...1, using: &generator)) }
                }
                #expect(try hashing.finish() == expected)
            }
        }
    }

    @Test("bytes that are shown in order are hashed and not read again")
    func shownBytesCount() throws {
        try withFile { path in
            let hashing = try FileHashing(path)
            // Had they been read from the file, the change would not be in the hash.
            var changed = bytes
            changed[1_500_000] ^= 1
            for first in stride(from: 0, to: changed.count, by: 100_000) {
                let range = max(0, first - 5000)..<min(first + 100_000, changed.count)
                try changed[range].withUnsafeBytes { try hashing.see($0, at: range.lowerBound, of: path) }
            }
            let found = try hashing.finish()
            try Data(changed).write(to: URL(filePath: path))
            #expect(try found == FileHash.of(file: path))
        }
    }

    @Test("bytes of another file do not count")
    func otherFiles() throws {
        try withFile { path in
            let expected = try FileHash.of(file: path)
            let hashing = try FileHashing(path)
            let zeros = [UInt8](repeating: 0, count: 1000)
            try zeros.withUnsafeBytes { try hashing.see($0, at: 0, of: path + ".other") }
            #expect(try hashing.finish() == expected)
        }
    }
}
