// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline
import Foundation
import Testing

@Suite("Stage documentation")
struct StageSchemaTests {
    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test("the schema of a pipeline is JSON and covers every stage with every parameter")
    func pipeline() throws {
        let schema = try object(StageSchema.json(nil))
        let properties = try #require(schema["properties"] as? [String: Any])
        #expect(Set(properties.keys) == ["ferrospike", "recording", "stages"])
        let items = try #require((properties["stages"] as? [String: Any])?["items"] as? [String: Any])
        let choices = try #require(items["oneOf"] as? [[String: Any]])
        let bare = try #require(choices.compactMap { $0["enum"] as? [String] }.first)
        #expect(bare == StageCatalog.names)
        var covered: [String] = []
        for choice in choices {
            guard let stage = choice["properties"] as? [String: Any], let name = stage.keys.first else { continue }
            covered.append(name)
            let settings = try #require(stage[name] as? [String: Any])
            let keys = try #require(settings["properties"] as? [String: Any]).keys
            let documentation = try #require(StageCatalog.stage(named: name)).documentation
            #expect(Set(keys) == Set(documentation.parameters.map(\.key) + ["id"] + (documentation.takes == nil ? [] : ["from"])))
        }
        #expect(covered == StageCatalog.names)
    }

    @Test("the schema of one stage is JSON that requires what has no default", arguments: StageCatalog.names)
    func stage(name: String) throws {
        let documentation = try #require(StageCatalog.stage(named: name)).documentation
        let schema = try object(StageSchema.json(documentation))
        let required = try #require(schema["required"] as? [String])
        #expect(required == documentation.parameters.filter { $0.presence == .required }.map(\.key))
        let properties = try #require(schema["properties"] as? [String: [String: Any]])
        for parameter in documentation.parameters {
            let entry = try #require(properties[parameter.key])
            #expect(entry["description"] as? String == parameter.meaning)
            if case .standard(let value) = parameter.presence { #expect(entry["default"] as? String == value) }
        }
    }

    @Test("the overview names every stage on a line of its own")
    func overview() {
        let lines = StageSchema.overview().split(separator: "\n")
        #expect(lines.count == StageCatalog.all.count)
        for (line, name) in zip(lines, StageCatalog.names) { #expect(line.hasPrefix(name + " ")) }
    }

    @Test("the text of a stage tells every parameter with its default and its meaning", arguments: StageCatalog.names)
    func text(name: String) throws {
        let documentation = try #require(StageCatalog.stage(named: name)).documentation
        let text = StageSchema.text(documentation)
        #expect(text.contains(documentation.summary))
        for parameter in documentation.parameters {
            #expect(text.contains("  \(parameter.key)  ("))
            #expect(text.contains(parameter.meaning))
            if case .standard(let value) = parameter.presence { #expect(text.contains("default \(value)")) }
        }
    }

    /// Every default is one that the stage itself accepts.
    @Test("a stage with its required keys alone reads", arguments: StageCatalog.names)
    func defaults(name: String) throws {
        let documentation = try #require(StageCatalog.stage(named: name)).documentation
        // Stages of these names need one of several keys.
        let oneOfSeveral = ["fir": ["low: 300 Hz"], "select-channels": ["location: vCA1"]][name] ?? []
        let given =
            oneOfSeveral
            + (try documentation.parameters.filter { $0.presence == .required }.map { parameter in
                switch parameter.kind {
                case .frequency: "\(parameter.key): \(parameter.key == "high" ? "6 kHz" : "300 Hz")"
                case .duration: "\(parameter.key): 1 s"
                case .length: "\(parameter.key): 50 um"
                case .voltage: "\(parameter.key): 0.2 uV"
                case .choice(let words): "\(parameter.key): \(words[0])"
                case .number, .integer, .bands, .words: throw FerroError.internalError("no example of \(parameter.key)")
                }
            })
        let before = documentation.takes == .units ? "  - import-units\n" : ""
        let text = "ferrospike: 1\nstages:\n\(before)  - \(name): {\(given.joined(separator: ", "))}\n"
        #expect(try Pipeline.parse(text).stages.last?.name == name)
    }
}
