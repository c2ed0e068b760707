// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import FerroCore
import FerroPipeline
import FerroSimulation

/// `ferrospike validate`: detectors against ground truth.
struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Runs a pipeline's detectors on simulated recordings and compares them with the truth.",
        discussion: "Exits with 5 where a measure is below its floor.")

    @Argument(help: ArgumentHelp("Detectors by stage, id or method, such as locally-exclusive; none takes all of the pipeline.", valueName: "DETECTOR"))
    var detectors: [String] = []
    @Option(help: ArgumentHelp("Folder of descriptions of recordings and floors.yaml.", valueName: "DIR")) var fixtures: String
    @Option(help: ArgumentHelp("The pipeline; pipelines/vhpc-extracellular.yaml beside the fixtures unless given.", valueName: "PIPELINE.yaml"))
    var pipeline: String?
    @Option(help: "Blocks worked on at once; 0 takes one for each processor.") var workers = 0
    @Flag(help: "Print JSON instead of text.") var json = false

    func validate() throws {
        guard workers >= 0 else { throw ValidationError("--workers is \(workers); write a whole number from 0 up") }
    }

    func run() async throws {
        var options = RunOptions()
        options.workers = workers
        let report = try await Validation(fixtures: fixtures, pipeline: pipeline, detectors: detectors, options: options).run()
        if json { Output.line(try report.json()) } else { Output.write(report.text) }
        if let failure = report.failure { throw failure }
    }
}
