// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5

/// NWB's `/units`: spike times in seconds, unit after unit, with an index of where each unit ends.
///
/// A unit is observed in its `obs_intervals`. Where the table has none, it is observed while the file's voltage series ran; where
/// there is no such series either, its exposure is unknown: `observed` is empty and a warning says so.
enum NWBUnits {
    static let path = "/units"

    static func counts(in file: HDF5File) throws -> (units: Int, spikes: Int)? {
        guard file.exists("\(path)/spike_times"), file.exists("\(path)/id") else { return nil }
        return (try file.dataset("\(path)/id").count, try file.dataset("\(path)/spike_times").count)
    }

    static func problems(in file: HDF5File, series: [SeriesDescription]) throws -> [RecordingProblem] {
        guard try counts(in: file) != nil, !file.exists("\(path)/obs_intervals") else { return [] }
        guard let observing = observing(series) else {
            return [
                RecordingProblem(
                    .warning,
                    "\(path): the units have no `obs_intervals` and the file no voltage series, so their observed time is unknown "
                        + "and no rate can be given")
            ]
        }
        return [
            RecordingProblem(
                .warning, "\(path): the units have no `obs_intervals`; they are taken to be observed while \(observing.path) was recorded")
        ]
    }

    static func read(from file: HDF5File, series: [SeriesDescription]) throws -> UnitTable {
        guard try counts(in: file) != nil else {
            throw FerroError.input("the file holds no spike times", at: "\(file.path): \(path)", expected: "a table of units")
        }
        let table = try file.group(path)
        let ids = try table.dataset("id").read(Int64.self).map { "\($0)" }
        if let twice = Dictionary(grouping: ids, by: { $0 }).filter({ $0.value.count > 1 }).keys.min() {
            throw FerroError.input("the unit id \(twice) occurs more than once", at: table.place, expected: "unique ids")
        }
        let times = try table.dataset("spike_times")
        let values = try times.read(Double.self)
        let ranges = try Ragged.ranges(of: "spike_times", in: table, rows: ids.count, values: values.count)
        let observed = try observed(in: table, units: ids.count, series: series)
        let (electrodes, indices) = try electrodes(in: table, units: ids.count)
        let trains = try ids.indices.map { unit -> SpikeTrain in
            let train = Array(values[ranges[unit]])
            try refuseDisorder(train, unit: ids[unit], at: times.place)
            return SpikeTrain(id: ids[unit], electrode: indices[unit], times: train, observed: observed[unit])
        }
        return UnitTable(trains: trains, electrodes: electrodes)
    }

    /// Refuses times that are not finite or not ascending, naming unit and spike.
    static func refuseDisorder(_ times: [Double], unit: String, at place: String) throws {
        for (spike, time) in times.enumerated() {
            guard time.isFinite else {
                throw FerroError.input("spike \(spike) of unit \(unit) has no finite time", at: place, expected: "seconds")
            }
            if spike > 0, time < times[spike - 1] {
                throw FerroError.input(
                    "the spikes of unit \(unit) are out of order at spike \(spike): \(times[spike - 1]) s is followed by \(time) s", at: place,
                    expected: "ascending seconds", advice: "find out why; sorting would hide a mix-up of units or clocks")
            }
        }
    }

    /// The series whose segments stand for the observed time: the first extracellular one, else the first of any kind.
    private static func observing(_ series: [SeriesDescription]) -> SeriesDescription? {
        series.first { $0.kind == .electrical } ?? series.first { $0.kind == .lfp } ?? series.first
    }

