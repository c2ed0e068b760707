// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings
import FerroStatistics
import FerroStudy
import Foundation
import Testing

@testable import FerroReport

/// Intervals and autocorrelograms by group.
@Suite struct GroupTrainsTests {
    private func train(_ times: [Double], _ observed: [(Double, Double)] = [(0, 100)]) -> SpikeTrain {
        SpikeTrain(id: "u", times: times, observed: observed.map { TimeInterval(start: $0.0, stop: $0.1) })
    }

    private func place(of seconds: Double) -> Int { Int(((log10(seconds) + 3.5) * 10).rounded(.down)) }

    @Test func everyIntervalIsInItsClass() {
        let shares = GroupTrains.intervals(train([0, 0.0051, 0.0102, 2.0102, 2.0153]))
        #expect(shares[place(of: 0.0051)] == 75 && shares[place(of: 2)] == 25 && shares.reduce(0, +) == 100)
        // What lies beyond the classes is counted and not shown; over a gap there is no interval.
        let gap = GroupTrains.intervals(train([1, 1.02, 60, 60.02], [(0, 30), (50, 80)]))
        #expect(gap[place(of: 0.02)] == 100)
        #expect(GroupTrains.intervals(train([0, 0.0001, 0.0501])).reduce(0, +) == 50)
        #expect(GroupTrains.edges.first.map { abs($0 - 0.000316) < 1e-6 } == true && abs((GroupTrains.edges.last ?? 0) - 100) < 1e-9)
    }

    /// Against counting every pair.
    @Test func pairsAreCountedOverChance() throws {
        var generator = SeededGenerator(seed: 4)
        let times = (0..<4000).map { _ in (generator.uniform() * 100 * 20_000).rounded() / 20_000 }.sorted()
        let one = train(times, [(0, 40), (40, 100)])
        let found = try #require(GroupTrains.autocorrelogram(one))
        var counts = [Double](repeating: 0, count: 100)
        for later in times.indices {
            for earlier in 0..<later where (times[earlier] < 40) == (times[later] < 40) {
                let samples = Int(((times[later] - times[earlier]) * 20_000).rounded())
                if samples / 20 < 100 { counts[samples / 20] += 1 }
            }
        }
        for place in [0, 1, 50, 99] {
            let lag = (Double(place) + 0.5) / 1000
            #expect(abs(found[place] - counts[place] / (40 * 40 * 0.001 * (100 - 2 * lag))) < 1e-9, "\(place)")
        }
        // Without memory the mean is 1: 4000 pairs and more a class of 100.
        #expect(abs(found.reduce(0, +) / 100 - 1) < 0.02)
        #expect(GroupTrains.autocorrelogram(train([], [(0, 100)])) == nil && GroupTrains.autocorrelogram(train([0.01], [(0, 0.05)])) == nil)
    }

    @Test func aRegularTrainHasItsPeriod() throws {
        let lags = try #require(GroupTrains.autocorrelogram(train((0..<5000).map { Double($0) / 50 })))
        for (place, value) in lags.enumerated() { #expect((value > 10) == (place > 0 && place % 20 == 0), "\(place): \(value)") }
    }

    /// Subjects weigh the same, whatever the number of their units.
    @Test func subjectsWeighEqually() throws {
        let text = "ferrospike-study: 1\ngroups: {a: control, b: perturbed}\noutcomes: {firing_rate_hz: {scale: log}}\n"
        let study = StudyWords(try StudyDefinition.parse(text, path: "/s/study.yaml"))
        var trains = GroupTrains(study: study)
        func result(_ intervals: [Double]) -> RecordingResult {
            RecordingResult(
                name: "r", session: SessionFacts(), electrodes: [], segments: [],
                units: intervals.map { interval in UnitResult(train: train((0..<60).map { 0.00001 + Double($0) * interval })) })
        }
        trains.take(result([0.011]), of: StudyRecording(name: "1", file: "", path: "", subject: "m1", group: "a"))
        trains.take(result([0.5, 0.5, 0.5]), of: StudyRecording(name: "2", file: "", path: "", subject: "m2", group: "a"))
        trains.take(
            RecordingResult(name: "r", session: SessionFacts(), electrodes: [], segments: [], units: [UnitResult(train: train([1, 2]))]),
            of: StudyRecording(name: "3", file: "", path: "", subject: "m3", group: "b"))
        let curves = trains.curves(.intervals)
        #expect(curves.map(\.name) == ["a"] && curves[0].n == 2 && trains.leftOut == 1)
        #expect(abs(curves[0].points[place(of: 0.011)].mean - 50) < 1e-9 && abs(curves[0].points[place(of: 0.5)].mean - 50) < 1e-9)
        #expect(curves[0].points[place(of: 0.5)].low == 0)
        let section = try #require(TrainSection(trains, study))
        #expect(section.note?.hasPrefix("1 unit has fewer than 50 spikes") == true)
    }

    @Test func theReportShowsThemWithTheirData() throws {
        let html = try StudyReport.html(SampleStudies.everyVerdict(recordings: true), evidence: SampleRecordings.evidence)
        #expect(html.contains("Spike trains</h2>") && html.contains("intervals-between-spikes.csv") && html.contains("autocorrelograms.svg"))
        #expect(!(try StudyReport.html(SampleStudies.everyVerdict())).contains("Spike trains</h2>"))
    }
}
