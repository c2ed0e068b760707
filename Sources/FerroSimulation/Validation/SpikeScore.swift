// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
package import FerroSpikes

/// What a threshold detector should have found, electrode by electrode, and how much of it it did.
///
/// A detector without sorting reports events of an electrode, so a neuron counts on its nearest electrode and there alone: an event on the
/// electrode beside it is one missed and one false. On each electrode
/// - *expected* are the spikes of the neurons whose signal-to-noise ratio is at least `detectable`; of spikes closer than the detector's dead
///   time, of which it can report one only, the larger is expected;
/// - *tolerated* are the others: spikes of fainter neurons and those lost to the dead time. An event at such a spike is neither right nor wrong.
package struct SpikeScore: Sendable {
    /// Least signal-to-noise ratio of a neuron whose spikes have to be found.
    package var detectable: Double
    /// Dead time of the detector.
    package var deadTime: Seconds
    /// Largest distance in time of an event from its spike.
    package var tolerance: Seconds

    package init(detectable: Double, deadTime: Seconds, tolerance: Seconds) {
        self.detectable = detectable
        self.deadTime = deadTime
        self.tolerance = tolerance
    }

    /// Compares the trains found, each on its electrode, with the truth; all electrodes together.
    package func comparison(of found: [SpikeTrain], with truth: GroundTruth) -> SpikeComparison {
        let stop = truth.segments.map { $0.start + truth.rate.seconds($0.frames.count) }.max() ?? 0
        // Electrodes are laid end to end in time, farther apart than any spike can be from its match.
        let span = stop + 1
        let electrodes = Set(found.compactMap(\.electrode) + truth.units.compactMap(\.train.electrode)).sorted()
        var detected: [Double] = []
        var expected: [Double] = []
        for (place, electrode) in electrodes.enumerated() {
            let shift = Double(place) * span
            let wanted = self.expected(on: electrode, in: truth)
            let events = found.filter { $0.electrode == electrode }.flatMap(\.times).sorted()
            detected += withoutTolerated(events, wanted.expected, wanted.tolerated).map { $0 + shift }
            expected += wanted.expected.map { $0 + shift }
        }
        return SpikeComparison(detected: detected, expected: expected, tolerance: tolerance)
    }

    /// Times that have to be found on an electrode, and times at which an event is nothing to complain of.
    package func expected(on electrode: Int, in truth: GroundTruth) -> (expected: [Double], tolerated: [Double]) {
        let units = truth.units.filter { $0.train.electrode == electrode }
        let clear = units.filter { $0.snr >= detectable }
        let spikes = clear.flatMap { unit in zip(unit.train.times, unit.train.amplitudes).map { (time: $0, size: abs($1)) } }
            .sorted { ($0.time, $0.size) < ($1.time, $1.size) }
        // The largest spike first, as the detector decides; each kept spike silences its dead time.
        var kept = [Bool?](repeating: nil, count: spikes.count)
        let reach = deadTime.value + rounding
        for index in spikes.indices.sorted(by: { (spikes[$1].size, $0) < (spikes[$0].size, $1) }) where kept[index] == nil {
            kept[index] = true
            for step in [-1, 1] {
                var other = index + step
                while spikes.indices.contains(other), abs(spikes[other].time - spikes[index].time) <= reach {
                    if kept[other] == nil { kept[other] = false }
                    other += step
                }
            }
        }
        let faint = units.filter { $0.snr < detectable }.flatMap(\.train.times)
        let lost = spikes.indices.filter { kept[$0] == false }.map { spikes[$0].time }
        return (spikes.indices.filter { kept[$0] == true }.map { spikes[$0].time }, (faint + lost).sorted())
    }

    /// The events that count: all but those that no expected spike claims and a tolerated one explains.
    private func withoutTolerated(_ events: [Double], _ expected: [Double], _ tolerated: [Double]) -> [Double] {
        guard !tolerated.isEmpty else { return events }
        let claimed = Set(SpikeComparison.match(events, expected, tolerance: tolerance.value).map(\.detected))
        let free = events.indices.filter { !claimed.contains($0) }
        let explained = Set(SpikeComparison.match(free.map { events[$0] }, tolerated, tolerance: tolerance.value).map { free[$0.detected] })
        return events.indices.filter { !explained.contains($0) }.map { events[$0] }
    }

    /// Times that are multiples of a sample carry rounding of their own.
    private var rounding: Double { 1e-9 }
}
