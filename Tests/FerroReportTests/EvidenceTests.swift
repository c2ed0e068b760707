// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings
import FerroStatistics
import FerroStudy
import Foundation
import Testing

@testable import FerroReport

@Suite struct EvidenceTests {
    private func study(_ unit: UnitOfAnalysis) -> StudyWords {
        let conditions = [Condition(name: "a", role: .control), Condition(name: "b", role: .perturbed)]
        return StudyWords(
            StudyDefinition(
                title: "t", design: .groups, comparison: .groups(conditions), unitOfAnalysis: unit,
                outcomes: [OutcomeDefinition(name: "firing_rate_hz", scale: .log)], settings: StatisticsSettings()))
    }

    private func recording(_ name: String, _ subject: String, cage: String? = nil, group: String = "a") -> StudyRecording {
        StudyRecording(name: name, file: name, path: name, subject: subject, cage: cage, group: group)
    }

    private func result(_ rows: [[Double]], frequencies: [Double] = [0, 1, 2]) -> RecordingResult {
        RecordingResult(
            name: "r", session: SessionFacts(), electrodes: [], segments: [],
            spectra: [SpectrumResult(stage: "s", method: "m", frequencies: frequencies, electrodes: Array(rows.indices), power: rows, windows: 4)])
    }

    @Test func averagesSpectraWithinSubjectsFirst() throws {
        var spectra = GroupSpectra(study: study(.subject))
        // Subject one has two recordings, of which one has two electrodes: it still counts once.
        spectra.take(result([[0, 1, 1], [0, 100, 1]]), of: recording("r1", "one"))
        spectra.take(result([[0, 1000, 1]]), of: recording("r2", "one"))
        spectra.take(result([[0, 1, 1]]), of: recording("r3", "two"))
        let made = spectra.spectra()
        let curve = try #require(made.figures.first?.curves.first)
        #expect(curve.n == 2)
        // Subject one: sqrt(10 * 1000) = 100; the group: sqrt(100 * 1) = 10.
        #expect(abs(curve.power[1] - 10) < 1e-9 && abs(curve.power[2] - 1) < 1e-12)
        #expect(curve.low[1] < 10 && curve.high[1] > 10)
        #expect(made.leftOut == 0)
    }

    @Test func countsACageOnceWhereItIsTheUnit() throws {
        var spectra = GroupSpectra(study: study(.cage))
        spectra.take(result([[0, 100, 1]]), of: recording("r1", "one", cage: "x"))
        spectra.take(result([[0, 100, 1]]), of: recording("r2", "two", cage: "x"))
        spectra.take(result([[0, 1, 1]]), of: recording("r3", "three", cage: "y"))
        let curve = try #require(spectra.spectra().figures.first?.curves.first)
        #expect(curve.n == 2)
        #expect(abs(curve.power[1] - 10) < 1e-9)
    }

    @Test func leavesOutSpectraOnOtherFrequencies() throws {
        var spectra = GroupSpectra(study: study(.subject))
        spectra.take(result([[0, 2, 2]]), of: recording("r1", "one"))
        spectra.take(result([[0, 8, 8]], frequencies: [0, 3, 6]), of: recording("r2", "two"))
        let made = spectra.spectra()
        #expect(made.leftOut == 1)
        let curve = try #require(made.figures.first?.curves.first)
        #expect(abs(curve.power[1] - 2) < 1e-12)
        #expect(curve.low.isEmpty, "one subject has no interval")
    }

    @Test func choosesTheRecordingNearestToTheGroup() throws {
        let results = try SampleStudies.everyVerdict(recordings: true)
        let choice = ExampleChoice(results: results, study: StudyWords(results.definition))
        #expect(choice.examples.map(\.condition.name) == ["gh", "iso", "dfo", "aso", "cbx"])
        for example in choice.examples {
            let row = try #require(results.groups.first { $0.outcome == "firing_rate_hz" && $0.group == example.condition.name })
            let distances = row.points.map { abs($0.value - (row.mean ?? 0)) }
            #expect(abs(abs(example.value - example.mean) - (distances.min() ?? .infinity)) < 1e-9)
        }
    }

    @Test func choosesNoRecordingThatIsNotDone() throws {
        var results = try SampleStudies.everyVerdict(recordings: true)
        let study = StudyWords(results.definition)
        let before = ExampleChoice(results: results, study: study).examples[0].state.recording.name
        for index in results.recordings.indices where results.recordings[index].recording.name == before { results.recordings[index].status = .failed }
        for index in results.recordings.indices where results.recordings[index].recording.group == "iso" { results.recordings[index].status = .pending }
        let examples = ExampleChoice(results: results, study: study).examples
        #expect(examples[0].state.recording.name != before)
        #expect(!examples.contains { $0.condition.name == "iso" })
    }

    /// Epochs are files of one name, each with a folder of its own.
    @Test func tellsEpochsOfOneRecordingApart() throws {
        var results = try SampleStudies.within()
        results.recordings = ["before", "drug", "wash"].flatMap { epoch in
            (0..<7).map { index in
                var recording = recording("rec-mouse-\(index)", "mouse-\(index)", group: "")
                recording.epoch = epoch
                return StudyRecordingState(recording: recording, status: .done, directory: "/nowhere/\(recording.folderName)")
            }
        }
        let examples = ExampleChoice(results: results, study: StudyWords(results.definition)).examples
        #expect(examples.map(\.state.recording.epoch) == ["before", "drug", "wash"])
        // Subjects stand evenly around the mean, so the nearest is the one in the middle.
        for example in examples { #expect(abs(example.value - example.mean) < 1e-9) }
        let html = try StudyReport.html(results, evidence: SampleRecordings.evidence)
        #expect(html.contains("Kainate: rec-mouse-3-drug"))
    }
}
