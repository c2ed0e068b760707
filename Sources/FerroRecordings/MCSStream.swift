// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5

/// One analog stream of a Multi Channel Systems file: a row of `ChannelData` per channel, described by a row of `InfoChannel`.
///
/// value = (stored − ADZero) × ConversionFactor × 10^Exponent in Unit, channel by channel.
struct MCSStream {
    let readable: ReadableSeries

    init(_ group: HDF5Group, pitch: Double?) throws {
        let kind = try MCSStream.kind(of: group)
        guard group.exists("ChannelData"), group.exists("InfoChannel") else {
            throw FerroError.input("the stream has no samples", at: group.place, expected: "datasets `ChannelData` and `InfoChannel`")
        }
        let data = try group.dataset("ChannelData")
        let info = try MCSChannels(try group.dataset("InfoChannel"))
        let shape = try data.shape
        guard data.type.isNumeric, shape.count == 2 else {
            throw FerroError.input("the samples are \(data.type.name) of the shape \(shape)", at: data.place, expected: "numbers, channels by frames")
        }
        guard shape[1] > 0 else { throw FerroError.input("the series holds no frames", at: data.place, expected: "one at least") }
        try SampleStorage.refuseUnreadable(data, frames: shape[1], columns: shape[0])
        guard Set(info.rows).count == info.rows.count, let last = info.rows.max(), let first = info.rows.min(), first >= 0, last < shape[0] else {
            throw FerroError.input(
                "the rows of the channels are \(info.rows.prefix(8).map { "\($0)" }.joined(separator: ", ")) of \(shape[0])", at: info.place,
                expected: "a row of `ChannelData` of its own for each channel")
        }
        let scale = try info.scale()
        let rate = try info.rate()
        let segments = try MCSStream.segments(group, frames: shape[1], rate: rate)
        let description = SeriesDescription(
            path: group.path, kind: kind, rate: rate, frames: shape[1], electrodes: info.electrodes(pitch: pitch), segments: segments,
            storage: SampleStorage.description(of: data))
        var warnings = try SampleStorage.holes(in: data, shape: shape)
        if info.rows.count < shape[0] { warnings.append("\(data.path): \(shape[0] - info.rows.count) rows belong to no channel and are left out") }
        let rows = info.rows
        readable = ReadableSeries(description: description, warnings: warnings) {
            let stored = try ChannelRows(data)
            guard rows != Array(0..<shape[0]) else {
                return DatasetSignal(stored, element: stored.element, description: description, scale: scale, place: data.place)
            }
            let chosen = ChosenColumns(inner: stored, element: stored.element, choice: rows)
            return DatasetSignal(chosen, element: stored.element, description: description, scale: scale, place: data.place)
        }
    }

    private static func kind(of group: HDF5Group) throws -> SeriesKind {
        let words = try ["StreamType", "DataSubType"].compactMap { try group.stringAttribute($0)?.lowercased() }
        if words.contains(where: { $0.contains("digital") }) {
            throw FerroError.input("the stream holds digital states", at: group.place, expected: "a voltage")
        }
        return words.contains { $0.contains("auxiliary") } ? .other : .electrical
    }

    /// Rows of `ChannelDataTimeStamps`: time of the first sample in microseconds, first and last frame.
    private static func segments(_ group: HDF5Group, frames: Int, rate: SampleRate) throws -> [Segment] {
        guard group.exists("ChannelDataTimeStamps") else {
            throw FerroError.input(
                "the stream does not say when its samples were taken", at: group.place, expected: "a dataset `ChannelDataTimeStamps`")
        }
        let dataset = try group.dataset("ChannelDataTimeStamps")
        let shape = try dataset.shape
        guard shape.count == 2, shape[1] == 3, shape[0] > 0 else {
            throw FerroError.input("the timestamps have the shape \(shape)", at: dataset.place, expected: "time, first and last frame a row")
        }
        let values = try dataset.read(Int64.self)
        var segments: [Segment] = []
        var next = 0
        for row in 0..<shape[0] {
            let (time, first, last) = (values[3 * row], values[3 * row + 1], values[3 * row + 2])
            guard first == next, last >= first, last < frames else {
                throw FerroError.input(
                    "row \(row) says frames \(first) to \(last), where \(next) comes next of \(frames)", at: dataset.place,
                    expected: "rows that cover the frames in order")
            }
            let start = Double(time) / 1e6
            next = Int(last) + 1
            if let before = segments.last {
                let end = before.start + rate.seconds(before.frames.count)
                guard start > end - 0.5 / rate.hertz else {
                    throw FerroError.input(
                        "row \(row) begins at \(shortest(start)) s, before row \(row - 1) ends at \(shortest(end)) s", at: dataset.place,
                        expected: "segments one after the other")
                }
                // Without a gap, the two are one.
                if start < end + 0.5 / rate.hertz {
                    segments[segments.count - 1] = Segment(frames: before.frames.lowerBound..<next, start: before.start)
                    continue
                }
            }
            segments.append(Segment(frames: Int(first)..<next, start: start))
        }
        guard next == frames else {
            throw FerroError.input("the timestamps cover \(next) of \(frames) frames", at: dataset.place, expected: "all of them")
        }
        return segments
    }
}

