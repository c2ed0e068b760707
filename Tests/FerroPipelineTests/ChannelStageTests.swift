// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroDSP
import FerroRecordings
import Testing

@testable import FerroPipeline

/// Stages that mix, choose or replace channels, and what the results say of them.
@Suite("Stages that change channels")
struct ChannelStageTests {
    private static let recording = try? ArrayRecording.twoShanks()

    private func run(_ stages: String, on recording: ArrayRecording? = nil) async throws -> RecordingAnalysis.Outcome {
        let recording = try #require(recording ?? Self.recording)
        let pipeline = try Pipeline.parse("ferrospike: 1\nstages: [\(stages)]\n")
        return try await RecordingAnalysis(pipeline: pipeline, recording: recording, name: "r").run()
    }

    private func refusal(_ stages: String, on recording: ArrayRecording? = nil) async -> FerroError? {
        await #expect(throws: FerroError.self) { _ = try await run(stages, on: recording) }
    }

    private let band = "{bandpass: {low: 300 Hz, high: 6 kHz}}"

    @Test("a unit on a difference names the difference, which stands behind the file's electrodes")
    func bipolar() async throws {
        let outcome = try await run(
            "\(band), {bipolar: {id: pairs}}, {detect-spikes: {}}, {power-spectrum: {from: pairs, window: 100 ms}}, {power-spectrum: {id: raw, from: recording, window: 100 ms}}"
        )
        let electrodes = outcome.result.electrodes
        #expect(electrodes.count == 30)
        #expect(electrodes[16] == Electrode(id: "0-1", location: "vCA1", group: "shank 0", position: SIMD3(0, 12.5, 0)))
        #expect(electrodes.last == Electrode(id: "14-15", location: "DG", group: "shank 1", position: SIMD3(250, 162.5, 0)))
        #expect(outcome.result.units.map(\.train.electrode) == Array(16..<30))
        #expect(outcome.result.units.map(\.train.id) == electrodes[16...].map(\.id))
        #expect(outcome.result.units.contains { !$0.train.times.isEmpty })
        #expect(outcome.result.excerpt?.electrodes.allSatisfy { (16..<30).contains($0) } == true)
        #expect(outcome.result.spectra.map(\.electrodes) == [Array(16..<30), Array(0..<16)])
    }

    @Test("differences run along the probe and not along the file")
    func order() async throws {
        let scrambled = try ArrayRecording(
            electrodes: [50, 0, 75, 25].enumerated().map { Electrode(id: "e\($0)", group: "p", position: SIMD3(0, 0, Double($1))) }, segments: [30_000])
        let outcome = try await run("\(band), {bipolar: {}}, {detect-spikes: {method: by-channel}}", on: scrambled)
        #expect(outcome.result.units.map(\.train.id) == ["e1-e3", "e3-e0", "e0-e2"])
        let unplaced = try ArrayRecording(electrodes: (0..<3).map { Electrode(id: "e\($0)") } + [Electrode(id: "x", group: "alone")], segments: [30_000])
        let second = try await run("\(band), {bipolar: {}}, {detect-spikes: {method: by-channel}}", on: unplaced)
        #expect(second.result.units.map(\.train.id) == ["e0-e1", "e1-e2"])
        #expect(second.findings.warnings.contains { $0.contains("x alone in its group") })
        let error = await refusal("{bipolar: {}}, {bipolar: {}}, {bipolar: {}}, {power-spectrum: {}}", on: unplaced)
        #expect(error?.description.contains("no electrode group has two channels") == true)
    }

    @Test("selected channels keep their place among the electrodes")
    func selection() async throws {
        let all = try await run("\(band), {common-reference: {}}, {detect-spikes: {method: by-channel}}")
        let some = try await run(
            "\(band), {common-reference: {}}, {select-channels: {location: DG, electrode: ['9', '12']}}, {detect-spikes: {method: by-channel}}")
        #expect(some.result.electrodes == all.result.electrodes)
        #expect(some.result.units.map(\.train.electrode) == [9, 12])
        #expect(some.result.units.map(\.train.times) == [9, 12].map { all.result.units[$0].train.times })
        let error = await refusal("\(band), {select-channels: {location: [CA3]}}, {power-spectrum: {}}")
        #expect(error?.kind == .usage)
        #expect(error?.description.contains("location CA3") == true && error?.description.contains("DG, vCA1") == true)
    }

