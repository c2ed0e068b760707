// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// Builds the text of a comma-separated table, line by line.
package struct CSVText: Sendable {
    package private(set) var text: String
    private let width: Int

    package init(columns: [String]) {
        width = columns.count
        text = ""
        append(columns)
    }

    /// Requires as many fields as there are columns.
    package mutating func append(_ fields: [String]) {
        precondition(fields.count == width)
        text += fields.map(CSVText.quoted).joined(separator: ",") + "\n"
    }

    /// The lines so far, which are gone then: a long table is written piece by piece.
    package mutating func take() -> String {
        defer { text = "" }
        return text
    }

    /// A field in quotes where it has to be.
    package static func quoted(_ field: String) -> String {
        // Numbers and plain words.
        if field.utf8.allSatisfy({ $0 > UInt8(ascii: " ") && $0 < 127 && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "\"") }) { return field }
        let plain = field.unicodeScalars.allSatisfy { $0 != "," && $0 != "\"" && $0 != "\n" && $0 != "\r" }
        return plain && field.first?.isWhitespace != true && field.last?.isWhitespace != true
            ? field : "\"" + field.replacing("\"", with: "\"\"") + "\""
    }

    /// The shortest text that reads back as the same number; nothing where it is undefined.
    package static func number(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "" }
        if value == 0 { return "0" }
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    package static func count(_ value: Int?) -> String { value.map { "\($0)" } ?? "" }

    /// Puts the table in place by renaming a finished file; a reader never sees half of it.
    ///
    /// - Throws: `FerroError` (input) where the folder cannot be made or written.
    package func write(to path: String) throws {
        let url = URL(fileURLWithPath: path)
        do {
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url, options: .atomic)
        } catch {
            throw FerroError.input("the table cannot be written: \(error.localizedDescription)", at: path, advice: "check the output folder")
        }
    }
}
