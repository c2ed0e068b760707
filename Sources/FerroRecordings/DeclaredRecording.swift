// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5

/// A file of a lab's own layout, read as the pipeline's recording section declares it.
///
/// Where the file itself says something (an attribute `unit`), it must say the same.
enum DeclaredRecording {
    static func open(_ file: HDF5File, layout: DeclaredLayout) throws -> ShelfRecording {
        var shelf = SeriesShelf()
        try shelf.add(layout.datasets.first ?? "/") { try DeclaredSeries(file, layout).readable }
        return ShelfRecording(.declared, file, shelf: shelf)
    }
}

/// The series of a declared layout, held against the file.
private struct DeclaredSeries {
    let readable: ReadableSeries

    init(_ file: HDF5File, _ layout: DeclaredLayout) throws {
        let datasets = try layout.datasets.map { try file.dataset(MATLABValues.resolved($0, in: file)) }
        guard let first = datasets.first else { throw FerroError.input("no dataset is declared", at: file.path) }
        let (frames, columns) = try DeclaredSeries.extent(datasets, layout.axes)
        for dataset in datasets {
            try SampleStorage.refuseUnreadable(dataset, frames: frames, columns: columns)
            try DeclaredSeries.refuseOtherUnit(dataset, layout.unit)
        }
        guard let microvolts = NWBScale.microvolts(in: layout.unit) else {
            throw FerroError.input("the declared unit `\(layout.unit)` is no voltage", at: first.place, expected: "V, mV or uV")
        }
        let gains = try DeclaredSeries.numbers(layout.gain, file, "gain", columns)
        if let bad = gains.firstIndex(of: 0) {
            throw FerroError.input("the gain of channel \(bad) is 0", at: first.place, expected: "a factor to \(layout.unit)")
        }
        let offsets = try DeclaredSeries.numbers(layout.offset, file, "offset", columns)
        let scale = MicrovoltScale(gains: gains.map { $0 * microvolts }, offsets: offsets.map { $0 * microvolts })
        let (rate, segments, warnings) = try DeclaredSeries.times(layout, file, frames: frames)
        let description = SeriesDescription(
            path: layout.datasets[0], kind: .electrical, rate: rate, frames: frames, electrodes: try DeclaredSeries.electrodes(layout, file, columns),
            segments: segments, storage: SampleStorage.description(of: first))
        let axes = layout.axes
        readable = ReadableSeries(
            description: description, warnings: warnings + (try datasets.flatMap { try SampleStorage.holes(in: $0, shape: try $0.shape) })
        ) {
            switch axes {
            case .channelByTime:
                let rows = try ChannelRows(first)
                return DatasetSignal(rows, element: rows.element, description: description, scale: scale, place: first.place)
            case .time where datasets.count > 1:
                let channels = try datasets.map { try InterleavedFrames($0, channels: 1) }
                let widest = channels.first { $0.element.isFloat }?.element ?? channels[0].element
                return DatasetSignal(SeparateChannels(channels: channels), element: widest, description: description, scale: scale, place: first.place)
            case .time, .timeByChannel: return try DatasetSignal(first, description: description, scale: scale)
            }
        }
    }

    private static func extent(_ datasets: [HDF5Dataset], _ axes: DeclaredLayout.Axes) throws -> (frames: Int, columns: Int) {
        var frames: Int?
        var columns = 0
        for dataset in datasets {
            guard dataset.type.isNumeric else { throw FerroError.input("the samples are \(dataset.type.name)", at: dataset.place, expected: "numbers") }
            let shape = try dataset.shape
            let wanted = axes == .time ? 1 : 2
            guard shape.count == wanted else {
                throw FerroError.input(
                    "the dataset has the shape \(shape), the declared axes are \(axes.words)", at: dataset.place, expected: "\(wanted) dimensions",
                    advice: "correct `axes` in the pipeline's recording section: [time], [time, channel] or [channel, time]")
            }
            let length = axes == .channelByTime ? shape[1] : shape[0]
            let width = axes == .time ? 1 : axes == .channelByTime ? shape[0] : shape[1]
            guard length > 0, width > 0 else {
                throw FerroError.input("the series holds no \(length == 0 ? "frames" : "channels")", at: dataset.place, expected: "one at least")
            }
            guard frames == nil || frames == length else {
                throw FerroError.input(
                    "the channel has \(length) frames, the first one \(frames ?? 0)", at: dataset.place, expected: "channels of equal length")
            }
            // Channels far more numerous than frames are axes the wrong way round.
            guard axes == .time || width <= 4 * length || width <= 64 else {
                throw FerroError.input(
                    "as declared, the dataset holds \(width) channels of \(length) frames", at: dataset.place, expected: "more frames than channels",
                    advice: "declare `axes: \(axes == .channelByTime ? "[time, channel]" : "[channel, time]")` in the pipeline's recording section")
            }
            frames = length
            columns += width
        }
        return (frames ?? 0, columns)
    }

