// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// What a stage's parameter accepts.
package enum ParameterKind: Sendable, Equatable {
    case frequency, duration, length, voltage
    case number(ClosedRange<Double>)
    case integer(ClosedRange<Int>)
    case choice([String])
    /// Named frequency bands: `{theta: [4 Hz, 12 Hz]}`.
    case bands
    /// A word or a list of words.
    case words

    /// What a user has to write, for tables and errors.
    package var expectation: String {
        switch self {
        case .frequency: "a frequency such as `\(Hertz.example)`"
        case .duration: "a duration such as `\(Seconds.example)`"
        case .length: "a length such as `\(Micrometres.example)`"
        case .voltage: "a voltage such as `\(Microvolts.example)`"
        case .number(let range):
            range.upperBound == .infinity
                ? "a number of at least \(shortest(range.lowerBound))" : "a number from \(shortest(range.lowerBound)) to \(shortest(range.upperBound))"
        case .integer(let range):
            range.upperBound == .max ? "a whole number of at least \(range.lowerBound)" : "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .choice(let words): "one of " + words.joined(separator: ", ")
        case .bands: "named bands such as `{theta: [4 Hz, 12 Hz]}`"
        case .words: "a word or a list such as `[vCA1, vHPC]`"
        }
    }

    /// Checks a value and gives it in the one form the resolved pipeline uses.
    func canonical(_ node: ConfigNode) throws -> String {
        switch self {
        case .frequency:
            let frequency = try positive(node.quantity(Hertz.self), node)
            // Below, a filter would settle for hours.
            guard frequency.value >= 0.001 else { throw node.error("\(node.name) is \(frequency)", expected: "at least 0.001 Hz") }
            return frequency.description
        case .duration:
            let duration = try notNegative(node.quantity(Seconds.self), node)
            guard duration.value <= 1e6 else { throw node.error("\(node.name) is \(duration)", expected: "at most 1000000 s") }
            return duration.description
        case .length: return try notNegative(node.quantity(Micrometres.self), node).description
        case .voltage: return try notNegative(node.quantity(Microvolts.self), node).description
        case .number(let range):
            let value = try node.number()
            guard range.contains(value) else { throw node.error("\(node.name) is \(shortest(value))", expected: expectation) }
            return shortest(value)
        case .integer(let range): return String(try node.integer(in: range))
        case .choice(let words): return try node.choice(words)
        case .bands: return "{" + (try bands(node).map { "\($0.name): [\($0.low), \($0.high)]" }.joined(separator: ", ")) + "}"
        case .words: return "[" + (try node.texts().map(\.quotedYAML).joined(separator: ", ")) + "]"
        }
    }

    func bands(_ node: ConfigNode) throws -> [FrequencyBand] {
        try node.mapping().entries.map { key, value in
            let edges = try value.sequence()
            guard edges.count == 2 else { throw value.error("the band `\(key.name)` has \(edges.count) edges", expected: "[low, high] such as [4 Hz, 12 Hz]") }
            let low = try edges[0].quantity(Hertz.self)
            let high = try edges[1].quantity(Hertz.self)
            guard low.value >= 0, low < high else {
                throw value.error("the band `\(key.name)` runs from \(low) to \(high)", expected: "a low edge below its high edge")
            }
            return FrequencyBand(name: key.name, low: low, high: high)
        }
    }

    private func positive<Quantity: PhysicalQuantity>(_ quantity: Quantity, _ node: ConfigNode) throws -> Quantity {
        guard quantity.value > 0 else { throw node.error("\(node.name) is \(quantity)", expected: "\(Quantity.dimension) above zero") }
        return quantity
    }

    private func notNegative<Quantity: PhysicalQuantity>(_ quantity: Quantity, _ node: ConfigNode) throws -> Quantity {
        guard quantity.value >= 0 else { throw node.error("\(node.name) is \(quantity)", expected: "\(Quantity.dimension) of zero or more") }
        return quantity
    }
}

