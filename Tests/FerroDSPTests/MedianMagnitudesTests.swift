// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroDSP
import Testing

/// The sum of twelve uniform numbers less their mean: variance 1.
private func gaussian(_ generator: inout SeededGenerator) -> Float {
    Float((0..<12).reduce(-6) { sum, _ in sum + generator.uniform() })
}

@Suite("Median magnitudes")
struct MedianMagnitudesTests {
    @Test("all samples of a short block give the exact median", arguments: [1, 2, 3, 5, 16, 17, 40])
    func short(channels: Int) {
        var generator = SeededGenerator(seed: 4)
        var block = SignalBlock(frames: 10..<410, channels: channels)
        for frame in block.frames {
            for channel in 0..<channels { block[frame, channel] = gaussian(&generator) * Float(channel + 1) }
        }
        let core = 12..<(channels > 8 ? 300 : 396)
        for (channel, found) in medianMagnitudes(of: block, over: core).enumerated() {
            let sorted = core.map { abs(block[$0, channel]) }.sorted()
            let exact = Double(sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
            // Panels of sixteen channels are seen whole; of fewer channels the mean of the medians of interleaved samples is told.
            #expect(abs(found - exact) <= (channels > 8 ? 1e-6 : 0.25) * exact, "channel \(channel)")
        }
    }

    @Test("samples spread over a long block tell Gaussian noise to a fifth", arguments: [1, 4, 16, 33])
    func long(channels: Int) {
        var generator = SeededGenerator(seed: 9)
        var block = SignalBlock(frames: 0..<9000, channels: channels)
        for frame in block.frames {
            for channel in 0..<channels { block[frame, channel] = gaussian(&generator) * 8 }
        }
        for found in medianMagnitudes(of: block, over: 20..<8950) { #expect(abs(found / 0.6745 - 8) < 1.6) }
    }

    @Test("too few samples give nothing")
    func few() {
        #expect(medianMagnitudes(of: SignalBlock(frames: 0..<5, channels: 2), over: 0..<5) == [0, 0])
        #expect(medianMagnitudes(of: SignalBlock(frames: 0..<5, channels: 2), over: 3..<3) == [0, 0])
    }
}
