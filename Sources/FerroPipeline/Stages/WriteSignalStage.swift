// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings
import Synchronization

/// `write-signal`: the signal as a file, for a spike sorter or any other program.
package struct WriteSignalStage: GatherStage {
    package static let documentation = StageDocumentation(
        "write-signal", .gather, takes: .signal, gives: .signal,
        "Writes the signal beside the results, as <id>.nwb or as <id>.bin with what it means in <id>.json and its probe in <id>.probe.json, and passes it on.",
        parameters: [
            StageParameter(
                "format", .choice(["nwb", "binary"]), .required,
                "nwb: one NWB file; binary: samples without a header, one file for every stretch without a gap, with a probe file that SpikeInterface reads"),
            StageParameter(
                "type", .choice(["int16", "float32"]), .standard("int16"), "int16: whole steps of a voltage, as amplifiers give them; float32: microvolts"),
            StageParameter(
                "step", .voltage, .standard("0.195 uV"),
                "with `type: int16`, the voltage of one step; what is beyond 32767 steps stands at the limit and is counted"),
            StageParameter("compression", .integer(0...9), .standard("1"), "with `format: nwb`, how hard samples are deflated; 0 not at all"),
        ])
    private let isBinary: Bool
    private let coding: SampleCoding
    private let deflate: Int
    private let place: ConfigPlace

    package init(_ parameters: StageParameters) throws {
        isBinary = try parameters.choice("format") == "binary"
        let step = try parameters.voltage("step").value
        guard step > 0 else { throw parameters.place(of: "step").error("a step of zero stores nothing", expected: "a voltage above zero, such as `0.195 uV`") }
        coding = try parameters.choice("type") == "float32" ? .float32 : .int16(step: step)
        deflate = try parameters.integer("compression")
        place = parameters.node.fixed
    }

    package func gatherer(for stream: StreamFormat, id: String, findings: Findings) throws -> any Gatherer {
        let names = SignalFileNames(id: id, isBinary: isBinary)
        if let taken = names.reserved {
            throw place.error("`\(taken)` has its name from Ferrospike", expected: "another id for this stage, such as `id: filtered`")
        }
        return SignalWriting(
            coding: coding, names: names, deflate: deflate, stream: stream, starts: findings.segments.map(\.start), folder: findings.folder,
            facts: findings.session, recording: findings.recording)
    }
}

/// Encodes blocks on the workers and hands them to the file in time order.
struct SignalWriting: Gatherer {
    let coding: SampleCoding
    let names: SignalFileNames
    let deflate: Int
    let stream: StreamFormat
    let starts: [Double]
    /// nil where nothing is written, as in an analysis for its findings alone.
    let folder: String?
    let facts: SessionFacts
    let recording: String
    let margin = Margin.none

    /// The file, made with the first block.
    final class Accumulated: Sendable {
        struct State {
            var file: (any SignalFile)?
            var saturated = 0
            var samples = 0
        }
        let state = Mutex(State())
    }

    func partial(of block: SignalBlock, core: SampleRange, in segment: SegmentContext) -> EncodedSamples {
        guard folder != nil, !core.isEmpty else { return .none }
        return coding.encode(block, core)
    }

    func start() -> Accumulated { Accumulated() }

    func merge(_ partial: EncodedSamples, in segment: SegmentContext, into accumulated: inout Accumulated) throws {
        guard let folder, partial.frames > 0 else { return }
        try accumulated.state.withLock { state in
            state.saturated += partial.saturated
            state.samples += partial.frames * stream.electrodes.count
            let file = try state.file ?? open(in: folder)
            state.file = file
            try file.append(partial, stretch: segment.index)
        }
    }

    func finish(_ accumulated: Accumulated, into findings: inout Findings) throws {
        guard folder != nil else { return }
        let (file, saturated, samples) = accumulated.state.withLock { ($0.file, $0.saturated, $0.samples) }
        try file?.finish()
        if saturated > 0 {
            let limit = Microvolts(32767 * coding.gain)
            findings.warnings.append(
                "\(names.id): \(saturated) of \(samples) samples are beyond ±\(limit) and stand at that limit; a larger `step`, or `type: float32`, keeps them")
        }
        if names.isBinary, ProbeFile(stream.electrodes) == nil {
            findings.warnings.append("\(names.id): not every electrode has a position, so there is no probe file")
        }
    }

    private func open(in folder: String) throws -> any SignalFile {
        if names.isBinary { return try BinarySignalFile(folder: folder, names: names, stream: stream, starts: starts, coding: coding) }
        return try NWBSignalFile(
            NWBSignalWriter(
                path: folder + "/" + names.signal(nil), facts: facts, name: recording, electrodes: stream.electrodes, rate: stream.rate, starts: starts,
                coding: coding, deflate: deflate, description: "the signal `\(names.id)` of the pipeline, written by Ferrospike"))
    }
}
