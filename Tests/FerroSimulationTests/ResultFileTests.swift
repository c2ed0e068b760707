// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline
import FerroRecordings
import FerroSimulation
import Foundation
import Testing

/// The result of a whole pipeline goes through its file unchanged.
@Suite struct ResultFileTests {
    private static let detecting = """
        ferrospike: 1
        stages:
          - bandpass:         {id: ap, low: 300 Hz, high: 6 kHz, order: 3, phase: zero}
          - detect-spikes:    {method: by-channel, threshold: 5, polarity: negative, dead-time: 1 ms}
          - detect-bursts:    {method: max-interval, preset: hippocampal-complex-spike}
          - firing:           {}
          - decimate:         {id: lfp, from: recording, rate: 1 kHz}
          - power-spectrum:   {method: welch, window: 500 ms, overlap: 0.5, bands: {theta: [4 Hz, 12 Hz], gamma: [30 Hz, 80 Hz]}}
        """
    private static let importing = """
        ferrospike: 1
        stages:
          - import-units:     {}
          - detect-bursts:    {method: max-interval, preset: hippocampal-complex-spike}
          - firing:           {}
        """

    private func spec(neurons: [NeuronSpec]) throws -> RecordingSpec {
        RecordingSpec(
            seed: 4, duration: Seconds(4), rate: try SampleRate(hertz: 30_000),
            electrodes: ElectrodeLayout(geometry: .linear, count: 5, pitch: Micrometres(25)), neurons: neurons,
            background: BackgroundSpec(noise: Microvolts(5), lfp: Microvolts(80)), gaps: [GapSpec(after: Seconds(1.5), duration: Seconds(2))])
    }

    @Test(arguments: [detecting, importing]) func whatAPipelineFoundComesBackFromTheFile(_ text: String) async throws {
        let folder = try TemporaryFolder()
        let neurons = [NeuronSpec(snr: 9, rate: Hertz(20), bursting: BurstingSpec(fraction: 0.5)), NeuronSpec(snr: 7, rate: Hertz(5))]
        try simulateRecording(spec: spec(neurons: neurons), to: folder.path("r.nwb"))
        let pipeline = try Pipeline.parse(text)
        let result = try await RecordingAnalysis(pipeline: pipeline, recording: openRecording(folder.path("r.nwb")), name: "r").run().result
        #expect(result.units.contains { !($0.bursts ?? []).isEmpty })
        #expect(!result.metrics.isEmpty)
        try writeRecordingResult(result, to: folder.path("result.nwb"))
        expectSame(try readRecordingResult(folder.path("result.nwb")), result)
    }

    private func expectSame(_ found: RecordingResult, _ expected: RecordingResult) {
        let (a, b) = (found, expected)
        #expect(a.session == b.session)
        #expect(a.electrodes == b.electrodes)
        #expect(a.segments == b.segments)
        #expect(a.units == b.units)
        #expect([a.name, a.unitsDescription, a.burstsDescription] == [b.name, b.unitsDescription, b.burstsDescription])
        #expect(a.metrics == b.metrics)
        #expect(a.spectra == b.spectra)
        #expect(a.excerpt == b.excerpt)
    }

    @Test func aRecordingWithoutASpikeHasAResultAllTheSame() async throws {
        let folder = try TemporaryFolder()
        try simulateRecording(spec: spec(neurons: []), to: folder.path("r.nwb"))
        // No noise reaches twenty times its own deviation.
        let pipeline = try Pipeline.parse(Self.detecting.replacingOccurrences(of: "threshold: 5", with: "threshold: 20"))
        let result = try await RecordingAnalysis(pipeline: pipeline, recording: openRecording(folder.path("r.nwb")), name: "r").run().result
        #expect(result.units.count == 5)
        #expect(result.units.allSatisfy { $0.train.times.isEmpty && $0.bursts == [] && $0.meanWaveform == nil })
        try writeRecordingResult(result, to: folder.path("result.nwb"))
        expectSame(try readRecordingResult(folder.path("result.nwb")), result)
    }
}
