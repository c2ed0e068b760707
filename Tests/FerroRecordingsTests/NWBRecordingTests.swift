// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5
import FerroRecordings
import Foundation
import Testing

/// Files made by h5py and PyNWB, and the microvolts that Python computes from them (fixtures/generators/recordings.py).
@Suite struct NWBRecordingTests {
    struct Expected: Decodable {
        struct Scaled: Decodable {
            let rate_hz: Double
            let electrodes: [String]
            let microvolts: [[Float]]
        }
        struct Gap: Decodable {
            let rate_hz: Double
            let starts: [Double]
            let frames: [Int]
            let microvolts: [[Float]]
        }
        struct PyNWB: Decodable {
            let lfp: [[Float]]
            let current: [[Float]]
            let spikes: [[Double]]
        }
        let scaled: Scaled
        let gap: Gap
        let chunks: [String: [[Float]]]
        let pynwb: PyNWB
        enum CodingKeys: String, CodingKey {
            case gap, chunks
            case scaled = "scaled-big-endian"
            case pynwb = "by-pynwb"
        }
    }

    let expected: Expected
    init() throws {
        let json = try Data(contentsOf: URL(fileURLWithPath: fixtures + "/recordings/expected.json"))
        expected = try JSONDecoder().decode(Expected.self, from: json)
    }

    private func open(_ name: String) throws -> any Recording { try openRecording(fixtures + "/recordings/" + name) }

    private func rows(_ signal: any SignalSource) throws -> [[Float]] {
        let columns = Array(signal.description.electrodes.indices)
        let block = try signal.read(0..<signal.description.frames, columns: columns, origin: 0)
        return block.frames.map { frame in columns.map { block[frame, $0] } }
    }

    @Test func bigEndianCountsWithConversionOffsetAndChannelConversion() throws {
        let recording = try open("scaled-big-endian.nwb")
        let series = try #require(recording.series.first)
        #expect(recording.format == .nwb)
        #expect(recording.problems == [])
        #expect(series.kind == .electrical)
        #expect(series.rate.hertz == expected.scaled.rate_hz)
        #expect(series.segments == [Segment(frames: 0..<17, start: 12.5)])
        #expect(series.electrodes.map(\.id) == expected.scaled.electrodes)
        #expect(series.electrodes.map(\.location) == ["DG", "CA1", "vCA1"])
        #expect(series.electrodes.map(\.group) == ["shank1", "shank0", "shank1"])
        #expect(series.electrodes.map(\.position) == [SIMD3(80, 5, 0), SIMD3(0, 0, 1), SIMD3(40, 0, 3)])
        #expect(series.storage == Storage(layout: .contiguous, filters: []))
        #expect(recording.session.start == "2024-03-01T10:00:00+01:00")
        #expect(recording.session.identifier == "scaled-big-endian.nwb")
        #expect(try rows(recording.signal(of: series.path)) == expected.scaled.microvolts)
    }

    @Test func aGapInTheTimestampsStartsASegment() throws {
        let recording = try open("gap.nwb")
        let series = try #require(recording.series.first)
        #expect(series.path == "/processing/ecephys/Filtered/ElectricalSeries")
        #expect(abs(series.rate.hertz - expected.gap.rate_hz) < 1e-9)
        #expect(series.segments.map(\.start) == expected.gap.starts)
        #expect(series.segments.map(\.frames) == [0..<40, 40..<90])
        #expect(recording.problems == [])
        #expect(try rows(recording.signal(of: series.path)) == expected.gap.microvolts)
    }

