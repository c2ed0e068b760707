// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import FerroCore
import FerroRecordings
import Foundation

/// `ferrospike inspect`: what is in a file, in units, and what would be refused.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Says what is in a recording, in units, and what would be refused and why.",
        discussion: "Exits with 3 where the file cannot be read or a series in it is refused.")

    @Argument(help: "An NWB file or a spike list.") var file: String
    @Flag(help: "Print JSON instead of text.") var json = false
    @Option(help: "Path of a series whose samples are printed as CSV in microvolts, one column a channel.") var series: String?
    @Option(help: ArgumentHelp("Frames A up to but not including B of the series.", valueName: "A:B")) var samples: String?

    func validate() throws {
        guard (series == nil) == (samples == nil) else {
            throw ValidationError("--series and --samples go together, such as --series /acquisition/ElectricalSeries --samples 0:1000")
        }
    }

    func run() throws {
        let frames = try samples.map(parseFrameRange)
        let recording = try openRecording(file)
        if let series, let frames {
            try recording.writeSamples(of: series, frames: frames) { Output.write($0) }
            return
        }
        let inspection = RecordingInspection(recording)
        if json {
            Output.line(String(decoding: try inspection.json(), as: UTF8.self))
        } else {
            Output.write(inspection.text)
        }
        if recording.problems.contains(where: { $0.severity == .refusal }) { throw ExitCode(FerroError.Kind.input.rawValue) }
    }
}
