// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5
import FerroRecordings
import Foundation
import Testing

/// Spike lists: times and counts, what they are observed for, and what is refused.
@Suite struct SpikeListRecordingTests {
    let folder: ScratchFolder
    init() throws { folder = try ScratchFolder() }

    private static let times = [0.5, 1.25, 9.0, 2.0, 2.5]

    /// A list of three units with 3, 0 and 2 spikes, observed from 0 to 10 s.
    private func makeList(
        _ name: String = "list.h5", times: [Double] = Self.times, counts: [Int32] = [3, 0, 2], names: [String]? = ["ch_12a", "ch_12b", "ch_47a"],
        recordingTime: [Double]? = [0, 10], more: (HDF5Group) throws -> Void = { _ in }
    ) throws -> String {
        let path = folder.file(name)
        let file = try HDF5File.create(path)
        let root = try file.root
        try root.write("spikes", times)
        try root.write("sCount", counts)
        if let names { try root.write("names", strings: names) }
        if let recordingTime { try root.write("recordingtime", recordingTime) }
        try more(root)
        try file.close()
        return path
    }

    private func unitsRefusal(_ path: String) throws -> FerroError {
        let recording = try openRecording(path)
        let error = try #require(refusal { _ = try recording.units() })
        #expect(error.kind == .input)
        #expect(error.place?.hasPrefix(path) == true)
        return error
    }

    @Test func unitsSitesAndFacts() throws {
        let path = try makeList(more: { root in
            try root.write("epos", [0.0, 200, .nan, 10, 20, 30], shape: [2, 3])
            try root.write("array", strings: ["MCS 8x8 200um"])
            try root.write("meta/age", [21.0])
            try root.write("meta/species", string: "mouse")
        })
        let recording = try openRecording(path)
        #expect(recording.format == .spikeList)
        #expect(recording.series == [])
        #expect(recording.problems == [])
        #expect(try #require(recording.unitCounts) == (3, 5))
        #expect(recording.session == SessionFacts(species: "mouse", other: ["age": "21", "species": "mouse", "array": "MCS 8x8 200um"]))
        let units = try recording.units()
        let observed = [TimeInterval(start: 0, stop: 10)]
        #expect(
            units.trains == [
                SpikeTrain(id: "ch_12a", electrode: 0, times: [0.5, 1.25, 9], observed: observed),
                SpikeTrain(id: "ch_12b", electrode: 1, times: [], observed: observed),
                SpikeTrain(id: "ch_47a", electrode: 2, times: [2, 2.5], observed: observed),
            ])
        #expect(units.electrodes.map(\.id) == ["ch_12a", "ch_12b", "ch_47a"])
        #expect(units.electrodes.map(\.position) == [SIMD3(0, 10, 0), SIMD3(200, 20, 0), nil])
        #expect(refusal { _ = try recording.signal(of: "/spikes") }?.what == "a spike list holds no samples")
    }

    @Test func unitsWithoutNamesAreNumbered() throws {
        let units = try openRecording(makeList(names: nil)).units()
        #expect(units.trains.map(\.id) == ["unit_0", "unit_1", "unit_2"])
        #expect(units.electrodes == ["unit_0", "unit_1", "unit_2"].map { Electrode(id: $0) })
    }

    @Test func countsThatDoNotAddUp() throws {
        for counts in [[3, 0, 3], [3, 0, 1], [6, 0, -1]] as [[Int32]] {
            let error = try #require(refusal { _ = try openRecording(try makeList(counts: counts)) })
            #expect(error.kind == .input)
            #expect(error.what == "the units' counts add up to \(counts.reduce(0, +)) spikes, but `/spikes` holds 5")
            #expect(error.place?.hasSuffix(": /sCount") == true)
        }
        #expect(refusal { _ = try openRecording(try makeList(times: [], counts: [], names: nil)) }?.what == "the spike list holds no units")
    }

    @Test func aSpikeOutsideTheRecording() throws {
        #expect(try unitsRefusal(makeList(recordingTime: [0, 8])).what == "unit ch_12a has a spike at 9.0 s, outside the recording from 0.0 to 8.0 s")
        #expect(try unitsRefusal(makeList(recordingTime: [1, 10])).what.contains("a spike at 0.5 s"))
    }

    @Test func aRecordingTimeThatIsNone() throws {
        for bounds in [[10, 0], [0, 0], [0, .nan], [5]] as [[Double]] {
            let error = try unitsRefusal(makeList(recordingTime: bounds))
            #expect(error.what.hasPrefix("the recording time is"))
            #expect(error.expected == "a start and a later end in seconds")
        }
    }

    @Test func withoutARecordingTimeTheDurationCountsFromTheFirstSpike() throws {
        let recording = try openRecording(makeList(recordingTime: nil, more: { try $0.write("summary/duration", scalar: 9.0) }))
        #expect(recording.problems.map(\.severity) == [.warning])
        #expect(recording.problems[0].message.hasPrefix("/recordingtime is absent"))
        let trains = try recording.units().trains
        #expect(trains.allSatisfy { $0.observed == [TimeInterval(start: 0.5, stop: 9.5)] })

        let short = try unitsRefusal(makeList("short.h5", recordingTime: nil, more: { try $0.write("summary/duration", scalar: 2.0) }))
        #expect(short.what == "unit ch_12a has a spike at 9.0 s, outside the recording from 0.5 to 2.5 s")
        let none = try unitsRefusal(makeList("none.h5", recordingTime: nil, more: { try $0.write("summary/duration", scalar: 0.0) }))
        #expect(none.what == "the duration is not a positive number")
    }

    @Test func withoutAnyTimeTheExposureIsUnknown() throws {
        let recording = try openRecording(makeList(recordingTime: nil))
        #expect(recording.problems.map(\.severity) == [.warning])
        #expect(recording.problems[0].message.contains("the observed time is unknown and no rate can be given"))
        #expect(try recording.units().trains.map(\.observed) == [[], [], []])
    }

    @Test func spikesOutOfOrder() throws {
        let error = try unitsRefusal(makeList(times: [0.5, 1.25, 1.0, 2.0, 2.5]))
        #expect(error.what == "the spikes of unit ch_12a are out of order at spike 2: 1.25 s is followed by 1.0 s")
        #expect(error.place?.hasSuffix(": /spikes") == true)
        #expect(try unitsRefusal(makeList(times: [0.5, 1.25, 9, 2, .nan])).what == "spike 1 of unit ch_47a has no finite time")
        // Two spikes at one time are in order, and so is a unit that begins before another ends.
        #expect(try openRecording(makeList(times: [0.5, 0.5, 9, 0.1, 0.2])).units().trains[2].times == [0.1, 0.2])
    }

    @Test func namesAndPositionsThatDoNotFit() throws {
        #expect(try unitsRefusal(makeList(names: ["a", "b"])).what == "2 names (2 different) for 3 units")
        #expect(try unitsRefusal(makeList(names: ["a", "b", "a"])).what == "3 names (2 different) for 3 units")
        let error = try unitsRefusal(makeList(more: { try $0.write("epos", [0.0, 1, 2, 3, 4, 5], shape: [3, 2]) }))
        #expect(error.what == "the positions have the shape [3, 2]")
    }
}
