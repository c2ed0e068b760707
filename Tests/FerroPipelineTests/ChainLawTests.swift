// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings
import Testing

@testable import FerroPipeline

/// A chain gives the same bits however it is carried out.
@Suite("Laws of chains")
struct ChainLawTests {
    private static let recording = try? ArrayRecording.twoShanks()

    static let chains = [
        "{fir: {low: 300 Hz, high: 6 kHz, transition: 200 Hz}}",
        "{bandpass: {low: 300 Hz, high: 6 kHz, order: 5}}, {common-reference: {}}",
        "{highpass: {cutoff: 300 Hz, phase: causal}}, {notch: {frequency: 50 Hz, harmonics: 3}}, {common-reference: {operator: mean, scope: group}}",
        "{fir: {low: 300 Hz, high: 2 kHz, transition: 400 Hz, phase: linear}}, {decimate: {rate: 5 kHz}}",
        "{bandpass: {low: 300 Hz, high: 6 kHz}}, {common-reference: {scope: local, inner: 30 um, outer: 100 um}}",
        "{bandpass: {low: 300 Hz, high: 6 kHz}}, {common-reference: {scope: local, outer: 60 um, operator: mean}}, {select-channels: {group: shank 1}}",
        "{bandpass: {low: 300 Hz, high: 6 kHz}}, {bipolar: {}}",
        "{bandpass: {low: 300 Hz, high: 6 kHz}}, {whiten: {estimate-over: 2 s}}",
        "{bandpass: {low: 300 Hz, high: 6 kHz}}, {whiten: {scope: local, radius: 60 um}}, {bipolar: {}}, {whiten: {regularisation: 0.01}}",
    ]

    @Test("workers, memory and the amount read at once change no bit", arguments: chains)
    func anyWayOfWorking(chain: String) async throws {
        let recording = try #require(Self.recording)
        let pipeline = try Pipeline.parse(
            "ferrospike: 1\nstages: [\(chain), {detect-spikes: {threshold: 4, method: by-channel}}, firing]\n")
        var first: RecordingResult?
        for (workers, reads, memory) in [(1, 1, nil), (2, 1, nil), (3, 2, nil), (7, 1, nil), (2, 5, nil), (7, 1, 200e6)] as [(Int, Int, Double?)] {
            var options = RunOptions()
            options.workers = workers
            options.blocksPerRead = reads
            options.memory = memory.map { Bytes($0) }
            let outcome = try await RecordingAnalysis(pipeline: pipeline, recording: recording, name: "r", options: options).run()
            let result = outcome.result
            #expect(result.units.reduce(0) { $0 + $1.train.times.count } > 100)
            #expect(result.excerpt?.samples.isEmpty == false)
            if let first { #expect(result == first, "\(workers) workers, \(reads) blocks a read") } else { first = result }
        }
    }

    @Test("what the first pass drafted changes no bit, and spares reading", arguments: ["by-channel", "locally-exclusive"], [1, 2])
    func drafts(method: String, seconds: Int) async throws {
        let recording = CountedRecording(try #require(Self.recording))
        let pipeline = try Pipeline.parse(
            "ferrospike: 1\nstages: [{bandpass: {low: 300 Hz, high: 6 kHz}}, {detect-spikes: {threshold: 4, method: \(method), noise-over: \(seconds) s}}, "
                + "{decimate: {rate: 1250 Hz, from: recording}}, {power-spectrum: {window: 50 ms}}]\n")
        var first: RecordingResult?
        var read: [Int] = []
        for (bytes, workers) in [(0, 1), (30_000, 1), (64_000_000, 1), (64_000_000, 3)] {
            var options = RunOptions()
            options.workers = workers
            options.mostDraftBytes = bytes
            recording.reset()
            let result = try await RecordingAnalysis(pipeline: pipeline, recording: recording, name: "r", options: options).run().result
            #expect(result.units.reduce(0) { $0 + $1.train.times.count } > 100)
            if let first { #expect(result == first, "\(bytes) bytes, \(workers) workers") } else { first = result }
            read.append(recording.framesRead)
        }
        // Without drafts the frames of the first pass are read twice, with all of them once, but for margins.
        #expect(read[0] - read[2] > 12_000 * seconds)
        #expect(read[1] > read[2] && read[1] <= read[0])
        #expect(read[3] == read[2])
    }

    @Test("gaps anywhere change no bit for any number of workers", arguments: 1...4)
    func randomGaps(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let segments = (0..<8).map { _ in Int.random(in: 1...Int.random(in: 1...30_000, using: &generator), using: &generator) }
        let recording = try ArrayRecording.twoShanks(segments: segments)
        let pipeline = try Pipeline.parse(
            "ferrospike: 1\nstages: [{fir: {low: 300 Hz, high: 6 kHz, transition: 200 Hz}}, {whiten: {}}, {bipolar: {}}, {bandpass: {low: 500 Hz, high: 5 kHz}}, "
                + "{detect-spikes: {}}, {decimate: {rate: 1250 Hz, from: recording}}, {power-spectrum: {window: 50 ms}}]\n")
        var first: RecordingResult?
        for workers in [1, 2, 3, 7] {
            var options = RunOptions()
            options.workers = workers
            let result = try await RecordingAnalysis(pipeline: pipeline, recording: recording, name: "r", options: options).run().result
            #expect(result.segments.count == 8)
            if let first { #expect(result == first, "\(workers) workers, segments of \(segments)") } else { first = result }
        }
    }
}
