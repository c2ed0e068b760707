// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
import FerroHDF5

/// Writes a raw recording as NWB, samples appended in time order; the file appears under its name when it is complete.
///
/// The series is `/acquisition/ElectricalSeries`: int16, frames by channels, in volts by `conversion`. A recording of
/// one segment that starts at 0 has `starting_time` and `rate`; any other has `timestamps`.
package final class NWBRecordingWriter {
    package enum Layout: Sendable, Equatable {
        case contiguous
        /// Chunks of about a mebibyte, shuffled and deflated.
        case gzip(level: Int)
    }

    private let builder: NWBFileBuilder
    private let data: HDF5Dataset
    private let timestamps: HDF5Dataset?
    private let rate: SampleRate
    private let segments: [Segment]
    private let channels: Int
    private let frames: Int
    private let rows: Int
    private var pending: [Int16] = []
    private var written = 0

    /// - Parameters:
    ///   - segments: gap-free stretches in time order that together hold all frames.
    ///   - conversion: volts per count, a Float32 as NWB stores it.
    package init(
        path: String, session: NWBSession, electrodes: [Electrode], rate: SampleRate, segments: [Segment], conversion: Float,
        layout: Layout = .contiguous, description: String, device: String = "probe", deviceDescription: String
    ) throws {
        guard let last = segments.last, !electrodes.isEmpty else {
            throw FerroError.internalError("a recording needs electrodes and frames", at: path)
        }
        self.rate = rate
        self.segments = segments
        channels = electrodes.count
        frames = last.frames.upperBound
        // Whole chunks are written, so that none is deflated twice.
        rows = max(1, min(frames, (1 << 19) / channels))
        builder = try NWBFileBuilder(path: path, session: session)
        try builder.writeElectrodes(electrodes, device: device, deviceDescription: deviceDescription)
        let series = try builder.file.root.createGroup("/acquisition/ElectricalSeries")
        try series.mark(.core("ElectricalSeries"), identity: builder.identity, path: series.path)
        try series.setAttribute("description", description)
        try series.setAttribute("comments", "no comments")
        let storage: HDF5Storage =
            switch layout {
            case .contiguous: .contiguous
            case .gzip(let level): .chunked([rows, channels], deflate: level, shuffle: true)
            }
        data = try series.createDataset("data", of: .number(.int16), shape: [frames, channels], storage: storage)
        try data.setAttribute("conversion", .float(conversion))
        try data.setAttribute("offset", .float(0))
        try data.setAttribute("resolution", .float(conversion))
        try data.setAttribute("unit", "volts")
        try builder.writeElectrodesRegion(Array(0..<channels), in: series)
        if segments.count == 1, segments[0].start == 0 {
            timestamps = nil
            let start = try series.write("starting_time", scalar: 0.0)
            try start.setAttribute("rate", .double(rate.hertz))
            try start.setAttribute("unit", "seconds")
        } else {
            let stamps = try series.createDataset("timestamps", of: .number(.float64), shape: [frames])
            try stamps.setAttribute("interval", .int32(1))
            try stamps.setAttribute("unit", "seconds")
            timestamps = stamps
        }
    }

    /// Appends whole frames, all channels of each.
    package func append(_ counts: [Int16]) throws {
        pending += counts
        let full = pending.count / (rows * channels) * rows * channels
        guard full > 0 else { return }
        if full == pending.count {
            try write(pending)
            pending.removeAll(keepingCapacity: true)
        } else {
            try write(Array(pending[..<full]))
            pending.removeFirst(full)
        }
    }

    private func write(_ counts: [Int16]) throws {
        let first = written
        let last = first + counts.count / channels
        try data.write(rows: first, counts)
        if let timestamps {
            for segment in segments where segment.frames.overlaps(first..<last) {
                let part = segment.frames.clamped(to: first..<last)
                try timestamps.write(rows: part.lowerBound, part.map { segment.seconds(ofFrame: $0, at: rate) })
            }
        }
        written = last
    }

    /// Adds the table of units, whose spikes stand on frames; regions in it refer to the electrodes table.
    package func addUnits(_ table: NWBTable) throws {
        try builder.writeTable(table, at: "/units", as: .units)
        if table["spike_times"] != nil {
            try builder.file.dataset("/units/spike_times").setAttribute("resolution", .double(rate.seconds(1)))
        }
    }

    /// Adds a table of time intervals; its first columns are `start_time` and `stop_time`.
    package func addIntervals(_ name: String, _ table: NWBTable) throws {
        try builder.writeTable(table, at: "/intervals/\(NWBSchema.linkName(name))", as: .timeIntervals)
    }

    /// Completes the file.
    ///
    /// - Throws: `FerroError` (internal) where fewer or more frames came than announced.
    package func finish() throws {
        if !pending.isEmpty { try write(pending) }
        pending = []
        guard written == frames else { throw FerroError.internalError("\(written) of \(frames) frames were written") }
        try builder.finish()
    }

    /// Path of the electrodes table, for regions.
    package static var electrodesPath: String { NWBFileBuilder.electrodesPath }
}
