// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5
import Foundation

/// Copies a recording of any format that is read into an NWB file: the stored numbers as they are, with the factors that make volts of them.
///
/// Series go to `/acquisition`, units and their observed time to `/units`, the session's facts to where NWB has them.
package struct NWBConversion {
    /// What was written.
    package struct Summary: Sendable, Codable, Equatable {
        package struct Series: Sendable, Codable, Equatable {
            /// Path in the input and in the output.
            package var from: String
            package var to: String
            package var type: String
            package var channels: Int
            package var frames: Int
        }

        package var series: [Series] = []
        package var units = 0
        package var warnings: [String] = []
    }

    private let recording: any Recording
    private let deflate: Int
    private let chosen: [SeriesDescription]

    /// - Parameters:
    ///   - series: paths of the series to copy; all that can be read where it is empty.
    ///   - deflate: 0 (none) to 9.
    /// - Throws: `FerroError` (input) where there is nothing to copy, or no series of that path.
    package init(_ recording: any Recording, series: [String] = [], deflate: Int) throws {
        self.recording = recording
        self.deflate = deflate
        for path in series where !recording.series.contains(where: { $0.path == path }) { _ = try recording.signal(of: path) }
        chosen = series.isEmpty ? recording.series : recording.series.filter { series.contains($0.path) }
        if chosen.isEmpty, recording.unitCounts == nil {
            let refusal = recording.problems.first { $0.severity == .refusal }
            throw FerroError.input(refusal?.message ?? "there is nothing in the file that could be converted", at: recording.path)
        }
    }

    /// Removes what a conversion left behind that ended without a word.
    package static func discardUnfinished(_ path: String) { try? FileManager.default.removeItem(atPath: NWBFileBuilder.temporary(for: path)) }

    /// Writes the file; it appears under its name when it is complete.
    ///
    /// - Parameter step: is called after every few megabytes, and ends the conversion by throwing.
    package func write(to path: String, step: () throws -> Void) throws -> Summary {
        var summary = Summary()
        let name = ((recording.path as NSString).lastPathComponent as NSString).deletingPathExtension
        let builder = try NWBFileBuilder(
            path: path,
            session: NWBSession(
                recording.session, name: name, identifier: recording.session.identifier.flatMap { $0.isEmpty ? nil : $0 } ?? "ferrospike-conversion:\(name)"))
        try builder.file.root.write("general/was_generated_by", strings: ["ferrospike", ferrospikeVersion], shape: [1, 2])
        let units = recording.unitCounts == nil ? nil : try recording.units()
        var sites = Sites()
        let rows = chosen.map { series in series.electrodes.map { sites.row(of: $0) } }
        let unitRows = (units?.electrodes ?? []).map { sites.row(of: $0) }
        if !sites.electrodes.isEmpty {
            try builder.writeElectrodes(
                sites.electrodes, device: "probe", deviceDescription: "device of the recording, read from a file of the format \(recording.format.rawValue)")
        }
        for (series, rows) in zip(chosen, rows) {
            summary.series.append(try copy(series, rows: rows, named: freshName(for: series, among: summary), into: builder, step: step))
        }
        if let units {
            try writeUnits(units, rows: unitRows, into: builder, hasElectrodes: !sites.electrodes.isEmpty)
            summary.units = units.trains.count
        }
        summary.warnings = recording.problems.map { ($0.severity == .refusal ? "not converted: " : "") + $0.message }
        try step()
        try builder.finish()
        return summary
    }

    /// The electrodes of all series, each once.
    private struct Sites {
        var electrodes: [Electrode] = []
        private var known: [Electrode: Int] = [:]

        mutating func row(of electrode: Electrode) -> Int {
            if let row = known[electrode] { return row }
            known[electrode] = electrodes.count
            electrodes.append(electrode)
            return electrodes.count - 1
        }
    }

    // MARK: Series

    /// `ElectricalSeries` where there is one; else named by the parts of the path that tell series apart.
    private func freshName(for series: SeriesDescription, among summary: Summary) -> String {
        let parts = series.path.split(separator: "/").filter { !["acquisition", "Data", "AnalogStream", "ElectricalSeries", "data"].contains($0) }
        let plain = series.kind == .electrical || series.kind == .lfp ? "ElectricalSeries" : "TimeSeries"
        var name = chosen.count == 1 || parts.isEmpty ? plain : NWBSchema.linkName(parts.joined(separator: "_"))
        while summary.series.contains(where: { $0.to == "/acquisition/\(name)" }) { name += "_" }
        return name
    }

    private func copy(
        _ series: SeriesDescription, rows: [Int], named name: String, into builder: NWBFileBuilder, step: () throws -> Void
    ) throws -> Summary.Series {
        guard let signal = try recording.signal(of: series.path) as? DatasetSignal else {
            throw FerroError.internalError("the stored numbers cannot be reached", at: "\(recording.path): \(series.path)")
        }
        do {
            let raw = try RawRows(signal)
            let isElectrical = series.kind == .electrical || series.kind == .lfp
            let path = "/acquisition/\(name)"
            let data = try NWBSeriesData(
                in: builder, path: path, kind: .core(isElectrical ? "ElectricalSeries" : "TimeSeries"), rows: rows, hasElectrodes: isElectrical,
                rate: series.rate, starts: series.segments.map(\.start),
                format: NWBSeriesFormat(
                    element: raw.element, conversion: raw.conversion, offset: raw.offset, channelConversion: raw.channelConversion, deflate: deflate),
                description: "\(series.path) of the recording")
            let part = max(1, (4 << 20) / max(1, rows.count * raw.element.size))
            for (number, segment) in series.segments.enumerated() {
                var first = segment.frames.lowerBound
                while first < segment.frames.upperBound {
                    let end = min(first + part, segment.frames.upperBound)
                    try raw.bytes(first..<end).withUnsafeBytes { try data.append($0, stretch: number) }
                    first = end
                    try step()
                }
            }
            try data.finish()
            return Summary.Series(from: series.path, to: path, type: raw.element.rawValue, channels: rows.count, frames: series.frames)
        } catch let error as FerroError where error.kind == .input && error.place?.contains(recording.path) != true {
            throw error.inside(recording.path)
        }
    }

    // MARK: Units

    private func writeUnits(_ units: UnitTable, rows: [Int], into builder: NWBFileBuilder, hasElectrodes: Bool) throws {
        guard !units.trains.isEmpty else { return }
        let trains = units.trains
        var columns = [
            NWBColumn("unit_name", "name of the unit", .texts(trains.map(\.id))),
            NWBColumn("spike_times", "times of the spikes in seconds", .raggedDoubles(trains.map(\.times))),
        ]
        if trains.contains(where: { !$0.observed.isEmpty }) {
            columns.append(NWBColumn("obs_intervals", "stretches in which the unit was observed, in seconds", .raggedIntervals(trains.map(\.observed))))
        }
        if hasElectrodes, trains.contains(where: { $0.electrode != nil }) {
            let regions = trains.map { $0.electrode.map { [rows[$0]] } ?? [] }
            columns.append(NWBColumn("electrodes", "electrode the unit was seen on", .raggedRegion(regions, table: NWBFileBuilder.electrodesPath)))
        }
        let table = NWBTable(description: "units of \((recording.path as NSString).lastPathComponent)", ids: Array(trains.indices), columns: columns)
        try builder.writeTable(table, at: "/units", as: .units)
    }
}
