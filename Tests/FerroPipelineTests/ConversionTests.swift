// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5
import FerroRecordings
import Foundation
import Testing

@testable import FerroPipeline

/// A recording of every layout of fixtures/formats, converted, holds what the original holds.
@Suite("Conversion to NWB")
struct ConversionTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private func open(_ fixture: FormatFixtureTests.Valid) throws -> any Recording {
        var declared = RecordingDeclarations.none
        if let recording = fixture.recording {
            let lines = recording.split(separator: "\n").map { "  \($0)\n" }.joined()
            declared = try Pipeline.parse("ferrospike: 1\nrecording:\n\(lines)stages:\n  - detect-spikes\n").recording.declared
        }
        declared.allowsExternal = fixture.allow_external
        return try openRecording(FormatFixtureTests.folder + "/" + fixture.file, declared: declared)
    }

    @Test("samples, stretches, electrodes and spikes are those of the original", arguments: FormatFixtureTests.expected.valid)
    func everyLayout(_ fixture: FormatFixtureTests.Valid) throws {
        let original = try open(fixture)
        let path = folder.file("converted.nwb")
        var steps = 0
        let summary = try NWBConversion(original, deflate: 1).write(to: path) { steps += 1 }
        #expect(steps > summary.series.count)
        let copy = try openRecording(path)
        #expect(summary.series.count == original.series.count)
        for (one, wanted) in zip(summary.series, original.series) {
            let series = try #require(copy.series.first { $0.path == one.to }, "\(copy.problems)")
            #expect(abs(series.rate.hertz / wanted.rate.hertz - 1) < 1e-6)
            #expect(series.segments.map(\.frames) == wanted.segments.map(\.frames))
            for (a, b) in zip(series.segments, wanted.segments) { #expect(abs(a.start - b.start) < 1e-9 * max(1, abs(b.start))) }
            // What is no recording of electrodes, such as an auxiliary input, becomes a series without them.
            if wanted.kind == .electrical || wanted.kind == .lfp {
                #expect(series.electrodes.map(\.location) == wanted.electrodes.map { $0.location ?? "not given" })
                #expect(series.electrodes.map(\.position) == wanted.electrodes.map(\.position))
            }
            let all = Array(series.electrodes.indices)
            let found = try copy.signal(of: series.path).read(0..<series.frames, columns: all, origin: 0)
            let expected = try original.signal(of: wanted.path).read(0..<wanted.frames, columns: all, origin: 0)
            // The factors are products in Float64, so that a value on the edge between two Float32 may fall to its neighbour.
            let apart = zip(found.samples, expected.samples).count { $0 != $1 && abs($0 - $1) > $1.ulp }
            #expect(apart == 0, "\(wanted.path)")
        }
        guard original.unitCounts != nil else { return }
        let (found, wanted) = (try copy.units().trains, try original.units().trains)
        #expect(found.map(\.times) == wanted.map(\.times))
        #expect(found.map(\.observed) == wanted.map(\.observed))
    }

    @Test("stored numbers stay as they are where channels share an offset, and whole where they do not")
    func lossless() throws {
        let path = folder.file("mcs.h5")
        let file = try HDF5File.create(path)
        let root = try file.root
        let signal = try root.createGroup("signal")
        let counts = (0..<600).map { Int16(truncatingIfNeeded: $0 * 7919) }
        try signal.write("data", counts, shape: [200, 3])
        try file.close()
        let declared = { (offset: String) in
            try Pipeline.parse(
                "ferrospike: 1\nrecording: {dataset: /signal/data, axes: [time, channel], rate: 1 kHz, unit: uV, gain: [0.5, 0.25, 1], offset: \(offset), largest-voltage: 1 V}\n"
                    + "stages: [detect-spikes]\n"
            ).recording.declared
        }
        let same = folder.file("same.nwb")
        let summary = try NWBConversion(openRecording(path, declared: declared("-3.5")), deflate: 0).write(to: same) {}
        #expect(summary.series.map(\.type) == ["int16"])
        #expect(try HDF5File.open(same).dataset("/acquisition/ElectricalSeries/data").read(Int16.self) == counts)

        let shifted = folder.file("shifted.nwb")
        let second = try NWBConversion(openRecording(path, declared: declared("[-1024, 512, 2]")), deflate: 0).write(to: shifted) {}
        #expect(second.series.map(\.type) == ["int32"])
        let shifts: [Int32] = [-2048, 2048, 2]
        #expect(
            try HDF5File.open(shifted).dataset("/acquisition/ElectricalSeries/data").read(Int32.self)
                == counts.indices.map { Int32(counts[$0]) + shifts[$0 % 3] })

        let error = #expect(throws: FerroError.self) {
            _ = try NWBConversion(openRecording(path, declared: declared("[0.1, 0, 0]")), deflate: 0).write(to: folder.file("no.nwb")) {}
        }
        #expect(error?.description.hasPrefix("\(path): /signal/data: the channels have different offsets") == true, "\(error?.description ?? "")")
        #expect(!FileManager.default.fileExists(atPath: folder.file("no.nwb")))
    }
}
