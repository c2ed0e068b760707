// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// A number, or why there is none.
package struct Measure: Sendable, Equatable {
    package var value: Double?
    /// Why the value is missing, such as `fewer than 3 spikes`; nil when there is a value.
    package var reason: String?

    package init(_ value: Double) { self.value = value }

    package init(missing reason: String) { self.reason = reason }
}

/// Firing of one train in numbers, and of its bursts where a detector ran.
///
/// Only spikes at observed times count. Intervals lie inside one observed interval and are pooled over all of them; pairs of intervals
/// share a spike. Too little to compute from is a missing value with its reason, never 0; no burst is a burst rate of 0.
package struct SpikeTrainMeasures: Sendable {
    /// One column of the units table.
    package struct Description: Sendable, Equatable {
        package var name: String
        package var meaning: String
        /// Needs bursts.
        package var ofBursts: Bool
    }

    /// Parallel to `descriptions`.
    package let measures: [Measure]

    /// Measures a train; `bursts` is nil where no burst detector ran, and its bursts index spikes of the train.
    package init(of train: SpikeTrain, bursts: [Burst]?) {
        let facts = TrainFacts(train, bursts)
        measures = SpikeTrainMeasures.columns.map { $0.measure(facts) }
    }

    package subscript(name: String) -> Measure? {
        SpikeTrainMeasures.descriptions.firstIndex { $0.name == name }.map { measures[$0] }
    }

    /// Every measure in the order of the table.
    package static let descriptions: [Description] = columns.map(\.description)

    /// Shinomoto's refractoriness constant in seconds.
    static let refractoriness = 0.005
    /// Longest interval of a burst in the index of Mizuseki et al., in seconds (exclusive).
    static let mizusekiInterval = 0.006

    private struct Column: Sendable {
        let description: Description
        let measure: @Sendable (TrainFacts) -> Measure
    }

    private static func column(
        _ name: String, _ meaning: String, ofBursts: Bool = false, _ measure: @escaping @Sendable (TrainFacts) -> Measure
    ) -> Column {
        Column(description: Description(name: name, meaning: meaning, ofBursts: ofBursts), measure: measure)
    }

    private static let columns: [Column] = [
        column("spike_count", "Number of spikes at observed times.") { Measure(Double($0.count)) },
        column("firing_rate_hz", "Spikes at observed times per second of observed time.") { facts in
            facts.seconds > 0 ? Measure(Double(facts.count) / facts.seconds) : Measure(missing: "no observed time")
        },
        column("isi_cv", "Standard deviation (n) of the interspike intervals over their mean.") { $0.cv },
        column(
            "isi_cv2",
            "Mean over pairs of successive intervals I, I' of 2|I' - I|/(I' + I) (Holt et al. 1996, J Neurophysiol 75:1806)."
        ) { facts in
            facts.meanOverPairs { first, second in 2 * abs(second - first) / (first + second) }
        },
        column(
            "isi_lv",
            "Local variation: mean over pairs of successive intervals I, I' of 3((I - I')/(I + I'))² (Shinomoto et al. 2003, Neural Comput 15:2823)."
        ) { facts in
            facts.meanOverPairs { first, second in
                let contrast = (first - second) / (first + second)
                return 3 * contrast * contrast
            }
        },
        column(
            "isi_lvr",
            "Local variation corrected for refractoriness, 3(1 - 4II'/(I + I')²)(1 + 4R/(I + I')) with R = 5 ms, mean over pairs (Shinomoto et al. 2009, PLoS Comput Biol 5:e1000433)."
        ) { facts in
            facts.meanOverPairs { first, second in
                let sum = first + second
                return 3 * (1 - 4 * first * second / (sum * sum)) * (1 + 4 * refractoriness / sum)
            }
        },
        column("burst_count", "Number of bursts.", ofBursts: true) { facts in
            facts.ofBursts { Measure(Double($0.count)) }
        },
        column("burst_rate_per_min", "Bursts per minute of observed time.", ofBursts: true) { facts in
            facts.ofBursts { bursts in
                facts.seconds > 0 ? Measure(Double(bursts.count) / facts.seconds * 60) : Measure(missing: "no observed time")
            }
        },
        column("spikes_in_bursts_fraction", "Share of the spikes that belong to a burst.", ofBursts: true) { facts in
            facts.ofBursts { bursts in
                facts.count > 0
                    ? Measure(Double(bursts.reduce(0) { $0 + $1.spikes.count }) / Double(facts.count)) : Measure(missing: "no spikes")
            }
        },
        column("mean_burst_duration_s", "Mean time from the first to the last spike of a burst.", ofBursts: true) { facts in
            facts.meanOfBursts(\.duration)
        },
        column("mean_spikes_per_burst", "Mean number of spikes of a burst.", ofBursts: true) { facts in
            facts.meanOfBursts { Double($0.spikes.count) }
        },
        column(
            "burst_index_mizuseki2012",
            "Share of the spikes with an interval below 6 ms before or after them (Mizuseki et al. 2012, Hippocampus 22:1659)."
        ) { $0.mizusekiIndex },
        column(
            "burst_index_royer2012",
            "Mean of the autocorrelogram in 1 ms bins at 3 to 5 ms over its mean at 200 to 300 ms (Royer et al. 2012, Nat Neurosci 15:769)."
        ) { BurstIndices.royer($0.runs) },
        column(
            "burst_index_doublets",
            "Largest value of the autocorrelogram in 0.5 ms bins at 2.5 to 8 ms over its mean at 8 to 11.5 ms (CellExplorer's doublets index)."
        ) { BurstIndices.doublets($0.runs) },
    ]
}

