// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Testing

@testable import FerroRecordings

/// Sixteen channels looked at side by side show what each shows alone.
@Suite struct UnsafeExtremesTests {
    private static let rows = 500

    /// Noise in steps, with what one channel or another has beside it.
    private func sample(_ generator: inout SeededGenerator, _ channel: Int, _ row: Int) -> Float {
        let noise = Float((40 * generator.uniform()).rounded())
        switch channel {
        case 3: return row == 17 ? .nan : noise
        case 5: return row == 0 ? .infinity : noise
        case 7: return min(noise, 20)
        case 9: return 12
        case 11: return noise + 5000
        default: return noise
        }
    }

    @Test(arguments: [16, 17, 40]) func channelsSideBySide(channels: Int) {
        var generator = SeededGenerator(seed: 3, stream: UInt64(channels))
        var together = [ChannelGatherer](repeating: ChannelGatherer(), count: channels)
        var alone = together
        for stretch in 0..<3 {
            let frames = stretch * UnsafeExtremesTests.rows..<(stretch + 1) * UnsafeExtremesTests.rows
            var block = SignalBlock(frames: frames, channels: channels)
            for frame in frames {
                for channel in 0..<channels { block[frame, channel] = sample(&generator, channel, frame) }
            }
            gatherExtremes(block, into: &together)
            for channel in 0..<channels {
                let column = block.channel(channel)
                column.withUnsafeBufferPointer { alone[channel].add($0, first: 0, stride: 1, count: column.count) }
            }
        }
        #expect(together.map(\.result) == alone.map(\.result))
        #expect(together[3].result.notFinite == 1 && together[9].result.isFlat && together[7].result.isSaturated)
    }
}
