// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5

/// A spike list of the kind of Eglen et al. 2014 (doi:10.1186/2047-217X-3-3): `/spikes` holds the times in seconds, unit after
/// unit, `/sCount` the number of spikes of each, `/names` and `/epos` (2 × units, micrometres) what and where the units are.
///
/// All units are observed in `/recordingtime` (start, end). Older files lack it and give `/summary/duration` only, which their
/// makers computed as the time from the first spike of all units to the last, rounded up to whole seconds; then the units are
/// observed for exactly that long from the first spike on, so that counts over observed time are the file's own rates.
package struct SpikeListRecording: Recording {
    package let format = RecordingFormat.spikeList
    package let path: String
    package let session: SessionFacts
    package let series: [SeriesDescription] = []
    package let problems: [RecordingProblem]
    package let unitCounts: (units: Int, spikes: Int)?

    private let file: HDF5File
    private let counts: [Int]

    init(_ file: HDF5File) throws {
        let times = try file.dataset("/spikes")
        let counted = try file.dataset("/sCount")
        let counts = try counted.read(Int64.self).map { Int(clamping: $0) }
        guard counts.allSatisfy({ $0 >= 0 }), counts.reduce(0, +) == (try times.count) else {
            throw FerroError.input(
                "the units' counts add up to \(counts.reduce(0, +)) spikes, but `/spikes` holds \(try times.count)", at: counted.place,
                advice: "copy the file again from its source")
        }
        guard !counts.isEmpty else { throw FerroError.input("the spike list holds no units", at: counted.place) }
        self.file = file
        self.counts = counts
        path = file.path
        unitCounts = (counts.count, counts.reduce(0, +))
        let facts = try SpikeListRecording.facts(file)
        session = SessionFacts(species: facts["species"], other: facts)
        if file.exists("/recordingtime") {
            problems = []
        } else if file.exists("/summary/duration") {
            problems = [
                RecordingProblem(
                    .warning, "/recordingtime is absent; the units are taken to be observed for /summary/duration from the first spike on")
            ]
        } else {
            problems = [
                RecordingProblem(
                    .warning, "neither /recordingtime nor /summary/duration is present, so the observed time is unknown and no rate can be given")
            ]
        }
    }

    package func signal(of path: String) throws -> any SignalSource {
        throw FerroError.input("a spike list holds no samples", at: "\(self.path): \(path)", advice: "use its units instead")
    }

    package func units() throws -> UnitTable {
        let dataset = try file.dataset("/spikes")
        let times = try dataset.read(Double.self)
        let names = try names()
        let observed = try observed(times)
        var first = 0
        var trains: [SpikeTrain] = []
        for (unit, count) in counts.enumerated() {
            let train = Array(times[first..<first + count])
            try NWBUnits.refuseDisorder(train, unit: names[unit], at: dataset.place)
            if let interval = observed.first, let outside = train.first(where: { $0 < interval.start || $0 > interval.stop }) {
                throw FerroError.input(
                    "unit \(names[unit]) has a spike at \(outside) s, outside the recording from \(interval.start) to \(interval.stop) s",
                    at: dataset.place)
            }
            trains.append(SpikeTrain(id: names[unit], electrode: unit, times: train, observed: observed))
            first += count
        }
        return UnitTable(trains: trains, electrodes: try electrodes(names))
    }

    private func observed(_ times: [Double]) throws -> [TimeInterval] {
        if file.exists("/recordingtime") {
            let dataset = try file.dataset("/recordingtime")
            let bounds = try dataset.read(Double.self)
            guard bounds.count == 2, bounds[0].isFinite, bounds[1].isFinite, bounds[0] < bounds[1] else {
                throw FerroError.input("the recording time is \(bounds)", at: dataset.place, expected: "a start and a later end in seconds")
            }
            return [TimeInterval(start: bounds[0], stop: bounds[1])]
        }
        guard file.exists("/summary/duration") else { return [] }
        let dataset = try file.dataset("/summary/duration")
        guard let duration = try dataset.read(Double.self).first, duration.isFinite, duration > 0 else {
            throw FerroError.input("the duration is not a positive number", at: dataset.place, expected: "seconds")
        }
        let start = times.filter(\.isFinite).min() ?? 0
        return [TimeInterval(start: start, stop: start + duration)]
    }

    private func names() throws -> [String] {
        guard file.exists("/names") else { return counts.indices.map { "unit_\($0)" } }
        let dataset = try file.dataset("/names")
        let names = try dataset.readStrings()
        guard names.count == counts.count, Set(names).count == names.count else {
            throw FerroError.input(
                "\(names.count) names (\(Set(names).count) different) for \(counts.count) units", at: dataset.place, expected: "one for each")
        }
        return names
    }

    /// One site per unit, in the order of the units.
    private func electrodes(_ names: [String]) throws -> [Electrode] {
        guard file.exists("/epos") else { return names.map { Electrode(id: $0) } }
        let dataset = try file.dataset("/epos")
        guard try dataset.shape == [2, counts.count] else {
            throw FerroError.input("the positions have the shape \(try dataset.shape)", at: dataset.place, expected: "2 × \(counts.count)")
        }
        let values = try dataset.read(Double.self)
        return names.indices.map { unit in
            let x = values[unit]
            let y = values[counts.count + unit]
            return Electrode(id: names[unit], position: x.isFinite && y.isFinite ? SIMD3(x, y, 0) : nil)
        }
    }

    /// `/meta/*` and `/array` as text; arrays are joined by commas.
    private static func facts(_ file: HDF5File) throws -> [String: String] {
        var facts: [String: String] = [:]
        if file.exists("/meta") {
            for link in try file.group("/meta").links() where link.kind == .dataset {
                facts[link.name] = try text(of: file.dataset("/meta/\(link.name)"))
            }
        }
        if file.exists("/array") { facts["array"] = try text(of: file.dataset("/array")) }
        return facts
    }

    private static func text(of dataset: HDF5Dataset) throws -> String? {
        if dataset.type.isString { return try dataset.readStrings().joined(separator: ", ") }
        guard dataset.type.isNumeric else { return nil }
        return try dataset.read(Double.self).map { shortest($0) }.joined(separator: ", ")
    }
}
