// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import FerroCore
import FerroPipeline

/// `ferrospike stages`: what a pipeline can be made of.
struct StagesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stages", abstract: "Lists every stage, or the parameters, units and defaults of one.",
        discussion: "With --schema prints JSON Schema, which editors use to complete and check pipelines.")

    @Argument(help: "A stage; none lists them all.") var name: String?
    @Flag(help: "Print JSON Schema instead of text.") var schema = false

    func run() throws {
        let documentation = try name.map { name in
            guard let stage = StageCatalog.stage(named: name) else {
                throw FerroError.usage(
                    "`\(name)` is not a stage", expected: "one of \(StageCatalog.names.joined(separator: ", "))",
                    advice: nearestWord(to: name, among: StageCatalog.names).map { "did you mean `\($0)`?" })
            }
            return stage.documentation
        }
        if schema {
            Output.line(try StageSchema.json(documentation))
        } else {
            Output.line(documentation.map(StageSchema.text) ?? StageSchema.overview())
        }
    }
}
