// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5
import Foundation

/// A raw recording of a 3Brain array: BRW version 3 (`/3BData/Raw`) or version 4 (`/Well_*/Raw`).
///
/// Frames lie one after the other, each with a sample of every channel; microvolts = minimum + stored × range / steps, times the
/// inversion that version 3 names.
struct BRWRecording: Recording {
    let format = RecordingFormat.brw
    let path: String
    let session: SessionFacts
    let series: [SeriesDescription]
    let problems: [RecordingProblem]
    let unitCounts: (units: Int, spikes: Int)? = nil

    private let shelf: SeriesShelf

    static func isOne(_ file: HDF5File) throws -> Bool {
        if file.exists("/3BData") || file.exists("/3BRecInfo") { return true }
        return try file.root.names().contains { $0.hasPrefix("Well_") } && (file.exists("/ExperimentSettings") || file.exists("/ExperimentInfo"))
    }

    init(_ file: HDF5File) throws {
        path = file.path
        session = SessionFacts(description: try file.root.stringAttribute("Description"), identifier: try file.root.stringAttribute("GUID"))
        var shelf = SeriesShelf()
        if file.exists("/3BData") || file.exists("/3BRecInfo") {
            try shelf.add("/3BData/Raw") { try BRWVersion3.series(file) }
        } else {
            let settings = try BRWSettings(file)
            for well in try file.root.names() where well.hasPrefix("Well_") {
                try shelf.add("/\(well)/Raw") { try BRWVersion4.series(file.group("/\(well)"), settings) }
            }
        }
        self.shelf = shelf
        series = shelf.descriptions
        problems = shelf.problems(in: file.path)
    }

    func signal(of path: String) throws -> any SignalSource { try shelf.signal(of: path, in: self.path) }

    func units() throws -> UnitTable {
        throw FerroError.input("spike times of 3Brain files are not read", at: path, advice: "detect spikes in the samples, or export sorted units as NWB")
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

    static func rate(_ hertz: Double, at place: String) throws -> SampleRate {
        do { return try SampleRate(hertz: hertz) } catch let error as FerroError { throw error.inside(place) }
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
        func fact(_ name: String) throws -> Double {
            guard facts.exists(name), let value = try facts.dataset(name).read(Double.self).first, value.isFinite else {
                throw FerroError.input("there is no number `\(name)`", at: facts.place, expected: "one")
            }
            return value
        }
        let (low, high, bits, inversion) = (try fact("MinVolt"), try fact("MaxVolt"), try fact("BitDepth"), try fact("SignalInversion"))
        guard low < high, (1...32).contains(bits), bits == bits.rounded(), abs(inversion) == 1 else {
            throw FerroError.input(
                "the range of \(shortest(low)) to \(shortest(high)) uV, the depth of \(shortest(bits)) bits and the inversion \(shortest(inversion)) are no scale",
                at: facts.place, expected: "a rising range, whole bits and an inversion of 1 or -1")
        }
        let table = try file.dataset("/3BRecInfo/3BMeaStreams/Raw/Chs")
        let rows = try table.readColumn("Row", as: Int64.self)
        let columns = try table.readColumn("Col", as: Int64.self)
        let frames = try BRWRecording.frames(of: data, channels: rows.count)
        let promised = try fact("NRecFrames")
        guard Double(frames) == promised else {
            throw FerroError.input("the file promises \(shortest(promised)) frames but holds \(frames)", at: data.place, expected: "all of them")
        }
        let steps = (0..<Int(bits)).reduce(1.0) { product, _ in product * 2 }
        return try BRWRecording.readable(
            data, electrodes: zip(rows, columns).map { Electrode(id: "R\($0)C\($1)") }, gain: inversion * (high - low) / steps, offset: inversion * low,
            rate: try BRWRecording.rate(fact("SamplingRate"), at: facts.place), segments: [Segment(frames: 0..<frames, start: 0)], frames: frames)
    }
}

/// What BRW version 4 says in JSON about the whole file.
private struct BRWSettings {
    let rate: SampleRate
    let gain: Double
    let offset: Double
    /// Frames of each stretch that was recorded, `first..<end`.
    let stretches: [Range<Int>]

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
        rate = try BRWRecording.rate(hertz, at: dataset.place)

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

/// BRW version 4: the samples of one well.
private enum BRWVersion4 {
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
