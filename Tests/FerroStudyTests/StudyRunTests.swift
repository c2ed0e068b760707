// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline
import FerroStatistics
import FerroStudy
import Foundation
import Testing

/// Studies of small spike lists from the table of recordings to the statistics.
@Suite struct StudyRunTests {
    @Test func everyUnitReachesTheOutcomesAndEverySubjectTheStatistics() async throws {
        let study = try SmallStudy.ofThreeGroups()
        let results = try await study.run()
        #expect(results.recordings.map(\.status) == Array(repeating: .done, count: 9))
        #expect(results.failures.isEmpty)

        let table = try CSVTable(path: study.output.outcomes)
        #expect(table.columns == ["recording", "subject", "cage", "group", "unit", "outcome", "value", "exposure_s"])
        let rates = table.rows.filter { $0.fields[5] == "firing_rate_hz" }
        #expect(rates.map { $0.fields[0] } == SmallStudy.rates.flatMap { Array(repeating: "rec-\($0.subject)", count: 2) })
        #expect(rates.map { $0.fields[4] } == Array(repeating: ["u1", "u2"], count: 9).flatMap { $0 })
        #expect(rates.map { Double($0.fields[6]) } == SmallStudy.rates.flatMap { $0.rates.map { Optional($0) } })
        #expect(rates.allSatisfy { $0.fields[7] == "100" })

        let row = try #require(results.normalization.first { $0.outcome == "firing_rate_hz" })
        func mean(_ group: String) -> Double {
            let subjects = SmallStudy.rates.filter { $0.group == group }.map { $0.rates.map { log($0) }.reduce(0, +) / 2 }
            return subjects.reduce(0, +) / 3
        }
        let (control, perturbed, treated) = (mean("control"), mean("isolated"), mean("dfo"))
        #expect(abs(try #require(row.meanControl) - control) < 1e-12)
        #expect(abs(try #require(row.rescue) - (perturbed - treated) / (perturbed - control)) < 1e-12)
        #expect((row.nControl, row.unitsControl, row.nTreated) == (3, 6, 3))
    }

    @Test func theTableOfOutcomesAloneGivesTheSameStatistics() async throws {
        let study = try SmallStudy.ofThreeGroups()
        let results = try await study.run()
        let alone = try StudyStatistics.run(results.definition, table: study.output.outcomes, into: study.folder.file("alone"))
        #expect(alone.normalization == results.normalization)
        for name in ["groups.csv", "normalization.csv"] {
            #expect(try study.folder.text("alone/\(name)") == study.folder.text("out/\(name)"))
        }
        #expect(try study.open().results() == withoutPlaces(results))
    }

    /// Rows know where they were read, which differs between the recordings' tables and the gathered one.
    private func withoutPlaces(_ results: StudyResults) throws -> StudyResults {
        var copy = results
        let table = try OutcomeTable.read(
            StudyFolder((results.recordings[0].directory as NSString).deletingLastPathComponent).outcomes, for: results.definition)
        let places = table.filter { row in results.definition.outcomes.contains { $0.name == row.outcome } }.map(\.place)
        for index in copy.outcomes.indices { copy.outcomes[index].place = places[index] }
        return copy
    }

    @Test func runningTwiceGivesTheSameBytes() async throws {
        let study = try SmallStudy.ofThreeGroups()
        let names = ["outcomes.csv", "groups.csv", "normalization.csv"]
        _ = try await study.run()
        let first = try names.map { try study.folder.text("out/\($0)") }
        _ = try await study.run()
        #expect(try names.map { try study.folder.text("out/\($0)") } == first)
        _ = try await study.run(resume: true)
        #expect(try names.map { try study.folder.text("out/\($0)") } == first)
    }

    @Test func aCorruptFileFailsAloneAndIsNamed() async throws {
        let study = try SmallStudy.ofThreeGroups()
        try study.spoil("p2.h5")
        let reports = try await study.process()
        let failure = try #require(StudyRun.failure(reports))
        #expect(failure.kind == .partial)
        #expect(failure.what == "1 of 9 recordings failed; the rest are done")
        #expect(failure.excerpt?.contains("rec-p2: ") == true && failure.excerpt?.contains("p2.h5") == true)

        let results = try study.open().gather()
        #expect(results.failures.map(\.recording.name) == ["rec-p2"])
        #expect(results.failures.first?.message?.contains("p2.h5") == true)
        let row = try #require(results.normalization.first)
        #expect((row.nControl, row.nPerturbed, row.nTreated) == (3, 2, 3))
        #expect(try !study.folder.text("out/outcomes.csv").contains("rec-p2"))
        #expect(StudySummary.warnings(results).contains("subject `p2` has no value of any outcome, so it does not count"))
    }

