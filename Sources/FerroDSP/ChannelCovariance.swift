// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// Sums of the channels and of their products, from which their covariance follows.
///
/// Everything is summed in Float64 in the order of the frames. Sums of parts are added in the order in which they are merged: whoever
/// merges the same parts in the same order gets the same bits, however many workers formed them.
package struct ChannelCovariance: Sendable, Equatable {
    package let channels: Int
    package private(set) var frames = 0
    var sums: [Double]
    /// Row by row of `stride` columns; columns from the row's own eight on are filled, the rest follows by symmetry.
    var products: [Double]
    /// Channels, filled up to eights.
    let stride: Int

    package init(channels: Int) {
        self.channels = channels
        stride = (channels + 7) / 8 * 8
        sums = [Double](repeating: 0, count: stride)
        products = [Double](repeating: 0, count: stride * stride)
    }

    /// Adds some frames of a block. Requires `range` to lie within the block, and as many channels.
    package mutating func add(_ block: SignalBlock, frames range: SampleRange) {
        precondition(block.channels == channels)
        precondition(range.isEmpty || (block.frames.lowerBound <= range.lowerBound && block.frames.upperBound >= range.upperBound))
        frames += range.count
        addProducts(of: block, frames: range, stride: stride, sums: &sums, products: &products)
    }

    /// Adds what another summed. Requires as many channels.
    package mutating func merge(_ other: ChannelCovariance) {
        precondition(other.channels == channels)
        frames += other.frames
        for index in sums.indices { sums[index] += other.sums[index] }
        for index in products.indices { products[index] += other.products[index] }
    }

    /// The covariance about the means, divided by the number of frames; zeros where no frame was added.
    package var matrix: [[Double]] {
        let count = Double(max(frames, 1))
        return (0..<channels).map { row in
            (0..<channels).map { column in
                // Both halves come from one place, so that the matrix is symmetric to the last bit.
                let (low, high) = (min(row, column), max(row, column))
                return products[low * stride + high] / count - (sums[low] / count) * (sums[high] / count)
            }
        }
    }
}
