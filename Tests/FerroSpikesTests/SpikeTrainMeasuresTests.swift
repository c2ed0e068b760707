// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroSpikes
import Testing

import func Foundation.log

@Suite("SpikeTrainMeasures")
struct SpikeTrainMeasuresTests {
    private func measure(
        _ name: String, _ times: [Double], observed: [TimeInterval]? = nil, bursts: [Burst]? = nil
    ) throws -> Measure {
        try #require(SpikeTrainMeasures(of: train(times, observed: observed), bursts: bursts)[name])
    }

    private func value(_ name: String, _ times: [Double], observed: [TimeInterval]? = nil, bursts: [Burst]? = nil) throws -> Double {
        try #require(try measure(name, times, observed: observed, bursts: bursts).value)
    }

    private func near(_ left: Double, _ right: Double) -> Bool { abs(left - right) <= 1e-12 * max(1, abs(right)) }

    @Test("intervals of 1, 2 and 1 s have the measures computed by hand")
    func byHand() throws {
        let times = [1.0, 2, 4, 5]
        let observed = [TimeInterval(start: 0, stop: 8)]
        #expect(try value("spike_count", times, observed: observed) == 4)
        #expect(try value("firing_rate_hz", times, observed: observed) == 0.5)
        // Mean 4/3, variance (1/9 + 4/9 + 1/9)/3.
        #expect(try near(value("isi_cv", times), (2.0 / 9).squareRoot() / (4.0 / 3)))
        #expect(try near(value("isi_cv2", times), 2.0 / 3))
        #expect(try near(value("isi_lv", times), 3.0 / 9))
        // 3(1 - 4*2/9)(1 + 0.02/3)
        #expect(try near(value("isi_lvr", times), 3.0 / 9 * (1 + 0.02 / 3)))
    }

    @Test("a regular train varies by 0, a Poisson train by 1")
    func regularAndRandom() throws {
        let regular = (1...50).map(Double.init)
        for name in ["isi_cv", "isi_cv2", "isi_lv", "isi_lvr"] { #expect(try abs(value(name, regular)) < 1e-12) }
        var generator = SeededGenerator(seed: 4)
        var time = 0.0
        let random = (0..<40_000).map { _ in
            time -= log(1 - generator.uniform())
            return time
        }
        for name in ["isi_cv", "isi_cv2", "isi_lv"] { #expect(try abs(value(name, random) - 1) < 0.03) }
    }

    @Test("a train moved in time or stretched has the same irregularity")
    func invariance() throws {
        var generator = SeededGenerator(seed: 9)
        var time = 0.0
        let times = (0..<300).map { _ in
            time += 0.01 + generator.uniform()
            return time
        }
        for name in ["isi_cv", "isi_cv2", "isi_lv"] {
            let expected = try value(name, times)
            #expect(try abs(value(name, times.map { $0 * 3 }) - expected) < 1e-9)
            let moved = times.map { $0 + 1000 }
            #expect(try abs(value(name, moved, observed: [TimeInterval(start: 1000, stop: 2000)]) - expected) < 1e-9)
        }
    }

    @Test("time and intervals are those observed: no interval reaches across a gap and spikes outside do not count")
    func observation() throws {
        let observed = [TimeInterval(start: 0, stop: 2), TimeInterval(start: 10, stop: 14)]
        let times = [0.5, 1, 1.5, 5, 10.5, 11.5, 12.5]
        #expect(try value("spike_count", times, observed: observed) == 6)
        #expect(try value("firing_rate_hz", times, observed: observed) == 1)
        // Pooled intervals 0.5, 0.5, 1, 1.
        #expect(try near(value("isi_cv", times, observed: observed), 0.25 / 0.75))
        #expect(try near(value("isi_cv2", times, observed: observed), 0))
    }

    @Test("too little to compute from is missing with its reason, never 0")
    func missing() throws {
        for (name, times, reason) in [
            ("isi_cv", [1.0, 2], "fewer than 2 interspike intervals"), ("isi_cv2", [1.0, 2], "no pair of successive interspike intervals"),
            ("isi_lv", [], "no pair of successive interspike intervals"), ("isi_cv", [1, 1, 1], "all interspike intervals are 0"),
            ("burst_rate_per_min", [1, 2, 3], "no burst detector ran"), ("burst_index_mizuseki2012", [], "no spikes"),
        ] {
            let measure = try measure(name, times)
            #expect(measure.value == nil)
            #expect(measure.reason == reason)
        }
        #expect(try measure("firing_rate_hz", [], observed: []).reason == "no observed time")
        #expect(try value("firing_rate_hz", [], observed: [TimeInterval(start: 0, stop: 5)]) == 0)
        #expect(try measure("mean_burst_duration_s", [1, 2, 3], bursts: []).reason == "no bursts")
        #expect(try measure("spikes_in_bursts_fraction", [], bursts: []).reason == "no spikes")
        #expect(SpikeTrainMeasures(of: train([1]), bursts: nil)["no such measure"] == nil)
    }

    @Test("bursts are counted, timed and divided by the spikes")
    func bursts() throws {
        let times = [1, 1.005, 1.010, 2, 3, 3.004]
        let bursts = [Burst(spikes: 0..<3, start: 1, stop: 1.010), Burst(spikes: 4..<6, start: 3, stop: 3.004)]
        let observed = [TimeInterval(start: 0, stop: 30)]
        #expect(try value("burst_count", times, bursts: bursts) == 2)
        #expect(try value("burst_rate_per_min", times, observed: observed, bursts: bursts) == 4)
        #expect(try near(value("spikes_in_bursts_fraction", times, bursts: bursts), 5.0 / 6))
        #expect(try abs(value("mean_burst_duration_s", times, bursts: bursts) - 0.007) < 1e-12)
        #expect(try value("mean_spikes_per_burst", times, bursts: bursts) == 2.5)
        // No burst is a value.
        #expect(try value("burst_rate_per_min", times, bursts: []) == 0)
        #expect(try value("spikes_in_bursts_fraction", times, bursts: []) == 0)
    }

    @Test("Mizuseki's index counts spikes with an interval below 6 ms, not of 6 ms")
    func mizuseki() throws {
        #expect(try value("burst_index_mizuseki2012", [1, 1.005, 2, 3, 3.005, 3.010]) == 5.0 / 6)
        #expect(try value("burst_index_mizuseki2012", [100, 100.006, 102]) == 0)
    }

    @Test("every measure has a name of its own, a unit in it and a meaning")
    func descriptions() {
        let names = SpikeTrainMeasures.descriptions.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(SpikeTrainMeasures.descriptions.allSatisfy { $0.meaning.count > 15 && $0.meaning.hasSuffix(".") })
        #expect(SpikeTrainMeasures(of: train([1, 2, 3]), bursts: []).measures.count == names.count)
    }
}
