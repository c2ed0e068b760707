// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings
import Foundation

/// Where encoded frames go, in time order, from one place at a time.
protocol SignalFile: AnyObject {
    func append(_ samples: EncodedSamples, stretch: Int) throws
    func finish() throws
}

/// How the files of a `write-signal` stage are called.
struct SignalFileNames: Sendable {
    let id: String
    let isBinary: Bool

    /// The samples; of one stretch where there are several.
    func signal(_ stretch: Int?) -> String { isBinary ? "\(id)\(stretch.map { "-\($0 + 1)" } ?? "").bin" : "\(id).nwb" }
    var facts: String { "\(id).json" }
    var probe: String { "\(id).probe.json" }

    /// The name that a run gives to a file of its own; nil where all is well.
    var reserved: String? {
        [isBinary ? facts : signal(nil)].first { $0.lowercased() == "result.nwb" || $0.lowercased() == Manifest.fileName }
    }
}

final class NWBSignalFile: SignalFile {
    private let writer: NWBSignalWriter

    init(_ writer: NWBSignalWriter) { self.writer = writer }

    func append(_ samples: EncodedSamples, stretch: Int) throws { try writer.append(samples, stretch: stretch) }
    func finish() throws { try writer.finish() }
}

/// Samples without a header, frame after frame, a file for every stretch; what they mean stands beside them, under the names of the arguments of
/// SpikeInterface's `read_binary`.
final class BinarySignalFile: SignalFile {
    private let folder: String
    private let names: SignalFileNames
    private let stream: StreamFormat
    private let starts: [Double]
    private let coding: SampleCoding
    private var current: (stretch: Int, handle: FileHandle)?
    private var files: [(name: String, start: Double)] = []

    init(folder: String, names: SignalFileNames, stream: StreamFormat, starts: [Double], coding: SampleCoding) throws {
        self.folder = folder
        self.names = names
        self.stream = stream
        self.starts = starts
        self.coding = coding
    }

    func append(_ samples: EncodedSamples, stretch: Int) throws {
        try orRefuse(names.signal(starts.count > 1 ? stretch : nil)) { name in
            if current?.stretch != stretch {
                try current?.handle.close()
                let path = folder + "/" + name
                try Data().write(to: URL(filePath: path))
                current = (stretch, try FileHandle(forWritingTo: URL(filePath: path)))
                files.append((name, starts[stretch]))
            }
            try current?.handle.write(contentsOf: samples.bytes)
        }
    }

    func finish() throws {
        try orRefuse(names.facts) { name in
            try current?.handle.close()
            let facts = Facts(
                file_paths: files.map(\.name), sampling_frequency: stream.rate.hertz, t_starts: files.map(\.start), num_channels: stream.electrodes.count,
                dtype: coding.name,
                time_axis: 0, file_offset: 0, channel_ids: stream.electrodes.map(\.id), gain_to_uV: coding.gain, offset_to_uV: 0)
            try write(facts, as: name)
        }
        guard let probe = ProbeFile(stream.electrodes) else { return }
        try orRefuse(names.probe) { try write(probe, as: $0) }
    }

    private struct Facts: Encodable {
        var file_paths: [String]
        var sampling_frequency: Double
        var t_starts: [Double]
        var num_channels: Int
        var dtype: String
        var time_axis: Int
        var file_offset: Int
        var channel_ids: [String]
        var gain_to_uV: Double
        var offset_to_uV: Double
    }

    private func write(_ value: some Encodable, as name: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(value).write(to: URL(filePath: folder + "/" + name))
    }

    private func orRefuse(_ name: String, _ body: (String) throws -> Void) throws {
        do { try body(name) } catch {
            throw FerroError.system("the signal cannot be written", error, at: folder + "/" + name)
        }
    }
}

/// The probe as probeinterface's JSON: positions in micrometres, in the plane in which the electrodes lie, and who is which column.
struct ProbeFile: Encodable {
    struct Probe: Encodable {
        var ndim: Int
        var si_units = "um"
        var annotations = ["name": "probe", "note": "the shape and size of contacts are not known; they are drawn as circles of 5 um radius"]
        var contact_annotations: [String: [String]] = [:]
        var contact_positions: [[Double]]
        var contact_plane_axes: [[[Double]]]
        var contact_shapes: [String]
        var contact_shape_params: [[String: Double]]
        var contact_ids: [String]
        var shank_ids: [String]
        var device_channel_indices: [Int]
    }

    var specification = "probeinterface"
    var version = "0.2.21"
    var probes: [Probe]

    /// nil where an electrode has no position.
    init?(_ electrodes: [Electrode]) {
        let positions = electrodes.compactMap(\.position).filter { ($0.x + $0.y + $0.z).isFinite }
        guard positions.count == electrodes.count, let first = positions.first else { return nil }
        // The plane is that of the two axes along which electrodes differ; three where they differ along three.
        var axes = (0..<3).filter { axis in positions.contains { $0[axis] != first[axis] } }
        for axis in 0..<3 where axes.count < 2 && !axes.contains(axis) { axes.append(axis) }
        axes.sort()
        let unit = (0..<2).map { direction in axes.indices.map { $0 == direction ? 1.0 : 0.0 } }
        let ids = electrodes.map(\.id)
        probes = [
            Probe(
                ndim: axes.count, contact_positions: positions.map { position in axes.map { position[$0] } },
                contact_plane_axes: electrodes.map { _ in unit }, contact_shapes: electrodes.map { _ in "circle" },
                contact_shape_params: electrodes.map { _ in ["radius": 5] },
                contact_ids: Set(ids).count == ids.count ? ids : electrodes.indices.map(String.init), shank_ids: electrodes.map { $0.group ?? "" },
                device_channel_indices: Array(electrodes.indices))
        ]
    }
}
