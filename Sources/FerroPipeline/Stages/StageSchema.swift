// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// What `ferrospike stages` prints: text for people, JSON Schema for editors.
package enum StageSchema {
    /// One line per stage.
    package static func overview() -> String {
        let width = StageCatalog.names.map(\.count).max() ?? 0
        return StageCatalog.all.map { type in
            let documentation = type.documentation
            return documentation.name.padding(toLength: width + 2, withPad: " ", startingAt: 0)
                + documentation.kind.rawValue.padding(toLength: 11, withPad: " ", startingAt: 0) + documentation.summary
        }.joined(separator: "\n")
    }

    /// A stage with its parameters, units and defaults.
    package static func text(_ documentation: StageDocumentation) -> String {
        var lines = ["\(documentation.name) (\(documentation.kind.rawValue))", documentation.summary, ""]
        lines.append("takes \(documentation.takes?.rawValue ?? "nothing but the file"), gives \(documentation.gives.rawValue)")
        for parameter in documentation.parameters {
            lines.append("")
            let presence =
                switch parameter.presence {
                case .required: "required"
                case .optional: "may be left out"
                case .standard(let value): "default \(value)"
                }
            lines.append("  \(parameter.key)  (\(presence))")
            lines.append("      \(parameter.meaning)")
            lines.append("      \(parameter.kind.expectation)")
        }
        return lines.joined(separator: "\n")
    }

    /// JSON Schema (draft 2020-12) of a pipeline file, or of one stage's settings.
    package static func json(_ documentation: StageDocumentation?) throws -> String {
        let schema = documentation.map(settings) ?? pipeline()
        let data = try JSONSerialization.data(withJSONObject: schema, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data, as: UTF8.self)
    }

    private static func pipeline() -> [String: Any] {
        let words: [String: Any] = ["oneOf": [["type": "string"], ["type": "array", "items": ["type": "string"]]]]
        let stages: [[String: Any]] = StageCatalog.all.map { type in
            let documentation = type.documentation
            return [
                "type": "object", "additionalProperties": false, "required": [documentation.name], "properties": [documentation.name: settings(documentation)],
            ]
        }
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Ferrospike pipeline",
            "type": "object", "additionalProperties": false, "required": ["ferrospike", "stages"],
            "properties": [
                "ferrospike": ["const": 1],
                "recording": [
                    "type": "object", "additionalProperties": false,
                    "properties": [
                        "series": [
                            "oneOf": [
                                ["type": "string", "pattern": "^(auto|/.*)$"],
                                [
                                    "type": "object", "additionalProperties": false, "minProperties": 1,
                                    "properties": ["name": ["type": "string"], "kind": ["enum": ["electrical", "lfp", "current-clamp", "other"]]],
                                ],
                            ]
                        ],
                        "within": words, "exclude": words,
                        "between": ["type": "array", "items": ["type": "string", "pattern": "^[-+0-9.eE]+ *(s|ms|min)$"], "minItems": 2, "maxItems": 2],
                        "electrodes": [
                            "oneOf": [
                                ["const": "all"],
                                ["type": "object", "additionalProperties": false, "properties": ["location": words, "group": words, "id": words]],
                            ]
                        ],
                    ].merging(declarations) { _, declared in declared },
                ],
                "stages": ["type": "array", "minItems": 1, "items": ["oneOf": stages + [["enum": StageCatalog.names]]]],
            ],
        ]
    }

    /// What the recording section may declare of files that do not say it themselves.
    private static var declarations: [String: Any] {
        func quantity(_ units: String) -> [String: Any] { ["type": "string", "pattern": "^[-+0-9.eE]+ *(\(units))$"] }
        func source(_ description: String) -> [String: Any] {
            [
                "type": "object", "additionalProperties": false, "required": ["from", "unit"], "description": description,
                "properties": ["from": ["type": "string", "pattern": "^/"], "unit": ["type": "string"]],
            ]
        }
        func numbers(_ description: String) -> [String: Any] {
            [
                "description": description,
                "oneOf": [
                    ["type": "number"], ["type": "array", "items": ["type": "number"]],
                    ["type": "object", "additionalProperties": false, "required": ["from"], "properties": ["from": ["type": "string", "pattern": "^/"]]],
                ],
            ]
        }
        let path: [String: Any] = ["type": "string", "pattern": "^/"]
        return [
            "dataset": ["description": "path of the samples, or a list with one for each channel", "oneOf": [path, ["type": "array", "items": path]]],
            "axes": ["enum": [["time", "channel"], ["channel", "time"], ["time"]]],
            "rate": [
                "description": "samples per second, or where the file has them or their interval",
                "oneOf": [quantity("Hz|kHz|MHz"), source("a rate or a sample interval of the file")],
            ],
            "timestamps": source("a time for each sample, instead of a rate"),
            "unit": ["enum": ["V", "mV", "uV", "µV", "volts", "millivolts", "microvolts"], "description": "unit of stored × gain + offset"],
            "gain": numbers("factor from stored numbers to the unit"),
            "offset": numbers("what a stored 0 is, in the unit"),
            "conversion": ["type": "number", "description": "volts of one stored step, for NWB series without the attribute"],
            "start": quantity("s|ms|us|µs|min|h"),
            "channels": [
                "type": "object", "additionalProperties": false,
                "properties": ["names": path, "positions": source("x and y, or x, y and z, of each channel")],
            ],
            "largest-voltage": quantity("uV|µV|mV|V"),
        ]
    }

    private static func settings(_ documentation: StageDocumentation) -> [String: Any] {
        var properties: [String: Any] = ["id": ["type": "string", "description": "a name that later stages can read from"]]
        if documentation.takes != nil { properties["from"] = ["type": "string", "description": "the id of the stage to read from, or recording"] }
        for parameter in documentation.parameters {
            var entry = schema(of: parameter.kind)
            entry["description"] = parameter.meaning
            if case .standard(let value) = parameter.presence { entry["default"] = value }
            properties[parameter.key] = entry
        }
        return [
            "type": ["object", "null"], "description": documentation.summary, "additionalProperties": false, "properties": properties,
            "required": documentation.parameters.filter { $0.presence == .required }.map(\.key),
        ]
    }

    private static func schema(of kind: ParameterKind) -> [String: Any] {
        func quantity(_ units: String) -> [String: Any] { ["type": "string", "pattern": "^[-+0-9.eE]+ *(\(units))$"] }
        switch kind {
        case .frequency: return quantity("Hz|kHz|MHz")
        case .duration: return quantity("s|ms|us|µs|min|h")
        case .length: return quantity("um|µm|mm|m")
        case .voltage: return quantity("nV|uV|µV|mV|V")
        case .number(let range):
            return range.upperBound.isFinite
                ? ["type": "number", "minimum": range.lowerBound, "maximum": range.upperBound] : ["type": "number", "minimum": range.lowerBound]
        case .integer(let range):
            return range.upperBound < .max
                ? ["type": "integer", "minimum": range.lowerBound, "maximum": range.upperBound] : ["type": "integer", "minimum": range.lowerBound]
        case .choice(let words): return ["enum": words]
        case .words: return ["oneOf": [["type": "string"], ["type": "array", "items": ["type": "string"]]]]
        case .bands: return ["type": "object", "additionalProperties": ["type": "array", "minItems": 2, "maxItems": 2, "items": quantity("Hz|kHz")]]
        }
    }
}
