// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroSimulation
import Testing

@Suite struct SpikeTrainModelTests {
    private let rate = try! SampleRate(hertz: 30_000)

    private func train(_ spec: NeuronSpec, seconds: Double, neuron: Int = 0) throws -> SimulatedTrain {
        try SpikeTrainModel(spec, firing: spec.rate.value, rate: rate)
            .train(frames: rate.frames(in: Seconds(seconds)), seed: 3, segment: 0, neuron: neuron)
    }

    private func intervals(_ train: SimulatedTrain) -> [Int] { zip(train.frames.dropFirst(), train.frames).map { $0 - $1 } }

    @Test(arguments: [1.0, 2.0, 8.0]) func rateAndRegularityFollowTheShape(shape: Double) throws {
        let spec = NeuronSpec(snr: 8, rate: Hertz(20), shape: shape, refractory: Seconds(0.002))
        let found = try train(spec, seconds: 600)
        let intervals = intervals(found).map { Double($0) / rate.hertz }
        let mean = intervals.reduce(0, +) / Double(intervals.count)
        let deviation = (intervals.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(intervals.count)).squareRoot()
        // Coefficient of variation of a gamma interval behind a dead time of 2 ms of 50 ms.
        let expected = (1 / shape).squareRoot() * (0.05 - 0.002) / 0.05
        #expect(abs(deviation / mean - expected) < 0.03)
        #expect(abs(Double(found.frames.count) / 600 - 20) < 5 * (20 / 600 / shape).squareRoot())
    }

    @Test func noIntervalIsShorterThanTheRefractoryPeriod() throws {
        let spec = NeuronSpec(snr: 8, rate: Hertz(100), refractory: Seconds(0.002), bursting: BurstingSpec(fraction: 0.1, separation: Seconds(0.009)))
        let found = try train(spec, seconds: 120)
        #expect(found.frames.count > 10_000)
        #expect(intervals(found).min()! >= 60)
    }

    @Test func burstsAreAsDescribed() throws {
        let bursting = BurstingSpec(fraction: 0.3, spikes: 2...6, interval: Seconds(0.003)...Seconds(0.008), decrement: 0.15, separation: Seconds(0.03))
        let spec = NeuronSpec(snr: 8, rate: Hertz(5), bursting: bursting, amplitudeJitter: 0)
        let found = try train(spec, seconds: 1200)
        let gaps = intervals(found)
        var inside = 0
        for burst in found.bursts {
            #expect((2...6).contains(burst.count))
            inside += burst.count
            for spike in burst.dropLast() { #expect((90...240).contains(gaps[spike])) }
            for (order, spike) in burst.enumerated() {
                var size = 1.0
                for _ in 0..<order { size *= 0.85 }
                #expect(abs(Double(found.sizes[spike]) - size) < 1e-6)
            }
            if burst.lowerBound > 0 { #expect(gaps[burst.lowerBound - 1] >= 900) }
            if burst.upperBound < found.frames.count { #expect(gaps[burst.upperBound - 1] >= 900) }
        }
        let events = found.frames.count - inside + found.bursts.count
        let fraction = Double(found.bursts.count) / Double(events)
        #expect(abs(fraction - 0.3) < 5 * (0.3 * 0.7 / Double(events)).squareRoot())
        // Sizes 2 to 6, each half as frequent as the one before: mean 2.84.
        #expect(abs(bursting.meanSpikes - 88.0 / 31) < 1e-12)
        #expect(abs(Double(inside) / Double(found.bursts.count) - 88.0 / 31) < 0.15)
        #expect(abs(Double(found.frames.count) / 1200 - 5) < 0.3)
    }

    @Test func modulationMovesSpikesAndKeepsTheMean() throws {
        let spec = NeuronSpec(snr: 8, rate: Hertz(20), modulation: ModulationSpec(depth: 0.8, period: Seconds(60)))
        let found = try train(spec, seconds: 600)
        #expect(abs(Double(found.frames.count) / 600 - 20) < 1.2)
        // Counts in the phases of the period: the largest sixth fires far more than the smallest.
        var phases = [Int](repeating: 0, count: 6)
        for frame in found.frames { phases[frame / (10 * 30_000) % 6] += 1 }
        #expect(phases.max()! > 4 * phases.min()!)
    }

    @Test func neuronsAndSeedsDiffer() throws {
        let spec = NeuronSpec(snr: 8, rate: Hertz(5))
        #expect(try train(spec, seconds: 60) == train(spec, seconds: 60))
        #expect(try train(spec, seconds: 60, neuron: 1) != train(spec, seconds: 60))
        #expect(try train(NeuronSpec(snr: 8, rate: Hertz(0)), seconds: 60).frames.isEmpty)
    }

    @Test func contradictionsAreRefused() {
        let crowded = NeuronSpec(snr: 8, rate: Hertz(600), refractory: Seconds(0.002))
        #expect(throws: FerroError.self) { try SpikeTrainModel(crowded, firing: 600, rate: rate) }
        let early = NeuronSpec(snr: 8, rate: Hertz(5), refractory: Seconds(0.004), bursting: BurstingSpec(fraction: 0.1))
        #expect(throws: FerroError.self) { try SpikeTrainModel(early, firing: 5, rate: rate) }
    }
}
