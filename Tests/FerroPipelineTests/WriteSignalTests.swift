// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings
import Foundation
import Testing

@testable import FerroPipeline

@Suite("Written signals")
struct WriteSignalTests {
    private static let recording = try? ArrayRecording.twoShanks()

    private func folder() throws -> String {
        let folder = FileManager.default.temporaryDirectory.appending(path: "ferrospike-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    private func run(_ stages: String, options: RunOptions = RunOptions(), into folder: String?) async throws -> RecordingAnalysis.Outcome {
        let recording = try #require(Self.recording)
        let pipeline = try Pipeline.parse("ferrospike: 1\nstages: [\(stages)]\n")
        return try await RecordingAnalysis(pipeline: pipeline, recording: recording, name: "r", options: options, folder: folder).run()
    }

    private func contents(_ folder: String) throws -> [String: Data] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        return Dictionary(uniqueKeysWithValues: try names.map { ($0, try Data(contentsOf: URL(filePath: folder + "/" + $0))) })
    }

    @Test("every sample is within half a step of the signal, in its own stretch")
    func steps() async throws {
        let (recording, folder) = (try #require(Self.recording), try folder())
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try await run("{write-signal: {id: raw, format: binary, step: 0.5 uV}}, {write-signal: {id: raw2, format: nwb, step: 0.5 uV}}", into: folder)
        #expect(
            try contents(folder).keys.sorted() == ["raw-1.bin", "raw-2.bin", "raw-3.bin", "raw-4.bin", "raw.json", "raw.probe.json", "raw2.nwb"])
        let written = try openRecording(folder + "/raw2.nwb")
        let series = try #require(written.series.first)
        let wanted = recording.series[0]
        #expect(series.rate == wanted.rate)
        #expect(series.electrodes == wanted.electrodes)
        #expect(series.segments.map(\.frames) == wanted.segments.map(\.frames))
        for (one, other) in zip(series.segments, wanted.segments) { #expect(abs(one.start - other.start) < 1e-9) }
        let block = try written.signal(of: series.path).read(0..<series.frames, columns: Array(0..<16), origin: 0)
        for (number, segment) in wanted.segments.enumerated() {
            let stored = try Data(contentsOf: URL(filePath: "\(folder)/raw-\(number + 1).bin")).withUnsafeBytes { Array($0.bindMemory(to: Int16.self)) }
            #expect(stored.count == segment.frames.count * 16)
            var farthest = 0.0
            var differs = 0
            for frame in segment.frames {
                for channel in 0..<16 {
                    let steps = stored[(frame - segment.frames.lowerBound) * 16 + channel]
                    farthest = max(farthest, abs(Double(steps) * 0.5 - Double(recording.samples[frame, channel])))
                    if block[frame, channel] != Float(Double(steps) * 0.5) { differs += 1 }
                }
            }
            #expect(farthest <= 0.25)
            #expect(differs == 0)
        }
        let facts = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: folder + "/raw.json"))) as? [String: Any])
        #expect(facts["t_starts"] as? [Double] == wanted.segments.map(\.start))
        #expect(facts["gain_to_uV"] as? Double == 0.5)
    }

    @Test("float32 keeps every bit, and the signal goes on to the next stage as it is")
    func bits() async throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let chain = "{bandpass: {low: 300 Hz, high: 6 kHz}}, {common-reference: {}}"
        let with = try await run("\(chain), {write-signal: {format: binary, type: float32}}, {detect-spikes: {}}", into: folder)
        let without = try await run("\(chain), {detect-spikes: {}}", into: nil)
        #expect(with.result.units == without.result.units)
        // The excerpt of figures is a piece of the same signal.
        let excerpt = try #require(with.result.excerpt)
        let stored = try Data(contentsOf: URL(filePath: folder + "/write-signal-1.bin")).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        let first = excerpt.rate.frames(in: Seconds(excerpt.start - 0))
        for (samples, electrode) in zip(excerpt.samples, excerpt.electrodes) {
            #expect(samples == samples.indices.map { stored[(first + $0) * 16 + electrode] })
        }
    }

    @Test("workers, memory and the amount read at once change no byte")
    func anyWayOfWorking() async throws {
        let stages =
            "{bandpass: {low: 300 Hz, high: 6 kHz}}, {write-signal: {id: a, format: nwb}}, {write-signal: {id: b, format: binary}}, "
            + "{decimate: {id: lfp, from: recording, rate: 1250 Hz}}, {write-signal: {id: c, format: nwb, type: float32, compression: 4}}"
        var first: [String: Data]?
        for (workers, reads) in [(1, 1), (3, 1), (2, 5)] {
            let folder = try folder()
            defer { try? FileManager.default.removeItem(atPath: folder) }
            var options = RunOptions()
            options.workers = workers
            options.blocksPerRead = reads
            _ = try await run(stages, options: options, into: folder)
            let files = try contents(folder)
            #expect(files.count == 8)
            if let first { #expect(files == first, "\(workers) workers") } else { first = files }
        }
    }

    @Test("what the stored numbers cannot say stands at the limit and is counted")
    func saturation() async throws {
        let (recording, folder) = (try #require(Self.recording), try folder())
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let outcome = try await run("{write-signal: {id: raw, format: binary, step: 0.025 uV}}", into: folder)
        var beyond = 0
        for frame in recording.samples.frames {
            for channel in 0..<16 {
                let steps = (Double(recording.samples[frame, channel]) / 0.025).rounded(.toNearestOrEven)
                if steps > 32767 || steps < -32768 { beyond += 1 }
            }
        }
        #expect(beyond > 1000)
        let warning = try #require(outcome.findings.warnings.first)
        #expect(warning.hasPrefix("raw: \(beyond) of \(recording.samples.frames.count * 16) samples are beyond ±819.175 uV"), "\(warning)")
        let stored = try Data(contentsOf: URL(filePath: folder + "/raw-1.bin")).withUnsafeBytes { Array($0.bindMemory(to: Int16.self)) }
        #expect(stored.max() == 32767)
    }

    @Test(
        "mistakes are shown before a sample is read",
        arguments: [
            ("{write-signal: {}}", "needs `format`"), ("{write-signal: {format: nwb, step: 0 uV}}", "a step of zero"),
            ("{write-signal: {format: nwb, step: 0.195}}", "no unit"),
            ("{write-signal: {format: nwb, id: result}}", "`result.nwb` has its name from Ferrospike"),
            ("{write-signal: {format: binary, id: manifest}}", "`manifest.json` has its name from Ferrospike"),
        ])
    func mistakes(stages: String, words: String) async throws {
        let error = await #expect(throws: FerroError.self) { _ = try await run(stages, into: nil) }
        #expect(error?.kind == .usage)
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test("electrodes without positions have no probe file, and the plane of a probe is the one its sites lie in")
    func probes() throws {
        let flat = try #require(ProbeFile([Electrode(id: "a", position: SIMD3(0, 5, 20)), Electrode(id: "b", position: SIMD3(0, 5, 40))]))
        #expect(flat.probes[0].contact_positions == [[0, 20], [0, 40]])
        let upright = try #require(ProbeFile([Electrode(id: "a", position: SIMD3(0, 5, 20)), Electrode(id: "b", position: SIMD3(0, 7, 40))]))
        #expect(upright.probes[0].contact_positions == [[5, 20], [7, 40]])
        #expect(ProbeFile([Electrode(id: "a", position: SIMD3(0, 5, 20)), Electrode(id: "b")]) == nil)
        #expect(ProbeFile([Electrode(id: "a", position: SIMD3(0, .nan, 20))]) == nil)
    }
}
