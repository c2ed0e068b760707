// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
package import FerroStatistics
import Foundation

/// What a terminal says of a study: how many recordings are done, the verdicts, and what to be careful about.
package enum StudySummary {
    /// One line a verdict, in columns:
    /// ```
    /// outcome         treated  rescue index (95 % interval)  verdict
    /// firing_rate_hz  dfo      0.87 (0.61 to 1.18)           rescued, extent unresolved
    /// ```
    package static func verdicts(_ rows: [NormalizationRow]) -> String {
        let header = ["outcome", "treated", "rescue index (95 % interval)", "verdict"]
        return columns([header] + rows.map { [$0.outcome, $0.treated ?? "-", rescue($0), $0.verdict.rawValue] })
    }

    /// `0.87 (0.61 to 1.18)`, or why there is none.
    static func rescue(_ row: NormalizationRow) -> String {
        guard let value = row.rescue else { return row.rescueStatus.rawValue }
        guard let low = row.fiellerLow, let high = row.fiellerHigh else { return rounded(value) }
        return "\(rounded(value)) (\(rounded(low)) to \(rounded(high)))"
    }

    private static func rounded(_ value: Double) -> String { String(format: "%.2f", value) }

    /// `46 recordings: 45 done, 1 failed`
    package static func counts(_ words: [String]) -> String {
        let parts = unique(words.sorted()).map { word in "\(words.count { $0 == word }) \(word)" }
        return "\(words.count) recordings: \(parts.joined(separator: ", "))"
    }

    /// Lines with every column as wide as its longest field.
    package static func columns(_ rows: [[String]]) -> String {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { column, field in
                column == row.count - 1 ? field : field + String(repeating: " ", count: widths[column] - field.count)
            }.joined(separator: "  ") + "\n"
        }.joined()
    }

    /// Indented lines, one for each text.
    package static func list(_ texts: [String]) -> String { texts.map { "  \($0)" }.joined(separator: "\n") }

    /// What is not in the statistics and why, and what makes them doubtful as a whole; the warnings of each row stand in
    /// `normalization.csv`.
    package static func warnings(_ results: StudyResults) -> [String] {
        var sentences: [String] = []
        for state in results.recordings where state.status != .done {
            sentences.append("`\(state.recording.folderName)` is not in the statistics: \(state.message ?? "it was not run yet")")
        }
        let done = results.recordings.filter { $0.status == .done }.map(\.recording)
        let measured = Set(results.outcomes.filter { $0.value != nil }.map(\.subject))
        for subject in unique(results.recordings.map(\.recording.subject)) where !measured.contains(subject) {
            sentences.append("subject `\(subject)` has no value of any outcome, so it does not count")
        }
        // Parts of a file are what they are meant to be.
        for (file, same) in Dictionary(grouping: done.filter { $0.stretch == nil }, by: \.path).sorted(by: { $0.key < $1.key }) where same.count > 1 {
            let names = same.map { "`\($0.folderName)`" }.joined(separator: ", ")
            sentences.append("\(names) are all made from the one file `\(URL(fileURLWithPath: file).lastPathComponent)`")
        }
        return sentences
    }

    private static func unique(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }

    // MARK: JSON

    /// Recordings with their status, the verdicts, warnings and the files that hold the rest.
    package static func json(_ results: StudyResults, files: [String]) throws -> String {
        let document = Document(
            recordings: results.recordings.map { entry($0.recording, $0.directory, $0.status.rawValue, $0.message) },
            verdicts: results.normalization.map {
                VerdictEntry(
                    outcome: $0.outcome, treated: $0.treated, rescue: $0.rescue, fieller_low: $0.fiellerLow, fieller_high: $0.fiellerHigh,
                    rescue_status: $0.rescueStatus.rawValue, verdict: $0.verdict.rawValue, warnings: $0.warnings.map(\.rawValue))
            },
            warnings: warnings(results), files: files)
        return try text(document)
    }

    package static func json(_ plan: [StudyRun.Planned]) throws -> String {
        try text(["recordings": plan.map { entry($0.recording, $0.directory, $0.standing.rawValue, $0.message) }])
    }

    /// What a run of chosen recordings says, which gathers nothing.
    package static func json(_ reports: [StudyRun.Report]) throws -> String {
        let entries = reports.map { report in
            switch report.result {
            case .success: entry(report.recording, report.directory, RecordingStatus.done.rawValue, nil)
            case .failure(let error): entry(report.recording, report.directory, RecordingStatus.failed.rawValue, error.description)
            }
        }
        return try text(["recordings": entries])
    }

    private static func text(_ document: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(document), as: UTF8.self)
    }

    private static func entry(_ recording: StudyRecording, _ directory: String, _ status: String, _ message: String?) -> RecordingEntry {
        RecordingEntry(
            recording: recording.name, epoch: recording.epoch, name: recording.folderName, file: recording.path, subject: recording.subject,
            directory: directory, status: status, message: message)
    }

    private struct Document: Encodable {
        var recordings: [RecordingEntry]
        var verdicts: [VerdictEntry]
        var warnings: [String]
        var files: [String]
    }

    private struct RecordingEntry: Encodable {
        var recording: String
        var epoch: String?
        /// What `--only` takes.
        var name: String
        var file: String
        var subject: String
        var directory: String
        var status: String
        var message: String?
    }

    private struct VerdictEntry: Encodable {
        var outcome: String
        var treated: String?
        var rescue: Double?
        var fieller_low: Double?
        var fieller_high: Double?
        var rescue_status: String
        var verdict: String
        var warnings: [String]
    }
}
