// SPDX-License-Identifier: GPL-3.0-or-later

/// One detected threshold event of one channel.
package struct SpikeEvent: Hashable, Sendable {
    /// Frame of the extremum, counted from the start of its segment.
    package var frame: Int
    package var channel: Int
    /// Value at the extremum in microvolts.
    package var amplitude: Float

    package init(frame: Int, channel: Int, amplitude: Float) {
        self.frame = frame
        self.channel = channel
        self.amplitude = amplitude
    }
}

/// A closed interval of time in seconds on the recording's clock.
package struct TimeInterval: Hashable, Sendable {
    package var start: Double
    package var stop: Double
    package init(start: Double, stop: Double) {
        self.start = start
        self.stop = stop
    }
    package var duration: Double { stop - start }
}

/// The spikes of one unit: a sorted neuron, or the multi-unit activity of one electrode.
package struct SpikeTrain: Sendable, Equatable {
    /// Name of the unit, unique in the recording.
    package var id: String
    /// Index of the electrode the unit was seen on, where known, in the recording's list of electrodes.
    package var electrode: Int?
    /// Ascending times in seconds on the recording's clock.
    package var times: [Double]
    /// Peak values in microvolts, one per spike, or empty.
    package var amplitudes: [Float]
    /// When the unit was observed, ascending and disjoint. Rates are per observed time; no interval between spikes
    /// and no burst reaches from one observed interval into the next.
    package var observed: [TimeInterval]

    package init(id: String, electrode: Int? = nil, times: [Double], amplitudes: [Float] = [], observed: [TimeInterval]) {
        self.id = id
        self.electrode = electrode
        self.times = times
        self.amplitudes = amplitudes
        self.observed = observed
    }

    package var observedSeconds: Double { observed.reduce(0) { $0 + $1.duration } }

    /// Ranges of spike indices, one per observed interval (possibly empty). Spikes outside every interval are in none.
    package var runs: [Range<Int>] {
        var runs: [Range<Int>] = []
        var first = 0
        for interval in observed {
            while first < times.count, times[first] < interval.start { first += 1 }
            var last = first
            while last < times.count, times[last] <= interval.stop { last += 1 }
            runs.append(first..<last)
            first = last
        }
        return runs
    }
}

/// A burst: consecutive spikes of one train.
package struct Burst: Hashable, Sendable {
    /// Indices of its spikes in the train.
    package var spikes: Range<Int>
    /// Time of its first and last spike in seconds.
    package var start: Double
    package var stop: Double
    package init(spikes: Range<Int>, start: Double, stop: Double) {
        self.spikes = spikes
        self.start = start
        self.stop = stop
    }
    package var duration: Double { stop - start }
}
