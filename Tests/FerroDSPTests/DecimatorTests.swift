// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroDSP
import Foundation
import Testing

@Suite struct DecimatorTests {
    struct Reference: Decodable {
        struct Case: Decodable { var factor: Int, half: Int, frames: Int, seed: UInt64, offset: Int, output: [Double] }
        var cases: [Case]
    }

    @Test func equalsSciPyOverTheWholeSegment() throws {
        for reference in try readReference("decimated.json", as: Reference.self).cases {
            let decimator = Decimator(factor: reference.factor)
            #expect(decimator.margin == Margin(reference.half))
            let input = referenceSignal(frames: reference.frames, seed: reference.seed, offset: reference.offset)
            let result = decimator.whole(block([input])).channel(0)
            #expect(result.count == reference.output.count)
            for (value, expected) in zip(result, reference.output) {
                #expect(abs(Double(value) - expected) < 1e-6 * abs(expected) + 1e-4, "factor \(reference.factor)")
            }
        }
    }

    @Test(arguments: [2, 3, 10, 24, 30])
    func responseKeepsItsPromise(factor: Int) throws {
        let decimator = Decimator(factor: factor)
        let rate = try SampleRate(hertz: 30_000)
        let nyquist = 15_000 / Double(factor)
        let grid = (0...400).map { Double($0) / 400 }
        let ripple = grid.map { 20 * log10(abs(decimator.gain(at: $0 * 0.8 * nyquist, rate: rate))) }.map(abs).max() ?? 1
        #expect(ripple < 0.001, "\(ripple) dB")
        let stop = grid.map { 20 * log10(abs(decimator.gain(at: nyquist + $0 * (15_000 - nyquist), rate: rate)) + 1e-12) }.max() ?? 0
        #expect(stop < -80, "\(stop) dB")
        #expect(abs(decimator.gain(at: 0.9 * nyquist, rate: rate) - 0.5) < 1e-3)
    }

    @Test func sinesInBandStayInPlaceAndOthersVanish() {
        let times = (0..<15_000).map { Double($0) / 30_000 }
        let decimator = Decimator(factor: 24)
        let kept = decimator.whole(block([times.map { Float(100 * sine(400 * $0)) }])).channel(0)
        let expected = (0..<kept.count).map { Float(100 * sine(400 * Double($0) / 1250)) }
        #expect(largestDifference(Array(kept[60..<560]), Array(expected[60..<560])) < 0.01)
        // 1240 Hz would come back as 10 Hz.
        let alias = decimator.whole(block([times.map { Float(100 * sine(1240 * $0)) }])).channel(0)
        #expect(rms(Array(alias[60..<560])) < 100 * 1e-4)
    }

    @Test(arguments: [1, 3, 4, 7, 8, 16, 33, 64])
    func everyBlockGridGivesTheSameBits(channels: Int) {
        let decimator = Decimator(factor: 5)
        let input = referenceBlock(frames: 1003, channels: channels)
        let whole = decimator.whole(input)
        #expect(whole.frames == 0..<201)
        #expect(decimator.chunked(input, step: 17).samples == whole.samples)
        #expect(decimator.chunked(input, step: 40, extra: 9).samples == whole.samples)
        let alone = decimator.whole(block([input.channel(channels - 1)]))
        #expect(alone.channel(0) == whole.channel(channels - 1))
        for column in channels..<whole.paddedChannels { #expect((0..<201).allSatisfy { whole[$0, column] == 0 }) }
    }

    @Test(arguments: [1, 2, 7, 40, 500])
    func anOffsetAndASlopeStayAsTheyAre(frames: Int) {
        let flat = Decimator(factor: 8).whole(block([[Float](repeating: 3000, count: frames)]))
        #expect(flat.channel(0).count == (frames + 7) / 8)
        #expect(flat.channel(0).allSatisfy { abs($0 - 3000) < 0.002 })
        guard frames > 250 else { return }
        let slope = Decimator(factor: 8).whole(block([(0..<frames).map { Float($0) }])).channel(0)
        #expect(slope.enumerated().allSatisfy { abs($1 - Float(8 * $0)) < 0.002 })
    }

    @Test func factorOneIsTheSignal() {
        let input = referenceBlock(frames: 100, channels: 3)
        let one = Decimator(factor: 1)
        #expect(one.margin == .none)
        #expect(one.whole(input).samples == input.samples)
        #expect(one.apply(input, producing: 10..<20, segmentFrames: 100).samples == input.slice(10..<20).samples)
    }

    @Test func factorsComeFromRatesThatDivide() throws {
        func factor(_ rate: Double, _ target: Double) throws -> Int {
            try Decimator.factor(from: SampleRate(hertz: rate), to: SampleRate(hertz: target))
        }
        #expect(try factor(30_000, 1250) == 24)
        #expect(try factor(30_000.07, 1250) == 24)
        #expect(try factor(1250, 1250) == 1)
        #expect { try factor(20_000, 1250 * 1.05) } throws: { "\($0)".contains("1.25 kHz") && "\($0)".contains("1.33") }
        #expect { try factor(800, 1250) } throws: { ($0 as? FerroError)?.kind == .usage }
        #expect { try factor(1000, 990) } throws: { ($0 as? FerroError)?.kind == .usage }
    }
}
