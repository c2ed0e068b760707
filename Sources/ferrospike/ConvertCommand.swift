// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import FerroCore
import FerroPipeline
import FerroRecordings
import Foundation

/// `ferrospike convert`: a recording of any format that is read as NWB.
struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert", abstract: "Copies a recording of any format that is read into an NWB file, to the last bit of the stored numbers.",
        discussion: "Series that `inspect` refuses are left out and named. Exits with 3 where the file cannot be read or nothing in it can.")

    @Argument(help: "A recording.") var file: String
    @Option(name: [.short, .customLong("output")], help: ArgumentHelp("The NWB file, which must not be there yet.", valueName: "OUT.nwb")) var output: String
    @Option(help: ArgumentHelp("Path of a series to copy; may stand several times. All of them unless given.", valueName: "PATH")) var series: [String] = []
    @Option(help: ArgumentHelp("A pipeline whose recording section says what the file does not.", valueName: "PIPELINE.yaml")) var pipeline: String?
    @Option(help: "How hard samples are deflated, 0 (not at all) to 9.") var compression = 1
    @Flag(help: "Let the file lead into other files that it names (external links, raw storage, virtual datasets).") var allowExternal = false
    @Flag(help: "Print JSON instead of text.") var json = false
    @OptionGroup var opening: OpeningOptionGroup

    func validate() throws {
        guard (0...9).contains(compression) else { throw ValidationError("--compression is \(compression); write a whole number from 0 to 9") }
    }

    func run() throws {
        let input = InspectionJob(file: file, pipeline: try pipeline.map { try Pipeline.load($0) }, allowsExternal: allowExternal)
        let job = try ConversionJob(input: input, output: output, series: series, deflate: compression)
        let worker = RecordingWorker(Worker.program, openLimit: try opening.limit())
        do {
            guard case .converted(let summary) = try worker.ask(.convert(job), hear: { _ in }) else {
                throw FerroError.internalError("the worker answered something else", at: file)
            }
            if json { Output.line(try Self.json(summary)) } else { tell(summary) }
        } catch {
            NWBConversion.discardUnfinished(output)
            throw error
        }
    }

    private func tell(_ summary: NWBConversion.Summary) {
        for warning in summary.warnings { Output.note("warning: \(warning)") }
        for series in summary.series {
            Output.line("\(series.from) -> \(series.to): \(series.channels) channels, \(series.frames) frames, \(series.type)")
        }
        if summary.units > 0 { Output.line("\(summary.units) units -> /units") }
        Output.line(output)
    }

    private static func json(_ summary: NWBConversion.Summary) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(summary), as: UTF8.self)
    }
}
