// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Testing

@testable import FerroPipeline

@Suite struct SpikeGathererTests {
    @Test func theExcerptShowsTheEightChannelsWithMostSpikesInTheirOrder() {
        func block(_ frames: SampleRange) -> SignalBlock {
            var block = SignalBlock(frames: frames, channels: 11)
            for frame in frames { for channel in 0..<11 { block[frame, channel] = Float(100 * frame + channel) } }
            return block
        }
        // Of channels with as many spikes the first are taken.
        var shown = SpikeGatherer.Shown(from: 40, spikes: [3, 0, 5, 1, 1, 9, 1, 1, 7, 1, 2])
        #expect(shown.channels == [0, 2, 3, 4, 5, 6, 8, 10])
        shown.append(block(40..<42))
        shown.append(block(42..<45))
        #expect(shown.firstFrame == 40)
        #expect(shown.samples == shown.channels.map { channel in (40..<45).map { Float(100 * $0 + channel) } })
        #expect(SpikeGatherer.Shown(from: 0, spikes: [0, 4]).channels == [0, 1])
    }
}
