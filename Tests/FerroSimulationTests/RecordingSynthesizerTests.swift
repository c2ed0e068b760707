// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroSimulation
import Foundation
import Testing

@Suite struct RecordingSynthesizerTests {
    private func spec(
        seed: UInt64 = 1, seconds: Double = 2, hertz: Double = 30_000, channels: Int = 11, neurons: [NeuronSpec] = [],
        background: BackgroundSpec = BackgroundSpec(), resolution: Double = 0.1, gaps: [GapSpec] = []
    ) throws -> RecordingSpec {
        RecordingSpec(
            seed: seed, duration: Seconds(seconds), rate: try SampleRate(hertz: hertz),
            electrodes: ElectrodeLayout(geometry: .linear, count: channels, pitch: Micrometres(25)), neurons: neurons,
            background: background, storage: StorageSpec(resolution: Microvolts(resolution)), gaps: gaps)
    }

    private func samples(_ spec: RecordingSpec, blockFrames: Int = 16_384) throws -> [Int16] {
        var all: [Int16] = []
        var synthesizer = RecordingSynthesizer(try RecordingPlan(spec), blockFrames: blockFrames)
        try synthesizer.run { counts, frames in
            #expect(frames.lowerBound == all.count / spec.electrodes.count)
            all += counts
        }
        return all
    }

    private func channel(_ samples: [Int16], _ index: Int, of channels: Int, scale: Double) -> [Double] {
        stride(from: index, to: samples.count, by: channels).map { Double(samples[$0]) * scale }
    }

    private func deviation(_ values: [Double]) -> Double {
        let mean = values.reduce(0, +) / Double(values.count)
        return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
    }

    @Test func samplesDoNotDependOnBlocks() throws {
        let neurons = (0..<3).map { _ in NeuronSpec(snr: 10, rate: Hertz(30), bursting: BurstingSpec(fraction: 0.2)) }
        let background = BackgroundSpec(
            noise: Microvolts(5), commonNoise: Microvolts(3), lfp: Microvolts(100), shared: 0.7,
            theta: ThetaSpec(frequency: Hertz(8), amplitude: Microvolts(100)))
        let whole = try spec(neurons: neurons, background: background, gaps: [GapSpec(after: Seconds(0.7), duration: Seconds(1))])
        let reference = try samples(whole, blockFrames: 100_000)
        #expect(reference.count == 60_000 * 11)
        #expect(try samples(whole, blockFrames: 1) == reference)
        #expect(try samples(whole, blockFrames: 1000) == reference)
        #expect(try samples(spec(seed: 2, neurons: neurons, background: background)) != reference)
    }

    @Test func theFirstChannelsDoNotDependOnHowManyThereAre() throws {
        let few = try samples(spec(seconds: 0.2, channels: 3))
        let many = try samples(spec(seconds: 0.2, channels: 20))
        for index in 0..<3 { #expect(channel(few, index, of: 3, scale: 1) == channel(many, index, of: 20, scale: 1)) }
    }

    @Test func noiseHasTheDeviationAskedFor() throws {
        let found = try samples(spec(background: BackgroundSpec(noise: Microvolts(6), commonNoise: Microvolts(8))))
        let channels = (0..<11).map { channel(found, $0, of: 11, scale: 0.1) }
        for values in channels { #expect(abs(deviation(values) - 10) < 0.15) }
        let difference = deviation(zip(channels[0], channels[10]).map { $0 - $1 })
        #expect(abs(difference - 6 * 2.0.squareRoot()) < 0.15)
    }

    @Test func fieldPotentialHasItsDeviationAndSharedPart() throws {
        let background = BackgroundSpec(noise: Microvolts(0), lfp: Microvolts(100), exponent: 1, shared: 0.75)
        let found = try samples(spec(seconds: 120, hertz: 2000, channels: 2, background: background))
        let (a, b) = (channel(found, 0, of: 2, scale: 0.1), channel(found, 1, of: 2, scale: 0.1))
        // Slow components fluctuate: 0.5 Hz makes some 190 independent values in two minutes.
        #expect(abs(deviation(a) - 100) < 10)
        let correlation = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / Double(a.count) / deviation(a) / deviation(b)
        #expect(abs(correlation - 0.75) < 0.08)
    }

    /// Power at a frequency by correlation with sine and cosine over windows of two seconds, Hann-weighted.
    private func power(_ values: [Double], rate: Double, at frequency: Double) -> Double {
        let window = Int(2 * rate)
        var sum = 0.0
        var count = 0.0
        for first in stride(from: 0, through: values.count - window, by: window) {
            var (real, imaginary) = (0.0, 0.0)
            for index in 0..<window {
                let hann = 0.5 - 0.5 * cosine(2 * .pi * Double(index) / Double(window))
                let angle = 2 * .pi * frequency * Double(index) / rate
                real += values[first + index] * hann * cosine(angle)
                imaginary += values[first + index] * hann * cosine(angle - .pi / 2)
            }
            sum += real * real + imaginary * imaginary
            count += 1
        }
        // One-sided density: 2/(rate * sum of squared weights).
        return sum / count * 2 / (rate * Double(window) * 0.375)
    }

    @Test func thetaPeaksWhereAskedWithItsPower() throws {
        let theta = ThetaSpec(frequency: Hertz(8), amplitude: Microvolts(100))
        let found = try samples(spec(seconds: 120, hertz: 1250, channels: 1, background: BackgroundSpec(noise: Microvolts(5), theta: theta)))
        let values = channel(found, 0, of: 1, scale: 0.1)
        let powers = stride(from: 4.0, through: 12, by: 0.5).map { (frequency: $0, power: power(values, rate: 1250, at: $0)) }
        let peak = powers.max { $0.power < $1.power }!
        #expect(abs(peak.frequency - 8) <= 0.5)
        #expect(peak.power > 50 * powers[0].power)
        #expect(abs(deviation(values) - (5000.0 + 25).squareRoot()) < 12)
    }

    @Test(arguments: [0.5, 1.0, 1.5]) func spectrumFallsWithTheExponent(exponent: Double) throws {
        let background = BackgroundSpec(noise: Microvolts(0), lfp: Microvolts(200), exponent: exponent, shared: 0)
        let found = try samples(spec(seconds: 100, hertz: 2000, channels: 4, background: background))
        let frequencies = [2.0, 4, 8, 16, 32, 64]
        let levels = frequencies.map { frequency in
            logarithm((0..<4).map { power(channel(found, $0, of: 4, scale: 0.1), rate: 2000, at: frequency) }.reduce(0, +))
        }
        // Least-squares slope in log-log coordinates.
        let x = frequencies.map(logarithm)
        let (meanX, meanY) = (x.reduce(0, +) / 6, levels.reduce(0, +) / 6)
        let slope = zip(x, levels).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) } / x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
        #expect(abs(slope + exponent) < 0.12)
    }

