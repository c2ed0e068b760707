// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5
import Foundation

/// A raw recording of a 3Brain array: BRW version 3 (`/3BData/Raw`) or version 4 (`/Well_*/Raw`).
///
/// Frames lie one after the other, each with a sample of every channel; microvolts = minimum + stored × range / steps, times the
/// inversion that version 3 names.
///
/// The spikes that BrainWave detected (its BXR files, or beside the samples) are units, one a channel.
enum BRWRecording {
    static func isOne(_ file: HDF5File) throws -> Bool {
        if file.exists("/3BData") || file.exists("/3BRecInfo") { return true }
        return try file.root.names().contains { $0.hasPrefix("Well_") } && (file.exists("/ExperimentSettings") || file.exists("/ExperimentInfo"))
    }

    static func open(_ file: HDF5File) throws -> ShelfRecording {
        let session = SessionFacts(description: try file.root.stringAttribute("Description"), identifier: try file.root.stringAttribute("GUID"))
        var shelf = SeriesShelf()
        var spikes: [ChannelSpikes] = []
        if file.exists("/3BData") || file.exists("/3BRecInfo") {
            if file.exists(BRWVersion3.events) { spikes = [try BRWVersion3.spikes(file)] }
            if file.exists("/3BData/Raw") || spikes.isEmpty { try shelf.add("/3BData/Raw") { try BRWVersion3.series(file) } }
        } else {
            let settings = try BRWSettings(file)
            for name in try file.root.names() where name.hasPrefix("Well_") {
                let well = try file.group("/\(name)")
                let found = well.exists("SpikeTimes") ? [try BRWVersion4.spikes(well, settings)] : []
                spikes += found
                if well.exists("Raw") || found.isEmpty { try shelf.add("/\(name)/Raw") { try BRWVersion4.series(well, settings) } }
            }
        }
        return ShelfRecording(.brw, file, session: session, shelf: shelf, spikes: spikes)
    }

    /// A series of interleaved frames, or of frames by channels where the dataset has two dimensions.
    static func readable(
        _ data: HDF5Dataset, electrodes: [Electrode], gain: Double, offset: Double, rate: SampleRate, segments: [Segment], frames: Int
    ) throws -> ReadableSeries {
        let columns = electrodes.count
        let scale = MicrovoltScale(gains: [Double](repeating: gain, count: columns), offsets: [Double](repeating: offset, count: columns))
        let description = SeriesDescription(
            path: data.path, kind: .electrical, rate: rate, frames: frames, electrodes: electrodes, segments: segments,
            storage: SampleStorage.description(of: data))
        return ReadableSeries(description: description, warnings: try SampleStorage.holes(in: data, shape: try data.shape)) {
            guard try data.shape.count == 1 else { return try DatasetSignal(data, description: description, scale: scale) }
            let stored = try InterleavedFrames(data, channels: columns)
            return DatasetSignal(stored, element: stored.element, description: description, scale: scale, place: data.place)
        }
    }

    /// Frames of a dataset that holds so many channels.
    static func frames(of data: HDF5Dataset, channels: Int) throws -> Int {
        let shape = try data.shape
        guard data.type.isNumeric, (1...2).contains(shape.count) else {
            throw FerroError.input("the samples are \(data.type.name) of the shape \(shape)", at: data.place, expected: "numbers, frame after frame")
        }
        guard channels > 0, shape.count == 2 ? shape[1] == channels : shape[0] % channels == 0 else {
            throw FerroError.input(
                "\(shape.map { "\($0)" }.joined(separator: " × ")) samples do not divide among \(channels) channels", at: data.place,
                expected: "the same number for each channel")
        }
        let frames = shape.count == 2 ? shape[0] : shape[0] / channels
        guard frames > 0 else { throw FerroError.input("the series holds no frames", at: data.place, expected: "one at least") }
        try SampleStorage.refuseUnreadable(data, frames: frames, columns: channels)
        return frames
    }
}

/// BRW version 3: facts in `/3BRecInfo`, samples in `/3BData/Raw`.
private enum BRWVersion3 {
    static func series(_ file: HDF5File) throws -> ReadableSeries {
        guard file.exists("/3BData/Raw") else {
            throw FerroError.input(
                "the file holds no raw samples", at: "\(file.path): /3BData", expected: "a dataset `Raw`", advice: "record raw data, not events alone")
        }
        let data = try file.dataset("/3BData/Raw")
        let facts = try file.group("/3BRecInfo/3BRecVars")
        let (low, high) = (try facts.number("MinVolt"), try facts.number("MaxVolt"))
        let (bits, inversion) = (try facts.number("BitDepth"), try facts.number("SignalInversion"))
        guard low < high, (1...32).contains(bits), bits == bits.rounded(), abs(inversion) == 1 else {
            throw FerroError.input(
                "the range of \(shortest(low)) to \(shortest(high)) uV, the depth of \(shortest(bits)) bits and the inversion \(shortest(inversion)) are no scale",
                at: facts.place, expected: "a rising range, whole bits and an inversion of 1 or -1")
        }
        let sites = try sites(file)
        let frames = try BRWRecording.frames(of: data, channels: sites.count)
        let promised = try facts.number("NRecFrames")
        guard Double(frames) == promised else {
            throw FerroError.input("the file promises \(shortest(promised)) frames but holds \(frames)", at: data.place, expected: "all of them")
        }
        let steps = (0..<Int(bits)).reduce(1.0) { product, _ in product * 2 }
        return try BRWRecording.readable(
            data, electrodes: sites.map(\.electrode), gain: inversion * (high - low) / steps, offset: inversion * low,
            rate: try rate(facts), segments: [Segment(frames: 0..<frames, start: 0)], frames: frames)
    }

