// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5
import Foundation
import Testing

@testable import FerroRecordings

/// A look into chunks sees what unpacking them gives.
@Suite struct GlancedFramesTests {
    private func declared(_ dataset: String, axes: DeclaredLayout.Axes) throws -> RecordingDeclarations {
        var declared = RecordingDeclarations.none
        declared.layout = DeclaredLayout(
            datasets: [dataset], axes: axes, sampling: .rate(try SampleRate(hertz: 1000)), unit: "uV", gain: .values([0.5]), offset: .values([0]))
        return declared
    }

    private func expectAlike(_ signal: any SignalSource, _ place: String) throws {
        let signal = try #require(signal as? DatasetSignal)
        let glanced = try #require(try signal.glanced(fromBytes: 0), "\(place)")
        let (frames, all) = (signal.description.frames, Array(signal.scale.gains.indices))
        for part in [0..<frames, frames / 3..<frames / 2 + 1, frames - 1..<frames, 0..<0] {
            for columns in [all, all.reversed(), [all.count - 1], [0, all.count - 1]] {
                let (one, other) = (try glanced.read(part, columns: columns, origin: 1), try signal.read(part, columns: columns, origin: 1))
                let differing = part.flatMap { frame in columns.indices.filter { one[frame - 1, $0] != other[frame - 1, $0] } }
                #expect(one.frames == other.frames && differing.isEmpty, "\(place), frames \(part), columns \(columns)")
            }
        }
    }

    @Test func everyTypeOfNumber() throws {
        let recording = try openRecording(fixtures + "/recordings/chunks.nwb")
        var seen: Set<String> = []
        for series in recording.series where !series.path.hasSuffix("checksum") {
            try expectAlike(recording.signal(of: series.path), series.path)
            seen.formUnion(series.storage.filters)
        }
        #expect(seen == ["deflate", "shuffle"])
        // A checksum is the library's to undo.
        #expect(try (recording.signal(of: "/acquisition/checksum") as? DatasetSignal)?.glanced(fromBytes: 0) == nil)
    }

    @Test(arguments: ["stored-deflate-shuffle.h5", "stored-skipped-filter.h5", "stored-holes.h5", "stored-user-block.h5"])
    func filtersThatWereSkippedAndChunksThatWereNeverWritten(_ name: String) throws {
        let recording = try openRecording(fixtures + "/formats/" + name, declared: declared("/signal", axes: .timeByChannel))
        try expectAlike(recording.signal(of: "/signal"), name)
    }

    @Test func channelsByFrames() throws {
        let turned = try openRecording(fixtures + "/formats/declared.h5", declared: declared("/Recording/TurnedChunks", axes: .channelByTime))
        try expectAlike(turned.signal(of: "/Recording/TurnedChunks"), "turned")
        let array = try openRecording(fixtures + "/formats/maxwell.h5")
        for series in array.series { try expectAlike(array.signal(of: series.path), series.path) }
    }

    @Test func aChunkOfTheWrongSizeIsRefusedAlike() throws {
        let recording = try openRecording(fixtures + "/formats/wrong-inflation.h5", declared: declared("/signal", axes: .timeByChannel))
        let signal = try #require(try recording.signal(of: "/signal") as? DatasetSignal)
        let glanced = try #require(try signal.glanced(fromBytes: 0))
        for one in [signal, glanced] {
            let error = #expect(throws: FerroError.self) { _ = try one.read(0..<5, columns: [0], origin: 0) }
            #expect(error?.what.contains("are damaged") == true)
        }
    }

    @Test func elementsArePickedOutOfAnyPieces() throws {
        var generator = SeededGenerator(seed: 3)
        for size in [1, 2, 4, 8] {
            for _ in 0..<50 {
                let total = 1 + generator.index(below: 90)
                let bytes = (0..<total * size).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
                let isShuffled = generator.index(below: 2) == 0
                var ranges: [Range<Int>] = []
                var next = generator.index(below: total)
                while next < total {
                    let end = min(total, next + generator.index(below: 12))
                    ranges.append(next..<end)
                    next = end + generator.index(below: 20) + 1
                }
                let expected = ranges.joined().flatMap { element in
                    (0..<size).map { bytes[isShuffled ? $0 * total + element : element * size + $0] }
                }
                let target = DecodedChunk(byteCount: expected.count)
                var picker = StreamPicker(ranges, of: total, elementSize: size, isShuffled: isShuffled, into: target.bytes)
                var position = 0
                bytes.withUnsafeBytes { all in
                    while position < all.count {
                        let end = min(all.count, position + generator.index(below: 30))
                        picker.add(UnsafeRawBufferPointer(rebasing: all[position..<end]))
                        position = end
                    }
                }
                #expect(Array(target.bytes) == expected)
                #expect(picker.position == bytes.count)
            }
        }
    }
}
