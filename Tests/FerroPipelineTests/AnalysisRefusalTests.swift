// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroDSP
import FerroHDF5
import FerroRecordings
import Foundation
import Testing

@testable import FerroPipeline

/// What a run refuses, and when.
@Suite("Refusals of an analysis")
struct AnalysisRefusalTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    /// Four channels of noise at 20 kHz in microvolts.
    private func recording(
        frames: Int = 60_000, spoil: (inout [Float]) -> Void = { _ in }, positions: Bool = true
    ) throws -> any Recording {
        let path = folder.file("r.nwb")
        let file = try HDF5File.create(path)
        try file.root.setAttribute("nwb_version", "2.6.0")
        let table = try file.root.createGroup("general/extracellular_ephys/electrodes")
        try table.write("id", [Int64(0), 1, 2, 3])
        try table.write("location", strings: ["vCA1", "vCA1", "DG", "DG"])
        if positions {
            try table.write("rel_x", [0.0, 0, 0, 0])
            try table.write("rel_y", [0.0, 20, 40, 60])
        }
        var generator = SeededGenerator(seed: 8)
        var samples = (0..<frames * 4).map { _ in Float(generator.uniform() - 0.5) * 2e-5 }
        spoil(&samples)
        let series = try file.root.createGroup("acquisition/ElectricalSeries")
        try series.setAttribute("neurodata_type", "ElectricalSeries")
        try series.write("data", samples, shape: [frames, 4]).setAttribute("unit", "volts")
        try series.write("starting_time", scalar: 0.0).setAttribute("rate", .double(20_000))
        try series.write("electrodes", [Int64(0), 1, 2, 3])
            .setAttribute("table", .reference(file.reference(to: "/general/extracellular_ephys/electrodes")))
        try file.close()
        return try openRecording(path)
    }

    private func refusal(_ stages: String, of recording: any Recording, options: RunOptions = RunOptions()) async throws -> FerroError? {
        let pipeline = try Pipeline.parse("ferrospike: 1\n" + stages)
        return await #expect(throws: FerroError.self) {
            _ = try await RecordingAnalysis(pipeline: pipeline, recording: recording, name: "r", options: options).run()
        }
    }

    @Test("a length that nobody recorded is refused and not gone through")
    func endless() async throws {
        let path = folder.file("endless.h5")
        let file = try HDF5File.create(path)
        let data = try file.root.createDataset("signal", of: .number(.int16), shape: [1 << 50, 2], storage: .chunked([1000, 2]))
        try data.write(rows: 0, [Int16](repeating: 1, count: 2000))
        try file.close()
        let pipeline = try Pipeline.parse(
            "ferrospike: 1\nrecording: {dataset: /signal, axes: [time, channel], rate: 30 kHz, unit: uV, gain: 1, offset: 0}\nstages: [detect-spikes]\n")
        let recording = try openRecording(path, declared: pipeline.recording.declared)
        let error = await #expect(throws: FerroError.self) {
            _ = try await RecordingAnalysis(pipeline: pipeline, recording: recording, name: "r").run()
        }
        #expect(error?.kind == .input)
        #expect(error?.description.contains("endless.h5: /signal: the file says that the series lasts 434374 days") == true, "\(error?.description ?? "")")
    }

    private let detection = "stages: [{bandpass: {low: 300 Hz, high: 6 kHz}}, {detect-spikes: {}}]\n"

    @Test("of several samples that are no numbers the first is named, for any number of workers", arguments: 1...3)
    func notANumber(workers: Int) async throws {
        let recording = try recording(spoil: { samples in
            samples[4 * 25_000 + 2] = .nan
            samples[4 * 50_000] = .infinity
        })
        var options = RunOptions()
        options.workers = workers
        let error = try await refusal(detection, of: recording, options: options)
        #expect(error?.kind == .input)
        #expect(error?.what == "the sample at frame 25000, column 2 is not a number")
        #expect(error?.place?.hasSuffix("r.nwb: /acquisition/ElectricalSeries/data") == true)
    }

    @Test("an electrode that is left out may hold anything")
    func leftOut() async throws {
        let recording = try recording(spoil: { $0[4 * 25_000 + 2] = .nan })
        let pipeline = try Pipeline.parse("ferrospike: 1\nrecording: {electrodes: {location: vCA1}}\n" + detection)
        let outcome = try await RecordingAnalysis(pipeline: pipeline, recording: recording, name: "r").run()
        #expect(outcome.result.electrodes.map(\.id) == ["0", "1"])
    }

    @Test("what a recording makes impossible is refused before a sample is read")
    func impossible() async throws {
        // A sample that is no number would be refused first if it were read.
        let recording = try recording(spoil: { $0[0] = .nan }, positions: false)
        for (stages, says) in [
            (detection, "electrode 0 has no position"),
            ("stages: [{bandpass: {low: 300 Hz, high: 12 kHz}}]\n", "12 kHz"),
            ("stages: [{decimate: {rate: 1300 Hz}}]\n", "not a whole multiple"),
            ("stages: [{power-spectrum: {bands: {high: [1 Hz, 11 kHz]}}}]\n", "above half the sampling rate"),
            ("recording: {electrodes: {location: vCA3}}\n" + detection, "none of the 4 electrodes passes"),
            ("recording: {series: /acquisition/Other}\n" + detection, "there is no series /acquisition/Other"),
        ] {
            let error = try await refusal(stages, of: recording)
            #expect(error?.description.contains(says) == true, "\(String(describing: error))")
        }
    }

    @Test("a filter that would have to see minutes around a frame is refused with the advice to decimate first, behind which it passes")
    func slowFilters() throws {
        let stream = StreamFormat(rate: try SampleRate(hertz: 30_000), electrodes: [Electrode(id: "0")])
        func plan(_ stages: String) throws -> SignalPlan {
            try SignalPlan(Pipeline.parse("ferrospike: 1\nstages: [\(stages), {power-spectrum: {}}]\n"), source: stream)
        }
        for passes in [
            "{highpass: {cutoff: 0.5 Hz}}", "{bandpass: {low: 0.5 Hz, high: 6 kHz, order: 5}}", "{highpass: {cutoff: 0.1 Hz, order: 1}}",
            "{decimate: {rate: 1250 Hz}}, {highpass: {cutoff: 0.1 Hz}}", "{fir: {low: 1 Hz, transition: 1 Hz}}",
        ] { #expect(throws: Never.self, "\(passes)") { try plan(passes) } }
        for (slow, says) in [
            ("{highpass: {cutoff: 0.1 Hz}}", "`highpass` has to see 5"), ("{fir: {low: 0.2 Hz, transition: 0.2 Hz}}", "`fir` has to see"),
            ("{notch: {frequency: 50 Hz, q: 30}}, {bandpass: {low: 0.05 Hz, high: 10 Hz}}", "`bandpass` has to see"),
        ] {
            let error = #expect(throws: FerroError.self) { try plan(slow) }
            #expect(error?.kind == .usage && error?.advice?.hasPrefix("decimate first") == true && error?.place?.hasPrefix("pipeline.yaml:2:") == true)
            #expect(error?.what.contains(says) == true, "\(String(describing: error))")
        }
        let error = #expect(throws: FerroError.self) { try plan("{decimate: {rate: 500 Hz}}, {highpass: {cutoff: 0.02 Hz}}") }
        #expect(error?.what.contains("of the recording around every frame") == true, "\(String(describing: error))")
    }

    @Test("a memory budget lowers the workers to what fits, and too little names what is needed")
    func memory() throws {
        let stream = StreamFormat(rate: try SampleRate(hertz: 20_000), electrodes: (0..<64).map { Electrode(id: "\($0)") })
        var graph = StreamGraph(source: stream)
        let filtered = graph.add(try ZeroPhaseFilter(Butterworth(order: 3).bandpass(300...6000, at: stream.rate)), on: 0)
        let readers = [StreamGraph.Reader(node: filtered, margin: Margin(20))]
        func plan(_ memory: Double?, workers: Int = 8, blocks: Int = 1, estimation: Int = 0) throws -> MemoryPlan {
            var options = RunOptions()
            options.workers = workers
            options.blocksPerRead = blocks
            options.memory = memory.map { Bytes($0) }
            return try MemoryPlan(
                graph: graph, readers: readers, step: 8192, longestSegment: 10_000_000, estimationBytes: estimation, options: options)
        }
        #expect(try plan(nil).workers == 8)
        let each = try plan(nil).bytesPerWorker
        // A block is 8192 frames and its margins of 64 channels of 4 bytes, twice, and the filter's scratch.
        #expect(each > 2 * 8192 * 64 * 4 && each < 10 * 8192 * 64 * 4)
        #expect(try plan(Double(try plan(nil).base) + 3.5 * Double(each)).workers == 3)
        #expect(try plan(Double(try plan(nil).base) + 3.5 * Double(each), estimation: each).workers == 2)
        #expect(try plan(1e12).workers == 8)
        #expect(try plan(nil, blocks: 4).bytesPerWorker > 3 * each)
        let error = #expect(throws: FerroError.self) { try plan(30e6) }
        #expect(error?.kind == .usage)
        #expect(error?.what.hasPrefix("30 MB of memory is too little") == true)
    }

    @Test("what a worker needs does not depend on the recording's length")
    func lengths() throws {
        let stream = StreamFormat(rate: try SampleRate(hertz: 20_000), electrodes: (0..<8).map { Electrode(id: "\($0)") })
        let graph = StreamGraph(source: stream)
        let readers = [StreamGraph.Reader(node: 0, margin: Margin(20))]
        let needs = try [100_000, 1_000_000_000].map {
            try MemoryPlan(graph: graph, readers: readers, step: 8192, longestSegment: $0, options: RunOptions()).bytesPerWorker
        }
        #expect(needs[0] == needs[1])
    }

    @Test("absurd options are no more than generous ones")
    func absurd() async throws {
        let recording = try recording()
        let pipeline = try Pipeline.parse("ferrospike: 1\n" + detection)
        var options = RunOptions()
        let expected = try await RecordingAnalysis(pipeline: pipeline, recording: recording, name: "r", options: options).run().result
        options.workers = .max
        options.blocksPerRead = .max
        options.memory = Bytes(1e300)
        #expect(try await RecordingAnalysis(pipeline: pipeline, recording: recording, name: "r", options: options).run().result == expected)
    }
}