/// What the measures are computed from.
private struct TrainFacts {
    let count: Int
    let seconds: Double
    /// Interspike intervals, run by run.
    let intervals: [[Double]]
    let bursts: [Burst]?
    /// Spike times, run by run.
    let runs: [ArraySlice<Double>]
    private let runLengths: [Int]

    init(_ train: SpikeTrain, _ bursts: [Burst]?) {
        let runs = train.runs
        self.runs = runs.map { train.times[$0] }
        runLengths = runs.map(\.count)
        count = runLengths.reduce(0, +)
        seconds = train.observedSeconds
        intervals = runs.map { run in run.dropFirst().map { train.times[$0] - train.times[$0 - 1] } }
        self.bursts = bursts
    }

    var cv: Measure {
        let pooled = intervals.joined()
        guard pooled.count >= 2 else { return Measure(missing: "fewer than 2 interspike intervals") }
        let mean = pooled.reduce(0, +) / Double(pooled.count)
        guard mean > 0 else { return Measure(missing: "all interspike intervals are 0") }
        let variance = pooled.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(pooled.count)
        return Measure(variance.squareRoot() / mean)
    }

    /// Pairs of zero length, three spikes at one time, are left out.
    func meanOverPairs(_ value: (Double, Double) -> Double) -> Measure {
        var sum = 0.0
        var pairs = 0
        for run in intervals {
            for (first, second) in zip(run, run.dropFirst()) where first + second > 0 {
                sum += value(first, second)
                pairs += 1
            }
        }
        guard pairs > 0 else { return Measure(missing: "no pair of successive interspike intervals") }
        return Measure(sum / Double(pairs))
    }

    func ofBursts(_ measure: ([Burst]) -> Measure) -> Measure {
        bursts.map(measure) ?? Measure(missing: "no burst detector ran")
    }

    func meanOfBursts(_ value: (Burst) -> Double) -> Measure {
        ofBursts { bursts in
            bursts.isEmpty
                ? Measure(missing: "no bursts") : Measure(bursts.reduce(0) { $0 + value($1) } / Double(bursts.count))
        }
    }

    var mizusekiIndex: Measure {
        guard count > 0 else { return Measure(missing: "no spikes") }
        var inBursts = 0
        for (run, length) in zip(intervals, runLengths) {
            for spike in 0..<length {
                let before = spike > 0 && run[spike - 1] < SpikeTrainMeasures.mizusekiInterval - MaxIntervalBursts.rounding
                let after = spike < length - 1 && run[spike] < SpikeTrainMeasures.mizusekiInterval - MaxIntervalBursts.rounding
                if before || after { inBursts += 1 }
            }
        }
        return Measure(Double(inBursts) / Double(count))
    }
}
