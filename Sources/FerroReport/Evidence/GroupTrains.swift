// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings
import FerroStatistics
import FerroStudy
import Foundation

/// Intervals between spikes and autocorrelograms of the groups: means over the units of a subject, the subjects of a cage, and the
/// experimental units of a group, with 95 % intervals over the last. Every experimental unit weighs the same, whatever the number of its
/// units and spikes.
struct GroupTrains {
    enum Kind: CaseIterable {
        case intervals, autocorrelogram
    }

    /// Sum over the units of one subject in one condition.
    private struct Entry {
        var cage: String?
        var sums: [[Double]]
        var units: Int
    }

    /// Units with fewer spikes show chance alone.
    static let leastSpikes = 50
    /// Edges of the classes of intervals in seconds: ten a decade from 0.3 ms to 100 s.
    static let edges = (0...55).map { pow(10, -3.5 + Double($0) / 10) }
    /// Width and number of the classes of lags.
    static let lagWidth = 0.001
    static let lagCount = 100

    private let study: StudyWords
    /// By condition and subject.
    private var entries: [[String]: Entry] = [:]
    private(set) var leftOut = 0

    init(study: StudyWords) { self.study = study }

    /// Takes the units of a recording; their spikes are not kept.
    mutating func take(_ result: RecordingResult, of recording: StudyRecording) {
        guard let condition = study.condition(of: recording) else { return }
        let key = [condition, recording.subject]
        for unit in result.units {
            guard unit.train.times.count >= GroupTrains.leastSpikes, let lags = GroupTrains.autocorrelogram(unit.train) else {
                leftOut += 1
                continue
            }
            let profiles = [GroupTrains.intervals(unit.train), lags]
            var entry = entries[key] ?? Entry(cage: recording.cage, sums: profiles.map { $0.map { _ in 0 } }, units: 0)
            for kind in profiles.indices { for index in profiles[kind].indices { entry.sums[kind][index] += profiles[kind][index] } }
            entry.units += 1
            entries[key] = entry
        }
    }

    // MARK: One unit

    /// Share of the intervals of a unit in every class, in per cent a class; no interval reaches over a gap.
    static func intervals(_ train: SpikeTrain) -> [Double] {
        var counts = [Double](repeating: 0, count: edges.count - 1)
        var total = 0.0
        for run in train.runs {
            for index in run.dropFirst() {
                let interval = train.times[index] - train.times[index - 1]
                total += 1
                guard interval > 0 else { continue }
                let place = Int(((log10(interval) + 3.5) * 10).rounded(.down))
                if counts.indices.contains(place) { counts[place] += 1 }
            }
        }
        return total > 0 ? counts.map { 100 * $0 / total } : counts
    }

    /// Pairs of spikes at every lag over those that a train of the same rate without memory would have; nil where nothing was observed.
    static func autocorrelogram(_ train: SpikeTrain) -> [Double]? {
        let seconds = train.observedSeconds
        let reach = Double(lagCount) * lagWidth
        guard seconds > reach, !train.times.isEmpty else { return nil }
        var counts = [Double](repeating: 0, count: lagCount)
        for run in train.runs {
            var first = run.lowerBound
            for index in run {
                while train.times[index] - train.times[first] >= reach { first += 1 }
                for earlier in first..<index {
                    // Times are whole samples, and a lag on an edge belongs to the class above it.
                    let place = Int(((train.times[index] - train.times[earlier]) / lagWidth + 1e-6).rounded(.down))
                    if place < lagCount { counts[place] += 1 }
                }
            }
        }
        let rate = Double(train.runs.reduce(0) { $0 + $1.count }) / seconds
        return counts.enumerated().map { place, count in
            // Pairs of a lag need both spikes inside one observed interval.
            let lag = (Double(place) + 0.5) * lagWidth
            let room = train.observed.reduce(0) { $0 + max($1.duration - lag, 0) }
            let expected = rate * rate * lagWidth * room
            return expected > 0 ? count / expected : .nan
        }
    }

    // MARK: Groups

    /// The curves of every group that has units.
    func curves(_ kind: Kind) -> [CurvePlot.Curve] {
        study.conditions.compactMap { condition in
            let own = entries.filter { $0.key[0] == condition.name }
            let subjects = own.keys.sorted { $0[1] < $1[1] }.compactMap { key -> (cage: String, values: [Double])? in
                guard let entry = own[key] else { return nil }
                return (entry.cage ?? key[1], entry.sums[kind == .intervals ? 0 : 1].map { $0 / Double(entry.units) })
            }
            guard !subjects.isEmpty else { return nil }
            var units = subjects.map(\.values)
            if study.definition.unitOfAnalysis == .cage {
                let cages = Dictionary(grouping: subjects, by: \.cage)
                units = cages.keys.sorted().map { cage in
                    let rows = (cages[cage] ?? []).map(\.values)
                    return rows[0].indices.map { index in Sample.mean(rows.map { $0[index] }) ?? .nan }
                }
            }
            return CurvePlot.Curve(
                name: condition.name, label: condition.label, style: study.style(of: condition.name), n: units.count,
                points: units[0].indices.map { index in GroupTrains.point(units.map { $0[index] }) })
        }
    }

    private static func point(_ values: [Double]) -> CurvePlot.Point {
        let sample = Sample(values.filter(\.isFinite))
        var point = CurvePlot.Point(mean: sample.mean ?? .nan)
        if let mean = sample.mean, let sem = sample.sem {
            let half = StudentT(degreesOfFreedom: Double(sample.n - 1)).quantile(0.975) * sem
            point.low = max(mean - half, 0)
            point.high = mean + half
        }
        return point
    }
}
