// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroStatistics
import Foundation

/// `recordings.csv`: one row per file of a study, with the animal it is of.
///
/// Columns `recording`, `file`, `subject`, `group` (unless the comparison is within subjects), and where the study needs them `cage`,
/// `session`, `epoch`, `start_s` and `stop_s` (the part of the file that a row is), and the study's covariates; other columns are ignored. Files are found from the folder that the study names
/// with `files`, else from the table's own.
package enum RecordingsTable {
    /// Reads and checks a table against its study; nothing of the recordings is read.
    ///
    /// - Parameter checkFiles: whether a file that is missing is refused. Results can be gathered after the files have gone.
    /// - Throws: `FerroError` (input) with file and line.
    package static func read(_ path: String, for definition: StudyDefinition, checkFiles: Bool = true) throws -> [StudyRecording] {
        try recordings(of: CSVTable(path: path), for: definition, checkFiles: checkFiles)
    }

    package static func recordings(of table: CSVTable, for definition: StudyDefinition, checkFiles: Bool = true) throws -> [StudyRecording] {
        let columns = try Columns(table, definition)
        guard !table.rows.isEmpty else { throw FerroError.input("the table lists no recordings", at: table.path, expected: "one row per file") }
        var rules = RecordingRules(definition: definition, table: table)
        let recordings = try table.rows.map { row in
            let recording = try columns.recording(row, table)
            try rules.admit(recording, row)
            return recording
        }
        if checkFiles { try refuseMissing(zip(recordings, table.rows).map { ($0, $1.line) }, table.path) }
        return recordings
    }

    private struct Columns {
        let recording: Int
        let file: Int
        let subject: Int
        let group: Int?
        let cage: Int?
        let session: Int?
        let epoch: Int?
        /// Start and stop of the part of the file; nil where the table has no such columns.
        let stretch: (start: Int, stop: Int)?
        let covariates: [(name: String, column: Int)]
        let folder: URL

        init(_ table: CSVTable, _ definition: StudyDefinition) throws {
            if table.columns.count == 1, table.columns[0].contains(";") {
                throw FerroError.input(
                    "the columns are separated by semicolons", at: "\(table.path): line 1", expected: "commas", advice: "save the table as CSV with commas")
            }
            func optional(_ name: String, isNeeded: Bool) throws -> Int? {
                isNeeded ? try table.column(name) : table.columns.firstIndex(of: name)
            }
            recording = try table.column("recording")
            file = try table.column("file")
            subject = try table.column("subject")
            group = try optional("group", isNeeded: !definition.comparison.isWithin)
            cage = try optional("cage", isNeeded: definition.unitOfAnalysis == .cage)
            session = try optional("session", isNeeded: definition.design == .sessions)
            // In other designs an epoch means nothing, and every row is a recording of its own.
            epoch = definition.design == .epochs ? try table.column("epoch") : nil
            let hasStretch = table.columns.contains("start_s") || table.columns.contains("stop_s")
            stretch = hasStretch ? (try table.column("start_s"), try table.column("stop_s")) : nil
            folder = definition.files.map { URL(fileURLWithPath: $0, isDirectory: true) } ?? URL(fileURLWithPath: table.path).deletingLastPathComponent()
            covariates = try definition.covariates.map { ($0.name, try table.column($0.name)) }
        }

        func recording(_ row: CSVTable.Row, _ table: CSVTable) throws -> StudyRecording {
            let file = table.text(row, file)
            var values: [String: Double] = [:]
            for (name, column) in covariates {
                guard let value = try table.number(row, column) else { continue }
                guard value.isFinite else {
                    throw FerroError.input("the `\(name)` of the subject is infinite", at: table.place(of: row), expected: "a number, or nothing")
                }
                values[name] = value
            }
            return StudyRecording(
                name: table.text(row, recording), file: file, path: URL(fileURLWithPath: file, relativeTo: folder).standardizedFileURL.path,
                subject: table.text(row, subject), cage: table.optionalText(row, cage), group: group.map { table.text(row, $0) } ?? "",
                session: table.optionalText(row, session), epoch: table.optionalText(row, epoch),
                stretch: try stretch.flatMap { try Columns.stretch(row, table, $0.start, $0.stop) }, covariates: values)
        }

        /// nil where both fields are empty.
        private static func stretch(_ row: CSVTable.Row, _ table: CSVTable, _ start: Int, _ stop: Int) throws -> FerroCore.TimeInterval? {
            switch (try table.number(row, start), try table.number(row, stop)) {
            case (nil, nil): return nil
            case (let start?, let stop?) where start.isFinite && stop.isFinite && start < stop: return FerroCore.TimeInterval(start: start, stop: stop)
            case (_?, _?):
                throw FerroError.input(
                    "start_s is \(table.text(row, start)) and stop_s \(table.text(row, stop))", at: table.place(of: row),
                    expected: "a start and a later stop in seconds")
            default:
                throw FerroError.input(
                    "start_s and stop_s are not both given", at: table.place(of: row), expected: "both, or neither where the row is the whole file")
            }
        }
    }

    private static func refuseMissing(_ recordings: [(recording: StudyRecording, line: Int)], _ path: String) throws {
        let missing = recordings.filter { one in
            var isFolder: ObjCBool = false
            return !FileManager.default.fileExists(atPath: one.recording.path, isDirectory: &isFolder) || isFolder.boolValue
        }
        guard let first = missing.first else { return }
        let advice = "paths are taken from the folder of the table, or from the one that --files names"
        guard missing.count > 1 else {
            throw FerroError.input(
                "there is no file `\(first.recording.file)` (looked for at \(first.recording.path))", at: "\(path): line \(first.line)", advice: advice)
        }
        let shown = missing.prefix(5).map { "  line \($0.line): `\($0.recording.file)` (looked for at \($0.recording.path))" }
        let more = missing.count > shown.count ? ["  and \(missing.count - shown.count) more"] : []
        throw FerroError(
            .input, "\(missing.count) files are missing", at: "\(path): line \(first.line)", advice: advice,
            excerpt: (shown + more).joined(separator: "\n"))
    }
}

