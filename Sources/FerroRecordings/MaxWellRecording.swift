// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5

/// A recording of a MaxWell Biosystems array: one well or several (`/wells/wellNNN/recNNNN`), or the older layout of one well (`/sig`).
///
/// Samples are counts of the converter, channels by frames; microvolts are counts × `lsb`, from the converter's zero (so that the rest
/// potential is a constant offset). Lost frames show in the frame numbers and start a segment.
///
/// The spikes that its software detected while it recorded (`spikes`) are units, one a routed channel.
enum MaxWellRecording {
    private static let owner = "MaxWell Biosystems"

    static func isOne(_ file: HDF5File) -> Bool {
        file.exists("/wells") || file.exists("/data_store") || (file.exists("/sig") && file.exists("/mapping"))
    }

    static func open(_ file: HDF5File, declared: RecordingDeclarations) throws -> ShelfRecording {
        var version: String?
        if file.exists("/version"), let dataset = try? file.dataset("/version"), dataset.type.isString { version = try dataset.readStrings().first }
        var shelf = SeriesShelf()
        var spikes: [ChannelSpikes] = []
        if file.exists("/sig") {
            try shelf.add("/sig") { try legacy(file, declared) }
        } else {
            guard file.exists("/wells") else {
                throw FerroError.input("the file holds no wells", at: file.path, expected: "a group `/wells`")
            }
            for well in try MCSRecording.numbered("well", in: file.group("/wells")) {
                for recording in try MCSRecording.numbered("rec", in: well) where recording.exists("groups") {
                    let known = shelf.descriptions.count
                    let groups = try recording.group("groups").names().filter { recording.exists("groups/\($0)/raw") }
                    for name in groups { try shelf.add("\(recording.path)/groups/\(name)") { try routed(recording, name) } }
                    if recording.exists("spikes") {
                        spikes += try MaxWellRecording.spikes(recording, groups, shelf.descriptions.dropFirst(known).first, &shelf)
                    }
                }
            }
        }
        return ShelfRecording(.maxWell, file, session: SessionFacts(other: version.map { ["version": $0] } ?? [:]), shelf: shelf, spikes: spikes)
    }

    // MARK: One group of channels of one recording of one well

    private static func routed(_ recording: HDF5Group, _ name: String) throws -> ReadableSeries {
        let group = try recording.group("groups/\(name)")
        let data = try group.dataset("raw")
        let settings = try recording.group("settings")
        let frames = try extent(data).frames
        let sampleRate = try rate(settings)
        let mapping = try MaxWellMapping(settings.dataset("mapping"))
        let rows = try data.shape[0]
        let channels: [Int]
        if group.exists("channels") {
            channels = try group.dataset("channels").read(Int64.self).map { Int($0) }
        } else {
            channels = mapping.channels.filter { $0 >= 0 }
        }
        guard channels.count == rows else {
            throw FerroError.input("the samples have \(rows) rows for \(channels.count) channels", at: data.place, expected: "a row for each channel")
        }
        var warnings: [String] = []
        var segments = [Segment(frames: 0..<frames, start: 0)]
        if group.exists("frame_nos") {
            let numbers = try group.dataset("frame_nos")
            guard try numbers.shape == [frames] else {
                throw FerroError.input("there are \(try numbers.count) frame numbers for \(frames) frames", at: numbers.place)
            }
            segments = try FrameNumbers.segments(count: frames, rate: sampleRate, at: numbers.place) {
                Int(clamping: try numbers.read([$0..<$0 + 1], as: Int64.self)[0])
            }
        } else {
            warnings.append("\(group.path): there are no frame numbers (`frame_nos`), so lost frames would not show")
        }
        return try readable(
            data, path: group.path, rate: sampleRate, lsb: try lsb(settings), electrodes: try mapping.electrodes(of: channels), rows: nil,
            segments: segments, warnings: warnings)
    }

    private static func rate(_ settings: HDF5Group) throws -> SampleRate {
        try SampleRate.stated(number("sampling", in: settings, "the sampling rate in Hz"), at: settings.place)
    }

    // MARK: Spikes

    /// A train for every routed channel. Spikes bear the numbers of frames, so that without numbers of the samples' own their time is unknown: then
    /// they are left out, and a warning says so.
    private static func spikes(
        _ recording: HDF5Group, _ groups: [String], _ series: SeriesDescription?, _ shelf: inout SeriesShelf
    ) throws -> [ChannelSpikes] {
        let table = try recording.dataset("spikes")
        guard let series, let numbered = groups.first(where: { recording.exists("groups/\($0)/frame_nos") }) else {
            shelf.warnings.append("\(table.path): the spikes are left out: without samples and frame numbers (`frame_nos`) their times are unknown")
            return []
        }
        guard let first = try recording.dataset("groups/\(numbered)/frame_nos").read([0..<1], as: Int64.self).first else { return [] }
        let settings = try recording.group("settings")
        let mapping = try MaxWellMapping(settings.dataset("mapping"))
        let channels = mapping.channels.filter { $0 >= 0 }
        guard Set(channels).count == channels.count else { throw FerroError.input("the mapping names a channel twice", at: mapping.place) }
        let home = recording.path.split(separator: "/").suffix(2).joined(separator: "/")
        let sites = zip(channels, try mapping.electrodes(of: channels)).map { channel, electrode in
            ChannelSpikes.Site(channel: channel, id: "\(home)/\(electrode.id)", electrode: electrode)
        }
        return [
            try ChannelSpikes(
                table.path, channels: table, frames: table, columns: ("channel", "frameno"), sites: sites, origin: Int(first), rate: rate(settings),
                observed: series.intervals)
        ]
    }

