// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroDSP
import Testing

@Suite struct ZeroPhaseFilterTests {
    @Test func equalsSciPyToTheRoundingOfFloat32() throws {
        for reference in try readReference("filtered.json", as: FilteredReference.self).cases {
            let filter = ZeroPhaseFilter(try reference.sections())
            #expect(filter.extensionFrames == reference.`extension`)
            let result = filter.whole(block([reference.input])).channel(0)
            for (index, expected) in zip(reference.index, reference.zero_phase) {
                let allowed = 1e-6 * max(reference.zero_phase_rms, abs(expected)) + 1e-12
                #expect(abs(Double(result[index]) - expected) < allowed, "\(reference.name) frame \(index): \(result[index]) \(expected)")
            }
        }
    }

    @Test(arguments: [
        ("bandpass", 3, 300.0, 6000.0, 30_000.0, 12_000), ("bandpass", 5, 300, 6000, 30_000, 12_000),
        ("bandpass", 8, 300, 6000, 30_000, 12_000), ("bandpass", 3, 4, 12, 1250, 30_000),
        ("bandpass", 3, 0.5, 12, 1250, 100_000), ("bandpass", 2, 4, 12, 30_000, 300_000),
        ("highpass", 3, 0.5, 0, 1250, 60_000), ("lowpass", 4, 0, 300, 30_000, 12_000),
    ])
    func chunkedEqualsWhole(kind: String, order: Int, low: Double, high: Double, rate: Double, frames: Int) throws {
        struct Design: NamedDesign { var kind: String, order: Int, low: Double, high: Double, rate: Double }
        let filter = ZeroPhaseFilter(try Design(kind: kind, order: order, low: low, high: high, rate: rate).sections())
        let input = referenceBlock(frames: frames, channels: 1)
        let whole = filter.whole(input).channel(0)
        for step in [frames / 2 + 1, frames / 7] {
            let parts = filter.chunked(input, step: step).channel(0)
            let error = largestDifference(whole, parts) / rms(whole)
            #expect(error < 1e-5, "\(kind) \(low)-\(high), step \(step): \(error)")
        }
    }

