// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroStatistics
import FerroStudy
import Foundation
import Testing

/// Measures of the subjects beside their outcomes.
@Suite struct CovariateTests {
    private static func study(_ covariates: String, unit: String = "subject") -> String {
        """
        ferrospike-study: 1
        recordings: recordings.csv
        groups: {gh: control, iso: perturbed, dfo: treated, naive: other}
        unit-of-analysis: \(unit)
        outcomes: {firing_rate_hz: {scale: log}}
        covariates: \(covariates)
        statistics: {permutations: 2000}
        """
    }

    /// Five subjects a group, one value each; iron follows the rate inside every group and is missing in one subject.
    private func made(iron: (String, Int) -> String = { $0 == "gh" && $1 == 4 ? "NA" : "\($1 + ($0 == "iso" ? 10 : 0))" }) throws -> ScratchFolder {
        let folder = try ScratchFolder()
        var outcomes = "recording,subject,cage,group,unit,outcome,value,exposure_s\n"
        var recordings = "recording,file,subject,cage,group,iron\n"
        for group in ["gh", "iso", "dfo", "naive"] {
            for animal in 0..<5 {
                let rate = exp(0.1 * Double(animal) + (group == "iso" ? 1 : 0))
                outcomes += "r-\(group)\(animal),\(group)\(animal),c-\(group)\(animal / 2),\(group),1,firing_rate_hz,\(rate),600\n"
                recordings += "r-\(group)\(animal),none.h5,\(group)\(animal),c-\(group)\(animal / 2),\(group),\(iron(group, animal))\n"
            }
        }
        try folder.write(outcomes, as: "outcomes.csv")
        try folder.write(recordings, as: "recordings.csv")
        return folder
    }

    private func run(_ folder: ScratchFolder, _ covariates: String = "{iron: {}}", unit: String = "subject") throws -> StudyResults {
        try folder.write(Self.study(covariates, unit: unit), as: "study.yaml")
        return try StudyStatistics.run(StudyDefinition.load(folder.file("study.yaml")), table: folder.file("outcomes.csv"), into: folder.file("out"))
    }

    @Test func everyScopeHasItsRow() throws {
        let folder = try made()
        let results = try run(folder)
        #expect(results.covariates.map(\.scope) == [.all, .withinGroups, .group("gh"), .group("iso"), .group("dfo")])
        // The subject without a value is left out, and taken for nothing.
        #expect(results.covariates.map(\.n) == [14, 14, 4, 5, 5])
        #expect(results.covariates.dropFirst().allSatisfy { $0.correlation?.rho == 1 })
        let written = try CSVTable(path: folder.file("out/covariates.csv"))
        #expect(written.rows.count == 5 && written.rows[3].fields.prefix(5) == ["firing_rate_hz", "iron", "iso", "5", "1"])
        #expect(written.rows[3].fields.suffix(3) == ["\(2.0 / 120)", "\(2.0 / 120)", "exact"])
    }

    @Test func aCageHasTheMeanOfItsSubjects() throws {
        let results = try run(made(), unit: "cage")
        let values = try #require(results.covariateValues.first).byUnit
        #expect(values["c-gh0"] == 0.5 && values["c-iso1"] == 12.5)
        #expect(values["c-gh2"] == nil, "the one subject of this cage has no value")
        #expect(results.covariates.first?.n == 8)
    }

    @Test func theSeedDecides() throws {
        #expect(try run(made()).covariates == (try run(made()).covariates))
    }

    @Test func aTableOfAnEarlierStudyIsRemoved() throws {
        let folder = try made()
        _ = try run(folder)
        try folder.write(Self.study("").replacing("covariates: \n", with: ""), as: "study.yaml")
        try StudyStatistics.run(StudyDefinition.load(folder.file("study.yaml")), table: folder.file("outcomes.csv"), into: folder.file("out"))
        #expect(!FileManager.default.fileExists(atPath: folder.file("out/covariates.csv")))
    }

    @Test func aColumnThatIsNoNumberIsRefusedByLine() throws {
        let text = try made(iron: { $0 == "gh" && $1 == 2 ? "much" : "1" })
        let error = #expect(throws: FerroError.self) { try run(text) }
        #expect(error?.kind == .input && error?.description.contains("line 4") == true && error?.description.contains("`much` in column `iron`") == true)
        let missing = #expect(throws: FerroError.self) { try run(made(), "{irom: {}}") }
        #expect(missing?.description.contains("is it the one called `iron`?") == true)
        let infinite = try made(iron: { $0 == "gh" && $1 == 0 ? "inf" : "1" })
        #expect(throws: FerroError.self) { try run(infinite) }
    }

    @Test func aSubjectHasOneValue() throws {
        let folder = try made()
        let table = try String(contentsOfFile: folder.file("recordings.csv"), encoding: .utf8)
        try folder.write(table + "again,none.h5,gh0,c-gh0,gh,7\n", as: "recordings.csv")
        let error = #expect(throws: FerroError.self) { try run(folder) }
        #expect(error?.description.contains("the `iron` of subject `gh0` is 7 here and 0 on line 2") == true)
        try folder.write(table + "again,none.h5,gh0,c-gh0,gh,\n", as: "recordings.csv")
        #expect(try run(folder).covariates.first?.n == 14)
    }

    @Test func studiesThatCannotHaveCovariatesAreRefused() throws {
        let within = """
            ferrospike-study: 1
            design: epochs
            epochs: {a: control, b: perturbed}
            outcomes: {firing_rate_hz: {scale: log}}
            covariates: {iron: {}}
            """
        #expect(throws: FerroError.self) { try StudyDefinition.parse(within, path: "/s/study.yaml") }
        #expect(throws: FerroError.self) { try StudyDefinition.parse(Self.study("{group: {}}"), path: "/s/study.yaml") }
        let folder = try made()
        try folder.write(Self.study("{iron: {}}").replacing("recordings: recordings.csv\n", with: ""), as: "study.yaml")
        let error = #expect(throws: FerroError.self) {
            try StudyStatistics.run(StudyDefinition.load(folder.file("study.yaml")), table: folder.file("outcomes.csv"), into: folder.file("out"))
        }
        #expect(error?.kind == .usage)
    }
}