    /// Where the file names the unit of its samples, it must be the declared one.
    private static func refuseOtherUnit(_ dataset: HDF5Dataset, _ declared: String) throws {
        for name in ["unit", "units", "Unit", "Units"] {
            guard let stated = try dataset.stringAttribute(name), let microvolts = NWBScale.microvolts(in: stated), stated != declared else { continue }
            guard microvolts == NWBScale.microvolts(in: declared) else {
                throw FerroError.input(
                    "the file says that the samples are in \(stated), the pipeline that they are in \(declared)", at: "\(dataset.place) (attribute `\(name)`)",
                    advice: "write `unit: \(stated)` in the pipeline's recording section, with the gain that belongs to it")
            }
        }
    }

    private static func numbers(_ source: DeclaredLayout.Numbers, _ file: HDF5File, _ what: String, _ columns: Int) throws -> [Double] {
        let values: [Double]
        var place = "\(file.path): /"
        switch source {
        case .values(let given): values = given
        case .from(let path):
            values = try DeclaredNumbers.read(path, in: file)
            place = "\(file.path): \(path)"
        }
        guard values.count == 1 || values.count == columns else {
            throw FerroError.input("there are \(values.count) values of `\(what)` for \(columns) channels", at: place, expected: "1 or \(columns)")
        }
        if let bad = values.first(where: { !$0.isFinite }) { throw FerroError.input("a value of `\(what)` is \(bad)", at: place, expected: "finite numbers") }
        return values.count == columns ? values : [Double](repeating: values[0], count: columns)
    }

    private static func times(
        _ layout: DeclaredLayout, _ file: HDF5File, frames: Int
    ) throws -> (rate: SampleRate, segments: [Segment], warnings: [String]) {
        func even(_ rate: SampleRate) -> (rate: SampleRate, segments: [Segment], warnings: [String]) {
            (rate, [Segment(frames: 0..<frames, start: layout.start?.value ?? 0)], [])
        }
        switch layout.sampling {
        case .rate(let rate): return even(rate)
        case .from(let path, let unit):
            let place = "\(file.path): \(path)"
            let values = try DeclaredNumbers.read(path, in: file)
            guard values.count == 1 else { throw FerroError.input("there are \(values.count) sampling rates", at: place, expected: "one") }
            let hertz: Double
            if let scale = Hertz.units.first(where: { $0.name == unit })?.scale {
                hertz = values[0] * scale
            } else if let scale = Seconds.units.first(where: { $0.name == unit })?.scale {
                // 50 us make exactly 20000 Hz only if the division comes last.
                hertz = scale < 1 ? (1 / scale).rounded() / values[0] : 1 / (values[0] * scale)
            } else {
                throw FerroError.input("`\(unit)` is no unit of a rate or of a sample interval", at: place, expected: "Hz, kHz, MHz, s, ms or us")
            }
            return even(try SampleRate.stated(hertz, at: place))
        case .timestamps(let path, let unit):
            let dataset = try file.dataset(MATLABValues.resolved(path, in: file))
            guard let scale = Seconds.units.first(where: { $0.name == unit })?.scale else {
                throw FerroError.input("`\(unit)` is no unit of time", at: dataset.place, expected: "s, ms or us")
            }
            guard dataset.type.isNumeric, try dataset.count == frames, try dataset.shape.filter({ $0 != 1 }).count <= 1 else {
                throw FerroError.input("there are \(try dataset.count) timestamps for \(frames) frames", at: dataset.place)
            }
            var times = SampleTimes(total: frames, place: dataset.place)
            let shape = try dataset.shape
            let axis = shape.firstIndex { $0 != 1 } ?? 0
            let piece = SampleTimes.piece(of: dataset, along: axis)
            for first in stride(from: 0, to: frames, by: piece) {
                var ranges = shape.map { 0..<$0 }
                ranges[axis] = first..<min(frames, first + piece)
                try times.add(try dataset.read(ranges, as: Double.self).map { $0 * scale })
            }
            let (rate, segments, departure) = try times.result()
            let warnings =
                departure > 0.5 / rate.hertz ? ["\(path): the timestamps depart by up to \(Seconds(departure)) from an even rate of \(rate)"] : []
            return (rate, segments, warnings)
        }
    }

