// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// Replaces each channel by a weighted sum of channels, frame by frame: y = W x, summed in Float64 and rounded once to Float32.
///
/// Works on single frames, so no margin and no delay. Weights of zero cost nothing where eight neighbouring rows have them in common. A
/// sum is formed in the order of the columns, the same for every frame, so that a frame has the same bits in every block.
package struct ChannelMatrix: SignalTransform {
    /// Channels of the input, and of the output.
    package let channels: Int
    let groups: [WeightGroup]

    /// - Parameter rows: the weights of each output channel, one per input channel.
    /// - Precondition: a square matrix.
    package init(rows: [[Double]]) {
        channels = rows.count
        precondition(rows.allSatisfy { $0.count == rows.count })
        groups = stride(from: 0, to: SignalBlock.paddedChannels(forChannels: rows.count), by: 8).map { first in
            let eight = rows[min(first, rows.count)..<min(first + 8, rows.count)]
            let columns = rows.indices.filter { column in eight.contains { $0[column] != 0 } }
            let weights = columns.flatMap { column in
                (first..<first + 8).map { $0 < rows.count ? rows[$0][column] : 0 }
            }
            return WeightGroup(columns: columns.map(Int32.init), weights: weights)
        }
    }

    /// - Precondition: the block has this matrix's channels.
    package func apply(_ block: SignalBlock, producing output: SampleRange, segmentFrames: Int) -> SignalBlock {
        precondition(block.channels == channels)
        precondition(output.isEmpty || (block.frames.lowerBound <= output.lowerBound && block.frames.upperBound >= output.upperBound))
        return SignalBlock(frames: output, channels: channels) { target in
            weightedChannels(groups, of: block, frames: output, into: target)
        }
    }
}

/// Eight neighbouring output channels; the last of a panel may hold padding alone.
struct WeightGroup: Sendable {
    /// Input columns that any of the eight takes something from, ascending.
    let columns: [Int32]
    /// Eight weights per column.
    let weights: [Double]
}
