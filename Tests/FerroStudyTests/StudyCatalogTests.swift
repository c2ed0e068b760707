// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroStatistics
import FerroStudy
import Foundation
import GRDB
import Testing

/// `study.sqlite` as any SQLite client sees it.
@Suite struct StudyCatalogTests {
    private func query<Value: DatabaseValueConvertible>(_ study: SmallStudy, _ sql: String, as type: Value.Type = Value.self) throws -> [Value] {
        try DatabaseQueue(path: study.output.catalog).read { try Value.fetchAll($0, sql: sql) }
    }

    @Test func holdsRecordingsUnitsAndOutcomes() async throws {
        let study = try SmallStudy.ofThreeGroups()
        try study.spoil("p2.h5")
        _ = try await study.run()
        #expect(
            try query(study, "SELECT status FROM recordings ORDER BY position", as: String.self)
                == SmallStudy.rates.map { $0.subject == "p2" ? "failed" : "done" })
        #expect(try query(study, "SELECT count(*) FROM units", as: Int.self) == [16])
        let means = try query(
            study,
            """
            SELECT avg(value) FROM outcomes JOIN recordings ON recordings.id = recording_id
            WHERE outcome = 'firing_rate_hz' AND group_name = 'control'
            """, as: Double.self)
        #expect(abs((means.first ?? 0) - (1 + 2 + 1.1 + 2.2 + 0.9 + 1.9) / 6) < 1e-12)
        let message = try query(study, "SELECT message FROM recordings WHERE status = 'failed'", as: String.self)
        #expect(message.first?.contains("p2.h5") == true)
        #expect(try query(study, "SELECT count(*) FROM recordings WHERE status = 'done' AND input_hash LIKE 'xxh128:%'", as: Int.self) == [8])
    }

    @Test func holdsTheStatistics() async throws {
        let study = try SmallStudy.ofThreeGroups()
        let results = try await study.run()
        #expect(
            try query(study, "SELECT rescue FROM normalization WHERE outcome = 'firing_rate_hz'", as: Double.self)
                == results.normalization.prefix(1).compactMap(\.rescue))
        #expect(try query(study, "SELECT typeof(n_control) FROM normalization LIMIT 1", as: String.self) == ["integer"])
        #expect(try query(study, "SELECT count(*) FROM groups WHERE typeof(mean) = 'real' AND typeof(group_name) = 'text'", as: Int.self) == [6])
    }

    /// Every table of the statistics is there, those that the study has no part for without rows.
    @Test func holdsExclusionsAndCovariates() async throws {
        let study = try SmallStudy.ofThreeGroups()
        let file = study.folder.file("study.yaml")
        try study.folder.write(
            try study.folder.text("study.yaml") + "\nexclusions: {minimum-spikes: 195}\ncovariates: {iron: {}}\nstatistics: {permutations: 100}\n",
            as: "study.yaml")
        var lines = try study.folder.text("recordings.csv").split(separator: "\n").map(String.init)
        lines[0] += ",iron"
        for line in lines.indices.dropFirst() { lines[line] += ",\(line * line)" }
        try study.folder.write(lines.joined(separator: "\n") + "\n", as: "recordings.csv")
        #expect(FileManager.default.fileExists(atPath: file))
        let results = try await study.run()
        let flow = try #require(results.exclusions)
        #expect(
            try query(study, "SELECT units_excluded FROM exclusions WHERE criterion <> '' ORDER BY id", as: Int.self)
                == flow.groups.map { $0.steps[0].excluded })
        #expect(try query(study, "SELECT units_left FROM exclusions WHERE criterion IS NULL", as: Int.self) == flow.groups.map(\.units))
        #expect(
            try query(study, "SELECT spearman_rho FROM covariates WHERE scope = 'all' AND outcome = 'firing_rate_hz'", as: Double.self)
                == results.covariates.filter { $0.scope == .all && $0.outcome == "firing_rate_hz" }.compactMap(\.correlation?.rho))
        #expect(try query(study, "SELECT count(*) FROM covariates", as: Int.self) == [results.covariates.count])
        for table in ["behaviour", "mediation", "trend", "interaction"] { #expect(try query(study, "SELECT count(*) FROM \(table)", as: Int.self) == [0]) }
    }

    /// A catalog of a version that had fewer tables is brought up to date when it is opened.
    @Test func tablesThatAnEarlierVersionLackedAreMade() async throws {
        let study = try SmallStudy.ofThreeGroups()
        _ = try await study.run()
        try await DatabaseQueue(path: study.output.catalog).write { try $0.execute(sql: "DROP TABLE exclusions; DROP TABLE trend") }
        _ = try study.open().plan()
        #expect(try query(study, "SELECT count(*) FROM exclusions", as: Int.self) == [0] && query(study, "SELECT count(*) FROM trend", as: Int.self) == [0])
    }

    /// Parts of a file stand with their ends, whole files without.
    @Test func holdsPartsOfFiles() throws {
        let study = try SmallStudy.ofThreeGroups()
        var lines = try study.folder.text("recordings.csv").split(separator: "\n").map(String.init)
        lines[0] += ",start_s,stop_s"
        for line in lines.indices.dropFirst() { lines[line] += line == 1 ? ",10,70.5" : ",," }
        try study.folder.write(lines.joined(separator: "\n") + "\n", as: "recordings.csv")
        _ = try study.open().plan()
        #expect(try query(study, "SELECT stop_s - start_s FROM recordings WHERE start_s IS NOT NULL", as: Double.self) == [60.5])
        #expect(try query(study, "SELECT count(*) FROM recordings", as: Int.self) == [9])
    }

    @Test func runningAgainReplacesAndNeverDoubles() async throws {
        let study = try SmallStudy.ofThreeGroups()
        let tables = ["study", "conditions", "recordings", "units", "outcomes", "groups", "normalization", "warnings"]
        func counts() throws -> [Int] { try tables.flatMap { try query(study, "SELECT count(*) FROM \($0)", as: Int.self) } }
        _ = try await study.run()
        let first = try counts()
        _ = try await study.run()
        _ = try study.open().plan()
        _ = try study.open().gather()
        #expect(try counts() == first)
        // One unit fewer: its rows go with the recording's old ones.
        try study.folder.writeSpikeList("c1.h5", rates: [1])
        _ = try await study.run(resume: true)
        #expect(try query(study, "SELECT count(*) FROM units", as: Int.self) == [17])
        #expect(try query(study, "SELECT count(DISTINCT recording_id || unit) FROM outcomes", as: Int.self) == [17])
    }

    @Test func aRecordingThatLeavesTheTableLeavesTheCatalogWithAllItBrought() async throws {
        let study = try SmallStudy.ofThreeGroups()
        _ = try await study.run()
        let table = try study.folder.text("recordings.csv").split(separator: "\n").filter { !$0.hasPrefix("rec-t3") }
        try study.folder.write(table.joined(separator: "\n") + "\n", as: "recordings.csv")
        _ = try study.open().gather()
        #expect(try query(study, "SELECT count(*) FROM recordings", as: Int.self) == [8])
        #expect(try query(study, "SELECT count(*) FROM units", as: Int.self) == [16])
        #expect(try query(study, "SELECT count(*) FROM pragma_foreign_key_check", as: Int.self) == [0])
    }

    @Test func foreignKeysAreOnAndTheJournalIsWriteAhead() async throws {
        let study = try SmallStudy.ofThreeGroups()
        _ = try study.open().plan()
        #expect(try query(study, "PRAGMA journal_mode", as: String.self) == ["wal"])
        let references = ["conditions": "study", "recordings": "study", "units": "recordings", "outcomes": "recordings", "warnings": "recordings"]
        for (table, parent) in references {
            #expect(try query(study, "SELECT \"table\" FROM pragma_foreign_key_list('\(table)')", as: String.self) == [parent])
        }
        let queue = try DatabaseQueue(path: study.output.catalog)
        #expect(throws: DatabaseError.self) {
            try queue.write { try $0.execute(sql: "INSERT INTO units (recording_id, unit) VALUES (999, 'u1')") }
        }
    }

    @Test func planListsEveryRecordingBeforeAnyIsRun() throws {
        let study = try SmallStudy.ofThreeGroups()
        #expect(try study.open().plan().map(\.standing) == Array(repeating: .pending, count: 9))
        #expect(try query(study, "SELECT name FROM recordings ORDER BY position", as: String.self) == SmallStudy.rates.map { "rec-\($0.subject)" })
        #expect(try query(study, "SELECT DISTINCT status FROM recordings", as: String.self) == ["pending"])
        #expect(try query(study, "SELECT count(*) FROM normalization", as: Int.self) == [0])
    }

    @Test func aFileThatIsNoCatalogIsRefusedWithAdvice() async throws {
        let study = try SmallStudy.ofThreeGroups()
        try FileManager.default.createDirectory(atPath: study.output.path, withIntermediateDirectories: true)
        try study.folder.write(String(repeating: "not a database ", count: 100), as: "out/study.sqlite")
        let error = try #require(throws: FerroError.self) { try study.open().plan() }
        #expect(error.kind == .input && error.place == study.output.catalog)
        #expect(error.advice?.contains("delete it") == true)
    }
}
