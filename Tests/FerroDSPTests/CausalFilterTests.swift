// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroDSP
import Testing

@Suite struct CausalFilterTests {
    @Test func equalsSciPyToTheRoundingOfFloat32() throws {
        for reference in try readReference("filtered.json", as: FilteredReference.self).cases {
            let result = CausalFilter(try reference.sections()).whole(block([reference.input])).channel(0)
            for (index, expected) in zip(reference.index, reference.causal) {
                let allowed = 1e-6 * max(reference.causal_rms, abs(expected)) + 1e-12
                #expect(abs(Double(result[index]) - expected) < allowed, "\(reference.name) frame \(index): \(result[index]) \(expected)")
            }
        }
    }

    @Test(arguments: [(3, 300.0, 6000.0, 30_000.0), (8, 300, 6000, 30_000), (3, 4, 12, 1250), (2, 0.5, 12, 1250)])
    func chunkedEqualsWhole(order: Int, low: Double, high: Double, rate: Double) throws {
        let filter = CausalFilter(try Butterworth(order: order).bandpass(low: low, high: high, at: SampleRate(hertz: rate)))
        let input = referenceBlock(frames: 40_000, channels: 1)
        let whole = filter.whole(input).channel(0)
        for step in [20_001, 3000] {
            let parts = filter.chunked(input, step: step)
            #expect(largestDifference(whole, parts.channel(0)) < 1e-5 * rms(whole), "step \(step)")
            #expect(filter.chunked(input, step: step, extra: 77).samples == parts.samples)
        }
    }

    @Test func theFutureDoesNotMatter() throws {
        let filter = CausalFilter(try Butterworth(order: 3).bandpass(300...6000, at: SampleRate(hertz: 30_000)))
        let signal = referenceSignal(frames: 2000, seed: 2, offset: 0)
        let whole = filter.whole(block([signal])).channel(0)
        let half = filter.whole(block([Array(signal[..<1000])])).channel(0)
        #expect(Array(whole[..<1000]) == half)
    }

    @Test(arguments: [1, 3, 4, 7, 8, 16, 33])
    func everyChannelIsFilteredAlike(channels: Int) throws {
        let filter = CausalFilter(try Butterworth(order: 2).highpass(300, at: SampleRate(hertz: 15_000)))
        let input = referenceBlock(frames: 300, channels: channels)
        let result = filter.whole(input)
        for channel in 0..<channels {
            #expect(result.channel(channel) == filter.whole(block([input.channel(channel)])).channel(0))
        }
        for column in channels..<result.paddedChannels { #expect((0..<300).allSatisfy { result[$0, column] == 0 }) }
    }
}