/// A named band of frequencies, `low` to `high`.
package struct FrequencyBand: Sendable, Equatable {
    package var name: String
    package var low: Hertz
    package var high: Hertz
}

/// One parameter of a stage: its key, what it accepts, its default and its meaning.
package struct StageParameter: Sendable {
    package enum Presence: Sendable, Equatable {
        case required
        /// May be left out; then the stage does without.
        case optional
        /// The value, as YAML, that is used when the key is left out.
        case standard(String)
    }

    package var key: String
    package var kind: ParameterKind
    package var presence: Presence
    package var meaning: String

    package init(_ key: String, _ kind: ParameterKind, _ presence: Presence, _ meaning: String) {
        self.key = key
        self.kind = kind
        self.presence = presence
        self.meaning = meaning
    }
}

/// The checked parameters of one stage in one pipeline, defaults filled in.
package struct StageParameters {
    package let documentation: StageDocumentation
    /// The stage's entry in the pipeline file.
    package let node: ConfigNode
    private let values: [String: ConfigNode]
    /// Every parameter with its value in canonical form, in the order of the documentation.
    package let resolved: [(key: String, value: String)]

    init(_ documentation: StageDocumentation, _ mapping: ConfigMapping?, node: ConfigNode) throws {
        self.documentation = documentation
        self.node = node
        var values: [String: ConfigNode] = [:]
        var resolved: [(key: String, value: String)] = []
        for parameter in documentation.parameters {
            if let given = mapping?.optional(parameter.key) {
                values[parameter.key] = given
            } else {
                switch parameter.presence {
                case .required:
                    throw node.error(
                        "the stage `\(documentation.name)` needs `\(parameter.key)`", expected: parameter.kind.expectation,
                        advice: "it is \(parameter.meaning)")
                case .optional: continue
                case .standard(let text):
                    values[parameter.key] = try ConfigDocument.parse(text, path: "default of \(documentation.name)").named("`\(parameter.key)`")
                }
            }
            if let value = values[parameter.key] {
                resolved.append((parameter.key, try parameter.kind.canonical(value)))
            }
        }
        self.values = values
        self.resolved = resolved
    }

    /// Where a parameter stands in the file, for errors that only the recording can raise; the stage's entry where it was left out.
    package func place(of key: String) -> ConfigNode {
        values[key].flatMap { $0.document.path == node.document.path ? $0 : nil } ?? node
    }

    package func frequency(_ key: String) throws -> Hertz { try value(key).quantity() }
    package func duration(_ key: String) throws -> Seconds { try value(key).quantity() }
    package func optionalFrequency(_ key: String) throws -> Hertz? { try values[key]?.quantity() }
    package func optionalDuration(_ key: String) throws -> Seconds? { try values[key]?.quantity() }
    package func optionalLength(_ key: String) throws -> Micrometres? { try values[key]?.quantity() }
    package func optionalWords(_ key: String) throws -> [String]? { try values[key]?.texts() }
    package func length(_ key: String) throws -> Micrometres { try value(key).quantity() }
    package func voltage(_ key: String) throws -> Microvolts { try value(key).quantity() }
    package func number(_ key: String) throws -> Double { try value(key).number() }
    package func integer(_ key: String) throws -> Int { try value(key).integer() }
    package func optionalInteger(_ key: String) throws -> Int? { try values[key]?.integer() }
    package func choice(_ key: String) throws -> String { try value(key).text() }
    package func bands(_ key: String) throws -> [FrequencyBand] { try ParameterKind.bands.bands(value(key)) }

    private func value(_ key: String) throws -> ConfigNode {
        guard let node = values[key] else {
            throw FerroError.internalError("the stage \(documentation.name) asks for an undeclared parameter \(key)")
        }
        return node
    }
}

extension ConfigNode {
    func named(_ name: String) -> ConfigNode { ConfigNode(node: node, document: document, name: name) }
}