    static let events = "/3BResults/3BChEvents/SpikeTimes"

    /// A train for every recorded channel.
    ///
    /// `SpikeChIDs` are numbers of sites of the array, row after row, to some readers and rows of the table of channels to others: they are read
    /// where both are the same.
    static func spikes(_ file: HDF5File) throws -> ChannelSpikes {
        let facts = try file.group("/3BRecInfo/3BRecVars")
        let rate = try rate(facts)
        let frames = try facts.number("NRecFrames")
        let across = try file.group("/3BRecInfo/3BMeaChip").number("NCols", "the number of the array's columns")
        let sites = try sites(file)
        let channels = try file.dataset("/3BResults/3BChEvents/SpikeChIDs")
        guard sites.enumerated().allSatisfy({ Double($1.row - 1) * across + Double($1.column - 1) == Double($0) }) else {
            throw FerroError.input(
                "spikes are given for a part of the array's channels, and whether their numbers count that part or all sites is not published",
                at: channels.place, expected: "all channels of the array", advice: "export the spikes with BrainWave 5 or as NWB")
        }
        var warnings: [String] = []
        if file.exists("/3BResults/3BChEvents/SpikeUnits") {
            warnings = ["/3BResults/3BChEvents: spikes are grouped by channel; numbers of sorted units (`SpikeUnits`) are not read"]
        }
        return try ChannelSpikes(
            "/3BResults/3BChEvents", channels: channels, frames: try file.dataset(events),
            sites: sites.enumerated().map { ChannelSpikes.Site(channel: $0, id: $1.electrode.id, electrode: $1.electrode) }, origin: 0, rate: rate,
            observed: [FerroCore.TimeInterval(start: 0, stop: frames / rate.hertz)], warnings: warnings)
    }

    private static func rate(_ facts: HDF5Group) throws -> SampleRate { try SampleRate.stated(facts.number("SamplingRate"), at: facts.place) }

    private static func sites(_ file: HDF5File) throws -> [(row: Int64, column: Int64, electrode: Electrode)] {
        let table = try file.dataset("/3BRecInfo/3BMeaStreams/Raw/Chs")
        let (rows, columns) = (try table.readColumn("Row", as: Int64.self), try table.readColumn("Col", as: Int64.self))
        return zip(rows, columns).map { ($0, $1, Electrode(id: "R\($0)C\($1)")) }
    }
}

/// What BRW version 4 says in JSON about the whole file.
private struct BRWSettings {
    let rate: SampleRate
    let gain: Double
    let offset: Double
    /// Frames of each stretch that was recorded, `first..<end`.
    let stretches: [Range<Int>]

    /// The stretches in seconds, those that touch as one.
    var observed: [FerroCore.TimeInterval] {
        stretches.reduce(into: [FerroCore.TimeInterval]()) { intervals, stretch in
            let (start, stop) = (rate.seconds(stretch.lowerBound), rate.seconds(stretch.upperBound))
            if let last = intervals.last, last.stop == start {
                intervals[intervals.count - 1].stop = stop
            } else {
                intervals.append(FerroCore.TimeInterval(start: start, stop: stop))
            }
        }
    }

