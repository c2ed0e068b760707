// SPDX-License-Identifier: GPL-3.0-or-later
import GRDB

/// The tables of `study.sqlite`; docs/catalog.md describes them for those who query it.
enum CatalogSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: study, recordings, units, outcomes, warnings") { database in
            try database.execute(sql: tables)
        }
        migrator.registerMigration("2: recordings that are parts of files") { database in
            try database.execute(sql: "ALTER TABLE recordings ADD COLUMN start_s REAL; ALTER TABLE recordings ADD COLUMN stop_s REAL")
        }
        return migrator
    }

    private static let tables = """
        CREATE TABLE study (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            title TEXT NOT NULL,
            file TEXT NOT NULL,
            pipeline TEXT,
            recordings TEXT,
            design TEXT NOT NULL,
            unit_of_analysis TEXT NOT NULL,
            seed TEXT NOT NULL,
            tool_version TEXT NOT NULL
        );
        CREATE TABLE conditions (
            study_id INTEGER NOT NULL REFERENCES study ON DELETE CASCADE,
            position INTEGER NOT NULL,
            name TEXT NOT NULL,
            role TEXT NOT NULL,
            label TEXT NOT NULL,
            target TEXT,
            PRIMARY KEY (study_id, name)
        ) WITHOUT ROWID;
        CREATE TABLE recordings (
            id INTEGER PRIMARY KEY,
            study_id INTEGER NOT NULL REFERENCES study ON DELETE CASCADE,
            position INTEGER NOT NULL,
            name TEXT NOT NULL,
            file TEXT NOT NULL,
            subject TEXT NOT NULL,
            cage TEXT,
            group_name TEXT,
            session TEXT,
            epoch TEXT,
            status TEXT NOT NULL CHECK (status IN ('pending', 'done', 'failed')),
            message TEXT,
            folder TEXT NOT NULL UNIQUE,
            input_hash TEXT,
            config_hash TEXT,
            tool_version TEXT,
            wall_time_s REAL
        );
        CREATE TABLE units (
            id INTEGER PRIMARY KEY,
            recording_id INTEGER NOT NULL REFERENCES recordings ON DELETE CASCADE,
            unit TEXT NOT NULL,
            electrode TEXT,
            location TEXT,
            observed_s REAL,
            bursts INTEGER,
            UNIQUE (recording_id, unit)
        );
        CREATE TABLE outcomes (
            id INTEGER PRIMARY KEY,
            recording_id INTEGER NOT NULL REFERENCES recordings ON DELETE CASCADE,
            unit TEXT NOT NULL,
            outcome TEXT NOT NULL,
            value REAL,
            exposure_s REAL,
            UNIQUE (recording_id, unit, outcome)
        );
        CREATE INDEX outcomes_by_name ON outcomes (outcome, recording_id);
        CREATE TABLE warnings (
            id INTEGER PRIMARY KEY,
            recording_id INTEGER REFERENCES recordings ON DELETE CASCADE,
            message TEXT NOT NULL
        );
        CREATE INDEX warnings_by_recording ON warnings (recording_id);
        """

    /// The tables of the statistics have the columns of the CSV files of the same name. They are derived as a whole, so they are made anew
    /// with each result, and a version with more tables or columns needs no migration.
    static func replaceStatistics(_ table: CSVTable, named name: String, in database: Database) throws {
        let texts: Set = [
            "outcome", "group", "role", "treated", "design", "scale", "unit_of_analysis", "rescue_status", "verdict", "warnings", "lmm_status",
            "criterion", "covariate", "scope", "perm_kind", "from", "through", "to", "target", "doses", "counts", "direction", "treated_control",
        ]
        let columns = table.columns.map { column in
            let isText = texts.contains(column) || column.hasSuffix("_perm_kind")
            let isCount = StudyTables.counts.contains(column) || column.hasPrefix("n_") || column.hasPrefix("units_")
            return (name: renamed[column] ?? column, type: isText ? "TEXT" : isCount ? "INTEGER" : "REAL")
        }
        try database.execute(sql: "DROP TABLE IF EXISTS \(name)")
        try database.execute(
            sql: "CREATE TABLE \(name) (id INTEGER PRIMARY KEY, study_id INTEGER NOT NULL REFERENCES study ON DELETE CASCADE, "
                + columns.map { "\($0.name) \($0.type)" }.joined(separator: ", ") + ")")
        let marks = Array(repeating: "?", count: columns.count + 1).joined(separator: ", ")
        let insert = "INSERT INTO \(name) (study_id, \(columns.map(\.name).joined(separator: ", "))) VALUES (\(marks))"
        for row in table.rows {
            var values = [1.databaseValue]
            for (column, field) in zip(columns, row.fields) { values.append(value(field, column.type)) }
            try database.execute(sql: insert, arguments: StatementArguments(values))
        }
    }

    /// Words of SQL cannot be names of columns without quotes.
    private static let renamed = ["group": "group_name", "from": "from_name", "through": "through_name", "to": "to_name"]

    private static func value(_ field: String, _ type: String) -> DatabaseValue {
        switch type {
        case _ where field.isEmpty: .null
        case "INTEGER": Int(field)?.databaseValue ?? .null
        case "REAL": Double(field)?.databaseValue ?? .null
        default: field.databaseValue
        }
    }
}
