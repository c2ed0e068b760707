// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5
import Foundation
import Synchronization
import Testing

@testable import FerroRecordings

/// Chunks that are unpacked in groups and ahead of their readers are those that are unpacked alone.
@Suite struct ChunkGroupTests {
    private static let columns = 6

    /// A noisy signal in chunks of 64 frames by 4 columns, deflated; the last line and the last column of chunks reach beyond it.
    private func signal(_ folder: ScratchFolder, frames: Int, breaking broken: [Int]? = nil) throws -> (signal: DatasetSignal, values: [Int16]) {
        var generator = SeededGenerator(seed: 5)
        let values = (0..<frames * Self.columns).map { _ in Int16(generator.index(below: 600) - 300) }
        let path = folder.path + "/chunks.h5"
        let file = try HDF5File.create(path)
        let dataset = try file.root.write("signal", values, shape: [frames, Self.columns], storage: .chunked([64, 4], deflate: 4, shuffle: true))
        if let broken { try dataset.write(filteredChunk: [0x78, 0x9c, 7, 7, 7, 7, 7, 7], at: broken) }
        try file.close()
        var declared = RecordingDeclarations.none
        declared.layout = DeclaredLayout(
            datasets: ["/signal"], axes: .timeByChannel, sampling: .rate(try SampleRate(hertz: 1000)), unit: "uV", gain: .values([1]), offset: .values([0]))
        let signal = try openRecording(path, declared: declared).signal(of: "/signal")
        return (try #require(signal as? DatasetSignal), values)
    }

    private func expectAll(_ signal: any SignalSource, _ values: [Int16], _ part: SampleRange, columns: [Int]) throws {
        let block = try signal.read(part, columns: columns, origin: 0)
        let differing = part.contains { frame in columns.indices.contains { block[frame, $0] != Float(values[frame * Self.columns + columns[$0]]) } }
        #expect(!differing, "frames \(part), columns \(columns)")
    }

    @Test(arguments: [1, 2, 3, 8, 1000]) func readersInOrderSeeEverySample(_ workers: Int) throws {
        let frames = 64 * 37 + 11
        let (plain, values) = try signal(ScratchFolder(), frames: frames)
        let parts = stride(from: 0, to: frames, by: 50).map { max(0, $0 - 20)..<min(frames, $0 + 70) }
        // All of it, and stretches of which each reader needs a part.
        for stretches in [[0..<frames], parts, parts.indices.filter { $0 / 5 % 2 == 0 }.map { parts[$0] }, []] {
            for columns in [Array(0..<Self.columns), [5, 1], [2]] {
                let ordered = plain.readInOrder(stretches, by: workers)
                let read = stretches.count > 1 ? stretches : parts
                let failures = Mutex<[String]>([])
                DispatchQueue.concurrentPerform(iterations: read.count) { index in
                    do { try expectAll(ordered, values, read[index], columns: columns) } catch { failures.withLock { $0.append("\(error)") } }
                }
                #expect(failures.withLock { $0 } == [])
            }
        }
    }

    @Test(arguments: [1, 2, 5]) func rowsKeptForLaterAreThoseOfTheirChunks(_ workers: Int) throws {
        let frames = 64 * 37 + 11
        let (plain, values) = try signal(ScratchFolder(), frames: frames)
        let (blocks, all) = ([128..<384, 640..<1000, 1280..<1344], 0..<frames)
        let stretches = blocks.map { $0.grown(by: Margin(8), within: all) }
        let later = all.gaps(between: blocks).map { $0.grown(by: Margin(8), within: all) }
        let first = try #require(plain.readInOrder(stretches, by: workers, before: later) as? DatasetSignal)
        for stretch in stretches { try expectAll(first, values, stretch, columns: [0, 3]) }
        // Chunks lie two by two: those of columns 0 to 3 have even numbers.
        let kept = try #require((first.frames as? ChunkedFrames)?.kept)
        for (line, rows) in [(2, 128..<136), (5, 376..<384), (10, 640..<648), (20, 1280..<1288), (20, 1336..<1344)] {
            #expect(kept.piece(of: 2 * line, with: rows)?.rows == rows)
            #expect(kept.piece(of: 2 * line, with: rows.lowerBound - 1..<rows.upperBound) == nil)
            #expect(kept.piece(of: 2 * line + 1, with: rows) == nil)
        }
        // A margin's chunk is wanted as a whole, as is most of one that a block ends in.
        for line in [1, 6, 9, 15] { #expect(kept.piece(of: 2 * line, with: 64 * line..<64 * line + 1) == nil) }
        let second = plain.readInOrder(later, by: workers)
        for columns in [[0, 3], [5, 1], [4]] {
            for stretch in later {
                try expectAll(second, values, stretch, columns: columns)
                for part in stride(from: stretch.lowerBound, to: stretch.upperBound, by: 50) {
                    try expectAll(second, values, part..<min(part + 61, stretch.upperBound), columns: columns)
                }
            }
        }
    }

    @Test func noMoreRowsAreKeptThanAFewMegabytes() {
        let kept = KeptRows()
        let chunk = DecodedChunk(byteCount: 4 << 20)
        for byte in chunk.bytes.indices { chunk.bytes[byte] = UInt8(truncatingIfNeeded: byte >> 12) }
        // Rows of 4 kB.
        for key in 0..<20 { kept.keep([7..<263], of: chunk, holding: 0..<1024, key: key) }
        let pieces = (0..<20).map { kept.piece(of: $0, with: 8..<9) }
        #expect(pieces.map { $0 != nil } == [Bool](repeating: true, count: 8) + [Bool](repeating: false, count: 12))
        #expect(pieces[3]?.bytes.bytes.map(\.self) == (7..<263).flatMap { [UInt8](repeating: UInt8(truncatingIfNeeded: $0), count: 4096) })
        let another = KeptRows()
        another.keep([0..<257], of: chunk, holding: 0..<1024, key: 0)
        #expect(another.piece(of: 0, with: 0..<1) == nil)
    }

    @Test func nothingWantedReadsNothing() throws {
        let (plain, values) = try signal(ScratchFolder(), frames: 300)
        let ordered = plain.readInOrder([0..<300], by: 2)
        try expectAll(ordered, values, 0..<300, columns: [])
        try expectAll(ordered, values, 7..<7, columns: [0])
    }

    @Test func aDamagedChunkIsReportedToThoseWhoWantItAlone() throws {
        let (plain, values) = try signal(ScratchFolder(), frames: 640, breaking: [256, 4])
        let ordered = plain.readInOrder([0..<640], by: 2)
        for (part, columns) in [(0..<256, [0, 5]), (200..<400, [3]), (320..<640, [4, 5])] { try expectAll(ordered, values, part, columns: columns) }
        for part in [0..<640, 250..<257, 319..<330] {
            let error = #expect(throws: FerroError.self) { _ = try ordered.read(part, columns: [1, 4], origin: 0) }
            #expect(error?.what == "the compressed samples of the chunk at [256, 4] are damaged")
        }
        try expectAll(ordered, values, 320..<640, columns: [0, 1, 2, 3, 4, 5])
    }

    @Test(arguments: [1, 3, 4]) func everyChunkIsMadeOnceWhereAllAreKept(_ most: Int) {
        let cache = ChunkCache(capacity: 1 << 20)
        let made = Mutex([Int](repeating: 0, count: 40))
        DispatchQueue.concurrentPerform(iterations: 8) { reader in
            for first in 0...36 {
                var left = [first, first + 1, first + 2, first + 3]
                while !left.isEmpty {
                    switch cache.turn(left, ahead: Array((first + 4..<40).prefix(8)), most: most) {
                    case .take(let chunks):
                        for one in chunks { #expect(one.chunk.bytes[0] == UInt8(left[one.position])) }
                        let taken = Set(chunks.map { left[$0.position] })
                        left.removeAll { taken.contains($0) }
                    case .make(let wanted, let ahead):
                        let keys = wanted.map { left[$0] } + ahead.map { first + 4 + $0 }
                        #expect(!keys.isEmpty && keys.count <= most)
                        cache.put(
                            keys.map { key in
                                made.withLock { $0[key] += 1 }
                                let chunk = DecodedChunk(byteCount: 16)
                                chunk.bytes.initializeMemory(as: UInt8.self, repeating: UInt8(key))
                                return (key, chunk)
                            })
                    }
                }
            }
        }
        #expect(made.withLock { $0 } == [Int](repeating: 1, count: 40))
    }

    @Test func whoFailsLeavesTheChunkToTheNext() {
        let cache = ChunkCache(capacity: 100)
        guard case .make([0, 1], [0]) = cache.turn([7, 8], ahead: [9], most: 4) else { return #expect(Bool(false), "nobody makes them yet") }
        cache.put([(7, nil), (8, DecodedChunk(byteCount: 10)), (9, nil)])
        guard case .take(let here) = cache.turn([7, 8], ahead: [9], most: 4) else { return #expect(Bool(false), "one is there") }
        #expect(here.map(\.position) == [1])
        guard case .make([0], [0]) = cache.turn([7], ahead: [9], most: 4) else { return #expect(Bool(false), "nobody makes it any more") }
    }

    @Test func whatIsKeptStaysWithinItsBytes() {
        let cache = ChunkCache(capacity: 100)
        for key in 0..<30 {
            guard case .make = cache.turn([key], ahead: [], most: 1) else { return #expect(Bool(false), "new to the cache") }
            cache.put([(key, DecodedChunk(byteCount: 30))])
        }
        guard case .take(let here) = cache.turn(Array(0..<30), ahead: [], most: 1) else { return #expect(Bool(false), "the last are there") }
        #expect(here.map(\.position) == [27, 28, 29])
    }
}