/// What the rows of `recordings.csv` must satisfy, one by one and together.
private struct RecordingRules {
    let definition: StudyDefinition
    let table: CSVTable

    /// The line that first said it, for everything that must not be said differently again.
    private var lineOfFolder: [String: Int] = [:]
    private var preparations: [String: (recording: StudyRecording, line: Int)] = [:]
    private var subjects: [String: (recording: StudyRecording, line: Int)] = [:]
    private var cages: [String: (recording: StudyRecording, line: Int)] = [:]
    private var covariates: [[String]: (value: Double, line: Int)] = [:]
    private var stretches: [[String]: [(stretch: FerroCore.TimeInterval, line: Int)]] = [:]

    init(definition: StudyDefinition, table: CSVTable) {
        self.definition = definition
        self.table = table
    }

    mutating func admit(_ recording: StudyRecording, _ row: CSVTable.Row) throws {
        try checkNames(recording, row)
        try checkUnique(recording, row)
        try checkSubject(recording, row)
        if definition.unitOfAnalysis == .cage { try checkCage(recording, row) }
        try checkCovariates(recording, row)
        try checkStretch(recording, row)
    }

    private func refusal(_ what: String, _ row: CSVTable.Row, expected: String? = nil, advice: String? = nil) -> FerroError {
        FerroError.input(what, at: table.place(of: row), expected: expected, advice: advice)
    }

    // MARK: One row

    private func checkNames(_ recording: StudyRecording, _ row: CSVTable.Row) throws {
        try checkFolderName(recording.name, "recording", row)
        guard !recording.file.isEmpty else { throw refusal("the file of `\(recording.name)` is empty", row, expected: "a path from the table's folder") }
        guard !recording.subject.isEmpty else {
            throw refusal("the subject of `\(recording.name)` is empty", row, expected: "the animal, since animals are compared and not recordings")
        }
        let conditions = definition.comparison.conditions.map(\.name)
        if !definition.comparison.isWithin { try checkListed(recording.group, "group", conditions, row) }
        let occasions: [String]
        switch definition.comparison {
        case .groups: return
        case .changes(_, let listed): occasions = listed.map(\.name)
        case .within: occasions = conditions
        }
        switch definition.design {
        case .groups: return
        case .sessions: try checkListed(recording.session ?? "", "session", occasions, row)
        case .epochs:
            try checkListed(recording.epoch ?? "", "epoch", occasions, row)
            try checkFolderName(recording.epoch ?? "", "epoch", row)
        }
    }

    private func checkListed(_ name: String, _ word: String, _ known: [String], _ row: CSVTable.Row) throws {
        guard !known.contains(name) else { return }
        throw refusal(
            name.isEmpty ? "the \(word) is empty" : "the \(word) `\(name)` is not listed in the study", row,
            expected: "one of \(known.joined(separator: ", "))",
            advice: nearestWord(to: name, among: known).map { "did you mean `\($0)`?" })
    }