    @Test(arguments: [20_000.0, 30_000, 1250, 24_414.062_5, 25_000.5]) func timestampsOfAnEvenRateGiveThatRate(_ hertz: Double) throws {
        let folder = try ScratchFolder()
        let starts = [0.1, 1234.567]
        let times = starts.flatMap { start in (0..<10).map { start + Double($0) / hertz } }
        let path = try makeNWB(
            folder, hasTimes: false,
            spoil: { file in try file.group(smallSeries).write("timestamps", times).setAttribute("unit", "seconds") })
        let series = try #require(try openRecording(path).series.first)
        #expect(series.segments.map(\.start) == starts)
        // Ten samples after twenty minutes leave nine digits of the rate.
        #expect(abs(series.rate.hertz / hertz - 1) < 1e-9)

        let long = (0..<20_000).map { 0.1 + Double($0) / hertz }
        let other = try makeNWB(
            folder, "long.nwb",
            data: { series in
                let data = try series.write("data", [Int16](repeating: 1, count: 20_000), shape: [20_000, 1])
                try data.setAttribute("unit", "volts")
                try data.setAttribute("conversion", .double(1e-6))
            }, hasTimes: false, region: nil,
            spoil: { file in try file.group(smallSeries).write("timestamps", long).setAttribute("unit", "seconds") })
        #expect(try openRecording(other).series.first?.rate.hertz == hertz)
    }

    @Test(arguments: ["int16", "int32", "float32", "float64", "uint8", "checksum", "line"])
    func chunksOfEveryTypeAndFilter(_ name: String) throws {
        let signal = try open("chunks.nwb").signal(of: "/acquisition/\(name)")
        let whole = try #require(expected.chunks[name])
        #expect(signal.description.storage.layout == .chunked)
        #expect(try rows(signal) == whole)
        // Any part, in any order of columns, is a part of the whole.
        let all = signal.description.electrodes.indices
        for frames in [0..<0, 0..<1, 3..<9, 6..<15, 19..<20] {
            for columns in [Array(all), Array(all.reversed()), [all.last ?? 0]] {
                let block = try signal.read(frames, columns: columns, origin: 2)
                #expect(block.frames == frames.lowerBound - 2..<frames.upperBound - 2)
                for frame in frames {
                    for (channel, column) in columns.enumerated() { #expect(block[frame - 2, channel] == whole[frame][column]) }
                    for lane in columns.count..<block.paddedChannels { #expect(block[frame - 2, lane] == 0) }
                }
            }
        }
    }

    @Test func whatPyNWBWrites() throws {
        let recording = try open("by-pynwb.nwb")
        #expect(recording.series.map(\.path) == ["/acquisition/current", "/processing/ecephys/LFP/ElectricalSeries"])
        #expect(recording.series.map(\.kind) == [.currentClamp, .lfp])
        #expect(recording.series[0].electrodes == [Electrode(id: "0", location: "CA1 soma")])
        #expect(recording.series[1].electrodes.map(\.id) == ["2", "1"])
        #expect(recording.series[1].electrodes.map(\.position) == [SIMD3(0, 40, 0), SIMD3(0, 20, 0)])
        #expect(recording.series[1].segments == [Segment(frames: 0..<50, start: 0.5)])
        #expect(recording.session.subjectID == "m7")
        #expect(recording.session.species == "Mus musculus")
        #expect(try rows(recording.signal(of: "/processing/ecephys/LFP/ElectricalSeries")) == expected.pynwb.lfp)
        #expect(try rows(recording.signal(of: "/acquisition/current")) == expected.pynwb.current)
        #expect(recording.problems.map(\.severity) == [.refusal])
        #expect(recording.problems[0].message.hasPrefix("/acquisition/voltage: the series is a current in amperes"))
        let refused = refusal { _ = try recording.signal(of: "/acquisition/voltage") }
        #expect(refused?.kind == .input)

        #expect(try #require(recording.unitCounts) == (3, 12))
        let units = try recording.units()
        #expect(units.trains.map(\.times) == expected.pynwb.spikes)
        #expect(units.trains.map(\.id) == ["0", "1", "2"])
        #expect(units.trains.map(\.electrode) == [0, 1, 2])
        #expect(units.electrodes.count == 4)
        #expect(units.trains.allSatisfy { $0.observed == [TimeInterval(start: 0, stop: 5), TimeInterval(start: 6, stop: 11)] })
    }

    @Test func anUnknownSeriesNamesTheKnown() throws {
        let recording = try open("chunks.nwb")
        let error = refusal { _ = try recording.signal(of: "/acquisition/int17") }
        #expect(error?.kind == .input)
        #expect(error?.advice == "did you mean /acquisition/int16?")
    }
}