    @Test func aFileThatIsMendedIsRunOnResumeAndTheOthersAreKept() async throws {
        let study = try SmallStudy.ofThreeGroups()
        try study.spoil("p2.h5")
        _ = try await study.run()
        try study.folder.writeSpikeList("p2.h5", rates: [4.4, 8.8])
        let kept = try await study.process(resume: true).map { report in
            if case .success(.kept) = report.result { true } else { false }
        }
        #expect(kept == SmallStudy.rates.map { $0.subject != "p2" })
        #expect(try study.open().gather().failures.isEmpty)
    }

    @Test func resultsOfAFileThatBrokeSinceDoNotCount() async throws {
        let study = try SmallStudy.ofThreeGroups()
        _ = try await study.run()
        try study.spoil("t1.h5")
        #expect(try study.open().plan().first { $0.recording.name == "rec-t1" }?.standing == .changed)
        let results = try await study.run(resume: true)
        #expect(results.failures.map(\.recording.name) == ["rec-t1"])
        #expect(results.normalization.first?.nTreated == 2)
    }

    /// Files of the same name and size, as recordings of the same length are, must not pass for each other.
    @Test func resultsOfAnotherFileOfTheSameSizeDoNotCount() async throws {
        let study = try SmallStudy.ofThreeGroups()
        for (name, rate) in [("a", 2.0), ("b", 2.0), ("c", 8.0)] {
            try FileManager.default.createDirectory(atPath: study.folder.file(name), withIntermediateDirectories: true)
            try study.folder.writeSpikeList("\(name)/session.h5", rates: [rate, 10 - rate])
        }
        let header = "recording,file,subject,group\n"
        try study.folder.write(header + "r1,a/session.h5,m1,control\nr2,b/session.h5,m2,isolated\n", as: "recordings.csv")
        _ = try await study.run()
        try study.folder.write(header + "r1,a/session.h5,m1,control\nr2,c/session.h5,m2,isolated\n", as: "recordings.csv")
        #expect(throws: FerroError.self) { try study.open().results() }
        let results = try study.open().gather()
        #expect(results.recordings.map(\.status) == [.done, .pending])
        #expect(results.recordings.last?.message == "the results are of another content of the file")
        // The file that was moved is still the same.
        try study.folder.write(header + "r1,b/session.h5,m1,control\nr2,c/session.h5,m2,isolated\n", as: "recordings.csv")
        #expect(try study.open().plan().map(\.standing) == [.done, .changed])
    }

    @Test func resultsAreGatheredAfterTheFilesWereArchived() async throws {
        let study = try SmallStudy.ofThreeGroups()
        let before = try await study.run()
        for one in SmallStudy.rates { try FileManager.default.removeItem(atPath: study.folder.file("\(one.subject).h5")) }
        #expect(throws: FerroError.self) { try study.open() }
        #expect(try study.open(checkFiles: false).gather() == before)
        try FileManager.default.removeItem(atPath: study.output.catalog)
        #expect(try study.open(checkFiles: false).gather() == before)
    }

    @Test func aReportOfAStudyThatChangedSinceIsRefused() async throws {
        let study = try SmallStudy.ofThreeGroups()
        _ = try await study.run()
        let table = try study.folder.text("recordings.csv")
        try study.folder.write(table.replacing("t1,dfo", with: "t1,control"), as: "recordings.csv")
        let error = try #require(throws: FerroError.self) { try study.open().results() }
        #expect(error.kind == .input && error.description.contains("outcomes.csv: line "))
        #expect(try study.open().gather().normalization.first?.nControl == 4)
        #expect(try study.open().results().normalization.first?.nControl == 4)
    }

    @Test func aGroupThatFailsAsAWholeLeavesItsStatisticsUndefined() async throws {
        let study = try SmallStudy.ofThreeGroups()
        for name in ["p1.h5", "p2.h5", "p3.h5"] { try study.spoil(name) }
        let row = try #require(try await study.run().normalization.first)
        #expect(row.nPerturbed == 0)
        #expect(row.meanPerturbed == nil && row.pc == .undefined)
        #expect(row.rescueStatus == .fewSubjects && row.verdict == .undetermined)
        #expect(row.tc.estimate != nil)
    }

    @Test func whereNothingIsDoneThereIsNothingToCompare() async throws {
        let study = try SmallStudy.ofThreeGroups()
        for one in SmallStudy.rates { try study.spoil("\(one.subject).h5") }
        let reports = try await study.process()
        #expect(StudyRun.failure(reports)?.kind == .input)
        let error = try #require(throws: FerroError.self) { try study.open().gather() }
        #expect(error.description.contains("no recording is done"))
        #expect(!FileManager.default.fileExists(atPath: study.output.outcomes))
    }

    @Test func aPipelineErrorStopsTheStudyBeforeAnythingIsMade() throws {
        let study = try SmallStudy.ofThreeGroups()
        try study.folder.write("ferrospike: 1\nstages:\n  - import-unit\n", as: "pipeline.yaml")
        let error = try #require(throws: FerroError.self) { try study.open() }
        #expect(error.kind == .usage && error.place?.hasSuffix("pipeline.yaml:3:5") == true)
        #expect(!FileManager.default.fileExists(atPath: study.output.path))
    }

