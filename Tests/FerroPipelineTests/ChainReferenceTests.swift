// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings
import Foundation
import Testing

@testable import FerroPipeline

/// Whole chains, run in blocks, against SciPy and NumPy in Float64 over the whole segment.
@Suite("Chains against SciPy")
struct ChainReferenceTests {
    struct Reference: Decodable {
        struct Case: Decodable { var stages: String, count: Int, at: [Int], output: [[Double]], rms: Double }
        var frames: Int, rate: Double, channels: Int, offset: Int, cases: [Case]
    }

    private func reference() throws -> Reference {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: root.appending(path: "fixtures/reference/dsp/chains.json")))
    }

    /// The input of `fixtures/generators/dsp_reference.py`, one seed a channel.
    private func recording(_ reference: Reference) throws -> ArrayRecording {
        var block = SignalBlock(frames: 0..<reference.frames, channels: reference.channels)
        for channel in 0..<reference.channels {
            var state = UInt64(channel + 1)
            var walk = 0
            for frame in 0..<reference.frames {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                walk += Int((state >> 40) & 1023) - 512
                block[frame, channel] = Float(reference.offset) + Float(4 * (Int(state >> 52) - 2048) + walk) / 64
            }
        }
        return try ArrayRecording(samples: block, rate: reference.rate)
    }

    @Test("every frame of the reference is met within 1e-5 of the output's RMS")
    func chains() async throws {
        let reference = try reference()
        let recording = try recording(reference)
        for expected in reference.cases {
            // The excerpt shows the signal that spikes are looked for in: here all of it.
            let pipeline = try Pipeline.parse("ferrospike: 1\nstages: [\(expected.stages), {detect-spikes: {method: by-channel, excerpt: 60 s}}]\n")
            let outcome = try await RecordingAnalysis(pipeline: pipeline, recording: recording, name: "r").run()
            #expect(try #require(outcome.blockFrames) < reference.frames / 2)
            let samples = try #require(outcome.result.excerpt?.samples)
            #expect(samples.count == expected.output[0].count && samples.allSatisfy { $0.count == expected.count })
            var worst = 0.0
            for (frame, values) in zip(expected.at, expected.output) {
                for (channel, value) in values.enumerated() { worst = max(worst, abs(Double(samples[channel][frame]) - value) / expected.rms) }
            }
            #expect(worst < 1e-5, "\(expected.stages): \(worst) of the RMS")
        }
    }
}
