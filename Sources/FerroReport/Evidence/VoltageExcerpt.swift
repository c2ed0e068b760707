// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings

/// The part of the stored excerpt that is drawn: the window with most spikes, on the electrodes with most.
struct VoltageExcerpt {
    let traces: [VoltagePlot.Trace]
    let rate: SampleRate
    let start: Double
    let seconds: Double

    private static let window = 0.3
    private static let mostTraces = 3

    init?(_ result: RecordingResult) {
        guard let excerpt = result.excerpt, let frames = excerpt.samples.map(\.count).min(), frames > 1 else { return nil }
        let rate = excerpt.rate
        let stop = excerpt.start + rate.seconds(frames)
        // Frames of the spikes inside the excerpt, electrode by electrode.
        let spikes = excerpt.electrodes.map { electrode in
            result.units.filter { $0.train.electrode == electrode }.flatMap(\.train.times)
                .filter { $0 >= excerpt.start && $0 <= stop }.map { Int((($0 - excerpt.start) * rate.hertz).rounded()) }.filter { $0 < frames }.sorted()
        }
        let length = min(frames, rate.frames(in: Seconds(VoltageExcerpt.window)))
        let first = VoltageExcerpt.fullest(spikes.flatMap { $0 }.sorted(), length: length, frames: frames)
        let range = first..<first + length
        let counts = spikes.map { $0.count(where: range.contains) }
        // Electrodes without a spike in the window are left out, unless there is none with one.
        let most = counts.max() ?? 0
        let order = counts.indices.filter { excerpt.samples.indices.contains($0) && (counts[$0] > 0 || most == 0) }
            .sorted { (counts[$1], $0) < (counts[$0], $1) }.prefix(VoltageExcerpt.mostTraces).sorted()
        traces = order.map { index in
            let electrode = excerpt.electrodes[index]
            let name = result.electrodes.indices.contains(electrode) ? result.electrodes[electrode].id : "\(electrode)"
            return VoltagePlot.Trace(
                name: name, samples: Array(excerpt.samples[index][range]), spikes: spikes[index].filter(range.contains).map { $0 - first })
        }
        guard !traces.isEmpty else { return nil }
        self.rate = rate
        start = excerpt.start + rate.seconds(first)
        seconds = rate.seconds(length)
    }

    /// First frame of the window with most spikes, the earliest of equals; a quarter of a window stays before its first spike.
    private static func fullest(_ spikes: [Int], length: Int, frames: Int) -> Int {
        var best = (count: 0, first: 0)
        var last = 0
        for (index, spike) in spikes.enumerated() {
            while last < spikes.count, spikes[last] < spike + length * 3 / 4 { last += 1 }
            if last - index > best.count { best = (last - index, spike - length / 4) }
        }
        return min(max(best.first, 0), frames - length)
    }

    var stretch: TimeInterval { TimeInterval(start: start, stop: start + seconds) }

    func plot(title: String) -> VoltagePlot { VoltagePlot(traces: traces, rate: rate, title: title) }

    var caption: String {
        let spikes = traces.reduce(0) { $0 + $1.spikes.count }
        return
            "Voltage as the detector saw it, from \(Numbers.significant(start, digits: 4)) s, where spikes of the stored excerpt are most frequent, on the \(traces.count == 1 ? "electrode" : "\(traces.count) electrodes") with most of them; triangles: \(Numbers.counted(spikes, "spike", "spikes")) detected on these electrodes."
    }
}