    @Test func bitsDependOnTheGridAlone() throws {
        let filter = ZeroPhaseFilter(try Butterworth(order: 3).bandpass(300...6000, at: SampleRate(hertz: 30_000)))
        let input = referenceBlock(frames: 5000, channels: 5)
        let plain = filter.chunked(input, step: 900)
        for extra in [1, 17, 5000] { #expect(filter.chunked(input, step: 900, extra: extra).samples == plain.samples) }
        // Neighbouring channels, and how many there are, change nothing.
        let alone = filter.chunked(block([input.channel(3)]), step: 900)
        #expect(alone.channel(0) == plain.channel(3))
    }

    @Test(arguments: [1, 2, 3, 5])
    func severalBlocksAtOnceHaveTheSameBits(channels: Int) throws {
        for sections in [
            try Butterworth(order: 3).bandpass(300...6000, at: SampleRate(hertz: 30_000)),
            try Butterworth(order: 8).lowpass(900, at: SampleRate(hertz: 15_000)),
        ] {
            let laws = TransformLaws(name: "zero phase, \(channels) channels", transform: ZeroPhaseFilter(sections))
            laws.several(referenceBlock(frames: 9000, channels: channels), step: 700)
        }
    }

    /// A last panel of one to eight channels is cut along time where a block lies well inside the segment.
    @Test(arguments: [17, 18, 19, 21, 24, 25, 33])
    func lastPanelsOfFewChannelsAreThoseOfTheWhole(channels: Int) throws {
        let sections = try Butterworth(order: 5).bandpass(300...6000, at: SampleRate(hertz: 30_000))
        let input = referenceBlock(frames: 13_001, channels: channels)
        for filter in [ZeroPhaseFilter(sections), CausalFilter(sections)] as [any SignalTransform] {
            let whole = filter.whole(input)
            let limit = 1e-5 * rms(whole.samples)
            for step in [4000, 4096, 5001] {
                let chunked = filter.chunked(input, step: step)
                let error = largestDifference(chunked.samples, whole.samples)
                #expect(error <= limit, "\(type(of: filter)), \(channels) channels, blocks of \(step): \(error) of \(limit)")
                #expect(filter.chunked(input, step: step, extra: 33).samples == chunked.samples)
                for start in stride(from: 0, to: 13_001, by: step) {
                    let wanted = start..<min(start + step, 13_001)
                    let held = input.slice(filter.inputFrames(for: wanted, segmentFrames: 13_001))
                    let taken = filter.apply(consuming: held, producing: wanted, segmentFrames: 13_001)
                    #expect(taken.samples == chunked.slice(wanted).samples)
                }
            }
        }
    }

    @Test(arguments: [1, 3, 4, 7, 8, 16, 33, 64])
    func everyChannelIsFilteredAlike(channels: Int) throws {
        let filter = ZeroPhaseFilter(try Butterworth(order: 2).bandpass(300...5000, at: SampleRate(hertz: 15_000)))
        let input = referenceBlock(frames: 400, channels: channels)
        let result = filter.whole(input)
        for channel in 0..<channels {
            #expect(result.channel(channel) == filter.whole(block([input.channel(channel)])).channel(0))
        }
        for column in channels..<result.paddedChannels { #expect((0..<400).allSatisfy { result[$0, column] == 0 }) }
    }

    @Test func filterIsLinearAndForgetsScratch() throws {
        let filter = ZeroPhaseFilter(try Butterworth(order: 3).bandpass(300...6000, at: SampleRate(hertz: 30_000)))
        let one = referenceSignal(frames: 3000, seed: 5, offset: 0)
        let two = referenceSignal(frames: 3000, seed: 9, offset: 100)
        let sum = filter.whole(block([zip(one, two).map { 2 * $0 - $1 }])).channel(0)
        let first = filter.whole(block([one])).channel(0)
        let second = filter.whole(block([two])).channel(0)
        #expect(largestDifference(sum, zip(first, second).map { 2 * $0 - $1 }) < 2e-6 * rms(sum) * 3)
        // Other data in between leave no trace.
        _ = filter.whole(block([one.map { $0 * 1e6 }]))
        #expect(filter.whole(block([one])).channel(0) == first)
    }

    @Test func anOffsetIsRemovedWithoutATransient() throws {
        let filter = ZeroPhaseFilter(try Butterworth(order: 3).bandpass(300...6000, at: SampleRate(hertz: 30_000)))
        let flat = block([[Float](repeating: 5000, count: 4000)])
        for result in [filter.whole(flat), filter.chunked(flat, step: 700)] {
            #expect(result.samples.allSatisfy { abs($0) < 1e-8 })
        }
    }

    @Test func timeShiftShiftsTheOutput() throws {
        let filter = ZeroPhaseFilter(try Butterworth(order: 3).bandpass(300...6000, at: SampleRate(hertz: 30_000)))
        let signal = referenceSignal(frames: 6000, seed: 3, offset: 0)
        let early = filter.whole(block([Array(signal[0..<5900])])).channel(0)
        let late = filter.whole(block([Array(signal[100..<6000])])).channel(0)
        #expect(largestDifference(Array(early[2000..<4000]), Array(late[1900..<3900])) < 1e-5 * rms(early))
    }

    @Test func emptyOutputIsEmpty() throws {
        let filter = ZeroPhaseFilter(try Butterworth(order: 3).bandpass(300...6000, at: SampleRate(hertz: 30_000)))
        let input = referenceBlock(frames: 3000, channels: 2)
        #expect(filter.apply(input, producing: 5..<5, segmentFrames: 3000).samples.isEmpty)
    }
}

/// `filtered.json`.
struct FilteredReference: Decodable {
    struct Case: Decodable, NamedDesign {
        var kind: String, order: Int, low: Double, high: Double, rate: Double
        var frames: Int, seed: UInt64, offset: Int, `extension`: Int, index: [Int]
        var zero_phase: [Double], zero_phase_rms: Double, causal: [Double], causal_rms: Double
        var name: String { "\(kind) \(order) \(low)-\(high) at \(rate), \(frames) frames" }
        var input: [Float] { referenceSignal(frames: frames, seed: seed, offset: offset) }
    }
    var cases: [Case]
}