/// The table `InfoChannel`.
struct MCSChannels {
    let place: String
    let ids: [Int]
    let rows: [Int]
    let labels: [String]
    private let units: [String]
    private let exponents: [Int]
    private let zeros: [Double]
    private let factors: [Double]
    private let ticks: [Double]

    init(_ table: HDF5Dataset) throws {
        place = table.place
        ids = try table.readColumn("ChannelID", as: Int64.self).map { Int($0) }
        rows = try table.readColumn("RowIndex", as: Int64.self).map { Int($0) }
        labels = try table.readTextColumn("Label")
        units = try table.readTextColumn("Unit")
        exponents = try table.readColumn("Exponent", as: Int64.self).map { Int(clamping: $0) }
        zeros = try table.readColumn("ADZero", as: Double.self)
        factors = try table.readColumn("ConversionFactor", as: Double.self)
        ticks = try table.readColumn("Tick", as: Double.self)
        guard !rows.isEmpty else { throw FerroError.input("the stream holds no channels", at: place, expected: "one at least") }
    }

    func scale() throws -> MicrovoltScale {
        var scale = MicrovoltScale(gains: [], offsets: [])
        for channel in rows.indices {
            let unit = units[channel]
            guard let microvolts = NWBScale.microvolts(in: unit) else {
                throw FerroError.input(
                    "channel \(name(channel)) is in `\(unit)`, which is no voltage", at: place, expected: "V, mV or uV",
                    advice: "leave streams of other quantities out with `series:`")
            }
            let factor = factors[channel]
            guard factor.isFinite, factor != 0, zeros[channel].isFinite, abs(exponents[channel]) <= 30 else {
                throw FerroError.input(
                    "channel \(name(channel)) has the factor \(shortest(factor)), exponent \(exponents[channel]) and zero \(shortest(zeros[channel]))",
                    at: place, expected: "a factor from steps of the converter to \(unit)")
            }
            // Powers of ten up to 22 are exact, their inverses are not: divide by them.
            let power = exponents[channel] + (microvolts == 1e6 ? 6 : microvolts == 1e3 ? 3 : 0)
            let ten = (0..<abs(power)).reduce(1.0) { product, _ in product * 10 }
            let gain = power < 0 ? factor / ten : factor * ten
            scale.gains.append(gain)
            scale.offsets.append(-zeros[channel] * gain)
        }
        return scale
    }

    func rate() throws -> SampleRate {
        guard let tick = ticks.first, tick.isFinite, tick > 0 else {
            throw FerroError.input("the sample tick is \(ticks.first.map { shortest($0) } ?? "missing")", at: place, expected: "microseconds")
        }
        if let other = ticks.firstIndex(where: { $0 != tick }) {
            throw FerroError.input(
                "channel \(name(other)) has a tick of \(shortest(ticks[other])) us, channel \(name(0)) of \(shortest(tick)) us", at: place,
                expected: "one rate a stream")
        }
        return try SampleRate(hertz: 1e6 / tick)
    }

    /// Sites are named by their labels where these tell them apart, else by the channels' ids.
    func electrodes(pitch: Double?) -> [Electrode] {
        let areLabelled = Set(labels).count == labels.count && !labels.contains("")
        return rows.indices.map { channel in
            Electrode(id: areLabelled ? labels[channel] : "\(ids[channel])", position: MCSLayout.position(labels[channel], pitch: pitch))
        }
    }

    private func name(_ channel: Int) -> String { labels[channel].isEmpty ? "\(ids[channel])" : labels[channel] }
}
