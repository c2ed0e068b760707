// SPDX-License-Identifier: GPL-3.0-or-later

/// A stretch of a multichannel signal: frames in rows, channels in columns, Float32 microvolts.
///
/// Frames are counted from the start of the segment, at the stream's own rate, so frame 0 is the segment's first.
/// Rows are `stride` long, a multiple of eight, so that channels fill SIMD lanes; the padding columns hold zeros and stay zero.
package struct SignalBlock: Sendable {
    /// Frames of the segment held here.
    package let frames: SampleRange
    package let channels: Int
    /// Floats per frame: `channels` rounded up to a multiple of eight.
    package let stride: Int
    /// `samples[(frame - frames.lowerBound) * stride + channel]`, in microvolts.
    package var samples: [Float]

    /// A block of zeros.
    package init(frames: SampleRange, channels: Int) {
        self.frames = frames
        self.channels = channels
        stride = SignalBlock.stride(forChannels: channels)
        samples = [Float](repeating: 0, count: frames.count * stride)
    }

    /// A block whose samples are written once by `fill`, row after row, padding included.
    package init(
        frames: SampleRange, channels: Int, fill: (inout UnsafeMutableBufferPointer<Float>) throws -> Void
    ) rethrows {
        self.frames = frames
        self.channels = channels
        let stride = SignalBlock.stride(forChannels: channels)
        self.stride = stride
        let count = frames.count * stride
        samples = try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            var whole = UnsafeMutableBufferPointer(rebasing: buffer[..<count])
            try fill(&whole)
            initialized = count
        }
    }

    @inlinable
    package static func stride(forChannels channels: Int) -> Int { (channels + 7) & ~7 }

    package subscript(frame: Int, channel: Int) -> Float {
        get { samples[(frame - frames.lowerBound) * stride + channel] }
        set { samples[(frame - frames.lowerBound) * stride + channel] = newValue }
    }

    /// A copy of some of the frames. Requires `range` to lie within `frames`.
    package func slice(_ range: SampleRange) -> SignalBlock {
        precondition(range.lowerBound >= frames.lowerBound && range.upperBound <= frames.upperBound)
        if range == frames { return self }
        let first = (range.lowerBound - frames.lowerBound) * stride
        return SignalBlock(frames: range, channels: channels) { target in
            samples.withUnsafeBufferPointer { source in
                _ = target.update(fromContentsOf: UnsafeBufferPointer(rebasing: source[first..<first + range.count * stride]))
            }
        }
    }

    /// One channel as an array, for tests and figures.
    package func channel(_ channel: Int) -> [Float] {
        (0..<frames.count).map { samples[$0 * stride + channel] }
    }
}
