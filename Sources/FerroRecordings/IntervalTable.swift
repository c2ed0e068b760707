// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
import FerroHDF5

/// Named stretches of time that a file holds: trials, epochs, invalid times, events.
package struct IntervalTable: Sendable, Equatable {
    /// What a pipeline calls it, such as `invalid_times`.
    package var name: String
    /// In the order of the file; they may overlap.
    package var intervals: [TimeInterval]

    package init(name: String, intervals: [TimeInterval]) {
        self.name = name
        self.intervals = intervals
    }

    /// Ascending, disjoint stretches that cover the same times.
    package var merged: [TimeInterval] {
        var merged: [TimeInterval] = []
        for interval in intervals.sorted(by: { ($0.start, $0.stop) < ($1.start, $1.stop) }) {
            if let last = merged.last, interval.start <= last.stop {
                merged[merged.count - 1].stop = max(last.stop, interval.stop)
            } else {
                merged.append(interval)
            }
        }
        return merged
    }
}

extension Recording {
    package func intervals() throws -> [IntervalTable] { [] }
}

/// NWB's tables of intervals: every group of `/intervals` with columns `start_time` and `stop_time`, in seconds.
enum NWBIntervals {
    static func all(in file: HDF5File) throws -> [IntervalTable] {
        guard file.exists("/intervals") else { return [] }
        let group = try file.group("/intervals")
        return try group.names().compactMap { name in
            guard group.exists("\(name)/start_time"), group.exists("\(name)/stop_time") else { return nil }
            let starts = try group.dataset("\(name)/start_time")
            let stops = try group.dataset("\(name)/stop_time")
            let (first, last) = (try starts.read(Double.self), try stops.read(Double.self))
            guard first.count == last.count else {
                throw FerroError.input("there are \(first.count) starts and \(last.count) stops", at: group.place + "/\(name)", expected: "as many")
            }
            let intervals = zip(first, last).map { TimeInterval(start: $0, stop: $1) }
            if let bad = intervals.firstIndex(where: { !($0.start <= $0.stop) || !$0.start.isFinite || !$0.stop.isFinite }) {
                throw FerroError.input(
                    "row \(bad) runs from \(intervals[bad].start) s to \(intervals[bad].stop) s", at: group.place + "/\(name)",
                    expected: "a start and a later stop")
            }
            return IntervalTable(name: name, intervals: intervals)
        }
    }
}
