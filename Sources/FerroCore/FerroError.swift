// SPDX-License-Identifier: GPL-3.0-or-later

/// A failure told as one sentence that a physiologist can act on: what is wrong, where, what was expected and
/// what to write instead.
///
/// ```swift
/// throw FerroError.input("the dataset has no unit", at: "rat3.nwb: /acquisition/ElectricalSeries/data",
///     expected: "an attribute `unit`", advice: "declare `unit: V` in the pipeline's recording section")
/// ```
package struct FerroError: Error, Equatable, Sendable, Codable, CustomStringConvertible {
    /// Who has to act, which fixes the exit code of the command line.
    package enum Kind: Int32, Sendable, Codable {
        case internalError = 1
        /// Wrong usage, pipeline or study file.
        case usage = 2
        /// An input that cannot be read or is refused.
        case input = 3
        /// Some recordings failed, the rest are done.
        case partial = 4
        /// A validation below its floor.
        case validation = 5
        /// Interrupted; run again to go on.
        case interrupted = 75
    }

    package var kind: Kind
    package var what: String
    /// File and dataset, or `file.yaml:line:column`.
    package var place: String?
    package var expected: String?
    package var advice: String?
    /// Lines shown below the sentence as they are, such as a YAML line with a caret.
    package var excerpt: String?

    package init(
        _ kind: Kind, _ what: String, at place: String? = nil, expected: String? = nil, advice: String? = nil,
        excerpt: String? = nil
    ) {
        self.kind = kind
        self.what = what
        self.place = place
        self.expected = expected
        self.advice = advice
        self.excerpt = excerpt
    }

    package static func usage(
        _ what: String, at place: String? = nil, expected: String? = nil, advice: String? = nil, excerpt: String? = nil
    ) -> FerroError {
        FerroError(.usage, what, at: place, expected: expected, advice: advice, excerpt: excerpt)
    }

    package static func input(
        _ what: String, at place: String? = nil, expected: String? = nil, advice: String? = nil
    ) -> FerroError {
        FerroError(.input, what, at: place, expected: expected, advice: advice)
    }

    package static func internalError(_ what: String, at place: String? = nil) -> FerroError {
        FerroError(.internalError, what, at: place)
    }

    package var exitCode: Int32 { kind.rawValue }

    /// `place: what (expected …); advice`, with the excerpt on lines of its own.
    package var description: String {
        var text = place.map { "\($0): " } ?? ""
        text += what
        if let expected { text += " (expected \(expected))" }
        if let advice { text += "; \(advice)" }
        if let excerpt { text += "\n\(excerpt)" }
        return text
    }

    /// The same error, said of a place around it: the file of a dataset, the recording of a file.
    package func inside(_ outer: String) -> FerroError {
        var copy = self
        copy.place = place.map { "\(outer): \($0)" } ?? outer
        return copy
    }
}
