// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline
import FerroRecordings
import Foundation
import Testing

/// Series chosen by name or kind, and analyses limited to intervals of the file.
@Suite struct SeriesRuleTests {
    private let file = FormatFixtureTests.folder + "/nwb-pynwb.h5"

    private func pipeline(_ recording: String) throws -> Pipeline {
        try Pipeline.parse(
            "ferrospike: 1\nrecording: {\(recording)}\nstages:\n  - power-spectrum: {method: welch, window: 160 ms, bands: {slow: [7 Hz, 20 Hz]}}\n")
    }

    private func analysed(_ recording: String) async throws -> RecordingAnalysis.Outcome {
        try await RecordingAnalysis(pipeline: pipeline(recording), recording: openRecording(file), name: "r").run()
    }

    @Test(arguments: [
        ("series: {kind: lfp}", "/processing/ecephys/LFP/ElectricalSeries"), ("series: {name: LFP}", "/processing/ecephys/LFP/ElectricalSeries"),
        ("series: {kind: electrical}", "/acquisition/ElectricalSeries"),
        ("series: {name: ElectricalSeries, kind: electrical}", "/acquisition/ElectricalSeries"),
        ("series: auto", "/acquisition/ElectricalSeries"), ("series: /acquisition/ElectricalSeries", "/acquisition/ElectricalSeries"),
    ])
    func oneSeriesIsChosen(_ recording: String, _ path: String) async throws {
        #expect(try await analysed(recording).series?.path == path)
        let plan = try pipeline(recording)
        #expect(try Pipeline.parse(plan.resolvedYAML(series: nil)).recording == plan.recording)
        #expect(try plan.refusal(of: openRecording(file)) == nil)
    }

    @Test func severalOrNoneAreRefusedWithTheirNames() throws {
        let several = try #require(try pipeline("series: {name: ElectricalSeries}").refusal(of: openRecording(file)))
        #expect(several.what == "2 series fit {name: \"ElectricalSeries\"}")
        #expect(several.expected?.contains("/processing/ecephys/LFP/ElectricalSeries (lfp)") == true)
        let none = try #require(try pipeline("series: {kind: current-clamp}").refusal(of: openRecording(file)))
        #expect(none.what == "no series fits {kind: current-clamp}")
        #expect(throws: FerroError.self) { try pipeline("series: {kind: LFPs}") }
        #expect(throws: FerroError.self) { try pipeline("series: {}") }
        #expect(throws: FerroError.self) { try pipeline("series: LFP") }
    }

    @Test func timesThatAreLeftOutAreGaps() async throws {
        let outcome = try await analysed("series: {kind: electrical}, within: [trials], exclude: [invalid_times]")
        #expect(outcome.series?.segments.map(\.frames) == [10..<20, 23..<51])
        #expect(outcome.result.segments.map { ($0.start * 100).rounded() } == [210, 223])
        let plan = try pipeline("exclude: invalid_times")
        #expect(plan.resolvedYAML(series: nil).contains("  exclude: [\"invalid_times\"]\n"))
        #expect(try Pipeline.parse(plan.resolvedYAML(series: nil)).recording == plan.recording)
    }

    @Test func anUnknownTableIsRefused() async throws {
        await #expect(throws: FerroError.self) { try await analysed("exclude: [artifacts]") }
    }
}
