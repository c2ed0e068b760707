// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import FerroCore
import FerroSimulation
import Foundation

/// `ferrospike simulate`: recordings and studies whose truth is known.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Makes recordings and whole studies whose truth is known.",
        discussion: "Equal descriptions make equal bytes on every machine.",
        subcommands: [SimulateRecordingCommand.self, SimulateCohortCommand.self])
}

/// `ferrospike simulate recording`: one NWB file with its true spikes and bursts.
struct SimulateRecordingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recording", abstract: "Makes a recording with known spikes and bursts.",
        discussion: "The signal is in /acquisition/ElectricalSeries, the truth in /units and /intervals/true_bursts.")

    @Argument(help: ArgumentHelp("The description, a YAML file.", valueName: "SPEC.yaml")) var spec: String
    @Option(
        name: [.short, .customLong("output")],
        help: ArgumentHelp("The file, if it ends in .nwb; else the folder for <SPEC>.nwb.", valueName: "FILE_OR_DIR"))
    var output: String
    @Option(help: "Takes the place of the seed in the description.") var seed: UInt64?

    func run() throws {
        var description = try RecordingSpec.load(spec)
        if let seed { description.seed = seed }
        let made = try simulateRecording(spec: description, output: output, named: spec)
        Output.line(made.text)
    }
}

/// `ferrospike simulate cohort`: a study of animals with known effects.
struct SimulateCohortCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cohort", abstract: "Makes a study of simulated animals with known effects.",
        discussion: "Run the study with `ferrospike study run OUT/study.yaml -o RESULTS`; OUT/truth.csv says what it should find.")

    @Argument(help: ArgumentHelp("The description, a YAML file.", valueName: "SPEC.yaml")) var spec: String
    @Option(name: [.short, .customLong("output")], help: ArgumentHelp("Folder for the study.", valueName: "OUT")) var output: String
    @Option(help: "Takes the place of the seed in the description.") var seed: UInt64?
    @Option(help: "Animals simulated at once; 0 takes one for each processor.") var workers = 0

    func validate() throws {
        guard workers >= 0 else { throw ValidationError("--workers is \(workers); write a whole number from 0 up") }
    }

    func run() async throws {
        var description = try CohortSpec.load(spec)
        if let seed { description.seed = seed }
        let progress = Progress()
        let made = try await simulateCohort(description, into: output, workers: workers, progress: progress.reporter)
        progress.clear()
        Output.line(made.text)
    }

    /// One line on standard error; nothing where that is not a terminal.
    private struct Progress {
        private let isTerminal = isatty(STDERR_FILENO) == 1

        var reporter: (@Sendable (Int, Int) -> Void)? {
            guard isTerminal else { return nil }
            return { done, total in FileHandle.standardError.write(Data("\r\(done) of \(total) recordings".utf8)) }
        }

        func clear() {
            if isTerminal { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
        }
    }
}
