// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings
import Foundation
import Synchronization
import Testing

/// What is shown of a file while its samples are read.
struct ByteWitnessTests {
    private final class Collector: ByteWitness {
        let shown = Mutex<[Int: [UInt8]]>([:])
        let path: String

        init(_ path: String) { self.path = path }

        func see(_ bytes: UnsafeRawBufferPointer, at offset: Int, of path: String) {
            guard path == self.path else { return }
            let copy = [UInt8](bytes)
            shown.withLock { $0[offset] = copy }
        }
    }

    @Test("a contiguous layout shows what the file holds, before its byte order is turned", arguments: ["scaled-big-endian.nwb", nil])
    func contiguous(fixture: String?) throws {
        let folder = try ScratchFolder()
        let path = try fixture.map { fixtures + "/recordings/" + $0 } ?? makeNWB(folder)
        let recording = try openRecording(path)
        let series = try #require(recording.series.first)
        let collector = Collector(path)
        let signal = try recording.signal(of: series.path)
        let columns = Array(series.electrodes.indices)
        let read = try signal.shown(to: collector).read(0..<series.frames, columns: columns, origin: 0)
        let stored = [UInt8](try Data(contentsOf: URL(filePath: path)))
        let shown = collector.shown.withLock { $0 }
        #expect(shown.values.reduce(0) { $0 + $1.count } >= series.frames * 2 * columns.count)
        for (offset, bytes) in shown { #expect(Array(stored[offset..<offset + bytes.count]) == bytes) }
        #expect(try Array(read.samples) == Array(signal.read(0..<series.frames, columns: columns, origin: 0).samples))
    }

    @Test("layouts in chunks show what the file holds and read the same; those that the library reads show nothing")
    func chunks() throws {
        let path = fixtures + "/recordings/chunks.nwb"
        let recording = try openRecording(path)
        let stored = [UInt8](try Data(contentsOf: URL(filePath: path)))
        var showing = 0
        for series in recording.series {
            let collector = Collector(path)
            let signal = try recording.signal(of: series.path)
            let columns = Array(series.electrodes.indices)
            let read = try signal.shown(to: collector).read(0..<series.frames, columns: columns, origin: 0)
            let shown = collector.shown.withLock { $0 }
            for (offset, bytes) in shown { #expect(Array(stored[offset..<offset + bytes.count]) == bytes) }
            if !shown.isEmpty { showing += 1 }
            #expect(try Array(read.samples) == Array(signal.read(0..<series.frames, columns: columns, origin: 0).samples))
        }
        #expect(showing > 0 && showing < recording.series.count)
    }
}