    // MARK: The layout of version 20160704

    private static func legacy(_ file: HDF5File, _ declared: RecordingDeclarations) throws -> ReadableSeries {
        let data = try file.dataset("/sig")
        let mapping = try MaxWellMapping(file.dataset("/mapping"))
        guard let rate = declared.rate else {
            throw FerroError.input(
                "files of this version do not store their sampling rate", at: data.place, expected: "a declared rate",
                advice: "write `rate: 20 kHz` under `recording:` in the pipeline if that is what the array was run at")
        }
        let (frames, rows) = try extent(data)
        let channels = mapping.channels.filter { $0 >= 0 }
        guard channels.allSatisfy({ $0 < rows }), Set(channels).count == channels.count, !channels.isEmpty else {
            throw FerroError.input("the mapping names rows beyond the \(rows) of the samples, or one twice", at: "\(file.path): /mapping")
        }
        return try readable(
            data, path: "/sig", rate: rate, lsb: try lsb(file.group("/settings")), electrodes: try mapping.electrodes(of: channels), rows: channels,
            segments: [Segment(frames: 0..<frames, start: 0)],
            warnings: [
                "/sig: there are no frame numbers, so lost frames would not show"
                    + (file.exists("/proc0/spikeTimes") ? ", and the times of the spikes in /proc0 are unknown: they are left out" : "")
            ])
    }

    private static func readable(
        _ data: HDF5Dataset, path: String, rate: SampleRate, lsb: Double, electrodes: [Electrode], rows: [Int]?, segments: [Segment], warnings: [String]
    ) throws -> ReadableSeries {
        let columns = electrodes.count
        let scale = MicrovoltScale(gains: [Double](repeating: lsb * 1e6, count: columns), offsets: [Double](repeating: 0, count: columns))
        let description = SeriesDescription(
            path: path, kind: .electrical, rate: rate, frames: try data.shape[1], electrodes: electrodes, segments: segments,
            storage: SampleStorage.description(of: data))
        return ReadableSeries(description: description, warnings: warnings + (try SampleStorage.holes(in: data, shape: try data.shape))) {
            let stored = try ChannelRows(data)
            guard let rows else { return DatasetSignal(stored, element: stored.element, description: description, scale: scale, place: data.place) }
            let chosen = ChosenColumns(inner: stored, element: stored.element, choice: rows)
            return DatasetSignal(chosen, element: stored.element, description: description, scale: scale, place: data.place)
        }
    }

    private static func extent(_ data: HDF5Dataset) throws -> (frames: Int, rows: Int) {
        let shape = try data.shape
        guard data.type.isNumeric, shape.count == 2 else {
            throw FerroError.input("the samples are \(data.type.name) of the shape \(shape)", at: data.place, expected: "numbers, channels by frames")
        }
        guard shape[0] > 0, shape[1] > 0 else { throw FerroError.input("the series holds no samples", at: data.place, expected: "one at least") }
        try SampleStorage.refuseUnreadable(data, frames: shape[1], columns: shape[0], owner: owner)
        return (shape[1], shape[0])
    }

    /// Volts of one step: `lsb`, or 3.3 V over the 1024 steps of the converter and the amplifier's `gain`.
    private static func lsb(_ settings: HDF5Group) throws -> Double {
        if settings.exists("lsb") { return try number("lsb", in: settings, "the volts of one step") }
        guard settings.exists("gain") else {
            throw FerroError.input("the samples have no scale", at: settings.place, expected: "`lsb` or `gain`")
        }
        return 3.3 / (1024 * (try number("gain", in: settings, "the gain of the amplifier")))
    }

    private static func number(_ name: String, in settings: HDF5Group, _ meaning: String) throws -> Double {
        let value = try settings.number(name, meaning)
        guard value > 0 else { throw FerroError.input("`\(name)` is no positive number", at: "\(settings.place)/\(name)", expected: meaning) }
        return value
    }
}

/// Which electrode each channel is connected to, and where it lies in micrometres.
private struct MaxWellMapping {
    let place: String
    let channels: [Int]
    private let electrodeNumbers: [Int]
    private let x: [Double]
    private let y: [Double]

    init(_ table: HDF5Dataset) throws {
        place = table.place
        channels = try table.readColumn("channel", as: Int64.self).map { Int($0) }
        electrodeNumbers = try table.readColumn("electrode", as: Int64.self).map { Int($0) }
        x = try table.readColumn("x", as: Double.self)
        y = try table.readColumn("y", as: Double.self)
    }

    func electrodes(of wanted: [Int]) throws -> [Electrode] {
        let rows = Dictionary(channels.enumerated().map { ($1, $0) }) { first, _ in first }
        let found = try wanted.map { channel in
            guard let row = rows[channel] else {
                throw FerroError.input("channel \(channel) is not in the mapping", at: place, expected: "every recorded channel")
            }
            return row
        }
        let areUnique = Set(found.map { electrodeNumbers[$0] }).count == found.count
        return zip(wanted, found).map { channel, row in
            Electrode(
                id: areUnique ? "\(electrodeNumbers[row])" : "ch\(channel)",
                position: x[row].isFinite && y[row].isFinite ? SIMD3(x[row], y[row], 0) : nil)
        }
    }
}
