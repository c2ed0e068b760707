// SPDX-License-Identifier: GPL-3.0-or-later
import CZlib
import FerroCore
import Testing

@testable import FerroHDF5

/// Streams that are inflated in turn give what libdeflate gives, whatever they hold and however they are damaged.
@Suite struct GroupInflationTests {
    /// Bytes of one kind: what recordings hold, and what reaches every corner of the format.
    private func bytes(_ kind: Int, _ count: Int, _ generator: inout SeededGenerator) -> [UInt8] {
        var made: [UInt8] = []
        made.reserveCapacity(count)
        switch kind {
        case 0: return (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        case 1: return [UInt8](repeating: 7, count: count)
        case 2:  // Two planes of a noisy signal.
            let samples = (0..<count).map { _ in Int16(truncatingIfNeeded: (0..<6).reduce(-192) { sum, _ in sum + generator.index(below: 64) }) }
            return (0..<count).map { $0 < count / 2 ? UInt8(truncatingIfNeeded: samples[$0]) : UInt8(truncatingIfNeeded: samples[$0] >> 8) }
        case 3:  // Seldom symbols get the longest codes.
            return (0..<count).map { _ in UInt8(min(255, generator.next().leadingZeroBitCount * 3 + generator.index(below: 2))) }
        case 4:  // Repeats of every distance and length.
            while made.count < count {
                if made.isEmpty || generator.index(below: 4) == 0 {
                    made += (0..<1 + generator.index(below: 9)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
                } else {
                    let farthest = min(made.count, 32768 >> generator.index(below: 16))
                    let distance = 1 + generator.index(below: farthest)
                    for _ in 0..<3 + generator.index(below: generator.index(below: 8) == 0 ? 300 : 14) { made.append(made[made.count - distance]) }
                }
            }
            return Array(made.prefix(count))
        case 5:  // One period throughout.
            let period = (0..<1 + generator.index(below: 40)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            return (0..<count).map { period[$0 % period.count] }
        default:  // One kind after the other.
            while made.count < count { made += bytes(generator.index(below: 6), min(count - made.count, 1 + generator.index(below: 9000)), &generator) }
            return made
        }
    }

    /// A zlib stream of zlib's making, with a flush after every so many bytes.
    private func packed(_ bytes: [UInt8], level: Int32, strategy: Int32, memory: Int32, flush: Int) throws -> [UInt8] {
        var stream = z_stream()
        try #require(deflateInit2_(&stream, level, Z_DEFLATED, 15, memory, strategy, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK)
        defer { deflateEnd(&stream) }
        var source = bytes
        var target = [UInt8](repeating: 0, count: 2 * bytes.count + 64 + 16 * (bytes.count / flush + 1))
        return try source.withUnsafeMutableBufferPointer { from in
            try target.withUnsafeMutableBufferPointer { into in
                stream.next_in = from.baseAddress
                stream.next_out = into.baseAddress
                stream.avail_out = UInt32(into.count)
                var given = 0
                repeat {
                    let next = min(flush, from.count - given)
                    given += next
                    stream.avail_in = UInt32(next)
                    let isLast = given == from.count
                    let status = deflate(&stream, isLast ? Z_FINISH : given / flush % 2 == 0 ? Z_FULL_FLUSH : Z_BLOCK)
                    try #require(status == (isLast ? Z_STREAM_END : Z_OK))
                } while given < from.count
                return Array(into.prefix(Int(stream.total_out)))
            }
        }
    }

    private func packedAtRandom(_ bytes: [UInt8], _ generator: inout SeededGenerator) throws -> [UInt8] {
        try packed(
            bytes, level: Int32(generator.index(below: 10)), strategy: Int32(generator.index(below: 5)), memory: Int32(1 + generator.index(below: 9)),
            flush: generator.index(below: 3) == 0 ? 1 + generator.index(below: 20_000) : 1 << 30)
    }

    private func count(_ generator: inout SeededGenerator) -> Int { generator.index(below: [5, 700, 8000, 90_000][generator.index(below: 4)]) }

    /// Targets of these sizes, with bytes behind each that nobody may touch.
    private func inflated(
        _ streams: [[UInt8]], _ sizes: [Int], by work: ([(source: UnsafeRawBufferPointer, target: UnsafeMutableRawBufferPointer)]) -> [Bool]
    ) -> [[UInt8]?] {
        let guarded = 64
        let sources = streams.map { stream in
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: stream.count, alignment: 1)
            copy.copyBytes(from: stream)
            return copy
        }
        let targets = sizes.map { UnsafeMutableRawBufferPointer.allocate(byteCount: $0 + guarded, alignment: 1) }
        defer { (sources + targets).forEach { $0.deallocate() } }
        for target in targets { target.initializeMemory(as: UInt8.self, repeating: 0xa5) }
        let answers = work(zip(sources, zip(targets, sizes)).map { (UnsafeRawBufferPointer($0), UnsafeMutableRawBufferPointer(rebasing: $1.0[..<$1.1])) })
        #expect(answers.count == streams.count)
        for (target, size) in zip(targets, sizes) { #expect(target[size...].allSatisfy { $0 == 0xa5 }, "written behind the end") }
        return zip(answers, zip(targets, sizes)).map { isDone, target in isDone ? Array(target.0[..<target.1]) : nil }
    }

    private func oneByOne(_ chunks: [(source: UnsafeRawBufferPointer, target: UnsafeMutableRawBufferPointer)]) -> [Bool] {
        chunks.map { inflateChunk($0.source, into: $0.target) }
    }

    @Test(arguments: 0..<7) func everyKindIsInflatedInTurn(_ kind: Int) throws {
        var generator = SeededGenerator(seed: 41, stream: UInt64(kind))
        for _ in 0..<30 {
            let size = count(&generator)
            // Of about the same length mostly, so that all four go on together.
            let originals = (0..<4).map { _ in bytes(kind, generator.index(below: 4) == 0 ? count(&generator) : size + generator.index(below: 20), &generator) }
            let streams = try originals.map { try packedAtRandom($0, &generator) }
            #expect(inflated(streams, originals.map(\.count), by: inflateFour) == originals)
        }
    }

    @Test func everyLevelAndStrategyIsInflatedInTurn() throws {
        var generator = SeededGenerator(seed: 42)
        let originals = [2, 4, 6, 3].map { bytes($0, 60_000, &generator) }
        for level in Int32(0)...9 {
            for strategy in Int32(0)...4 {
                let streams = try originals.map { try packed($0, level: level, strategy: strategy, memory: 8, flush: 1 << 30) }
                #expect(inflated(streams, originals.map(\.count), by: inflateFour) == originals, "level \(level), strategy \(strategy)")
            }
        }
        for level in 1...12 {
            let streams = try originals.map { try #require($0.withUnsafeBytes { deflateChunk($0, level: level) }) }
            #expect(inflated(streams, originals.map(\.count), by: inflateFour) == originals, "libdeflate's level \(level)")
        }
    }

    @Test func groupsOfAnyNumberGiveTheSame() throws {
        var generator = SeededGenerator(seed: 43)
        for number in 0...9 {
            let originals = (0..<number).map { _ in bytes(generator.index(below: 7), count(&generator), &generator) }
            let streams = try originals.map { try packedAtRandom($0, &generator) }
            #expect(inflated(streams, originals.map(\.count), by: inflateChunks) == originals)
            // A target of another size is refused, whichever it is.
            let wrong = number == 0 ? -1 : generator.index(below: number)
            let sizes = originals.indices.map { originals[$0].count + ($0 == wrong ? (originals[$0].isEmpty || number % 2 == 0 ? 1 : -1) : 0) }
            #expect(inflated(streams, sizes, by: inflateChunks) == originals.indices.map { $0 == wrong ? nil : originals[$0] })
        }
    }

    @Test(arguments: 0..<4) func damageIsSeenAsLibdeflateSeesIt(_ part: Int) throws {
        var generator = SeededGenerator(seed: 44, stream: UInt64(part))
        var refused = 0
        var accepted = 0
        for _ in 0..<120 {
            let originals = (0..<4).map { _ in bytes(generator.index(below: 7), count(&generator), &generator) }
            let streams = try originals.map { original in
                var stream = try packedAtRandom(original, &generator)
                switch generator.index(below: 4) {
                case 0: stream.removeLast(min(stream.count, 1 + generator.index(below: generator.index(below: 2) == 0 ? 12 : stream.count)))
                case 1: for _ in 0...generator.index(below: 3) { stream[generator.index(below: stream.count)] ^= 1 << UInt8(generator.index(below: 8)) }
                // Heads of blocks are where most can go wrong.
                case 2: stream[generator.index(below: min(stream.count, 90))] ^= 1 << UInt8(generator.index(below: 8))
                default: stream += (0..<generator.index(below: 9)).map { _ in 0 }
                }
                return stream
            }
            let sizes = originals.map(\.count)
            let found = inflated(streams, sizes, by: inflateChunks)
            #expect(found == inflated(streams, sizes, by: oneByOne))
            // What is taken without asking libdeflate is right as well.
            for (own, its) in zip(inflated(streams, sizes, by: inflateFour), found) where own != nil { #expect(own == its) }
            refused += found.count { $0 == nil }
            accepted += found.count { $0 != nil }
        }
        #expect(refused > 50 && accepted > 50)
    }
}
