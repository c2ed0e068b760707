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
        let batch = try BatchRun(
            pipeline: allElectrodes ? loaded.withAllElectrodes() : loaded, files: files, output: output,
            options: try runOptions.options(progress: line.reporter))
        let entries = try await batch.start { entry in
            line.clear()
            if json { return }
            switch entry.result {
            case .success(let outcome): Output.line(RunSummary.text(outcome, directory: entry.directory))
            case .failure(let error): Output.note("ferrospike: \(error)")
            }
        }
        if json { Output.line(try RunSummary.json(entries)) }
        let code = BatchRun.exitCode(of: entries)
        if code == FerroError.Kind.partial.rawValue {
            let failed = entries.count { if case .failure = $0.result { true } else { false } }
            Output.note("ferrospike: \(failed) of \(entries.count) recordings failed; the rest are done")
        }
        if code != 0 { throw ExitCode(code) }
    }
}

/// What a run says about its recordings.
enum RunSummary {
    /// `rat3: 4 units, 1153 spikes, 57 bursts in 28.77 s, 95 x real time -> out/rat3`, with warnings on lines of their own.
    static func text(_ outcome: RecordingRun.Outcome, directory: String) -> String {
        let manifest = outcome.manifest
        var parts: [String] = []
        if manifest.units > 0 { parts.append("\(manifest.units) units, \(manifest.spikes) spikes" + (manifest.bursts.map { ", \($0) bursts" } ?? "")) }
        let seconds = manifest.segments.reduce(0) { $0 + $1.duration_s }
        parts.append("\(Seconds((seconds * 1000).rounded() / 1000)) recorded")
        if manifest.gaps.count > 0 { parts.append("\(manifest.gaps.count) gaps") }
        switch outcome {
        case .done: parts.append("\(Int(seconds / max(manifest.wall_time_s, 1e-9))) x real time")
        case .kept: parts.append("kept")
        }
        let warnings = manifest.warnings.map { "\n  warning: \($0)" }.joined()
        return "\(manifest.recording): \(parts.joined(separator: ", ")) -> \(directory)\(warnings)"
    }

    static func json(_ entries: [BatchRun.Entry]) throws -> String {
        let recordings: [[String: Any]] = entries.map { entry in
            var fields: [String: Any] = ["file": entry.file, "recording": entry.name]
            switch entry.result {
            case .success(let outcome):
                if case .kept = outcome { fields["status"] = "kept" } else { fields["status"] = "done" }
                fields["directory"] = entry.directory
                fields["units"] = outcome.manifest.units
                fields["spikes"] = outcome.manifest.spikes
                fields["bursts"] = outcome.manifest.bursts
                fields["warnings"] = outcome.manifest.warnings
                fields["wall_time_s"] = outcome.manifest.wall_time_s
            case .failure(let error):
                fields["status"] = "failed"
                fields["message"] = error.description
                fields["exit_code"] = Int(error.exitCode)
            }
            return fields
        }
        let data = try JSONSerialization.data(withJSONObject: ["recordings": recordings], options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data, as: UTF8.self)
    }
}
