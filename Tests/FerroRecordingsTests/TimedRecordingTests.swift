// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Testing

@testable import FerroRecordings

/// Segments and observed times cut to tables of intervals.
@Suite struct TimedRecordingTests {
    private let rate: SampleRate
    init() throws { rate = try SampleRate(hertz: 100) }

    private func cut(_ kept: [(Double, Double)], _ removed: [(Double, Double)], segment: Segment = Segment(frames: 50..<150, start: 2)) -> [Segment] {
        func intervals(_ pairs: [(Double, Double)]) -> [TimeInterval] { pairs.map { TimeInterval(start: $0.0, stop: $0.1) } }
        return segment.cut(to: kept.isEmpty ? intervals([(-.infinity, .infinity)]) : intervals(kept), without: intervals(removed), at: rate)
    }

    @Test func framesInsideAreKeptEndsIncluded() {
        #expect(cut([], []) == [Segment(frames: 50..<150, start: 2)])
        #expect(cut([(2.1, 2.3)], []) == [Segment(frames: 60..<81, start: 2.1)])
        #expect(cut([(2.101, 2.299)], []) == [Segment(frames: 61..<80, start: 2.11)])
        #expect(cut([(0, 2.05), (2.9, 9)], []) == [Segment(frames: 50..<56, start: 2), Segment(frames: 140..<150, start: 2.9)])
        #expect(cut([(5, 9)], []) == [])
    }

    @Test func framesRemovedLeaveAGap() {
        #expect(cut([], [(2.2, 2.22)]) == [Segment(frames: 50..<70, start: 2), Segment(frames: 73..<150, start: 2.23)])
        #expect(cut([], [(0, 2.5), (2.6, 2.6)]) == [Segment(frames: 101..<110, start: 2.51), Segment(frames: 111..<150, start: 2.61)])
        #expect(cut([], [(0, 9)]) == [])
        // Between two frames nothing is removed.
        #expect(cut([], [(2.201, 2.209)]) == [Segment(frames: 50..<150, start: 2)])
        #expect(cut([(2.1, 2.4)], [(2.2, 2.3)]) == [Segment(frames: 60..<70, start: 2.1), Segment(frames: 81..<91, start: 2.31)])
    }

    @Test func observedTimesAreCutAlike() {
        let whole = TimeInterval(start: 0, stop: 10)
        let everything = [TimeInterval(start: -.infinity, stop: .infinity)]
        #expect(whole.cut(to: everything, without: []) == [whole])
        #expect(
            whole.cut(to: everything, without: [TimeInterval(start: 2, stop: 3), TimeInterval(start: 9, stop: 12)]) == [
                TimeInterval(start: 0, stop: 2), TimeInterval(start: 3, stop: 9),
            ])
        #expect(whole.cut(to: [TimeInterval(start: 4, stop: 20)], without: [TimeInterval(start: 0, stop: 5)]) == [TimeInterval(start: 5, stop: 10)])
        #expect(whole.cut(to: [TimeInterval(start: 11, stop: 20)], without: []) == [])
    }

    @Test func overlappingTrialsAreOneStretch() throws {
        let recording = try openRecording(fixtures + "/formats/nwb-pynwb.h5")
        #expect(try recording.intervals().map(\.name) == ["epochs", "invalid_times", "trials"])
        #expect(try recording.intervals()[2].merged == [TimeInterval(start: 2.1, stop: 2.5)])
        let timed = try TimedRecording(recording, TimeSelection(within: ["trials"], exclude: ["invalid_times"]))
        let raw = try #require(timed.series.first { $0.kind == .electrical })
        #expect(raw.segments == [Segment(frames: 10..<20, start: 2.1), Segment(frames: 23..<51, start: 2.23)])
        // The samples are the file's own.
        let signal = try timed.signal(of: raw.path)
        #expect(signal.description == raw)
        #expect(
            try signal.read(23..<51, columns: [0, 2], origin: 0).samples == recording.signal(of: raw.path).read(23..<51, columns: [0, 2], origin: 0).samples)
        let train = try #require(try timed.units().trains.first)
        #expect(train.observed == [TimeInterval(start: 2.1, stop: 2.2), TimeInterval(start: 2.22, stop: 2.5)])
    }

    /// A stretch of the clock, alone and inside the trials.
    @Test func aStretchCutsWhatIsLeft() throws {
        let recording = try openRecording(fixtures + "/formats/nwb-pynwb.h5")
        let stretch = TimeInterval(start: 2.15, stop: 2.3)
        let raw = try #require(try TimedRecording(recording, TimeSelection(stretch: stretch)).series.first { $0.kind == .electrical })
        #expect(raw.segments.map(\.start) == [2.15] && raw.segments.map(\.frames) == [15..<31])
        let trials = try TimedRecording(recording, TimeSelection(within: ["trials"], exclude: ["invalid_times"], stretch: stretch))
        #expect(try trials.units().trains.first?.observed == [TimeInterval(start: 2.15, stop: 2.2), TimeInterval(start: 2.22, stop: 2.3)])
        let times = try #require(try recording.units().trains.first).times
        #expect(try trials.units().trains.first?.times == times.filter { (2.15...2.2).contains($0) || (2.22...2.3).contains($0) })
        let late = try TimedRecording(recording, TimeSelection(stretch: TimeInterval(start: 90, stop: 99)))
        #expect(late.series.isEmpty && refusal { _ = try late.units() }?.what.contains("outside of what was observed") == true)
    }

    @Test func intervalsThatAreNotThereAreRefused() throws {
        let recording = try openRecording(fixtures + "/formats/nwb-pynwb.h5")
        let error = refusal { _ = try TimedRecording(recording, TimeSelection(exclude: ["invalid_time"])) }
        #expect(error?.what == "the file has no intervals called `invalid_time`")
        #expect(error?.advice == "did you mean `invalid_times`?")
        let other = try openRecording(fixtures + "/formats/nwb-links.h5")
        #expect(refusal { _ = try TimedRecording(other, TimeSelection(within: ["trials"])) }?.expected == "a table of intervals")
    }

    @Test func eventsOfMultiChannelSystemsAreIntervals() throws {
        let tables = try openRecording(fixtures + "/formats/mcs-spikes.h5").intervals()
        #expect(
            tables == [
                IntervalTable(
                    name: "Recording_0/Stream_0/stimulus", intervals: [TimeInterval(start: 0.0015, stop: 0.0015), TimeInterval(start: 0.054, stop: 0.0545)])
            ])
    }
}
