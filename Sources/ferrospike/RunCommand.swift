// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import FerroCore
import FerroPipeline
import Foundation

/// `ferrospike run`: processes recordings with a pipeline.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Processes recordings with a pipeline.",
        discussion:
            "Results go to OUT/<file name without extension>/, each folder complete when it appears. Exits with 4 where some recordings failed and the rest are done."
    )

    @Argument(help: ArgumentHelp("The pipeline, a YAML file.", valueName: "PIPELINE.yaml")) var pipeline: String
    @Argument(help: ArgumentHelp("Recordings.", valueName: "FILE")) var files: [String]
    @Option(name: [.short, .customLong("output")], help: ArgumentHelp("Folder for the results.", valueName: "OUT")) var output: String
    @Flag(help: "Take every electrode, whatever the pipeline's filter says.") var allElectrodes = false
    @OptionGroup var runOptions: RunOptionGroup
    @Flag(help: "Print JSON instead of text.") var json = false

    func run() async throws {
        let loaded = try Pipeline.load(pipeline)
        let line = ProgressLine()
        var warnings = RecordingWarnings()
        let batch = try BatchRun(
            pipeline: allElectrodes ? loaded.withAllElectrodes() : loaded, files: files, output: output,
            options: try runOptions.options(progress: line.reporter))
        let entries = try await batch.start { entry in
            line.clear()
            if json { return }
            switch entry.result {
            case .success(let outcome):
                Output.line(RunSummary.text(outcome, directory: entry.directory))
                warnings.tell(outcome.manifest)
            case .failure(let error): Output.note("ferrospike: \(error)")
            }
        }
        if json { Output.line(try RunSummary.json(entries)) } else { warnings.conclude() }
        let code = BatchRun.exitCode(of: entries)
        if code == FerroError.Kind.partial.rawValue {
            let failed = entries.count { if case .failure = $0.result { true } else { false } }
            Output.note("ferrospike: \(failed) of \(entries.count) recordings failed; the rest are done")
        }
        if code != 0 { throw ExitCode(code) }
    }
}
