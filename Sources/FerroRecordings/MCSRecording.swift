// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5

/// A file of Multi Channel Systems' HDF5 raw data protocol, versions 1 to 3, as their DataManager writes it.
///
/// `/Data/Recording_N/AnalogStream/Stream_M` are series, `SegmentStream` and `TimeStampStream` hold spikes. Nothing is taken from one
/// channel for all: every channel has its own zero, factor, exponent and unit.
struct MCSRecording: Recording {
    let format = RecordingFormat.mcs
    let path: String
    let session: SessionFacts
    let series: [SeriesDescription]
    let problems: [RecordingProblem]
    let unitCounts: (units: Int, spikes: Int)?

    private let file: HDF5File
    private let shelf: SeriesShelf
    private let spikes: [MCSSpikes]

    static func isOne(_ file: HDF5File) throws -> Bool {
        try file.exists("/Data/Recording_0") || file.root.attribute("McsHdf5ProtocolType") != nil
    }

    init(_ file: HDF5File) throws {
        try MCSRecording.refuseOtherProtocols(file)
        self.file = file
        path = file.path
        session = try MCSRecording.session(file)
        let pitch = try MCSLayout.pitch(file)
        var shelf = SeriesShelf()
        var spikes: [MCSSpikes] = []
        let recordings = try MCSRecording.numbered("Recording_", in: file.group("/Data"))
        guard !recordings.isEmpty else { throw FerroError.input("the file holds no recording", at: "\(file.path): /Data", expected: "a group Recording_0") }
        for recording in recordings {
            let known = shelf.descriptions.count
            if recording.exists("AnalogStream") {
                for stream in try MCSRecording.numbered("Stream_", in: recording.group("AnalogStream")) {
                    try shelf.add(stream.path) { try MCSStream(stream, pitch: pitch).readable }
                }
            }
            spikes += try MCSSpikes.all(in: recording, series: Array(shelf.descriptions[known...]))
        }
        self.shelf = shelf
        self.spikes = spikes
        series = shelf.descriptions
        unitCounts = spikes.isEmpty ? nil : (spikes.count, try spikes.reduce(0) { $0 + (try $1.count) })
        let unobserved = Set(spikes.filter { $0.observed.isEmpty }.map(\.recording)).sorted()
        problems =
            shelf.problems(in: file.path)
            + unobserved.map {
                RecordingProblem(.warning, "\($0): spikes without an analog stream, so their observed time is unknown and no rate can be given")
            }
    }

    func signal(of path: String) throws -> any SignalSource { try shelf.signal(of: path, in: self.path) }

    func units() throws -> UnitTable {
        guard !spikes.isEmpty else { throw FerroError.input("the file holds no spike times", at: path, expected: "a SegmentStream or TimeStampStream") }
        var electrodes: [Electrode] = []
        let trains = try spikes.map { spikes -> SpikeTrain in
            var index: Int?
            if let electrode = spikes.electrode {
                index = electrodes.firstIndex(of: electrode) ?? electrodes.count
                if index == electrodes.count { electrodes.append(electrode) }
            }
            return SpikeTrain(id: spikes.id, electrode: index, times: try spikes.times(), observed: spikes.observed)
        }
        return UnitTable(trains: trains, electrodes: electrodes)
    }

    func intervals() throws -> [IntervalTable] { try MCSEvents.all(in: file) }

    private static func refuseOtherProtocols(_ file: HDF5File) throws {
        let root = try file.root
        guard let name = try root.stringAttribute("McsHdf5ProtocolType"), let version = try root.doubleAttribute("McsHdf5ProtocolVersion") else {
            throw FerroError.input(
                "this looks like a Multi Channel Systems file but does not name its protocol", at: file.path,
                expected: "attributes `McsHdf5ProtocolType` and `McsHdf5ProtocolVersion`", advice: "export it again with the Multi Channel DataManager")
        }
        guard name == "RawData" else {
            throw FerroError.input(
                "this is a Multi Channel Systems file of the protocol `\(name)`", at: file.path, expected: "the protocol RawData",
                advice: "export it as raw data with the Multi Channel DataManager")
        }
        guard (1...3).contains(version) else {
            throw FerroError.input(
                "this is version \(shortest(version)) of Multi Channel Systems' raw data protocol", at: file.path, expected: "version 1, 2 or 3")
        }
    }

    private static func session(_ file: HDF5File) throws -> SessionFacts {
        let data = try file.group("/Data")
        var facts: [String: String] = [:]
        for name in ["ProgramName", "ProgramVersion", "MeaName", "MeaLayout", "MeaSN", "Date", "Comment"] {
            if let text = try data.stringAttribute(name), !text.isEmpty { facts[name] = text }
        }
        return SessionFacts(identifier: try data.stringAttribute("FileGUID"), other: facts)
    }

    /// Groups called `prefix` and a number, in the order of their numbers.
    static func numbered(_ prefix: String, in group: HDF5Group) throws -> [HDF5Group] {
        try group.names().compactMap { name in name.hasPrefix(prefix) ? Int(name.dropFirst(prefix.count)).map { ($0, name) } : nil }
            .sorted { $0.0 < $1.0 }.map { try group.group($0.1) }
    }
}

/// Where the sites of a standard array lie: labels such as `47` are column and row of a grid whose pitch is in the array's name.
enum MCSLayout {
    /// Micrometres between sites of an array such as `60MEA200/30iR-Ti`; nil for other names.
    static func pitch(_ file: HDF5File) throws -> Double? {
        guard let name = try file.group("/Data").stringAttribute("MeaName"), let match = name.firstMatch(of: /^60\w*MEA(\d+)\/\d+/) else { return nil }
        return Double(match.output.1)
    }

    static func position(_ label: String, pitch: Double?) -> SIMD3<Double>? {
        let digits = label.compactMap(\.wholeNumberValue)
        guard let pitch, label.count == 2, digits.count == 2, digits.allSatisfy({ (1...8).contains($0) }) else { return nil }
        return SIMD3(Double(digits[0] - 1) * pitch, Double(digits[1] - 1) * pitch, 0)
    }
}
