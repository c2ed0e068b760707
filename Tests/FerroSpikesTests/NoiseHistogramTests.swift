// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroSpikes
import Foundation
import Testing

func normal(_ generator: inout SeededGenerator) -> Double {
    (-2 * log(1 - generator.uniform())).squareRoot() * cos(2 * .pi * generator.uniform())
}

func exactMedian(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}

func exactNoise(_ values: [Float]) -> Double {
    let values = values.map(Double.init)
    let median = exactMedian(values)
    return exactMedian(values.map { abs($0 - median) }) / NoiseHistogram.normalDeviation
}

func block(of columns: [[Float]]) -> SignalBlock {
    var block = SignalBlock(frames: 0..<columns[0].count, channels: columns.count)
    for (channel, column) in columns.enumerated() {
        for (frame, value) in column.enumerated() { block[frame, channel] = value }
    }
    return block
}

/// Kinds of signal a noise estimate has to stand.
enum Signal: String, CaseIterable, Sendable {
    case quiet, ordinary, loud, quantised, quantisedOffset, offset, farOffset, skewed, glitch, heavyTailed, wandering, uniform

    func samples(_ count: Int) -> [Float] {
        var generator = SeededGenerator(seed: 17, stream: UInt64(Signal.allCases.firstIndex(of: self)!))
        return (0..<count).map { index in
            let noise = normal(&generator)
            return switch self {
            case .quiet: Float(0.3 * noise)
            case .ordinary: Float(10 * noise)
            case .loud: Float(900 * noise)
            case .quantised: Float((12 * noise / 0.195).rounded() * 0.195)
            case .quantisedOffset: Float((12 * noise / 0.195).rounded() * 0.195 + 3210)
            case .offset: Float(10 * noise - 5000)
            case .farOffset: Float(25 * noise + 250_000)
            case .skewed: Float(10 * noise) - (generator.uniform() < 0.05 ? Float(60 + 300 * generator.uniform()) : 0)
            case .glitch: index % 5000 == 77 ? (index % 2 == 0 ? -6_000_000 : 2e8) : Float(8 * noise)
            case .heavyTailed: Float(10 * noise / max(abs(normal(&generator)), 1e-6))
            case .wandering: Float(6 * noise + 800 * sin(Double(index) / 3000))
            case .uniform: Float(100 * generator.uniform())
            }
        }
    }
}

@Suite("NoiseHistogram")
struct NoiseHistogramTests {
    @Test("noise is within 1e-3 of its exact value", arguments: Signal.allCases)
    func accuracy(signal: Signal) throws {
        let samples = signal.samples(60_001)
        var histogram = NoiseHistogram(channels: 1)
        let whole = block(of: [samples])
        histogram.add(whole, frames: whole.frames)
        let noise = try #require(histogram.noise()[0])
        let exact = exactNoise(samples)
        #expect(abs(noise - exact) <= 1e-3 * exact, "\(signal): \(noise) for \(exact), off by \(abs(noise - exact) / exact)")
    }

    @Test("neither the order of adding nor of merging matters, bit by bit")
    func order() {
        let columns = [Signal.ordinary, .glitch, .offset, .heavyTailed, .loud].map { $0.samples(20_000) }
        let whole = block(of: columns)
        var atOnce = NoiseHistogram(channels: 5)
        atOnce.add(whole, frames: whole.frames)
        let parts = stride(from: 0, to: 20_000, by: 1250).map { first in
            var part = NoiseHistogram(channels: 5)
            part.add(whole.slice(first..<first + 1250), frames: first..<first + 1250)
            return part
        }
        var forward = NoiseHistogram(channels: 5)
        for part in parts { forward.merge(part) }
        var backward = NoiseHistogram(channels: 5)
        for part in parts.reversed() { backward.merge(part) }
        var pairs = NoiseHistogram(channels: 5)
        for first in stride(from: 0, to: parts.count, by: 2) {
            var pair = parts[first + 1]
            pair.merge(parts[first])
            pairs.merge(pair)
        }
        var reversed = NoiseHistogram(channels: 5)
        let mirror = block(of: columns.map { $0.reversed() })
        reversed.add(mirror, frames: mirror.frames)
        for other in [forward, backward, pairs, reversed] {
            #expect(other == atOnce)
            #expect(other.noise() == atOnce.noise())
            #expect(other.medians() == atOnce.medians())
        }
    }