    @Test func troughsStandOnTheFramesOfTheTruth() throws {
        let neuron = NeuronSpec(place: .electrode(2), snr: 20, rate: Hertz(5), amplitudeJitter: 0)
        let quiet = try spec(seconds: 5, neurons: [neuron], background: BackgroundSpec(noise: Microvolts(1)))
        let plan = try RecordingPlan(quiet)
        let train = plan.neurons[0].trains[0]
        #expect(train.frames.count > 8)
        var silent = quiet
        silent.neurons = []
        let (with, without) = (try samples(quiet), try samples(silent))
        for frame in train.frames {
            let around = (frame - 20...frame + 30).map { Double(with[$0 * 11 + 2]) - Double(without[$0 * 11 + 2]) }
            #expect(around.indices.min { around[$0] < around[$1] } == 20)
            #expect(abs(-around[20] * 0.1 - plan.neurons[0].amplitude) < 0.11)
            // Nearest site largest, and nothing 200 um away but a trace.
            let across = (0..<11).map { Double(without[frame * 11 + $0]) - Double(with[frame * 11 + $0]) }
            #expect(across.indices.max { across[$0] < across[$1] } == 2)
            #expect(across[10] < 0.05 * across[2])
        }
    }

    @Test func saturationIsCounted() throws {
        let loud = try spec(seconds: 0.1, background: BackgroundSpec(noise: Microvolts(3000)), resolution: 0.1)
        var synthesizer = RecordingSynthesizer(try RecordingPlan(loud))
        var extremes = 0
        try synthesizer.run { counts, _ in extremes += counts.count { $0 == .max || $0 == .min } }
        // Two-sided tail beyond 3276.75/3000 standard deviations: 0.2747 of 33 000 samples.
        #expect(abs(Double(extremes) - 9065) < 450)
        #expect(synthesizer.saturated <= extremes && synthesizer.saturated > extremes - 20)
    }

    @Test func gapsMakeSegments() throws {
        let plan = try RecordingPlan(spec(gaps: [GapSpec(after: Seconds(0.5), duration: Seconds(4.5))]))
        #expect(plan.segments == [Segment(frames: 0..<15_000, start: 0), Segment(frames: 15_000..<60_000, start: 5)])
        #expect(throws: FerroError.self) { try RecordingPlan(spec(gaps: [GapSpec(after: Seconds(3), duration: Seconds(1))])) }
    }

    @Test func spikesNeedTheirBand() throws {
        #expect(throws: FerroError.self) { try RecordingPlan(spec(hertz: 10_000, neurons: [NeuronSpec(snr: 5, rate: Hertz(1))])) }
    }

    private func cosine(_ x: Double) -> Double { cos(x) }
    private func logarithm(_ x: Double) -> Double { log(x) }
}
