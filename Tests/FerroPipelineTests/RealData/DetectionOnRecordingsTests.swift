// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline
import FerroRecordings
import Foundation
import Testing

/// Spikes of real recordings against SciPy and SpikeInterface (fixtures/generators/detection_reference.py).
@Suite("Detection on recordings", .tags(.realData), .enabled(if: RealData.isNamed))
struct DetectionOnRecordingsTests {
    struct Reference: Decodable {
        struct Recording: Decodable {
            let recording: String
            let rate_hz: Double
            let frames: Int
            let noise_uv: [Double]
            let scipy: [[Int]]
            let spikeinterface: [[Int]]
        }
        let recordings: [Recording]
    }

    static func reference(_ name: String) throws -> Reference.Recording {
        try #require(readReference("detection.json", as: Reference.self).recordings.first { $0.recording == name })
    }

    /// Frames from their differences.
    static func frames(_ differences: [Int]) -> [Int] {
        var frame = 0
        return differences.map {
            frame += $0
            return frame
        }
    }

    /// Frames of `wanted` without one of `given` at most one frame away.
    static func unmatched(_ wanted: [Int], in given: [Int]) -> [Int] {
        let near = Set(given.flatMap { $0 - 1...$0 + 1 })
        return wanted.filter { !near.contains($0) }
    }

    @Test("every spike is SciPy's, to the frame, and the noise is within 0.1 %", arguments: ["locust-tetrode", "purkinje-juxtacellular"])
    func scipy(name: String) async throws {
        let reference = try Self.reference(name)
        let outcome = try await RealData.analyse("raw/\(name).nwb", with: "vhpc-extracellular")
        #expect(outcome.series?.frames == reference.frames)
        let noise = try #require(outcome.findings.noise.values.first)
        #expect(noise.count == reference.noise_uv.count)
        for (own, exact) in zip(noise, reference.noise_uv) { #expect(abs(try #require(own) / exact - 1) < 1e-3) }
        #expect(outcome.result.units.count == reference.scipy.count)
        for (unit, differences) in zip(outcome.result.units, reference.scipy) {
            let frames = unit.train.times.map { Int(($0 * reference.rate_hz).rounded()) }
            let expected = Self.frames(differences)
            #expect(Self.unmatched(frames, in: expected) == [])
            #expect(Self.unmatched(expected, in: frames) == [])
            #expect(frames.count == expected.count)
        }
    }

    @Test(
        "every spike is SpikeInterface's, which has under 0.5 % more: troughs beside a larger deflection that peaks just outside the dead time",
        arguments: ["locust-tetrode", "purkinje-juxtacellular"])
    func spikeInterface(name: String) async throws {
        let reference = try Self.reference(name)
        let outcome = try await RealData.analyse("raw/\(name).nwb", with: "vhpc-extracellular")
        var more = 0
        for (unit, differences) in zip(outcome.result.units, reference.spikeinterface) {
            let frames = unit.train.times.map { Int(($0 * reference.rate_hz).rounded()) }
            let expected = Self.frames(differences)
            #expect(Self.unmatched(frames, in: expected) == [])
            #expect(abs(Double(frames.count) / Double(expected.count) - 1) < 0.01)
            more += Self.unmatched(expected, in: frames).count
        }
        #expect(Double(more) < 0.005 * Double(reference.spikeinterface.joined().count))
    }

    @Test("real spikes are the same bits for any number of workers, reads and memory", arguments: ["locust-tetrode", "purkinje-juxtacellular"])
    func anyWay(name: String) async throws {
        let first = try await RealData.analyse("raw/\(name).nwb", with: "vhpc-extracellular").result
        for (workers, blocks, memory) in [(1, 1, nil), (3, 5, nil), (2, 2, "1 GB")] as [(Int, Int, String?)] {
            var options = RunOptions()
            options.workers = workers
            options.blocksPerRead = blocks
            options.memory = try memory.map { try parseQuantity($0, as: Bytes.self) }
            #expect(try await RealData.analyse("raw/\(name).nwb", with: "vhpc-extracellular", options: options).result == first)
        }
    }

    /// As recorded, without a filter: about 953 troughs beyond -300 uV with 2 ms dead time, in about 135 bursts of falling amplitude more than 100 ms apart.
    @Test("the Purkinje cell's unmistakable spikes and bursts are found")
    func purkinje() async throws {
        let pipeline = try Pipeline.parse(
            """
            ferrospike: 1
            stages:
              - detect-spikes: {method: by-channel, threshold: 5, polarity: negative, dead-time: 2 ms}
            """)
        let recording = try openRecording(RealData.path("raw/purkinje-juxtacellular.nwb"))
        let unit = try #require(try await RecordingAnalysis(pipeline: pipeline, recording: recording, name: "purkinje").run().result.units.first)
        let large = zip(unit.train.times, unit.train.amplitudes).filter { $0.1 < -300 }.map(\.0)
        #expect(abs(large.count - 953) <= 15)
        #expect(abs(1 + zip(large, large.dropFirst()).count { $1 - $0 > 0.1 } - 135) <= 1)
    }
}