    /// Results get a folder of the recording's name.
    private func checkFolderName(_ name: String, _ word: String, _ row: CSVTable.Row) throws {
        guard !name.isEmpty else { throw refusal("the \(word) is empty", row, expected: "a name") }
        let isPlain = name.unicodeScalars.allSatisfy { $0 != "/" && $0 != "\\" && $0.properties.generalCategory != .control }
        guard isPlain, !name.hasPrefix("."), name.utf8.count <= 100 else {
            throw refusal(
                "the \(word) `\(name)` cannot be the name of a folder", row,
                expected: "at most 100 letters, digits, spaces, - and _, without slashes and without a point in front")
        }
    }

    // MARK: Rows together

    private mutating func checkUnique(_ recording: StudyRecording, _ row: CSVTable.Row) throws {
        guard !StudyFolder.ownNames.contains(recording.folderName.lowercased()) else {
            throw refusal("the recording `\(recording.name)` has the name of a file of the study's results", row, advice: "give it another")
        }
        // Some file systems do not tell small letters from capitals.
        if let line = lineOfFolder.updateValue(row.line, forKey: recording.folderName.lowercased()) {
            let what = recording.epoch.map { "the recording `\(recording.name)` with epoch `\($0)`" } ?? "the recording `\(recording.name)`"
            throw refusal("\(what) is on line \(line) already", row, expected: "a name of its own for every row, whatever its capitals")
        }
        guard let first = preparations[recording.name] else {
            preparations[recording.name] = (recording, row.line)
            return
        }
        guard first.recording.subject == recording.subject else {
            throw refusal(
                "the recording `\(recording.name)` is of subject `\(recording.subject)` here and of `\(first.recording.subject)` on line \(first.line)", row,
                expected: "one subject for all epochs of a recording")
        }
    }

    private mutating func checkSubject(_ recording: StudyRecording, _ row: CSVTable.Row) throws {
        guard let first = subjects[recording.subject] else {
            subjects[recording.subject] = (recording, row.line)
            return
        }
        guard definition.comparison.isWithin || first.recording.group == recording.group else {
            throw refusal(
                "the subject `\(recording.subject)` is in two groups, `\(recording.group)` here and `\(first.recording.group)` on line \(first.line)", row,
                expected: "one group for every subject")
        }
        guard definition.unitOfAnalysis != .cage || first.recording.cage == recording.cage else {
            throw refusal(
                "the subject `\(recording.subject)` is in two cages, `\(recording.cage ?? "")` here and `\(first.recording.cage ?? "")` on line \(first.line)",
                row, expected: "one cage for every subject, since the unit of analysis is the cage")
        }
    }

    private mutating func checkCovariates(_ recording: StudyRecording, _ row: CSVTable.Row) throws {
        for covariate in definition.covariates {
            guard let value = recording.covariates[covariate.name] else { continue }
            let first = covariates[[recording.subject, covariate.name]] ?? (value, row.line)
            covariates[[recording.subject, covariate.name]] = first
            guard first.value == value else {
                throw refusal(
                    "the `\(covariate.name)` of subject `\(recording.subject)` is \(CSVText.number(value)) here and \(CSVText.number(first.value)) on line \(first.line)",
                    row, expected: "one value for every subject")
            }
        }
    }

    /// Parts of one preparation in one file share no time, so that nothing is compared with itself.
    private mutating func checkStretch(_ recording: StudyRecording, _ row: CSVTable.Row) throws {
        guard let stretch = recording.stretch else { return }
        let key = [recording.subject, recording.path]
        if let other = stretches[key]?.first(where: { $0.stretch.start < stretch.stop && stretch.start < $0.stretch.stop }) {
            throw refusal(
                "the row and line \(other.line) share seconds of `\(recording.file)`", row, expected: "parts of a file that do not overlap")
        }
        stretches[key, default: []].append((stretch, row.line))
    }

    private mutating func checkCage(_ recording: StudyRecording, _ row: CSVTable.Row) throws {
        guard let cage = recording.cage else {
            throw refusal("the subject `\(recording.subject)` has no cage", row, expected: "a cage on every row, since the unit of analysis is the cage")
        }
        let first = cages[cage] ?? (recording, row.line)
        cages[cage] = first
        guard definition.comparison.isWithin || first.recording.group == recording.group else {
            throw refusal(
                "the cage `\(cage)` holds two groups, `\(recording.group)` here and `\(first.recording.group)` on line \(first.line)", row,
                expected: "one group in every cage, since the unit of analysis is the cage")
        }
    }
}
