// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// Keeps some of the channels, in the order given. Works on single frames: no margin, no delay, the bits of the input.
package struct ChannelSelection: SignalTransform {
    /// Columns of the input, one per channel of the output.
    package let columns: [Int]

    package init(columns: [Int]) { self.columns = columns }

    package func outputChannels(ofInput channels: Int) -> Int { columns.count }

    /// - Precondition: every column is a channel of the block.
    package func apply(_ block: SignalBlock, producing output: SampleRange, segmentFrames: Int) -> SignalBlock {
        precondition(columns.allSatisfy { (0..<block.channels).contains($0) })
        return block.mapFrames(output, channels: columns.count) { channel, frame, offsets in frame[offsets[columns[channel]]] }
    }
}
