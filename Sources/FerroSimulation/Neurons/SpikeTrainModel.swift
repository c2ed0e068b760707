// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
import Foundation

/// Spikes of one neuron in one segment, in frames of that segment.
package struct SimulatedTrain: Sendable, Equatable {
    package var frames: [Int] = []
    /// Amplitude of each spike over the full size.
    package var sizes: [Float] = []
    /// Spike indices of each burst.
    package var bursts: [Range<Int>] = []
}

/// A renewal process of events, each a single spike or a complex-spike burst.
///
/// From the last spike of an event to the first of the next pass a dead time (the refractory period, or the burst
/// separation if either event is a burst) and a gamma-distributed interval, whose mean is what makes the overall rate
/// come out as asked: 1/(event rate) = mean event duration + mean dead time + mean interval. Times are whole frames
/// throughout, so the truth is exact and refractoriness holds to the frame.
package struct SpikeTrainModel: Sendable {
    let spec: NeuronSpec
    let rate: SampleRate
    /// Mean of the gamma-distributed part of an interval, seconds.
    package let meanInterval: Double
    /// Mean number of events a second.
    package let eventRate: Double
    /// Spikes are kept this far from the ends of a segment, so that every waveform is whole.
    static let edge = Seconds(0.005)

    /// - Throws: `FerroError` (usage) when rate, refractoriness and bursts contradict each other.
    package init(_ spec: NeuronSpec, firing: Double, rate: SampleRate) throws {
        self.spec = spec
        self.rate = rate
        try SpikeTrainModel.check(spec)
        guard firing > 0 else {
            (meanInterval, eventRate) = (.infinity, 0)
            return
        }
        let fraction = spec.bursting?.fraction ?? 0
        let spikes = 1 + fraction * ((spec.bursting?.meanSpikes ?? 1) - 1)
        let inside = spec.bursting.map { fraction * ($0.meanSpikes - 1) * ($0.interval.lowerBound.value + $0.interval.upperBound.value) / 2 } ?? 0
        let bothSingle = (1 - fraction) * (1 - fraction)
        let dead = bothSingle * spec.refractory.value + (1 - bothSingle) * (spec.bursting?.separation.value ?? 0)
        eventRate = firing / spikes
        meanInterval = 1 / eventRate - inside - dead
        guard meanInterval > 0 else {
            throw FerroError.usage(
                "\(shortest(firing)) spikes/s cannot be reached with these bursts and refractory period",
                expected: "less than \(shortest((spikes / (inside + dead) * 10).rounded(.down) / 10)) Hz",
                advice: "lower the rate, the burst separation or the refractory period")
        }
    }

    /// The spikes of neuron number `neuron` in segment number `segment` of `length` frames; the same for the same seed and numbers.
    package func train(frames length: Int, seed: UInt64, segment: Int, neuron: Int) -> SimulatedTrain {
        var result = SimulatedTrain()
        guard eventRate > 0 else { return result }
        var draws = SeededGenerator(seed: seed, .train, segment: segment, index: neuron)
        let edge = rate.frames(in: SpikeTrainModel.edge)
        let refractory = max(1, Int((spec.refractory.value * rate.hertz).rounded(.up)))
        let separation = spec.bursting.map { max(refractory, Int(($0.separation.value * rate.hertz).rounded(.up))) } ?? refractory
        var slow = SlowModulation(spec.modulation, phase: draws.uniform())
        // The first interval is cut at a random place, as when watching begins.
        var next = Int(slow.advance(meanInterval * draws.gamma(shape: spec.shape) * draws.uniform(), from: 0) * rate.hertz)
        var afterBurst = false
        while true {
            let isBurst = draws.uniform() < (spec.bursting?.fraction ?? 0)
            if !result.frames.isEmpty { next += afterBurst || isBurst ? separation : refractory }
            let first = result.frames.count
            var frame = next
            var size = 1.0
            var count = 1
            if isBurst, let bursting = spec.bursting { count = bursting.drawSpikes(&draws) }
            for spike in 0..<count {
                if spike > 0, let bursting = spec.bursting {
                    frame += max(refractory, Int((draws.uniform(in: bursting.interval) * rate.hertz).rounded()))
                    size *= 1 - bursting.decrement
                }
                result.frames.append(frame)
                result.sizes.append(Float(size * max(0.2, 1 + spec.amplitudeJitter * draws.normal())))
            }
            if frame >= length - edge {
                // The event that does not fit is dropped whole.
                result.frames.removeLast(count)
                result.sizes.removeLast(count)
                break
            }
            if next < edge {
                result.frames.removeLast(count)
                result.sizes.removeLast(count)
            } else if isBurst {
                result.bursts.append(first..<first + count)
            }
            afterBurst = isBurst
            let interval = meanInterval * draws.gamma(shape: spec.shape)
            next = frame + Int((slow.advance(interval, from: rate.seconds(frame)) * rate.hertz).rounded())
        }
        return result
    }

    private static func check(_ spec: NeuronSpec) throws {
        guard spec.rate.value >= 0, spec.rateSpread >= 0, spec.rateSpread <= 3 else {
            throw FerroError.usage(
                "a rate of \(spec.rate) with a spread of \(shortest(spec.rateSpread)) is impossible", expected: "a rate from 0 up, a spread of 0 to 3")
        }
        guard spec.shape >= 1, spec.shape <= 100 else {
            throw FerroError.usage("a shape of \(shortest(spec.shape)) is not supported", expected: "1 (Poisson) to 100 (nearly regular)")
        }
        guard spec.refractory.value > 0 else { throw FerroError.usage("a refractory period of \(spec.refractory) is impossible", expected: "such as `2 ms`") }
        guard spec.snr >= 0, (0...0.5).contains(spec.amplitudeJitter) else {
            throw FerroError.usage(
                "snr \(shortest(spec.snr)), amplitude jitter \(shortest(spec.amplitudeJitter)) are out of range", expected: "snr from 0 up, jitter 0 to 0.5")
        }
        if let modulation = spec.modulation {
            guard (0..<1).contains(modulation.depth), modulation.period.value > 0 else {
                throw FerroError.usage(
                    "a modulation of depth \(shortest(modulation.depth)) and period \(modulation.period) is impossible", expected: "a depth of 0 to below 1")
            }
        }
        guard let bursting = spec.bursting else { return }
        guard (0...1).contains(bursting.fraction), (0..<1).contains(bursting.decrement) else {
            throw FerroError.usage(
                "burst fraction \(shortest(bursting.fraction)), decrement \(shortest(bursting.decrement)) are out of range", expected: "fractions of 1")
        }
        guard bursting.spikes.lowerBound >= 2, bursting.spikes.upperBound <= 50 else {
            throw FerroError.usage("bursts of \(bursting.spikes.lowerBound) to \(bursting.spikes.upperBound) spikes are not supported", expected: "2 to 50")
        }
        guard bursting.interval.lowerBound >= spec.refractory else {
            throw FerroError.usage(
                "the intervals inside bursts begin at \(bursting.interval.lowerBound), within the refractory period of \(spec.refractory)",
                advice: "let them begin at \(spec.refractory) or later")
        }
        guard bursting.separation >= bursting.interval.upperBound else {
            throw FerroError.usage(
                "bursts \(bursting.separation) apart cannot be told from the spikes inside them, up to \(bursting.interval.upperBound) apart",
                advice: "use a separation of \(Seconds(bursting.interval.upperBound.value * 2)) or more")
        }
    }
}