    private static func observed(in table: HDF5Group, units: Int, series: [SeriesDescription]) throws -> [[TimeInterval]] {
        guard table.exists("obs_intervals") else {
            let intervals =
                observing(series).map { series in
                    series.segments.map {
                        TimeInterval(start: $0.start, stop: $0.start + series.rate.seconds($0.frames.count))
                    }
                } ?? []
            return [[TimeInterval]](repeating: intervals, count: units)
        }
        let dataset = try table.dataset("obs_intervals")
        let shape = try dataset.shape
        guard shape.count == 2, shape[1] == 2 else {
            throw FerroError.input("the observed intervals have the shape \(shape)", at: dataset.place, expected: "a start and a stop a row")
        }
        let bounds = try dataset.read(Double.self)
        let ranges = try Ragged.ranges(of: "obs_intervals", in: table, rows: units, values: shape[0])
        return try ranges.enumerated().map { unit, rows in
            let intervals = rows.map { TimeInterval(start: bounds[2 * $0], stop: bounds[2 * $0 + 1]) }
            let areSound =
                intervals.allSatisfy { $0.start.isFinite && $0.stop.isFinite && $0.start <= $0.stop }
                && zip(intervals, intervals.dropFirst()).allSatisfy { $0.stop <= $1.start }
            guard areSound else {
                throw FerroError.input(
                    "the observed intervals of row \(unit) overlap or are out of order", at: dataset.place,
                    expected: "ascending, disjoint intervals in seconds")
            }
            return intervals
        }
    }

    /// The table of electrodes, and for each unit the row of its electrode where the file names exactly one.
    private static func electrodes(in table: HDF5Group, units: Int) throws -> ([Electrode], [Int?]) {
        guard table.exists("electrodes") else { return try groups(in: table, units: units) }
        let region = try table.dataset("electrodes")
        var known: [String: NWBElectrodeTable] = [:]
        let electrodes = try NWBElectrodeTable.table(of: region, known: &known).rows
        let rows = try region.read(Int64.self)
        if let bad = rows.first(where: { !electrodes.indices.contains(Int(clamping: $0)) }) {
            throw FerroError.input(
                "a unit names row \(bad) of a table of \(electrodes.count) electrodes", at: region.place,
                expected: "rows 0 to \(electrodes.count - 1)")
        }
        let ranges = try Ragged.ranges(of: "electrodes", in: table, rows: units, values: rows.count)
        return (electrodes, ranges.map { $0.count == 1 ? Int(rows[$0.lowerBound]) : nil })
    }

    /// Where the units name groups of electrodes only, each group stands for a site.
    private static func groups(in table: HDF5Group, units: Int) throws -> ([Electrode], [Int?]) {
        guard table.exists("electrode_group"), let column = try? table.dataset("electrode_group"), column.type.kind == .objectReference else {
            return ([], [Int?](repeating: nil, count: units))
        }
        let paths = try column.readReferences().map { $0.isNull ? nil : try table.file.path(of: $0) }
        guard paths.count == units else {
            throw FerroError.input("the column has \(paths.count) rows, the table \(units)", at: column.place)
        }
        let known = Array(Set(paths.compactMap { $0 })).sorted()
        let electrodes = try known.map { path -> Electrode in
            let name = path.split(separator: "/").last.map(String.init) ?? path
            return Electrode(id: name, location: try table.file.group(path).stringAttribute("location"), group: name)
        }
        return (electrodes, paths.map { path in path.flatMap { known.firstIndex(of: $0) } })
    }
}

/// Columns whose cells hold several values: `name` has them all, `name_index` where each cell ends.
enum Ragged {
    /// Ranges of values, one per row of the table; without an index, one value a row.
    static func ranges(of name: String, in table: HDF5Group, rows: Int, values: Int) throws -> [Range<Int>] {
        guard table.exists("\(name)_index") else {
            guard values == rows else {
                throw FerroError.input("there are \(values) values for \(rows) rows", at: "\(table.place)/\(name)", expected: "`\(name)_index`")
            }
            return (0..<rows).map { $0..<$0 + 1 }
        }
        let index = try table.dataset("\(name)_index")
        let ends = try index.read(Int64.self).map { Int(clamping: $0) }
        let isSound = ends.count == rows && (ends.last ?? 0) == values && zip([0] + ends, ends).allSatisfy { $0 <= $1 }
        guard isSound else {
            throw FerroError.input(
                "the index does not divide \(values) values among \(rows) rows", at: index.place,
                expected: "\(rows) ascending ends, the last \(values)")
        }
        return zip([0] + ends, ends).map { $0..<$1 }
    }
}
