// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroStatistics
import FerroStudy
import Foundation
import Testing

/// Units that a study leaves out by criteria that it declares.
@Suite struct ExclusionTests {
    private static func study(_ exclusions: String, outcomes: String = "{firing_rate_hz: {scale: log}}") -> String {
        """
        ferrospike-study: 1
        groups: {gh: control, iso: perturbed, dfo: treated}
        outcomes: \(outcomes)
        \(exclusions)
        """
    }

    private static func definition(_ exclusions: String, outcomes: String = "{firing_rate_hz: {scale: log}}") throws -> StudyDefinition {
        try StudyDefinition.parse(study(exclusions, outcomes: outcomes), path: "/somewhere/study.yaml")
    }

    /// Four subjects a group, six units each, with rate, spike count (10, 20, … 60) and exposure; the last unit lacks its count.
    private static func rows() -> [OutcomeRow] {
        ["gh", "iso", "dfo"].enumerated().flatMap { position, group in
            (0..<4).flatMap { animal in
                (0..<6).flatMap { cell -> [OutcomeRow] in
                    let middle = [0.0, 1, 0.2][position] + 0.1 * Double(animal)
                    func row(_ outcome: String, _ value: Double?) -> OutcomeRow {
                        OutcomeRow(
                            recording: "r-\(group)\(animal)", subject: "\(group)\(animal)", group: group, unit: "\(cell)", outcome: outcome, value: value,
                            exposure: cell == 0 && animal == 0 ? 30 : 600)
                    }
                    return [
                        row("firing_rate_hz", exp(middle + 0.3 * Double(cell))), row("isi_cv", 1 + 0.1 * Double(cell)),
                        row("spike_count", cell == 5 ? nil : 10 * Double(cell + 1)),
                    ]
                }
            }
        }
    }

    @Test func unitsThatMeetACriterionStay() throws {
        let results = try StudyStatistics.results(Self.definition("exclusions: {minimum-exposure: 60 s, minimum-spikes: 20}"), rows: Self.rows())
        let flow = try #require(results.exclusions)
        #expect(flow.criteria == ["exposure_s >= 60", "spike_count >= 20"])
        for group in flow.groups {
            #expect(group.units == 24 && group.subjects == 4)
            // One unit is too short; of the others 3 have 10 spikes and 4 have no count. A count of exactly 20 stays.
            #expect(group.steps.map { [$0.excluded, $0.missing, $0.unitsLeft, $0.subjectsLeft] } == [[1, 0, 23, 4], [7, 4, 16, 4]])
        }
        #expect(Set(results.outcomes.map(\.unit)) == ["1", "2", "3", "4"])
    }

    @Test func theStatisticsAreThoseOfATableWithoutTheUnits() throws {
        let excluded = try StudyStatistics.results(Self.definition("exclusions: {minimum-spikes: 20}"), rows: Self.rows())
        let deleted = try StudyStatistics.results(Self.definition(""), rows: Self.rows().filter { !["0", "5"].contains($0.unit) })
        #expect(excluded.normalization == deleted.normalization && excluded.groups == deleted.groups)
        #expect(excluded.normalization != (try StudyStatistics.results(Self.definition(""), rows: Self.rows())).normalization)
    }

    /// The same units go, whatever group their animals are in.
    @Test func theGroupHasNoSay() throws {
        let definition = try Self.definition("exclusions: {minimum-exposure: 60 s, measures: {isi_cv: {max: 1.35}}}")
        func kept(_ rows: [OutcomeRow]) throws -> Set<String> {
            Set(try StudyStatistics.results(definition, rows: rows).outcomes.map { "\($0.subject) \($0.unit)" })
        }
        let swapped = Self.rows().map { row in
            var row = row
            row.group = ["gh": "dfo", "dfo": "iso", "iso": "gh"][row.group] ?? row.group
            return row
        }
        let before = try kept(Self.rows())
        #expect(before.count == 12 * 4 - 3)
        #expect(try kept(swapped) == before)
        #expect(try kept(Self.rows().reversed()) == before)
    }