    @Test func anOutcomeThatThePipelineDoesNotMeasureIsRefusedAfterTheFirstRecording() async throws {
        let study = try SmallStudy(outcomes: "{firing_rate: {scale: log}}")
        try study.folder.writeSpikeList("a.h5", rates: [1])
        try study.folder.write("recording,file,subject,group\na,a.h5,a,control\nb,a.h5,b,isolated\n", as: "recordings.csv")
        let error = await #expect(throws: FerroError.self) { _ = try await study.process() }
        #expect(error?.kind == .usage)
        #expect(error?.description.contains("`firing_rate` is not measured by the pipeline") == true)
        #expect(error?.advice == "did you mean `firing_rate_hz`?")
        #expect(!FileManager.default.fileExists(atPath: study.output.path + "/b"))
    }

    @Test func someRecordingsCanBeRunAloneAndGatheredLater() async throws {
        let study = try SmallStudy.ofThreeGroups()
        _ = try await study.open().process(RunOptions(), only: ["rec-c1", "rec-p1"])
        let planned = try study.open().plan()
        #expect(planned.filter { $0.standing == .done }.map(\.recording.name) == ["rec-c1", "rec-p1"])
        #expect(planned.filter { $0.standing == .pending }.count == 7)
        let results = try study.open(checkFiles: false).gather()
        #expect(results.recordings.count { $0.status == .pending } == 7)
        #expect(results.normalization.first?.nControl == 1)
    }

    @Test func anUnknownRecordingCannotBeChosen() async throws {
        let study = try SmallStudy.ofThreeGroups()
        let error = await #expect(throws: FerroError.self) { _ = try await study.open().process(RunOptions(), only: ["rec-c11"]) }
        #expect(error?.kind == .usage && error?.advice == "did you mean `rec-c1`?")
    }

    // MARK: Designs

    @Test func sessionsAreComparedBeforeAndAfter() async throws {
        let study = try SmallStudy(
            design: """
                design: sessions
                sessions: {before: baseline, after: response}
                groups: {control: {role: control}, isolated: {role: perturbed}}
                """)
        var table = "recording,file,subject,group,session\n"
        for (index, factor) in [1, 1.1, 0.9, 3, 3.3, 2.7].enumerated() {
            let (subject, group) = ("m\(index)", index < 3 ? "control" : "isolated")
            try study.folder.writeSpikeList("\(subject)-1.h5", rates: [2, 4])
            // Units are not matched between sessions: there may be another number of them.
            try study.folder.writeSpikeList("\(subject)-2.h5", rates: [2 * factor, 4 * factor, (8 as Double).squareRoot() * factor])
            table += "\(subject)-1,\(subject)-1.h5,\(subject),\(group),before\n\(subject)-2,\(subject)-2.h5,\(subject),\(group),after\n"
        }
        try study.folder.write(table, as: "recordings.csv")
        let row = try #require(try await study.run().normalization.first)
        #expect(try CSVTable(path: study.output.outcomes).columns.last == "session")
        #expect((row.nControl, row.nPerturbed) == (3, 3))
        // Every rate is rounded to whole spikes in 100 s.
        #expect(abs(try #require(row.pc.estimate) - log(3)) < 0.01)
    }

    @Test func epochsInFilesOfTheirOwnAreMatchedByRecordingAndUnit() async throws {
        let study = try SmallStudy(
            design: """
                design: epochs
                epochs: {saline: {role: control}, drug: {role: perturbed}, wash: {role: treated}}
                """)
        var table = "recording,file,subject,epoch\n"
        let drugs = [3.0, 4.0, 6.0]
        for (subject, drug) in zip(["m1", "m2", "m3"], drugs) {
            for (epoch, factor) in [("saline", 1.0), ("drug", drug), ("wash", 2.0)] {
                try study.folder.writeSpikeList("\(subject)-\(epoch).h5", rates: [factor, 3 * factor])
                table += "slice-\(subject),\(subject)-\(epoch).h5,\(subject),\(epoch)\n"
            }
        }
        try study.folder.write(table, as: "recordings.csv")
        let results = try await study.run()
        #expect(FileManager.default.fileExists(atPath: study.output.path + "/slice-m1-drug/manifest.json"))
        let first = try CSVTable(path: study.output.outcomes).rows.first?.fields
        #expect(first?.first == "slice-m1" && first?.last == "saline")
        let row = try #require(results.normalization.first)
        #expect((row.nControl, row.nPerturbed, row.nTreated) == (3, 3, 3))
        #expect((row.unitsControl, row.unitsPerturbed) == (6, 6))
        let drug = drugs.map { log($0) }.reduce(0, +) / 3
        #expect(abs(try #require(row.pc.estimate) - drug) < 1e-9)
        #expect(abs(try #require(row.rescue) - (drug - log(2)) / drug) < 1e-9)
    }
}
