// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline
import FerroRecordings
import FerroSimulation
import Foundation

/// Reading and whole runs over simulated files in a folder that is removed again.
struct Readings {
    private let folder: URL
    private static let rate = 30_000

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "ferrospike-bench-\(ProcessInfo.processInfo.processIdentifier)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    /// Reads of a million samples after each other, so that no chunk is still decoded from the time before.
    func rows() throws -> [BenchRow] {
        var rows: [BenchRow] = []
        for layout in StorageSpec.Layout.allCases {
            for channels in [1, 7, 64] {
                let frames = (1 << 20) / channels
                // Twice the decoded chunks that are kept.
                let seconds = channels == 1 ? 600.0 : channels < 64 ? 90 : 20
                let source = try openRecording(try simulate(channels: channels, seconds: seconds, layout: layout)).signal(of: "/acquisition/ElectricalSeries")
                let reads = source.description.frames / frames
                var next = 0
                let work = layout == .gzip ? "inflating, unshuffling and conversion" : "reading and conversion"
                rows.append(
                    BenchRow("\(work), \(channels) channel\(channels == 1 ? "" : "s")", samples: frames * channels) {
                        let first = next % reads * frames
                        next += 1
                        return Double(try source.read(first..<first + frames, columns: Array(0..<channels), origin: 0).samples[0])
                    })
            }
        }
        return rows
    }

    /// Filter, median and detection of whole files, as the program runs them but for writing results.
    func printWholeRuns() async throws {
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
            let path = try simulate(channels: 64, seconds: seconds, layout: layout)
            for workers in [1, 2] {
                var options = RunOptions()
                options.workers = workers
                var rates: [Double] = []
                for _ in 0..<3 {
                    let recording = try openRecording(path)
                    let started = ContinuousClock.now
                    let outcome = try await RecordingAnalysis(pipeline: pipeline, recording: recording, name: "bench", options: options).run()
                    guard !outcome.result.units.isEmpty else { throw FerroError.internalError("the bench found no units") }
                    rates.append(seconds * Double(Readings.rate * 64) / (ContinuousClock.now - started).seconds / 1e6)
                }
                let name = "filter of order 5, median, detection; 64 channels, \(layout.rawValue), \(workers) worker\(workers == 1 ? "" : "s")"
                print(name.padded(70) + String(format: "%8.0f M samples/s (%.0f to %.0f)", rates.median, rates.min() ?? 0, rates.max() ?? 0))
            }
        }
    }

    private func simulate(channels: Int, seconds: Double, layout: StorageSpec.Layout) throws -> String {
        let path = folder.appending(path: "\(channels)-\(Int(seconds))-\(layout.rawValue).nwb").path
        guard !FileManager.default.fileExists(atPath: path) else { return path }
        let spec = RecordingSpec(
            seed: 1, duration: Seconds(seconds), rate: try SampleRate(hertz: Double(Readings.rate)),
            electrodes: ElectrodeLayout(geometry: .linear, count: channels, pitch: Micrometres(25)),
            neurons: (0..<channels).map { _ in NeuronSpec(snr: 10, rate: Hertz(5)) }, storage: StorageSpec(layout: layout))
        try simulateRecording(spec: spec, to: path)
        return path
    }
}