    private static func electrodes(_ layout: DeclaredLayout, _ file: HDF5File, _ columns: Int) throws -> [Electrode] {
        var names = layout.axes == .time && layout.datasets.count > 1 ? layout.datasets : (0..<columns).map { "\($0)" }
        if let path = layout.names {
            let dataset = try file.dataset(MATLABValues.resolved(path, in: file))
            names =
                try dataset.type.kind == .objectReference
                ? MATLABValues.texts(dataset) : dataset.type.isString ? dataset.readStrings() : dataset.read(Double.self).map { shortest($0) }
            guard names.count == columns, Set(names).count == columns else {
                throw FerroError.input(
                    "\(names.count) names (\(Set(names).count) different) for \(columns) channels", at: dataset.place, expected: "one for each")
            }
        }
        guard let (path, unit) = layout.positions else { return names.map { Electrode(id: $0) } }
        let dataset = try file.dataset(MATLABValues.resolved(path, in: file))
        guard let scale = Micrometres.units.first(where: { $0.name == unit })?.scale else {
            throw FerroError.input("`\(unit)` is no unit of length", at: dataset.place, expected: "um, mm or m")
        }
        let shape = try dataset.shape
        let isRowPerChannel = shape.count == 2 && shape[0] == columns && (2...3).contains(shape[1])
        let isColumnPerChannel = shape.count == 2 && shape[1] == columns && (2...3).contains(shape[0])
        // Two channels with two coordinates, or three with three, could be either; which it is must not be guessed.
        guard isRowPerChannel != isColumnPerChannel else {
            throw FerroError.input(
                "the positions have the shape \(shape)", at: dataset.place,
                expected: isRowPerChannel ? "a shape that tells channels and coordinates apart" : "\(columns) × 2 or 3, or 2 or 3 × \(columns)")
        }
        let axes = isRowPerChannel ? shape[1] : shape[0]
        let values = try dataset.read(Double.self)
        return (0..<columns).map { column in
            let coordinates = (0..<axes).map { values[isRowPerChannel ? column * axes + $0 : $0 * columns + column] * scale }
            let isKnown = coordinates[0].isFinite && coordinates[1].isFinite
            return Electrode(
                id: names[column], position: isKnown ? SIMD3(coordinates[0], coordinates[1], axes == 3 && coordinates[2].isFinite ? coordinates[2] : 0) : nil)
        }
    }
}

extension DeclaredLayout.Axes {
    /// As the pipeline writes them.
    var words: String {
        switch self {
        case .time: "[time]"
        case .timeByChannel: "[time, channel]"
        case .channelByTime: "[channel, time]"
        }
    }
}

/// Numbers that a declaration points to: a dataset, or `dataset@attribute`.
enum DeclaredNumbers {
    static func read(_ path: String, in file: HDF5File) throws -> [Double] {
        let parts = path.split(separator: "@", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return try file.dataset(MATLABValues.resolved(path, in: file)).read(Double.self) }
        let object: any HDF5Object
        do { object = try file.dataset(parts[0]) } catch { object = try file.group(parts[0]) }
        switch try object.attribute(parts[1]) {
        case .double(let value): return [value]
        case .doubles(let values): return values
        case .int64(let value): return [Double(value)]
        case .int64s(let values): return values.map { Double($0) }
        case .uint64(let value): return [Double(value)]
        case nil: throw FerroError.input("there is no attribute `\(parts[1])` here", at: object.place)
        default: throw FerroError.input("the attribute `\(parts[1])` holds no numbers", at: object.place)
        }
    }
}
