// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// A place in a config file, kept for complaints that arise after the file was read: only a recording's rate can tell
/// that a cut-off is above its Nyquist frequency.
struct ConfigPlace: Sendable {
    let document: ConfigDocument
    let line: Int
    let column: Int

    /// Runs `work`; an error without a place of its own is reported here.
    func locating<Value>(_ work: () throws -> Value) throws -> Value {
        do { return try work() } catch let error as FerroError where error.place == nil {
            var placed = document.error(error.what, line: line, column: column, expected: error.expected, advice: error.advice)
            placed.kind = error.kind
            throw placed
        }
    }
}

extension ConfigNode {
    var fixed: ConfigPlace { ConfigPlace(document: document, line: place.line, column: place.column) }
}