    @Test("words are written out so that they read back")
    func resolved() throws {
        let pipeline = try Pipeline.parse("ferrospike: 1\nstages: [{select-channels: {group: 'a \"b\", [c', electrode: [1, 2]}}]\n")
        let text = pipeline.resolvedYAML(series: nil)
        #expect(text.contains(#"group: ["a \"b\", [c"], electrode: ["1", "2"]"#))
        #expect(try Pipeline.parse(text).resolvedYAML(series: nil) == text)
    }

    @Test("whitening takes away what channels share, leaves microvolts, and a later estimate sees the whitened signal")
    func whitening() async throws {
        let plain = try await run("\(band), {detect-spikes: {method: by-channel, threshold: 14}}")
        let white = try await run(
            "\(band), {whiten: {id: w, estimate-over: 3 s}}, {whiten: {id: again, estimate-over: 3 s}}, {detect-spikes: {method: by-channel, threshold: 14}}")
        let first = try #require(white.findings.covariances["w"]?.matrix)
        let second = try #require(white.findings.covariances["again"]?.matrix)
        func correlation(_ matrix: [[Double]]) -> Double { matrix[0][1] / (matrix[0][0] * matrix[1][1]).squareRoot() }
        #expect(correlation(first) > 0.3)
        #expect(abs(correlation(second)) < 0.02)
        let deviations = first.indices.map { first[$0][$0].squareRoot() }.sorted()
        for channel in second.indices { #expect(abs(second[channel][channel].squareRoot() / ((deviations[7] + deviations[8]) / 2) - 1) < 0.02) }
        // Without the shared noise spikes stand out more.
        let local = try await run("\(band), {whiten: {scope: local, radius: 60 um}}, {detect-spikes: {method: by-channel, threshold: 14}}")
        func height(_ outcome: RecordingAnalysis.Outcome) throws -> Double {
            let noise = try #require(outcome.findings.noise["detect-spikes"])
            let heights = zip(outcome.result.units, noise).flatMap { unit, noise in unit.train.amplitudes.map { Double(abs($0)) / (noise ?? 1) } }
            return heights.reduce(0, +) / Double(heights.count)
        }
        let (before, all, near) = (try height(plain), try height(white), try height(local))
        #expect(all > 1.3 * before && near > 1.3 * before, "\(before), \(all), \(near)")
    }

    @Test("what needs positions says so, and keys that say nothing are refused")
    func refusals() async throws {
        let unplaced = try ArrayRecording(electrodes: (0..<3).map { Electrode(id: "e\($0)") }, segments: [3000])
        for (stage, says) in [
            ("{common-reference: {scope: local, outer: 100 um}}", "electrode e0 has no position"),
            ("{whiten: {scope: local, radius: 100 um}}", "electrode e0 has no position"),
            ("{common-reference: {scope: local}}", "needs `outer`"),
            ("{common-reference: {scope: local, inner: 50 um, outer: 20 um}}", "a ring from 50 um to 20 um is empty"),
            ("{common-reference: {outer: 20 um}}", "`outer` says nothing with `scope: global`"),
            ("{whiten: {scope: local}}", "needs `radius`"),
            ("{whiten: {radius: 20 um}}", "`radius` says nothing"),
            ("{whiten: {estimate-over: 0 s}}", "no signal is left"),
            ("{select-channels: {}}", "selects nothing"),
            ("{fir: {transition: 10 Hz}}", "passes everything"),
        ] {
            let error = await refusal("\(stage), {power-spectrum: {}}", on: unplaced)
            #expect(error?.kind == .usage && error?.description.contains(says) == true, "\(String(describing: error))")
        }
        let lonely = try await run(
            "\(band), {common-reference: {scope: local, inner: 5 um, outer: 10 um}}, {power-spectrum: {window: 100 ms}}")
        #expect(lonely.findings.warnings.contains { $0.contains("no electrodes in the ring around 0, 1, 2") })
        let silent = try ArrayRecording(electrodes: (0..<2).map { Electrode(id: "e\($0)", group: "p") }, segments: [0])
        #expect(try await run("\(band), {whiten: {}}, {detect-spikes: {method: by-channel}}", on: silent).result.units.count == 2)
    }
}
