// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5

/// One series of an NWB file, understood: how to read it, or why not.
struct NWBSeries: Sendable {
    let description: SeriesDescription
    let scale: MicrovoltScale
    let warnings: [String]

    /// - Throws: `FerroError` (input), the refusal.
    init(
        _ group: HDF5Group, kind: SeriesKind, tables: inout [String: NWBElectrodeTable], declared: RecordingDeclarations
    ) throws {
        guard group.exists("data") else {
            throw FerroError.input("the series has no samples", at: group.place, expected: "a dataset `data`")
        }
        let data = try group.dataset("data")
        let shape = try NWBSeries.shape(of: data)
        let frames = shape[0]
        let columns = shape.count > 1 ? shape[1] : 1
        let scaling = try NWBScale(of: data, in: group, columns: columns, declared: declared)
        let times = try NWBSeries.times(of: group, frames: frames)
        let electrodes = try NWBSeries.electrodes(of: group, shape: shape, tables: &tables)
        description = SeriesDescription(
            path: group.path, kind: kind, rate: times.rate, frames: frames, electrodes: electrodes, segments: times.segments,
            storage: SampleStorage.description(of: data))
        scale = scaling.scale
        warnings = scaling.warnings + times.warnings + (try SampleStorage.holes(in: data, shape: shape))
    }

    private static func shape(of data: HDF5Dataset) throws -> [Int] {
        guard data.type.isNumeric else {
            throw FerroError.input("the samples are \(data.type.name)", at: data.place, expected: "numbers")
        }
        let shape = try data.shape
        guard shape.count == 1 || shape.count == 2 else {
            throw FerroError.input(
                "the samples have \(shape.count) dimensions", at: data.place, expected: "frames, or frames by channels")
        }
        guard shape[0] > 0 else { throw FerroError.input("the series holds no frames", at: data.place, expected: "one at least") }
        guard shape.count == 1 || shape[1] > 0 else {
            throw FerroError.input("the series holds no channels", at: data.place, expected: "one at least")
        }
        try SampleStorage.refuseUnreadable(data, frames: shape[0], columns: shape.count > 1 ? shape[1] : 1)
        return shape
    }

    private static func times(of group: HDF5Group, frames: Int) throws -> (rate: SampleRate, segments: [Segment], warnings: [String]) {
        if group.exists("timestamps") { return try timestamped(try group.dataset("timestamps"), frames: frames) }
        guard group.exists("starting_time") else {
            throw FerroError.input(
                "the series does not say when its samples were taken", at: group.place,
                expected: "`starting_time` with an attribute `rate`, or `timestamps`")
        }
        let start = try group.dataset("starting_time")
        try refuseOtherThanSeconds(start)
        guard let hertz = try start.doubleAttribute("rate") else {
            throw FerroError.input("the series has no sampling rate", at: start.place, expected: "an attribute `rate` in Hz")
        }
        let rate = try SampleRate.stated(hertz, at: start.place)
        guard let first = try start.read(Double.self).first, first.isFinite else {
            throw FerroError.input("the starting time is no finite number", at: start.place, expected: "seconds")
        }
        return (rate, [Segment(frames: 0..<frames, start: first)], [])
    }

    private static func timestamped(
        _ dataset: HDF5Dataset, frames: Int
    ) throws -> (rate: SampleRate, segments: [Segment], warnings: [String]) {
        try refuseOtherThanSeconds(dataset)
        guard try dataset.shape == [frames] else {
            throw FerroError.input("there are \(try dataset.count) timestamps for \(frames) frames", at: dataset.place)
        }
        var times = SampleTimes(total: frames, place: dataset.place)
        let piece = SampleTimes.piece(of: dataset)
        for first in stride(from: 0, to: frames, by: piece) {
            try times.add(try dataset.read([first..<min(frames, first + piece)], as: Double.self))
        }
        let (rate, segments, departure) = try times.result()
        let limit = 0.5 / rate.hertz
        let warnings =
            departure > limit
            ? ["\(dataset.path): the timestamps depart by up to \(Seconds(departure)) from an even rate of \(rate)"] : []
        return (rate, segments, warnings)
    }

    private static func refuseOtherThanSeconds(_ dataset: HDF5Dataset) throws {
        guard let unit = try dataset.stringAttribute("unit"), !["s", "sec", "second", "seconds"].contains(unit.lowercased()) else { return }
        throw FerroError.input("times are in `\(unit)`", at: dataset.place, expected: "seconds")
    }

    private static func electrodes(
        of group: HDF5Group, shape: [Int], tables: inout [String: NWBElectrodeTable]
    ) throws -> [Electrode] {
        let columns = shape.count > 1 ? shape[1] : 1
        guard group.exists("electrodes") else {
            // Intracellular series link to one electrode, a group of its own.
            let location = group.exists("electrode/location") ? try group.dataset("electrode/location").readString() : nil
            return (0..<columns).map { Electrode(id: "\($0)", location: location) }
        }
        let region = try group.dataset("electrodes")
        let electrodes = try NWBElectrodeTable.electrodes(of: region, tables: &tables)
        guard electrodes.count == columns else {
            let isTurned = electrodes.count == shape[0]
            throw FerroError.input(
                "the series has \(columns) channels but names \(electrodes.count) electrodes", at: region.place,
                advice: isTurned ? "the data are stored channels by frames; NWB wants frames by channels" : nil)
        }
        return electrodes
    }

}
