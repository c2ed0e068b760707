// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// What is remarkable about spike times that a file holds.
package enum SpikePlausibility {
    /// Intervals below this are shorter than a neuron's absolute refractory period.
    package static let refractoryFloor = Seconds(0.001)
    /// Share of such intervals from which on a unit is named.
    package static let toleratedShare = 0.01

    /// Warnings about spikes at the same time, intervals within the refractory period and spikes outside the observed time.
    package static func problems(_ trains: [SpikeTrain]) -> [RecordingProblem] {
        var doubled: [String] = []
        var tight: [String] = []
        var outside: [String] = []
        for train in trains {
            let intervals = zip(train.times.dropFirst(), train.times).map { $0 - $1 }
            let same = intervals.count { $0 == 0 }
            if same > 0 { doubled.append("\(train.id) (\(same))") }
            let short = intervals.count { $0 > 0 && $0 < refractoryFloor.value }
            if short > 0, Double(short) > toleratedShare * Double(intervals.count) {
                tight.append("\(train.id) (\(shortest((1000 * Double(short) / Double(intervals.count)).rounded() / 10)) %)")
            }
            let observed = train.runs.reduce(0) { $0 + $1.count }
            if !train.observed.isEmpty, observed < train.times.count { outside.append("\(train.id) (\(train.times.count - observed))") }
        }
        func warn(_ what: String, _ names: [String]) -> RecordingProblem? {
            guard !names.isEmpty else { return nil }
            return RecordingProblem(
                .warning, "units with \(what): \(names.prefix(8).joined(separator: ", "))\(names.count > 8 ? " and \(names.count - 8) more" : "")")
        }
        return [
            warn("several spikes at the same time", doubled),
            warn("more than \(shortest(100 * toleratedShare)) % of intervals below \(refractoryFloor), shorter than a neuron's refractory period", tight),
            warn("spikes outside their observed time", outside),
        ].compactMap { $0 }
    }
}
