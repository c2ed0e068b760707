// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline
import FerroStatistics
import Foundation
import GRDB

/// `study.sqlite`: what a study consists of and how far each recording has come, for queries with any SQLite client.
///
/// A recording is replaced as a whole in one transaction, so a reader never sees half of one, and running again never doubles a row.
package final class StudyCatalog: Sendable {
    private let queue: DatabaseQueue
    private let path: String

    /// Opens the catalog of a results folder, making it where there is none.
    ///
    /// - Throws: `FerroError` (input) for a file that is no catalog or cannot be written.
    package init(_ folder: StudyFolder) throws {
        path = folder.catalog
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.journalMode = .wal
        // Several processes of a cluster may report at once.
        configuration.busyMode = .timeout(30)
        queue = try StudyCatalog.translating(folder.catalog) {
            let queue = try DatabaseQueue(path: folder.catalog, configuration: configuration)
            try CatalogSchema.migrator.migrate(queue)
            return queue
        }
    }

    /// Closes the file, which folds SQLite's journal into it.
    package func close() throws { try StudyCatalog.translating(path) { try queue.close() } }

    // MARK: Writing

    /// Makes the catalog list just these recordings. What is known of a recording stays; one of another file starts anew, and one
    /// that the table lists no more goes with everything it brought.
    package func list(_ recordings: [StudyRecording], of definition: StudyDefinition) throws {
        try write { database in
            try StudyCatalog.describe(definition, in: database)
            for (name, table) in StudyTables.blank where try !database.tableExists(name) {
                try CatalogSchema.replaceStatistics(CSVTable(text: table.text, path: path), named: name, in: database)
            }
            let known = try Row.fetchAll(database, sql: "SELECT id, folder, file FROM recordings")
            let wanted = Set(recordings.map(\.folderName))
            for row in known {
                let folder: String = row["folder"]
                let isSame = recordings.contains { $0.folderName == folder && $0.file == row["file"] }
                if !wanted.contains(folder) || !isSame { try database.execute(sql: "DELETE FROM recordings WHERE id = ?", arguments: [row["id"] as Int64]) }
            }
            for (position, recording) in recordings.enumerated() {
                try database.execute(
                    sql: """
                        INSERT INTO recordings (study_id, position, name, file, subject, cage, group_name, session, epoch, start_s, stop_s, status, folder)
                        VALUES (1, :position, :name, :file, :subject, :cage, :group, :session, :epoch, :start, :stop, 'pending', :folder)
                        ON CONFLICT (folder) DO UPDATE SET position = :position, name = :name, subject = :subject, cage = :cage,
                            group_name = :group, session = :session, epoch = :epoch, start_s = :start, stop_s = :stop
                        """,
                    arguments: [
                        "position": position + 1, "name": recording.name, "file": recording.file, "subject": recording.subject,
                        "cage": recording.cage, "group": recording.group.isEmpty ? nil : recording.group, "session": recording.session,
                        "epoch": recording.epoch, "start": recording.stretch?.start, "stop": recording.stretch?.stop, "folder": recording.folderName,
                    ])
            }
        }
    }

    /// Replaces a recording by what its finished results say.
    func replace(_ gathered: GatheredRecording) throws {
        let manifest = gathered.manifest
        try write { database in
            let id = try StudyCatalog.clear(gathered.recording, in: database)
            try database.execute(
                sql: """
                    UPDATE recordings SET status = 'done', message = NULL, input_hash = ?, config_hash = ?, tool_version = ?, wall_time_s = ?
                    WHERE id = ?
                    """,
                arguments: [manifest.input.hash, manifest.config_hash, manifest.tool.version, manifest.wall_time_s, id])
            let unit = try database.makeStatement(
                sql: "INSERT INTO units (recording_id, unit, electrode, location, observed_s, bursts) VALUES (?, ?, ?, ?, ?, ?)")
            for one in gathered.units { try unit.execute(arguments: [id, one.name, one.electrode, one.location, one.observed, one.bursts]) }
            let outcome = try database.makeStatement(
                sql: "INSERT INTO outcomes (recording_id, unit, outcome, value, exposure_s) VALUES (?, ?, ?, ?, ?)")
            for row in gathered.outcomes { try outcome.execute(arguments: [id, row.unit, row.outcome, row.value, row.exposure]) }
            for warning in gathered.warnings {
                try database.execute(sql: "INSERT INTO warnings (recording_id, message) VALUES (?, ?)", arguments: [id, warning])
            }
        }
    }

    /// Replaces a recording by what is known of it.
    func write(_ state: StudyRecordingState, _ gathered: GatheredRecording?) throws {
        if let gathered { try replace(gathered) } else { try mark(state.recording, state.status, message: state.message) }
    }

    /// Marks a recording as failed or not yet run; what it brought before goes.
    func mark(_ recording: StudyRecording, _ status: RecordingStatus, message: String?) throws {
        try write { database in
            let id = try StudyCatalog.clear(recording, in: database)
            try database.execute(
                sql: """
                    UPDATE recordings SET status = ?, message = ?, input_hash = NULL, config_hash = NULL, tool_version = NULL, wall_time_s = NULL
                    WHERE id = ?
                    """,
                arguments: [status.rawValue, message, id])
        }
    }

    /// Replaces the study's own warnings and the statistics.
    func replaceStatistics(_ tables: [(name: String, text: CSVText)], warnings: [String]) throws {
        let parsed = try tables.map { (name: $0.name, table: try CSVTable(text: $0.text.text, path: path)) }
        try write { database in
            for (name, table) in parsed { try CatalogSchema.replaceStatistics(table, named: name, in: database) }
            try database.execute(sql: "DELETE FROM warnings WHERE recording_id IS NULL")
            for warning in warnings { try database.execute(sql: "INSERT INTO warnings (message) VALUES (?)", arguments: [warning]) }
        }
    }

    // MARK: Reading

    /// How far each recording has come, by the name of its folder.
    package func states() throws -> [String: (status: RecordingStatus, message: String?)] {
        try StudyCatalog.translating(path) {
            try queue.read { database in
                try Row.fetchAll(database, sql: "SELECT folder, status, message FROM recordings").reduce(into: [:]) { states, row in
                    states[row["folder"]] = (RecordingStatus(rawValue: row["status"]) ?? .pending, row["message"])
                }
            }
        }
    }

    // MARK: Parts

    private func write(_ body: (Database) throws -> Void) throws {
        try StudyCatalog.translating(path) { try queue.write(body) }
    }

    private static func describe(_ definition: StudyDefinition, in database: Database) throws {
        func name(_ path: String?) -> String? { path.map { URL(fileURLWithPath: $0).lastPathComponent } }
        try database.execute(
            sql: """
                INSERT INTO study (id, title, file, pipeline, recordings, design, unit_of_analysis, seed, tool_version)
                VALUES (1, :title, :file, :pipeline, :recordings, :design, :unit, :seed, :version)
                ON CONFLICT (id) DO UPDATE SET title = :title, file = :file, pipeline = :pipeline, recordings = :recordings, design = :design,
                    unit_of_analysis = :unit, seed = :seed, tool_version = :version
                """,
            arguments: [
                "title": definition.title, "file": name(definition.source) ?? "", "pipeline": name(definition.pipeline),
                "recordings": name(definition.recordings), "design": definition.design.rawValue, "unit": definition.unitOfAnalysis.rawValue,
                "seed": "\(definition.settings.seed)", "version": ferrospikeVersion,
            ])
        try database.execute(sql: "DELETE FROM conditions")
        for (position, condition) in definition.comparison.conditions.enumerated() {
            try database.execute(
                sql: "INSERT INTO conditions (study_id, position, name, role, label, target) VALUES (1, ?, ?, ?, ?, ?)",
                arguments: [position + 1, condition.name, condition.role.rawValue, condition.label, condition.target])
        }
    }

    /// Removes what a recording brought and gives its row.
    private static func clear(_ recording: StudyRecording, in database: Database) throws -> Int64 {
        guard let id = try Int64.fetchOne(database, sql: "SELECT id FROM recordings WHERE folder = ?", arguments: [recording.folderName]) else {
            throw FerroError.internalError("the recording `\(recording.folderName)` is not in the catalog")
        }
        for table in ["units", "outcomes", "warnings"] {
            try database.execute(sql: "DELETE FROM \(table) WHERE recording_id = ?", arguments: [id])
        }
        return id
    }

    /// SQLite's complaints as sentences.
    private static func translating<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as DatabaseError {
            let isForeign = [ResultCode.SQLITE_NOTADB, .SQLITE_CORRUPT].contains(error.resultCode)
            throw FerroError.input(
                isForeign ? "the catalog is damaged or not a catalog" : "the catalog cannot be used: \(error.message ?? "\(error.resultCode)")", at: path,
                advice: isForeign ? "delete it and run again with --resume: it is made from the recordings' folders" : nil)
        }
    }
}
