// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import FerroCore
import FerroPipeline
import FerroRecordings
import Foundation

/// `ferrospike inspect`: what is in a file, in units, and what would be refused.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Says what is in a recording, in units, and what would be refused and why.",
        discussion: "Exits with 3 where the file cannot be read or a series in it is refused.")

    @Argument(help: "A recording: NWB, Multi Channel Systems, 3Brain, MaxWell, MATLAB v7.3, a spike list, or a layout that a pipeline declares.") var file:
        String
    @Option(help: ArgumentHelp("A pipeline whose recording section says what the file does not.", valueName: "PIPELINE.yaml")) var pipeline: String?
    @Flag(help: "Let the file lead into other files that it names (external links, raw storage, virtual datasets).") var allowExternal = false
    @Flag(help: "Print JSON instead of text.") var json = false
    @Option(help: "Path of a series whose samples are printed as CSV in microvolts, one column a channel.") var series: String?
    @Option(help: ArgumentHelp("Frames A up to but not including B of the series.", valueName: "A:B")) var samples: String?
    @OptionGroup var opening: OpeningOptionGroup

    func validate() throws {
        guard (series == nil) == (samples == nil) else {
            throw ValidationError("--series and --samples go together, such as --series /acquisition/ElectricalSeries --samples 0:1000")
        }
    }

    func run() throws {
        let frames = try samples.map(parseFrameRange)
        let worker = RecordingWorker(Worker.program, openLimit: try opening.limit())
        let job = InspectionJob(file: file, pipeline: try pipeline.map { try Pipeline.load($0) }, allowsExternal: allowExternal)
        do {
            let request: WorkerRequest = if let series, let frames { .samples(job, series: series, frames: frames) } else { .inspect(job, asJSON: json) }
            let reply = try worker.ask(request) { if case .text(let text) = $0 { Output.write(text) } }
            if case .inspected(isRefused: true) = reply { throw ExitCode(FerroError.Kind.input.rawValue) }
        } catch let error as FerroError where error.kind == .input && json && frames == nil {
            Output.line(String(decoding: try RecordingInspection(file: file, refusal: error).json(), as: UTF8.self))
            throw ExitCode(error.exitCode)
        }
    }
}
