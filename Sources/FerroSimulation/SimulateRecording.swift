// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
import FerroRecordings
import Foundation

/// What a simulation wrote.
package struct SimulatedRecording: Sendable, Equatable {
    package var path: String
    package var truth: GroundTruth
    /// Standard deviation of the background behind the 300-6000 Hz band-pass in microvolts; nil where the rate is too low for the band.
    package var noise: Microvolts?
    /// Samples that did not fit into 16 bits.
    package var saturated: Int

    /// `rec.nwb: 8 neurons, 1200 spikes, 96 bursts in 20 s; background 6.1 uV in 300-6000 Hz`.
    package var text: String {
        let spikes = truth.units.reduce(0) { $0 + $1.frames.count }
        let bursts = truth.units.reduce(0) { $0 + $1.bursts.count }
        let seconds = truth.segments.reduce(0) { $0 + truth.rate.seconds($1.frames.count) }
        var text = "\(path): \(truth.units.count) neurons, \(spikes) spikes, \(bursts) bursts in \(Seconds(seconds))"
        if truth.segments.count > 1 { text += " with \(truth.segments.count - 1) gap\(truth.segments.count > 2 ? "s" : "")" }
        if let noise { text += "; background \(Microvolts((noise.value * 100).rounded() / 100)) in 300-6000 Hz" }
        if saturated > 0 { text += "; \(saturated) samples did not fit into 16 bits" }
        return text
    }
}

/// Simulates into `output`: the file itself where that ends in `.nwb`, else a folder that gets a file named after the description.
package func simulateRecording(spec: RecordingSpec, output: String, named source: String) throws -> SimulatedRecording {
    let stem = URL(fileURLWithPath: source).deletingPathExtension().lastPathComponent
    let isFile = output.hasSuffix(".nwb")
    let path = isFile ? output : (output.hasSuffix("/") ? output : output + "/") + stem + ".nwb"
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch {
        throw FerroError.input("the output folder cannot be written", at: folder, expected: "a folder that you may write to", advice: "choose another with -o")
    }
    return try simulateRecording(spec: spec, to: path, name: stem)
}

/// Simulates a recording and writes it, with its ground truth, as an NWB file: the signal in `/acquisition/ElectricalSeries`, the neurons in
/// `/units`, their bursts in `/intervals/true_bursts`.
///
/// Equal descriptions make equal bytes. The file appears when it is complete.
/// - Parameters:
///   - name: identifier of the recording in the file.
///   - blockFrames: frames made at once; changes nothing but memory.
/// - Throws: `FerroError` (usage) for a description that contradicts itself, (input) where the file cannot be written.
@discardableResult
package func simulateRecording(
    spec: RecordingSpec, to path: String, name: String = "simulated", blockFrames: Int = 16_384
) throws -> SimulatedRecording {
    let plan = try RecordingPlan(spec)
    let truth = GroundTruth(plan)
    let session = NWBSession(
        identifier: "ferrospike-simulation:\(name):\(spec.seed)",
        description: "Simulated extracellular recording with known spikes and bursts, seed \(spec.seed); no animal was recorded, and the date stands for none.",
        start: "2000-01-01T00:00:00Z",
        subject: NWBSubject(id: spec.subject, species: "Mus musculus", sex: "U", age: "P90D", description: "simulated animal"))
    let layout: NWBRecordingWriter.Layout = spec.storage.layout == .gzip ? .gzip(level: 1) : .contiguous
    let writer = try NWBRecordingWriter(
        path: path, session: session, electrodes: plan.electrodes, rate: spec.rate, segments: plan.segments,
        conversion: Float(plan.resolution * 1e-6), layout: layout, description: "simulated extracellular voltage",
        deviceDescription: "simulated probe: \(spec.electrodes.geometry.rawValue), \(spec.electrodes.count) sites, pitch \(spec.electrodes.pitch)")
    var synthesizer = RecordingSynthesizer(plan, blockFrames: blockFrames)
    try synthesizer.run { counts, _ in try writer.append(counts) }
    if !truth.units.isEmpty {
        try writer.addUnits(truth.unitsTable)
        try writer.addIntervals(GroundTruth.burstTable, truth.burstsTable)
    }
    try writer.addIntervals(GroundTruth.segmentTable, truth.segmentsTable)
    try writer.finish()
    return SimulatedRecording(
        path: path, truth: truth, noise: plan.bandDeviation.map { Microvolts($0) }, saturated: synthesizer.saturated)
}
