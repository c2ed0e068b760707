// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5

/// What a file of 3Brain's, of MaxWell's or of a declared layout comes to: series that are readable or refused, and the spikes that the
/// array's own software found.
struct ShelfRecording: Recording {
    let format: RecordingFormat
    let path: String
    let session: SessionFacts
    let series: [SeriesDescription]
    let problems: [RecordingProblem]
    let unitCounts: (units: Int, spikes: Int)?

    private let shelf: SeriesShelf
    private let spikes: [ChannelSpikes]

    init(_ format: RecordingFormat, _ file: HDF5File, session: SessionFacts = SessionFacts(), shelf: SeriesShelf, spikes: [ChannelSpikes] = []) {
        self.format = format
        path = file.path
        self.session = session
        self.shelf = shelf
        self.spikes = spikes
        series = shelf.descriptions
        problems = shelf.problems(in: file.path) + spikes.flatMap(\.warnings).map { RecordingProblem(.warning, $0) }
        unitCounts = spikes.isEmpty ? nil : spikes.reduce((0, 0)) { ($0.0 + $1.sites.count, $0.1 + $1.count) }
    }

    func signal(of path: String) throws -> any SignalSource { try shelf.signal(of: path, in: self.path) }

    func units() throws -> UnitTable {
        guard !spikes.isEmpty else {
            throw FerroError.input("the file holds no spike times", at: path, advice: "detect spikes in the samples, or export sorted units as NWB")
        }
        var table = UnitTable(trains: [], electrodes: [])
        for one in spikes { try one.add(to: &table) }
        return table
    }
}

/// Spikes that an array's software found, one after the other with the channel of each: a train for every channel that was listened to, the silent
/// ones included.
struct ChannelSpikes: Sendable {
    struct Site: Sendable {
        var channel: Int
        var id: String
        var electrode: Electrode
    }

    let sites: [Site]
    let observed: [TimeInterval]
    /// Spikes on those channels.
    let count: Int
    let warnings: [String]
    private let place: String
    private let channels: HDF5Dataset
    private let frames: HDF5Dataset
    /// Columns of the two datasets where these are tables.
    private let columns: (channel: String, frame: String)?
    /// Frame number of time zero.
    private let origin: Int
    private let rate: SampleRate

    /// - Parameters:
    ///   - place: path that warnings name.
    ///   - sites: nil where the file does not say which channels there are; then those that have spikes.
    ///   - columns: where channel and frame are columns of one table.
    init(
        _ place: String, channels: HDF5Dataset, frames: HDF5Dataset, columns: (channel: String, frame: String)? = nil, sites: [Site]?, origin: Int,
        rate: SampleRate, observed: [TimeInterval], site: (Int) -> Site = { Site(channel: $0, id: "\($0)", electrode: Electrode(id: "\($0)")) },
        warnings: [String] = []
    ) throws {
        guard try channels.count == frames.count else {
            throw FerroError.input("there are \(try channels.count) channels for \(try frames.count) spike times", at: channels.place, expected: "one for each")
        }
        (self.place, self.channels, self.frames, self.columns) = (place, channels, frames, columns)
        (self.origin, self.rate, self.observed) = (origin, rate, observed)
        var counts: [Int: Int] = [:]
        for channel in try ChannelSpikes.integers(channels, columns?.channel) { counts[channel, default: 0] += 1 }
        self.sites = sites ?? counts.keys.sorted().map(site)
        let known = Set(self.sites.map(\.channel))
        count = counts.reduce(0) { $0 + (known.contains($1.key) ? $1.value : 0) }
        let elsewhere = counts.values.reduce(0, +) - count
        self.warnings =
            warnings + (sites == nil ? ["\(place): the file does not say which channels were listened to, so silent ones are not counted"] : [])
            + (elsewhere > 0 ? ["\(place): \(elsewhere) spikes are of channels that are not connected, and are left out"] : [])
    }

    func add(to table: inout UnitTable) throws {
        let channels = try ChannelSpikes.integers(channels, columns?.channel)
        let frames = try ChannelSpikes.integers(frames, columns?.frame)
        var times: [Int: [Double]] = [:]
        for (channel, frame) in zip(channels, frames) {
            let (count, overflow) = frame.subtractingReportingOverflow(origin)
            guard !overflow, abs(Double(count)) < 1e18 else { throw FerroError.input("a spike has the frame number \(frame)", at: self.frames.place) }
            times[channel, default: []].append(rate.seconds(count))
        }
        for site in sites {
            let train = times[site.channel] ?? []
            try NWBUnits.refuseDisorder(train, unit: site.id, at: self.frames.place)
            let index = table.electrodes.firstIndex(of: site.electrode) ?? table.electrodes.count
            if index == table.electrodes.count { table.electrodes.append(site.electrode) }
            table.trains.append(SpikeTrain(id: site.id, electrode: index, times: train, observed: observed))
        }
    }

    private static func integers(_ dataset: HDF5Dataset, _ column: String?) throws -> [Int] {
        try (column.map { try dataset.readColumn($0, as: Int64.self) } ?? dataset.read(Int64.self)).map { Int($0) }
    }
}

extension SampleRate {
    /// - Throws: `FerroError` (input) at the place in the file that says so.
    static func stated(_ hertz: Double, at place: String) throws -> SampleRate {
        do { return try SampleRate(hertz: hertz) } catch let error as FerroError { throw error.inside(place) }
    }
}

extension HDF5Group {
    /// The finite number that a dataset of the group holds.
    func number(_ name: String, _ meaning: String = "one") throws -> Double {
        guard exists(name), let value = try dataset(name).read(Double.self).first, value.isFinite else {
            throw FerroError.input("there is no number `\(name)`", at: place, expected: meaning)
        }
        return value
    }
}

extension SeriesDescription {
    /// When it was recorded.
    var intervals: [TimeInterval] { segments.map { TimeInterval(start: $0.start, stop: $0.start + rate.seconds($0.frames.count)) } }
}
