// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5
import FerroRecordings
import Foundation
import Testing

/// A result that is written as NWB and read back is the same result.
@Suite struct NWBResultTests {
    let folder: ScratchFolder
    init() throws { folder = try ScratchFolder() }

    private func passedThroughAFile(_ result: RecordingResult) throws -> RecordingResult {
        let path = folder.file("\(UUID().uuidString).nwb")
        try writeRecordingResult(result, to: path)
        return try readRecordingResult(path)
    }

    @Test(arguments: 1...5) func aRichResultComesBackAsItWas(_ seed: Int) throws {
        var random = RandomResult(seed: UInt64(seed))
        let result = random.make(spectra: seed % 4)
        #expect(try passedThroughAFile(result) == result)
    }

    @Test func namesThatAreNumbersStayTheIdsOfTheUnits() throws {
        var random = RandomResult(seed: 7)
        let result = random.make(ids: { ["17", "4", "9", "2", "100", "1", "0"][$0] })
        let path = folder.file("numbers.nwb")
        try writeRecordingResult(result, to: path)
        #expect(try readRecordingResult(path) == result)
        #expect(try NWBTable.read("/units", in: path)?.ids == [17, 4, 9, 2, 100, 1, 0])
        let trains = try openRecording(path).units().trains
        #expect(trains.map(\.id) == result.units.map(\.train.id))
        #expect(trains.map(\.times) == result.units.map(\.train.times))
        #expect(trains.map(\.observed) == result.units.map(\.train.observed))
    }

    @Test func emptyResults() throws {
        let nothing = RecordingResult(name: "nothing", session: SessionFacts(), electrodes: [], segments: [])
        #expect(try passedThroughAFile(nothing) == nothing)

        var random = RandomResult(seed: 3)
        let full = random.make()
        var result = full
        result.units = []
        #expect(try passedThroughAFile(result) == result)
        result = random.make(electrodes: 0)
        #expect(try passedThroughAFile(result) == result)
        result = full
        result.spectra = []
        result.excerpt = nil
        result.session = SessionFacts(description: "")
        #expect(try passedThroughAFile(result) == result)
        for index in result.units.indices { result.units[index].train.observed = [] }
        #expect(try passedThroughAFile(result) == result)
    }

    @Test func unitsWithoutSpikesBurstsMeasuresOrObservation() throws {
        let observed = [TimeInterval(start: 0, stop: 10)]
        var result = RecordingResult(
            name: "silent", session: SessionFacts(), electrodes: [Electrode(id: "a")], segments: observed,
            units: [
                UnitResult(train: SpikeTrain(id: "a", electrode: 0, times: [], observed: observed)),
                UnitResult(train: SpikeTrain(id: "b", times: [], observed: [])),
            ])
        #expect(try passedThroughAFile(result) == result)
        // No burst detector ran above; here one ran and found nothing.
        for index in result.units.indices { result.units[index].bursts = [] }
        #expect(try passedThroughAFile(result) == result)
        result.burstsDescription = "MaxInterval"
        #expect(try passedThroughAFile(result) == result)
    }

    @Test func whatAnNWBFileDoesNotTellApart() throws {
        let observed = [TimeInterval(start: 0, stop: 10)]
        let train = SpikeTrain(id: "a", electrode: 0, times: [1, 2], observed: observed)
        var result = RecordingResult(
            name: "edge", session: SessionFacts(), electrodes: [Electrode(id: "a", location: "", group: "g")], segments: observed,
            units: [
                UnitResult(train: train, bursts: [], values: [.nan], meanWaveform: []),
                UnitResult(train: SpikeTrain(id: "b", times: [], observed: observed), bursts: nil, values: [.infinity]),
            ], metrics: [MetricDescription(name: "rate_hz", meaning: "")],
            spectra: [SpectrumResult(stage: "s", method: "welch", frequencies: [1], electrodes: [], power: [], windows: 1)],
            excerpt: Excerpt(rate: try SampleRate(hertz: 100), start: 0, electrodes: [0], samples: [[]]))
        let back = try passedThroughAFile(result)
        result.electrodes[0].location = nil
        result.units[0].values = [nil]
        result.units[0].meanWaveform = nil
        result.units[1].bursts = []
        result.spectra = []
        result.excerpt = nil
        #expect(back == result)
    }

