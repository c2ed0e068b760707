// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5
import FerroPipeline
import FerroStatistics
import FerroStudy
import Foundation
import Testing

/// Epochs in files of their own whose units are only numbered: known again by the place of their electrode.
@Suite struct UnitMatchingTests {
    /// Three subjects, each with a unit at x = 0 and one at x = 100; the file of the drug lists them the other way round.
    private func study(_ matching: String, shift: Double = 0, positions: Bool = true) throws -> SmallStudy {
        let study = try SmallStudy(
            design: """
                design: epochs
                epochs: {saline: control, drug: perturbed}
                \(matching)
                """, outcomes: "{firing_rate_hz: {scale: log}}")
        var table = "recording,file,subject,epoch\n"
        for subject in ["m1", "m2", "m3"] {
            try write(study, "\(subject)-saline.h5", rates: [1, 8], places: positions ? [0, 100] : nil)
            try write(study, "\(subject)-drug.h5", rates: [16, 2], places: positions ? [100 + shift, 0] : nil)
            for epoch in ["saline", "drug"] { table += "\(subject),\(subject)-\(epoch).h5,\(subject),\(epoch)\n" }
        }
        try study.folder.write(table, as: "recordings.csv")
        return study
    }

    private func write(_ study: SmallStudy, _ name: String, rates: [Double], places: [Double]?) throws {
        let trains = rates.map { rate in (0..<Int(rate * 100)).map { (Double($0) + 0.5) / rate } }
        let file = try HDF5File.create(study.folder.file(name))
        let root = try file.root
        try root.write("spikes", trains.flatMap { $0 })
        try root.write("sCount", trains.map { Int64($0.count) })
        try root.write("recordingtime", [0.0, 100])
        if let places { try root.write("epos", places + places.map { _ in 50 }, shape: [2, places.count]) }
        try file.close()
    }

    @Test func unitsAreKnownByTheirPlace() async throws {
        let study = try study("match-units: position")
        let results = try await study.run()
        #expect(Set(results.outcomes.map(\.unit)) == ["x0_y50", "x100_y50"])
        // Either electrode doubles its rate, so that every difference is ln 2.
        let row = try #require(results.normalization.first)
        #expect(row.unitsControl == 6)
        #expect(results.groups.flatMap { $0.points.flatMap(\.cells) }.count == 12)
        #expect(abs(try #require(row.pc.estimate) - log(2)) < 1e-9)
        #expect(try study.open().results().normalization == results.normalization)
    }

    @Test func aUnitWithoutItsLikeIsLeftOut() async throws {
        let results = try await study("match-units: position", shift: 7).run()
        let row = try #require(results.normalization.first)
        #expect(row.unitsControl == 3 && row.warnings.contains(.missingValues))
        #expect(abs(try #require(row.pc.estimate) - log(2)) < 1e-9)
    }

    @Test func unitsOfOneNameAtTwoPlacesAreRefused() async throws {
        let study = try study("match-units: name")
        _ = try await study.process()
        let error = try #require(throws: FerroError.self) { try study.open().gather() }
        #expect(error.kind == .input)
        #expect(error.description.contains("`unit_0` lies at x0_y50 in `m1-saline` and at x100_y50 in `m1-drug`"))
        #expect(error.advice?.contains("match-units: position") == true)
    }

    @Test func withoutPositionsThereIsNothingToMatchBy() async throws {
        let study = try study("match-units: position", positions: false)
        let reports = try await study.process()
        let error = try #require(StudyRun.failure(reports))
        #expect(error.description.contains("`unit_0` has no position"))
        // By name nothing is known against it.
        #expect(try await self.study("", positions: false).run().normalization.count == 1)
    }

    @Test func onlyEpochsAreMatched() throws {
        let error = try #require(throws: FerroError.self) {
            try StudyDefinition.parse(
                "ferrospike-study: 1\ngroups: {a: control, b: perturbed}\nmatch-units: position\noutcomes: {isi_cv: {scale: linear}}\n", path: "study.yaml")
        }
        #expect(error.place == "study.yaml:3:14" && error.description.contains("the design is `groups`"))
    }

    @Test func filesAreTakenFromTheFolderThatIsNamed() async throws {
        let made = try study("match-units: position")
        let other = try ScratchFolder()
        try FileManager.default.copyItem(atPath: made.folder.file("recordings.csv"), toPath: other.file("recordings.csv"))
        var definition = try StudyDefinition.load(made.folder.file("study.yaml"))
        definition.recordings = other.file("recordings.csv")
        #expect(throws: FerroError.self) { try RecordingsTable.read(other.file("recordings.csv"), for: definition) }
        definition.files = made.folder.path
        #expect(try RecordingsTable.read(other.file("recordings.csv"), for: definition).count == 6)
    }
}