extension BurstingSpec {
    /// Probabilities of each number of spikes, each half as frequent as the one before.
    private var weights: [Double] {
        let weights = spikes.map { exp2(-Double($0 - spikes.lowerBound)) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }

    package var meanSpikes: Double {
        zip(spikes, weights).reduce(0) { $0 + Double($1.0) * $1.1 }
    }

    func drawSpikes(_ draws: inout SeededGenerator) -> Int {
        var remaining = draws.uniform()
        for (count, weight) in zip(spikes, weights) {
            remaining -= weight
            if remaining < 0 { return count }
        }
        return spikes.upperBound
    }
}

/// Stretches intervals so that the rate follows 1 + depth sin(2 pi t/period + phase).
struct SlowModulation {
    private let depth: Double
    private let angular: Double
    private let phase: Double

    init(_ spec: ModulationSpec?, phase: Double) {
        depth = spec?.depth ?? 0
        angular = spec.map { 2 * .pi / $0.period.value } ?? 0
        self.phase = 2 * .pi * phase
    }

    /// Seconds after `time` at which the integral of the modulation reaches `interval`, by bisection.
    mutating func advance(_ interval: Double, from time: Double) -> Double {
        guard depth > 0 else { return interval }
        let start = cos(angular * time + phase)
        var low = interval / (1 + depth)
        var high = interval / (1 - depth)
        for _ in 0..<60 where high - low > 1e-9 {
            let middle = (low + high) / 2
            let reached = middle - depth / angular * (cos(angular * (time + middle) + phase) - start)
            if reached < interval { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}
