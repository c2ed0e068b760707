// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroSpikes
import Testing

func train(_ times: [Double], observed: [TimeInterval]? = nil) -> SpikeTrain {
    SpikeTrain(id: "unit", times: times, observed: observed ?? [TimeInterval(start: 0, stop: (times.last ?? 0) + 1)])
}

@Suite("MaxIntervalBursts")
struct MaxIntervalBurstsTests {
    static func detector(
        start: Double = 0.1, end: Double = 0.2, pause: Double = 0.3, duration: Double = 0, spikes: Int = 2
    ) -> MaxIntervalBursts {
        MaxIntervalBursts(
            parameters: .init(
                maxStart: Seconds(start), maxEnd: Seconds(end), minInterBurst: Seconds(pause), minDuration: Seconds(duration),
                minSpikes: spikes))
    }

    @Test("an interval equal to a limit starts, continues, keeps apart and suffices")
    func equality() {
        // 0.1 starts; 0.2 continues; 0.3 apart is not merged.
        let times = [1, 1.1, 1.3, 1.6, 1.7]
        #expect(Self.detector().bursts(in: train(times)).map(\.spikes) == [0..<3, 3..<5])
        #expect(Self.detector(duration: 0.1).bursts(in: train(times)).count == 2)
        #expect(Self.detector(spikes: 3).bursts(in: train(times)).map(\.spikes) == [0..<3])
        #expect(Self.detector(start: 0.0999).bursts(in: train(times)).map(\.spikes) == [])
    }

    @Test("bursts are merged before they are dropped")
    func mergeFirst() {
        // Two doublets 0.25 apart: each too short alone, long enough together.
        let times = [1, 1.05, 1.3, 1.35]
        #expect(Self.detector(duration: 0.2, spikes: 4).bursts(in: train(times)).map(\.spikes) == [0..<4])
    }

    @Test("a train moved by many samples has the same bursts")
    func shift() {
        let rate = 30_000.0
        var generator = SeededGenerator(seed: 2)
        var frames: [Int] = []
        var frame = 1000
        for _ in 0..<3000 {
            // Intervals around 9 ms = 270 frames, often exactly that.
            frame += [200, 269, 270, 271, 3000][generator.index(below: 5)]
            frames.append(frame)
        }
        let detector = MaxIntervalBursts(.hippocampalComplexSpike)
        let expected = detector.bursts(in: train(frames.map { Double($0) / rate })).map(\.spikes)
        #expect(!expected.isEmpty)
        for shift in [7, 123_457, 3_000_000_001] {
            let moved = train(frames.map { Double($0 + shift) / rate }, observed: [TimeInterval(start: 0, stop: 1e9)])
            #expect(detector.bursts(in: moved).map(\.spikes) == expected)
        }
    }

    @Test("no burst and no merge crosses the end of an observed interval")
    func observed() {
        let times = [0.9, 0.95, 1.05, 1.1]
        let gap = [TimeInterval(start: 0, stop: 1), TimeInterval(start: 1, stop: 2)]
        #expect(Self.detector().bursts(in: train(times)).map(\.spikes) == [0..<4])
        #expect(Self.detector().bursts(in: train(times, observed: gap)).map(\.spikes) == [0..<2, 2..<4])
        #expect(Self.detector(spikes: 3).bursts(in: train(times, observed: gap)).isEmpty)
    }

    @Test("the hippocampal preset finds doublets, and spikes of bursts ascend and are disjoint", arguments: MaxIntervalPreset.all)
    func presets(preset: MaxIntervalPreset) throws {
        var generator = SeededGenerator(seed: 9)
        var time = 0.0
        let times = (0..<4000).map { _ -> Double in
            time += generator.uniform() < 0.5 ? 0.003 + 0.005 * generator.uniform() : 0.01 + 1.5 * generator.uniform()
            return time
        }
        let bursts = MaxIntervalBursts(preset).bursts(in: train(times))
        #expect(!bursts.isEmpty)
        #expect(zip(bursts, bursts.dropFirst()).allSatisfy { $0.spikes.upperBound <= $1.spikes.lowerBound })
        for burst in bursts {
            #expect(burst.start == times[burst.spikes.lowerBound])
            #expect(burst.stop == times[burst.spikes.upperBound - 1])
            #expect(burst.spikes.count >= preset.parameters.minSpikes)
        }
        #expect(try MaxIntervalPreset.named(preset.name) == preset)
        if preset == .hippocampalComplexSpike { #expect(bursts.contains { $0.spikes.count == 2 }) }
    }

    @Test("an unknown preset is refused with the nearest name")
    func unknown() {
        let error = #expect(throws: FerroError.self) { try MaxIntervalPreset.named("coterill") }
        #expect(error?.description.contains("`preset: cotterill`") == true)
    }
}
