// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroDSP
import Testing

@Suite struct WelchSpectrumTests {
    struct Reference: Decodable {
        struct Case: Decodable {
            var frames: Int, window: Int, overlap: Int, taper: Taper, rate: Double, seed: UInt64, offset: Int
            var index: [Int], frequency: [Double], density: [Double], sum: Double
        }
        var cases: [Case]
    }

    private func spectrum(_ blocks: [SignalBlock], window: Int, overlap: Int? = nil, taper: Taper = .hann, rate: Double = 1000) throws -> Spectrum? {
        var welch = try WelchSpectrum(
            windowFrames: window, overlapFrames: overlap, taper: taper, rate: SampleRate(hertz: rate), channels: blocks[0].channels)
        welch.beginSegment()
        for block in blocks { welch.append(block) }
        return welch.finish()
    }

    @Test func equalsSciPy() throws {
        for reference in try readReference("welch.json", as: Reference.self).cases {
            let input = block([referenceSignal(frames: reference.frames, seed: reference.seed, offset: reference.offset)])
            let result = try #require(
                try spectrum(
                    [input], window: reference.window, overlap: reference.overlap, taper: reference.taper, rate: reference.rate))
            #expect(result.windows == (reference.frames - reference.overlap) / (reference.window - reference.overlap))
            for (place, index) in reference.index.enumerated() {
                #expect(abs(result.frequencies[index] - reference.frequency[place]) < 1e-9)
                // The bin at 0 Hz of a boxcar holds the rounding of the mean alone.
                let floor = 1e-12 * reference.sum
                #expect(abs(result.power[0][index] - reference.density[place]) < 1e-9 * reference.density[place] + floor)
            }
            #expect(abs(result.power[0].reduce(0, +) - reference.sum) < 1e-9 * reference.sum)
        }
    }

    @Test(arguments: [1, 3, 4, 7, 8, 16, 33])
    func blocksAndChannelsDoNotMatter(channels: Int) throws {
        let input = referenceBlock(frames: 2000, channels: channels)
        let whole = try #require(try spectrum([input], window: 300))
        for step in [1, 77, 300, 1999] {
            let blocks = stride(from: 0, to: 2000, by: step).map { input.slice($0..<min($0 + step, 2000)) }
            #expect(try spectrum(blocks, window: 300) == whole)
        }
        let alone = try #require(try spectrum([block([input.channel(channels - 1)])], window: 300))
        #expect(alone.power[0] == whole.power[channels - 1])
    }

    @Test func windowsDoNotCrossSegmentsAndFallInEachAlike() throws {
        let first = referenceBlock(frames: 700, channels: 2)
        let second = block([referenceSignal(frames: 500, seed: 12, offset: 9000), referenceSignal(frames: 500, seed: 13, offset: 0)])
        var welch = try WelchSpectrum(windowFrames: 200, rate: SampleRate(hertz: 1000), channels: 2)
        welch.beginSegment()
        welch.append(first)
        welch.beginSegment()
        welch.append(second)
        welch.beginSegment()
        // Too short for a window: adds none.
        welch.append(first.slice(0..<199))
        let both = try #require(welch.finish())
        #expect(both.windows == 6 + 4)
        let one = try #require(try spectrum([first], window: 200))
        let two = try #require(try spectrum([second], window: 200))
        for bin in both.frequencies.indices {
            let expected = (6 * one.power[0][bin] + 4 * two.power[0][bin]) / 10
            #expect(abs(both.power[0][bin] - expected) < 1e-12 * expected)
        }
    }

    @Test func parsevalHolds() throws {
        let input = referenceSignal(frames: 512, seed: 6, offset: 77)
        let result = try #require(try spectrum([block([input])], window: 512, taper: .boxcar))
        let values = input.map(Double.init)
        let mean = values.reduce(0, +) / 512
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 512
        #expect(abs(result.power[0].reduce(0, +) * result.resolution - variance) < 1e-10 * variance)
    }

    @Test func tooShortIsNilAndImpossibleWindowsAreRefused() throws {
        let short = referenceBlock(frames: 99, channels: 1)
        #expect(try spectrum([short], window: 100) == nil)
        #expect { try spectrum([short], window: 1) } throws: { ($0 as? FerroError)?.kind == .usage }
        #expect { try spectrum([short], window: 50, overlap: 50) } throws: { ($0 as? FerroError)?.kind == .usage }
        #expect { try spectrum([short], window: 50, overlap: -1) } throws: { ($0 as? FerroError)?.kind == .usage }
    }
}
