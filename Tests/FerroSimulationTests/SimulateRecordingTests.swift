// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroSimulation
import Foundation
import Testing

@Suite struct SimulateRecordingTests {
    private func spec(layout: StorageSpec.Layout = .contiguous, gaps: [GapSpec] = []) throws -> RecordingSpec {
        RecordingSpec(
            seed: 11, duration: Seconds(3), rate: try SampleRate(hertz: 30_000),
            electrodes: ElectrodeLayout(geometry: .tetrode, count: 4, pitch: Micrometres(25)),
            neurons: [
                NeuronSpec(snr: 8, rate: Hertz(20), bursting: BurstingSpec(fraction: 0.3)),
                NeuronSpec(snr: 6, rate: Hertz(10), waveform: .interneuron),
            ],
            background: BackgroundSpec(noise: Microvolts(5), lfp: Microvolts(80)), storage: StorageSpec(layout: layout), gaps: gaps)
    }

    @Test(arguments: StorageSpec.Layout.allCases) func equalDescriptionsMakeEqualBytes(layout: StorageSpec.Layout) throws {
        let folder = try TemporaryFolder()
        try simulateRecording(spec: spec(layout: layout), to: folder.path("a.nwb"))
        try simulateRecording(spec: spec(layout: layout), to: folder.path("b.nwb"), blockFrames: 777)
        let (a, b) = (FileManager.default.contents(atPath: folder.path("a.nwb")), FileManager.default.contents(atPath: folder.path("b.nwb")))
        #expect(a != nil && a == b)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["a.nwb", "b.nwb"])
    }

    @Test func theTruthComesBackAsItWas() throws {
        let folder = try TemporaryFolder()
        let made = try simulateRecording(
            spec: spec(gaps: [GapSpec(after: Seconds(1.25), duration: Seconds(2))]), to: folder.path("r.nwb"))
        #expect(made.truth.units.allSatisfy { $0.train.times.count > 5 })
        #expect(!made.truth.units[0].bursts.isEmpty)
        #expect(made.truth.segments.count == 2)
        #expect(try GroundTruth.read(from: made.path) == made.truth)
        // No burst and no waveform reaches across the gap.
        for unit in made.truth.units { #expect(unit.train.times.allSatisfy { $0 < 1.25 || $0 > 3.25 }) }
    }

    @Test func aFailureLeavesNothingBehind() throws {
        let folder = try TemporaryFolder()
        #expect(throws: FerroError.self) { try simulateRecording(spec: spec(), to: folder.path("missing/r.nwb")) }
        var impossible = try spec()
        impossible.neurons[0].rate = Hertz(1e4)
        #expect(throws: FerroError.self) { try simulateRecording(spec: impossible, to: folder.path("r.nwb")) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test func whatHoldsNoTruthIsRefused() throws {
        let folder = try TemporaryFolder()
        try Data("no".utf8).write(to: URL(fileURLWithPath: folder.path("x.nwb")))
        #expect(throws: FerroError.self) { try GroundTruth.read(from: folder.path("x.nwb")) }
    }
}

/// A folder that is removed with its owner.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("ferrospike-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func path(_ name: String) -> String { path + "/" + name }
}
