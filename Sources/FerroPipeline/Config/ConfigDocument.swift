// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Foundation
import Yams

/// A YAML file with its text, so that every complaint about it can show the line and a caret.
package final class ConfigDocument: Sendable {
    /// Path as the user gave it.
    package let path: String
    package let text: String
    private let lines: [Substring]

    private init(path: String, text: String) {
        self.path = path
        self.text = text
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// Reads and parses a file; the root node is returned.
    ///
    /// - Throws: `FerroError` (usage) when the file is missing, is not UTF-8 or is not YAML.
    package static func load(_ path: String) throws -> ConfigNode {
        guard let data = FileManager.default.contents(atPath: path) else {
            let exists = FileManager.default.fileExists(atPath: path)
            throw FerroError.usage(exists ? "the file cannot be read" : "there is no such file", at: path)
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw FerroError.usage("the file is not text", at: path, expected: "YAML in UTF-8")
        }
        return try parse(text, path: path)
    }

    /// Parses text as if it stood in the file at `path`.
    package static func parse(_ text: String, path: String) throws -> ConfigNode {
        let document = ConfigDocument(path: path, text: text)
        do {
            // `ConfigNode` reads words itself; the library's own rules for numbers, dates and the like take a millisecond to compile.
            guard let node = try Yams.compose(yaml: text, .basic) else {
                throw FerroError.usage("the file is empty", at: path, expected: "YAML")
            }
            return ConfigNode(node: node, document: document, name: "the file")
        } catch let error as YamlError {
            throw document.complaint(error)
        }
    }

    private func complaint(_ error: YamlError) -> FerroError {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            return self.error("this is not YAML: \(problem)", line: mark.line, column: mark.column)
        case .duplicatedKeysInMapping(let duplicates, let context):
            return self.error(
                "the key `\(duplicates.joined(separator: "`, `"))` stands here twice", line: context.mark.line,
                column: context.mark.column, advice: "keep one of them")
        default:
            return FerroError.usage("this is not YAML: \(error)", at: path)
        }
    }

    /// A usage error at a place of the file, with the line and a caret below it. Line and column count from 1.
    func error(_ what: String, line: Int, column: Int, expected: String? = nil, advice: String? = nil) -> FerroError {
        var excerpt: String?
        if lines.indices.contains(line - 1) {
            let source = String(lines[line - 1])
            let lead = "\(line) | "
            excerpt = lead + source + "\n" + String(repeating: " ", count: lead.count + max(column - 1, 0)) + "^"
        }
        return FerroError.usage(what, at: "\(path):\(line):\(column)", expected: expected, advice: advice, excerpt: excerpt)
    }
}