    @Test("blocks counted together, whole or in stretches, are those counted one after the other", arguments: [1, 3, 7, 16, 19])
    func together(channels: Int) {
        let columns = (0..<channels).map { Signal.allCases[$0 % Signal.allCases.count].samples(70_001) }
        let whole = block(of: columns)
        var single = NoiseHistogram(channels: channels)
        let cuts = [0, 5, 2053, 20_000, 20_016, 70_001]
        let blocks = zip(cuts, cuts.dropFirst()).map { whole.slice($0..<$1) }
        for block in blocks { single.add(block, frames: block.frames) }
        var together = NoiseHistogram(channels: channels)
        together.add(blocks.map { SampleColumns(of: $0, frames: $0.frames) })
        #expect(together == single)
        #expect(together.noise() == single.noise())
    }

    @Test("of each second frame, those with an even number count, however blocks are cut", arguments: [1, 2, 3, 7, 16, 19])
    func everySecond(channels: Int) {
        let columns = (0..<channels).map { Signal.allCases[$0 % Signal.allCases.count].samples(40_001) }
        let whole = block(of: columns)
        let even = block(of: columns.map { column in stride(from: 0, to: column.count, by: 2).map { column[$0] } })
        var expected = NoiseHistogram(channels: channels)
        expected.add(even, frames: even.frames)
        for cuts in [[0, 40_001], [0, 5, 2053, 2054, 20_000, 20_031, 40_001], [0, 31, 32, 63, 96, 40_001]] {
            var halved = NoiseHistogram(channels: channels)
            halved.add(zip(cuts, cuts.dropFirst()).map { SampleColumns(of: whole, frames: $0..<$1, everySecond: true) })
            #expect(halved == expected)
            var parts = NoiseHistogram(channels: channels)
            for (first, end) in zip(cuts, cuts.dropFirst()) {
                let slice = whole.slice(first..<end)
                parts.add([SampleColumns(of: slice, frames: slice.frames, everySecond: true)])
            }
            #expect(parts == expected)
        }
    }

    @Test("a histogram whose width was chosen by a first look is the one that grew sample by sample", arguments: Signal.allCases)
    func firstLook(signal: Signal) {
        let samples = signal.samples(3_000)
        var looked = NoiseHistogram(channels: 1)
        looked.add(block(of: [samples]), frames: 0..<samples.count)
        var grown = NoiseHistogram(channels: 1)
        for frame in samples.indices { grown.add(block(of: [samples]), frames: frame..<frame + 1) }
        #expect(looked == grown)
    }

    @Test("no samples is no noise; a constant or mostly constant channel is silent")
    func silence() {
        #expect(NoiseHistogram(channels: 2).noise() == [nil, nil])
        let mostly = (0..<3000).map { Float($0 % 3 == 0 ? $0 % 50 : 7) }
        let flat = block(of: [Array(repeating: 0, count: 3000), Array(repeating: 1234.5, count: 3000), mostly])
        var histogram = NoiseHistogram(channels: 3)
        histogram.add(flat, frames: flat.frames)
        #expect(histogram.noise() == [0, 0, 0])
    }

    @Test("a part of a block counts as that part")
    func part() {
        let samples = Signal.ordinary.samples(5000)
        var part = NoiseHistogram(channels: 1)
        part.add(block(of: [samples]), frames: 1000..<3000)
        var slice = NoiseHistogram(channels: 1)
        let cut = block(of: [Array(samples[1000..<3000])])
        slice.add(cut, frames: cut.frames)
        #expect(part == slice)
    }
}
