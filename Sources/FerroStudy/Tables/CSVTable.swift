// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Foundation
import SwiftCSV

/// A comma-separated file with a header row, whose rows know the lines they stand on.
///
/// SwiftCSV splits the text; this adds what its parser leaves out: line numbers, rows of the wrong length, and a quote that is never
/// closed (which would swallow the rest of the file).
package struct CSVTable: Sendable {
    package let path: String
    package let columns: [String]
    package let rows: [Row]

    package struct Row: Sendable {
        /// Line of the file, from 1; a row with a line break in quotes has the line it begins on.
        package let line: Int
        /// Parallel to `columns`, without blanks around.
        package let fields: [String]
    }

    /// - Throws: `FerroError` (input) when the file is missing or is not a table, with the line.
    package init(path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            let exists = FileManager.default.fileExists(atPath: path)
            throw FerroError.input(exists ? "the file cannot be read" : "there is no such file", at: path, expected: "a CSV table")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw FerroError.input("the file is not text", at: path, expected: "CSV in UTF-8")
        }
        try self.init(text: text, path: path)
    }

    /// Reads text as if it stood in the file at `path`.
    package init(text: String, path: String) throws {
        self.path = path
        // The last row must be this mark: where it is not, an open quote has swallowed it.
        let end = "\u{2}end"
        var parsed: [[String]] = []
        do {
            let csv = try CSV<Enumerated>(string: text + "\n" + end, delimiter: .comma, loadColumns: false, rowLimit: 0)
            try csv.enumerateAsArray(startAt: 0, rowLimit: nil) { parsed.append($0) }
        } catch {
            let line = CSVTable.lines(of: parsed).last ?? 1
            throw FerroError.input(
                "a quote stands in the middle of a field", at: "\(path): line \(line)", expected: "quotes around whole fields, and doubled inside them")
        }
        let lines = CSVTable.lines(of: parsed)
        guard parsed.last == [end] else {
            throw FerroError.input("a quote is opened and never closed", at: "\(path): line \(lines.dropLast().last ?? 1)")
        }
        let numbered = zip(lines, parsed.dropLast())
            .map { Row(line: $0, fields: $1.map { $0.trimmingCharacters(in: .whitespaces) }) }
            .filter { $0.fields != [""] }
        guard let header = numbered.first else {
            throw FerroError.input("the table is empty", at: path, expected: "a header row with the names of the columns")
        }
        columns = header.fields
        rows = Array(numbered.dropFirst())
        if let twice = columns.first(where: { name in columns.count { $0 == name } > 1 }) {
            throw FerroError.input("the column `\(twice)` stands here twice", at: "\(path): line \(header.line)")
        }
        if let row = rows.first(where: { $0.fields.count != columns.count }) {
            throw FerroError.input(
                "the row has \(row.fields.count) fields", at: "\(path): line \(row.line)", expected: "\(columns.count), as many as the header has")
        }
    }

    /// Line on which each row begins, and after them the line behind the last.
    private static func lines(of rows: [[String]]) -> [Int] {
        var line = 1
        var lines = [1]
        for row in rows {
            line += 1 + row.reduce(0) { $0 + $1.count { $0.isNewline } }
            lines.append(line)
        }
        return lines
    }

    /// Position of a column.
    ///
    /// - Throws: `FerroError` (input) where the table has none of that name.
    package func column(_ name: String) throws -> Int {
        guard let index = columns.firstIndex(of: name) else {
            throw FerroError.input(
                "the column `\(name)` is missing", at: path, expected: "columns \(columns.joined(separator: ", ")) and `\(name)`",
                advice: nearestWord(to: name, among: columns).map { "is it the one called `\($0)`?" })
        }
        return index
    }

    package func place(of row: Row) -> String { "\(path): line \(row.line)" }

    /// A number, or nil where the field is empty, `NA` or `NaN`. Infinite values are returned as they are.
    ///
    /// - Throws: `FerroError` (input) for any other text.
    package func number(_ row: Row, _ column: Int) throws -> Double? {
        let text = row.fields[column]
        if text.isEmpty || ["na", "nan"].contains(text.lowercased()) { return nil }
        let word = text.lowercased().drop { $0 == "+" || $0 == "-" }
        let plain = text.allSatisfy { "+-0123456789.eE".contains($0) }
        guard plain || ["inf", "infinity"].contains(String(word)), let value = Double(text) else {
            throw FerroError.input(
                "`\(text)` in column `\(columns[column])` is not a number", at: place(of: row), expected: "a number with a decimal point, or nothing")
        }
        return value
    }

    package func text(_ row: Row, _ column: Int) -> String { row.fields[column] }

    /// nil where the table has no such column or the field is empty.
    package func optionalText(_ row: Row, _ column: Int?) -> String? {
        column.map { row.fields[$0] }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
