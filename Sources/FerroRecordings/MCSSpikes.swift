// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5

/// The spike times of one entity of a Multi Channel Systems file, in a `SegmentStream` (spike cut-outs) or a `TimeStampStream`.
struct MCSSpikes: Sendable {
    let id: String
    /// Path of the recording it belongs to.
    let recording: String
    let electrode: Electrode?
    /// While the first electrode stream of the same recording ran; empty where there is none.
    let observed: [TimeInterval]
    private let dataset: HDF5Dataset
    private let secondsPerTick: Double

    /// Entities of all streams of a recording that hold spikes.
    static func all(in recording: HDF5Group, series: [SeriesDescription]) throws -> [MCSSpikes] {
        try segments(in: recording, series) + timestamps(in: recording, series)
    }

    var count: Int { get throws { try dataset.count } }

    /// Seconds, ascending.
    func times() throws -> [Double] {
        let ticks = try dataset.read(Int64.self)
        let times = ticks.map { Double($0) / (1 / secondsPerTick).rounded() }
        try NWBUnits.refuseDisorder(times, unit: id, at: dataset.place)
        return times
    }

    private static func segments(in recording: HDF5Group, _ series: [SeriesDescription]) throws -> [MCSSpikes] {
        guard recording.exists("SegmentStream") else { return [] }
        return try MCSRecording.numbered("Stream_", in: recording.group("SegmentStream")).flatMap { stream -> [MCSSpikes] in
            guard stream.exists("InfoSegment"), try stream.stringAttribute("DataSubType") != "Average" else { return [] }
            let table = try stream.dataset("InfoSegment")
            let ids = try table.readColumn("SegmentID", as: Int64.self)
            let labels = try table.readTextColumn("Label")
            let sources = try table.readTextColumn("SourceChannelIDs")
            return try ids.indices.compactMap { entity in
                let name = "SegmentData_ts_\(ids[entity])"
                guard stream.exists(name) else { return nil }
                return try MCSSpikes(
                    name, labels[entity], "\(ids[entity])", sources[entity], in: stream, of: recording, series, secondsPerTick: 1e-6)
            }
        }
    }

    private static func timestamps(in recording: HDF5Group, _ series: [SeriesDescription]) throws -> [MCSSpikes] {
        guard recording.exists("TimeStampStream") else { return [] }
        return try MCSRecording.numbered("Stream_", in: recording.group("TimeStampStream")).flatMap { stream -> [MCSSpikes] in
            guard stream.exists("InfoTimeStamp"), try stream.stringAttribute("DataSubType") == "NeuralSpike" else { return [] }
            let table = try stream.dataset("InfoTimeStamp")
            let ids = try table.readColumn("TimeStampEntityID", as: Int64.self)
            let labels = try table.readTextColumn("Label")
            let sources = try table.readTextColumn("SourceChannelIDs")
            let units = try table.readTextColumn("Unit")
            let exponents = try table.readColumn("Exponent", as: Int64.self)
            return try ids.indices.compactMap { entity in
                let name = "TimeStampEntity_\(ids[entity])"
                guard stream.exists(name) else { return nil }
                guard units[entity] == "s", (-12...0).contains(exponents[entity]) else {
                    throw FerroError.input(
                        "the spikes `\(labels[entity])` are in 1e\(exponents[entity]) `\(units[entity])`", at: table.place, expected: "s")
                }
                let ten = (0..<Int(-exponents[entity])).reduce(1.0) { product, _ in product * 10 }
                return try MCSSpikes(name, labels[entity], "\(ids[entity])", sources[entity], in: stream, of: recording, series, secondsPerTick: 1 / ten)
            }
        }
    }

    private init(
        _ name: String, _ label: String, _ number: String, _ sources: String, in stream: HDF5Group, of recording: HDF5Group, _ series: [SeriesDescription],
        secondsPerTick: Double
    ) throws {
        let home = stream.path.split(separator: "/").last.map(String.init) ?? stream.path
        let session = recording.path.split(separator: "/").last.map(String.init) ?? recording.path
        id = "\(session)/\(home)/\(label.isEmpty ? number : label)#\(number)"
        self.recording = recording.path
        dataset = try stream.dataset(name)
        self.secondsPerTick = secondsPerTick
        let running = series.first { $0.kind == .electrical } ?? series.first
        observed = running?.intervals ?? []
        electrode = try MCSSpikes.electrode(sources, in: stream)
    }

    /// The site of the only source channel, by its label; none for several.
    private static func electrode(_ sources: String, in stream: HDF5Group) throws -> Electrode? {
        let ids = sources.split(separator: ",").compactMap { Int($0.filter { $0 != " " }) }
        guard ids.count == 1, let table = ["SourceInfoChannel", "SourceChannelInfo"].first(where: { stream.exists($0) }) else {
            return ids.count == 1 ? Electrode(id: "\(ids[0])") : nil
        }
        let dataset = try stream.dataset(table)
        let known = try dataset.readColumn("ChannelID", as: Int64.self)
        let labels = try dataset.readTextColumn("Label")
        guard let row = known.firstIndex(of: Int64(ids[0])) else { return Electrode(id: "\(ids[0])") }
        return Electrode(id: labels[row].isEmpty ? "\(ids[0])" : labels[row])
    }
}