    init(_ file: HDF5File) throws {
        let isOlder = file.exists("/ExperimentSettings")
        let dataset = try file.dataset(isOlder ? "/ExperimentSettings" : "/ExperimentInfo")
        guard let text = try dataset.readStrings().first, let json = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else {
            throw FerroError.input("the settings are no JSON", at: dataset.place, expected: "the settings that BrainWave writes")
        }
        func number(_ path: String...) throws -> Double {
            var value: Any? = json
            for key in path { value = (value as? [String: Any])?[key] }
            guard let number = value as? NSNumber, number.doubleValue.isFinite else {
                throw FerroError.input("the settings have no number \(path.joined(separator: "."))", at: dataset.place, expected: "one")
            }
            return number.doubleValue
        }
        let (low, high, first, last, hertz): (Double, Double, Double, Double, Double)
        if isOlder {
            let factor = try number("ValueConverter", "ScaleFactor")
            guard factor == 1 else {
                throw FerroError.input(
                    "the settings name a ScaleFactor of \(shortest(factor))", at: dataset.place, expected: "1, the only factor whose meaning is published")
            }
            (low, high) = (try number("ValueConverter", "MinAnalogValue"), try number("ValueConverter", "MaxAnalogValue"))
            (first, last) = (try number("ValueConverter", "MinDigitalValue"), try number("ValueConverter", "MaxDigitalValue"))
            hertz = try number("TimeConverter", "FrameRate")
        } else {
            func converter(_ key: String) throws -> Double { try number("SignalConverter", "DigitalToAnalogConverter", key) }
            (low, high) = (try converter("MinAnalogValueMicroVolt"), try converter("MaxAnalogValueMicroVolt"))
            (first, last) = (try converter("MinDigitalValue"), try converter("MaxDigitalValue"))
            hertz = try number("SignalConverter", "SampleToTimeConverter", "FrameRateHertz")
        }
        guard low < high, first < last else {
            throw FerroError.input(
                "\(shortest(first)) to \(shortest(last)) as \(shortest(low)) to \(shortest(high)) uV is no scale", at: dataset.place, expected: "rising ranges")
        }
        gain = (high - low) / (last - first)
        offset = low - first * gain
        rate = try SampleRate.stated(hertz, at: dataset.place)

        let contents = try file.dataset("/TOC")
        guard try contents.shape.count == 2, try contents.shape[1] == 2 else {
            throw FerroError.input("the table of contents has the shape \(try contents.shape)", at: contents.place, expected: "first and end frame a row")
        }
        let bounds = try contents.read(Int64.self).map { Int($0) }
        stretches = try stride(from: 0, to: bounds.count, by: 2).map { index in
            guard bounds[index] >= (index > 0 ? bounds[index - 1] : 0), bounds[index] < bounds[index + 1] else {
                throw FerroError.input(
                    "row \(index / 2) says frames \(bounds[index]) to \(bounds[index + 1])", at: contents.place, expected: "stretches that follow each other")
            }
            return bounds[index]..<bounds[index + 1]
        }
    }
}

/// BRW version 4: the samples and spikes of one well.
private enum BRWVersion4 {
    /// A train for every stored channel, or, where the well does not list them, for every one with spikes.
    static func spikes(_ well: HDF5Group, _ settings: BRWSettings) throws -> ChannelSpikes {
        let name = well.path.split(separator: "/").last.map(String.init) ?? well.path
        func site(_ channel: Int) -> ChannelSpikes.Site {
            ChannelSpikes.Site(channel: channel, id: "\(name)/\(channel)", electrode: Electrode(id: "\(channel)", group: name))
        }
        let stored = well.exists("StoredChIdxs") ? try well.dataset("StoredChIdxs").read(Int64.self).map { site(Int($0)) } : nil
        let hasUnits = well.exists("SpikeUnits")
        return try ChannelSpikes(
            well.path, channels: well.dataset("SpikeChIdxs"), frames: well.dataset("SpikeTimes"), sites: stored, origin: 0, rate: settings.rate,
            observed: settings.observed, site: site,
            warnings: hasUnits ? ["\(well.path): spikes are grouped by channel; numbers of sorted units (`SpikeUnits`) are not read"] : [])
    }

    static func series(_ well: HDF5Group, _ settings: BRWSettings) throws -> ReadableSeries {
        guard well.exists("Raw") else {
            let packed = ["EventsBasedSparseRaw", "WaveletBasedEncodedRaw"].first { well.exists($0) }
            throw FerroError.input(
                packed.map { "the samples are compressed with losses (\($0))" } ?? "the well holds no raw samples", at: well.place, expected: "a dataset `Raw`",
                advice: packed.map { _ in "record raw data, or export it as raw with BrainWave" })
        }
        let data = try well.dataset("Raw")
        let stored = try well.dataset("StoredChIdxs").read(Int64.self)
        let frames = try BRWRecording.frames(of: data, channels: stored.count)
        let promised = settings.stretches.reduce(0) { $0 + $1.count }
        guard promised == frames else {
            throw FerroError.input("the table of contents promises \(promised) frames, the well holds \(frames)", at: data.place, expected: "all of them")
        }
        var segments: [Segment] = []
        var next = 0
        var end = -1
        for stretch in settings.stretches {
            if stretch.lowerBound == end, let last = segments.popLast() {
                segments.append(Segment(frames: last.frames.lowerBound..<next + stretch.count, start: last.start))
            } else {
                segments.append(Segment(frames: next..<next + stretch.count, start: settings.rate.seconds(stretch.lowerBound)))
            }
            next += stretch.count
            end = stretch.upperBound
        }
        return try BRWRecording.readable(
            data, electrodes: stored.map { Electrode(id: "\($0)") }, gain: settings.gain, offset: settings.offset, rate: settings.rate, segments: segments,
            frames: frames)
    }
}