    @Test func factsThatNWBCannotHoldAreKeptBesideItsOwn() throws {
        let result = RecordingResult(
            name: "old", session: SessionFacts(start: "last Tuesday", description: "", species: "mouse", other: ["": "nameless", "a/b": ""]),
            electrodes: [], segments: [])
        #expect(try passedThroughAFile(result) == result)
        let path = folder.file("old.nwb")
        try writeRecordingResult(result, to: path)
        let session = try openRecording(path).session
        #expect(session.start == "1970-01-01T00:00:00Z")
        #expect(session.description == "recording old")
        #expect(session.sex == "U")
        #expect(session.age == "P0D/")
    }

    @Test func electrodesOfAnyName() throws {
        let groups = ["electrodes", "electrodes_", "a/b", "a:b", "a_b", ".", "", "probe"]
        let electrodes = groups.enumerated().map { Electrode(id: "\($0 % 2)/\($1)", location: "area: \($0)", group: $1.isEmpty ? nil : $1) }
        let result = RecordingResult(name: "names", session: SessionFacts(), electrodes: electrodes, segments: [])
        #expect(try passedThroughAFile(result) == result)
        // Numbers that name two electrodes alike are no ids.
        let alike = RecordingResult(
            name: "alike", session: SessionFacts(), electrodes: ["1", "01", "2"].map { Electrode(id: $0) }, segments: [])
        #expect(try passedThroughAFile(alike) == alike)
    }

    @Test func equalResultsMakeEqualBytesAndOthersAnotherIdentity() throws {
        var random = RandomResult(seed: 11)
        let result = random.make()
        func written(_ result: RecordingResult, _ name: String) throws -> Data {
            try writeRecordingResult(result, to: folder.file(name))
            return try Data(contentsOf: URL(fileURLWithPath: folder.file(name)))
        }
        let first = try written(result, "a.nwb")
        #expect(try written(result, "b.nwb") == first)
        var other = result
        other.units[0].train.times.removeLast()
        other.units[0].train.amplitudes.removeLast()
        #expect(try written(other, "c.nwb") != first)
        func identifier(_ name: String) throws -> String? { try openRecording(folder.file(name)).session.identifier }
        #expect(try identifier("a.nwb") == identifier("b.nwb"))
        #expect(try identifier("a.nwb") != identifier("c.nwb"))
    }

    @Test func theFileIsARecordingOfItsExcerptAndUnits() throws {
        var random = RandomResult(seed: 5)
        let result = random.make()
        let path = folder.file("result.nwb")
        try writeRecordingResult(result, to: path)
        let recording = try openRecording(path)
        let excerpt = try #require(result.excerpt)
        #expect(recording.problems == [])
        #expect(recording.series.map(\.path) == ["/processing/ecephys/excerpt"])
        #expect(recording.session.sex == "F")
        #expect(recording.session.age == "P90D")
        let signal = try recording.signal(of: "/processing/ecephys/excerpt")
        let block = try signal.read(0..<150, columns: Array(excerpt.electrodes.indices), origin: 0)
        for (channel, samples) in excerpt.samples.enumerated() { #expect(block.channel(channel) == samples) }
    }

    @Test func aResultThatContradictsItselfIsRefusedAndLeavesNoFile() throws {
        var random = RandomResult(seed: 2)
        let sound = random.make()
        func refused(_ change: (inout RecordingResult) throws -> Void) throws -> String? {
            var result = sound
            try change(&result)
            let path = folder.file("contradiction.nwb")
            let error = refusal { try writeRecordingResult(result, to: path) }
            #expect(error?.kind == .internalError)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
            return error?.what
        }
        #expect(try refused { $0.units[0].values = [] }?.contains("0 values for 4 measures") == true)
        #expect(try refused { $0.units[0].train.electrode = 99 }?.contains("no electrode") == true)
        #expect(try refused { $0.units[0].train.amplitudes.removeLast() }?.contains("amplitude") == true)
        #expect(try refused { $0.units[0].bursts = [Burst(spikes: 0..<1000, start: 0, stop: 1)] }?.contains("beyond its spikes") == true)
        #expect(try refused { $0.units[0].waveformRate = try SampleRate(hertz: 10) }?.contains("different rates") == true)
        #expect(try refused { $0.metrics[1].name = "spike_times" }?.contains("cannot all be columns") == true)
        #expect(try refused { $0.spectra[0].power.removeLast() }?.contains("spectrum") == true)
        #expect(try refused { $0.excerpt?.samples[0].removeLast() }?.contains("excerpt") == true)
    }

    @Test func whatIsNoResultIsRefused() throws {
        let error = refusal { _ = try readRecordingResult(fixtures + "/recordings/by-pynwb.nwb") }
        #expect(error?.kind == .input)
        #expect(error?.what == "this is no result of Ferrospike")
        #expect(refusal { _ = try readRecordingResult(folder.file("none.nwb")) }?.kind == .input)
    }
}
