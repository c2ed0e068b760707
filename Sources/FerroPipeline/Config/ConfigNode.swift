// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
import Foundation
import Yams

/// One value of a YAML file that knows where it stands.
///
/// ```swift
/// let root = try ConfigDocument.load("study.yaml")
/// let study = try root.mapping(keys: ["ferrospike-study", "title", "groups"])
/// let title = try study.required("title").text()
/// ```
/// Every reader below throws `FerroError` (usage) with line, column and caret.
package struct ConfigNode {
    let node: Node
    package let document: ConfigDocument
    /// What an error calls this value, such as `high`.
    package let name: String

    /// Line and column in the file, from 1.
    package var place: (line: Int, column: Int) {
        node.mark.map { ($0.line, $0.column) } ?? (1, 1)
    }

    package func error(_ what: String, expected: String? = nil, advice: String? = nil) -> FerroError {
        document.error(what, line: place.line, column: place.column, expected: expected, advice: advice)
    }

    /// The same error, placed here if it has no place yet.
    package func located(_ error: FerroError) -> FerroError {
        guard error.place == nil else { return error }
        var placed = self.error(error.what, expected: error.expected, advice: error.advice)
        placed.kind = error.kind
        return placed
    }

    /// Whether the value is absent: nothing, `~` or `null`, unquoted.
    package var isNull: Bool {
        guard let scalar = node.scalar else { return false }
        return ["", "~", "null"].contains(scalar.string) && scalar.style != .singleQuoted && scalar.style != .doubleQuoted
    }
    package var isMapping: Bool { node.mapping != nil }
    package var isSequence: Bool { node.sequence != nil }
    package var isScalar: Bool { node.scalar != nil }

    // MARK: Collections

    /// Keys and values in the order of the file. With `keys`, any other key is refused with the nearest known one.
    package func mapping(keys known: [String]? = nil) throws -> ConfigMapping {
        guard let mapping = node.mapping else {
            throw error("\(name) is not a set of keys and values", expected: "`key: value` lines")
        }
        var entries: [(key: ConfigNode, value: ConfigNode)] = []
        for (key, value) in mapping {
            guard let text = key.scalar?.string else { throw error("a key of \(name) is not a word") }
            let keyNode = ConfigNode(node: key, document: document, name: text)
            if let known, !known.contains(text) {
                let near = nearestWord(to: text, among: known)
                throw keyNode.error(
                    "`\(text)` is not a known key here", expected: "one of \(known.joined(separator: ", "))",
                    advice: near.map { "did you mean `\($0)`?" })
            }
            // A value without a mark of its own (an empty one) is shown at its key.
            entries.append((keyNode, ConfigNode(node: value, document: document, name: "`\(text)`")))
        }
        return ConfigMapping(entries: entries, node: self)
    }

    package func sequence() throws -> [ConfigNode] {
        guard let sequence = node.sequence else {
            throw error("\(name) is not a list", expected: "a list such as [a, b]")
        }
        return sequence.map { ConfigNode(node: $0, document: document, name: "an entry of \(name)") }
    }

    /// A list of words, or a single word as a list of one.
    package func texts() throws -> [String] {
        isScalar ? [try text()] : try sequence().map { try $0.text() }
    }

    // MARK: Scalars

    package func text() throws -> String {
        guard let scalar = node.scalar, !isNull else { throw error("\(name) has no value", expected: "a text") }
        return scalar.string
    }

    package func number() throws -> Double {
        guard let value = Double(try text()), value.isFinite else {
            throw error("`\((try? text()) ?? "")` is not a number", expected: "a plain number for \(name)")
        }
        return value
    }

    package func integer(in range: ClosedRange<Int>? = nil) throws -> Int {
        let limits = range.map {
            $0.upperBound == .max ? "a whole number of at least \($0.lowerBound)" : "a whole number from \($0.lowerBound) to \($0.upperBound)"
        }
        guard let value = Int(try text()) else {
            throw error("`\((try? text()) ?? "")` is not a whole number", expected: limits ?? "a whole number for \(name)")
        }
        if let range, !range.contains(value) { throw error("\(name) is \(value)", expected: limits) }
        return value
    }

    package func bool() throws -> Bool {
        switch try text() {
        case "true", "yes", "on": return true
        case "false", "no", "off": return false
        case let other: throw error("`\(other)` is neither true nor false", expected: "true or false for \(name)")
        }
    }

    /// A value with its unit, such as `300 Hz`. A bare number is refused.
    package func quantity<Quantity: PhysicalQuantity>(_ type: Quantity.Type = Quantity.self) throws -> Quantity {
        do { return try parseQuantity(try text(), as: type) } catch let error as FerroError { throw located(error) }
    }

    /// One of a set of words; anything else is refused with the nearest of them.
    package func choice(_ choices: [String]) throws -> String {
        let value = try text()
        guard choices.contains(value) else {
            throw error(
                "`\(value)` is not a value of \(name)", expected: "one of \(choices.joined(separator: ", "))",
                advice: nearestWord(to: value, among: choices).map { "did you mean `\($0)`?" })
        }
        return value
    }
}

/// The keys and values of one YAML mapping, in the order of the file.
package struct ConfigMapping {
    package let entries: [(key: ConfigNode, value: ConfigNode)]
    /// The mapping itself, for errors about what is missing in it.
    package let node: ConfigNode

    /// The value under a key, or nil where the key is absent or has no value.
    package func optional(_ key: String) -> ConfigNode? {
        entries.first { $0.key.name == key }.map(\.value).flatMap { $0.isNull ? nil : $0 }
    }

    package func required(_ key: String, expected: String? = nil) throws -> ConfigNode {
        guard let value = optional(key) else {
            throw node.error("`\(key)` is missing in \(node.name)", expected: expected ?? "a line `\(key): …`")
        }
        return value
    }
}
