// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroDSP
import FerroPipeline
import FerroRecordings
import FerroSimulation
import FerroSpikes
import Foundation

/// Times every kernel, in turn with a memory copy of the same samples, and whole runs over a simulated file.
///
/// A machine's speed drifts, so the figure to compare is the ratio to the copy, pair by pair. A kernel that loses its fused multiply-adds
/// (see Package.swift) shows as a ratio some fifty times larger.
@main
enum Bench {
    static let channels = 64
    static let rounds = 9

    static func main() async throws {
        print("kernel, \(channels) channels at 30 kHz".padded(44) + "M samples/s".leftPadded(12) + "x copy, median (range)".leftPadded(26))
        for row in try kernels() { row.print() }
        print()
        try await runs()
    }

    // MARK: Kernels

    private static func kernels() throws -> [BenchRow] {
        let rate = try SampleRate(hertz: 30_000)
        let frames = 16_384
        let signal = noise(frames: frames)
        let whole = 0..<frames
        let sections = try Butterworth(order: 3).bandpass(300...6000, at: rate)
        let slow = try Butterworth(order: 3).bandpass(4...12, at: try SampleRate(hertz: 1250))
        let median = try CommonReference(operator: .median, groups: [Array(0..<channels)])
        let detector = ThresholdDetector(threshold: 5, noise: Array(repeating: 1, count: channels), polarity: .negative, deadFrames: 30)
        let histogram = NoiseHistogram(channels: channels)
        let welch = try WelchSpectrum(windowFrames: 2500, rate: SampleRate(hertz: 1250), channels: channels)
        let decimator = Decimator(factor: 24)

        func row(_ name: String, _ work: @escaping () -> Double) -> BenchRow {
            BenchRow(name, samples: frames * channels, rounds: rounds, copying: signal, work)
        }
        func transform(_ name: String, _ transform: any SignalTransform) -> BenchRow {
            row(name) {
                let output = 0..<transform.outputFrames(ofSegment: frames)
                return Double(transform.apply(signal, producing: output, segmentFrames: frames).samples[0])
            }
        }
        return [
            transform("band-pass 300-6000 Hz, order 3, zero phase", ZeroPhaseFilter(sections)),
            transform("band-pass 300-6000 Hz, order 3, causal", CausalFilter(sections)),
            transform("band-pass 4-12 Hz of 1250 Hz, zero phase", ZeroPhaseFilter(slow)),
            transform("median of 64 channels", median),
            transform("decimation by 24", decimator),
            row("threshold detection") { Double(detector.events(in: signal, answering: whole, segmentFrames: frames).count) },
            row("noise histogram") {
                var counted = histogram
                counted.add(signal, frames: whole)
                return counted.noise()[0] ?? 0
            },
            row("Welch, 2500 frames, half overlap") {
                var spectrum = welch
                spectrum.append(signal)
                return spectrum.finish()?.power[0][1] ?? 0
            },
        ]
    }

    private static func noise(frames: Int) -> SignalBlock {
        var generator = SeededGenerator(seed: 1)
        var block = SignalBlock(frames: 0..<frames, channels: channels)
        for index in block.samples.indices {
            block.samples[index] = Float((0..<4).reduce(0.0) { sum, _ in sum + generator.uniform() - 0.5 }) * 1.7
        }
        return block
    }

    // MARK: Whole runs

    private static func runs() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "ferrospike-bench-\(ProcessInfo.processInfo.processIdentifier)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let pipeline = try Pipeline.parse(
            """
            ferrospike: 1
            stages:
              - bandpass: {low: 300 Hz, high: 6 kHz, order: 5}
              - common-reference: {operator: median}
              - detect-spikes: {method: by-channel, threshold: 5}
            """)
        for layout in StorageSpec.Layout.allCases {
            let seconds = 60.0
            let spec = RecordingSpec(
                seed: 1, duration: Seconds(seconds), rate: try SampleRate(hertz: 30_000),
                electrodes: ElectrodeLayout(geometry: .linear, count: channels, pitch: Micrometres(25)),
                neurons: (0..<channels).map { _ in NeuronSpec(snr: 10, rate: Hertz(5)) })
            let path = folder.appending(path: "\(layout.rawValue).nwb").path
            try simulateRecording(spec: spec, to: path)
            for workers in [1, 2] {
                var options = RunOptions()
                options.workers = workers
                var rates: [Double] = []
                for _ in 0..<3 {
                    let started = ContinuousClock.now
                    let outcome = try await RecordingAnalysis(
                        pipeline: pipeline, recording: try openRecording(path), name: "bench", options: options
                    ).run()
                    guard !outcome.result.units.isEmpty else { throw FerroError.internalError("the bench found no units") }
                    rates.append(seconds * 30_000 * Double(channels) / (ContinuousClock.now - started).seconds / 1e6)
                }
                let name = "filter order 5, median, detect; \(layout.rawValue), \(workers) worker\(workers == 1 ? "" : "s")"
                print(name.padded(50) + String(format: "%8.0f M samples/s (%.0f to %.0f)", rates.median, rates.min() ?? 0, rates.max() ?? 0))
            }
        }
    }
}
