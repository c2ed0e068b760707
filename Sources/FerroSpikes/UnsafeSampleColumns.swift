// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// Samples of a block that count for its noise, channel after channel: of every frame, or of those with an even number.
///
/// Made while the block is in a near cache, so that counting, which is done in one place, reads half as much or less, one sample after the other.
package struct SampleColumns: Sendable {
    package let channels: Int
    /// Of each channel.
    package let samplesPerChannel: Int
    /// From one channel to the next: beside the samples room that is never read, so that columns do not compete for the same lines of a cache.
    private let stride: Int
    private let samples: SampleMemory

    /// Requires `frames` to lie within the block.
    package init(of block: SignalBlock, frames: SampleRange, everySecond: Bool = false) {
        precondition(frames.lowerBound >= block.frames.lowerBound && frames.upperBound <= block.frames.upperBound)
        let every = everySecond ? 2 : 1
        let first = (frames.lowerBound + every - 1) / every * every
        let count = max(0, (frames.upperBound - first + every - 1) / every)
        let stride = (count + 15) / 16 * 16 + 16
        channels = block.channels
        samplesPerChannel = count
        self.stride = stride
        samples = SampleMemory(count: count == 0 ? 0 : stride * block.channels) { target in
            guard count > 0, let target = target.baseAddress else { return }
            block.samples.withUnsafeBufferPointer { source in
                guard let source = source.baseAddress else { return }
                for channel in block.panelStarts {
                    turnPanel(
                        source + block.place(first, channel), width: block.panelWidth, columns: min(block.panelWidth, block.channels - channel), every: every,
                        count: count, into: target + channel * stride, stride: stride)
                }
            }
        }
    }

    func withColumn(_ channel: Int, _ body: (UnsafeBufferPointer<Float>) -> Void) {
        guard samplesPerChannel > 0 else { return }
        samples.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[channel * stride..<channel * stride + samplesPerChannel])) }
    }
}

private func turnPanel(
    _ top: UnsafePointer<Float>, width: Int, columns: Int, every: Int, count: Int, into target: UnsafeMutablePointer<Float>, stride: Int
) {
    // A tile of each second row reaches over the row after its last.
    let tiles = every == 1 ? count / 16 : (count - 1) / 16
    withUnsafeTemporaryAllocation(of: Samples.self, capacity: 16) { tile in
        guard let tile = tile.baseAddress else { return }
        for number in 0..<tiles {
            let first = top + 16 &* number &* width &* every
            if every == 1 { turnTile(first, width: width, into: tile) } else { turnEverySecond(first, width: width, into: tile) }
            for column in 0..<columns {
                UnsafeMutableRawPointer(target + (column &* stride &+ 16 &* number)).storeBytes(of: tile[column], as: Samples.self)
            }
        }
    }
    for row in 16 * tiles..<count {
        for column in 0..<columns { target[column * stride + row] = top[row * width * every + column] }
    }
}