    @Test func otherOutcomesAreLeftAlone() throws {
        let text = "{firing_rate_hz: {scale: log}, isi_cv: {scale: linear}}"
        let results = try StudyStatistics.results(
            Self.definition("exclusions: {minimum-spikes: 20, outcomes: [firing_rate_hz]}", outcomes: text), rows: Self.rows())
        #expect(results.outcomes.count { $0.outcome == "firing_rate_hz" } == 12 * 4)
        #expect(results.outcomes.count { $0.outcome == "isi_cv" } == 12 * 6)
    }

    @Test func whatCannotBeJudgedIsRefused() throws {
        let unknown = #expect(throws: FerroError.self) {
            try StudyStatistics.results(Self.definition("exclusions: {measures: {spike_cuont: {min: 1}}}"), rows: Self.rows())
        }
        #expect(unknown?.kind == .input && unknown?.description.contains("did you mean `spike_count`?") == true)
        let nothing = #expect(throws: FerroError.self) {
            try StudyStatistics.results(Self.definition("exclusions: {minimum-spikes: 1000}"), rows: Self.rows())
        }
        #expect(nothing?.description.contains("leave no unit of `firing_rate_hz`") == true)
    }

    @Test(arguments: [
        ("{}", "no criterion"), ("{minimum-exposure: 60}", "60"), ("{minimum-spikes: 0}", "a whole number of at least 1"),
        ("{measures: {isi_cv: {}}}", "no limit"), ("{measures: {isi_cv: {min: 2, max: 1}}}", "above the most"),
        ("{minimum-spikes: 5, measures: {spike_count: {max: 9}}}", "has a criterion already"),
        ("{minimum-spikes: 5, outcomes: [firing_rate]}", "did you mean `firing_rate_hz`?"), ("{minimum-spike: 5}", "minimum-spikes"),
    ])
    func mistakesInTheStudyFileAreShown(_ exclusions: String, _ said: String) throws {
        let error = #expect(throws: FerroError.self) { try Self.definition("exclusions: \(exclusions)") }
        #expect(error?.kind == .usage && error?.description.contains(said) == true, "\(error?.description ?? "")")
    }

    @Test func theCountsStandInAFile() throws {
        let folder = try ScratchFolder()
        let table = OutcomeTable.text(Self.rows(), design: .groups)
        try table.write(to: folder.file("outcomes.csv"))
        try StudyStatistics.run(Self.definition("exclusions: {minimum-spikes: 20}"), table: folder.file("outcomes.csv"), into: folder.file("out"))
        let written = try CSVTable(path: folder.file("out/exclusions.csv"))
        #expect(written.rows.map(\.fields).prefix(2) == [["gh", "", "0", "0", "24", "4"], ["gh", "spike_count >= 20", "8", "4", "16", "4"]])
        #expect(written.rows.count == 6)
        // A study without exclusions leaves no table of an earlier one behind.
        try StudyStatistics.run(Self.definition(""), table: folder.file("outcomes.csv"), into: folder.file("out"))
        #expect(!FileManager.default.fileExists(atPath: folder.file("out/exclusions.csv")))
    }

    @Test func recordingsAreHeldToTheCriteria() async throws {
        let study = try SmallStudy(outcomes: "{firing_rate_hz: {scale: log}}\nexclusions: {measures: {firing_rate_hz: {min: 1.5}}}")
        var table = "recording,file,subject,group\n"
        for one in SmallStudy.rates {
            try study.folder.writeSpikeList("\(one.subject).h5", rates: one.rates)
            table += "rec-\(one.subject),\(one.subject).h5,\(one.subject),\(one.group)\n"
        }
        try study.folder.write(table, as: "recordings.csv")
        let results = try await study.run()
        #expect(results.exclusions?.groups.map { $0.steps.map(\.excluded) } == [[3], [0], [3]])
        #expect(results.outcomes.count == 12)
        // The gathered table keeps every unit, and reading it again leaves out the same.
        let again = try study.open().results()
        #expect(again.exclusions == results.exclusions && again.normalization == results.normalization)
        #expect(FileManager.default.fileExists(atPath: study.output.table("exclusions")))
    }
}
