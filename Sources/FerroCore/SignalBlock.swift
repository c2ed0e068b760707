// SPDX-License-Identifier: GPL-3.0-or-later

/// A stretch of a multichannel signal in Float32 microvolts: frames in rows, channels in columns, stored in panels of neighbouring channels.
///
/// Frames are counted from the start of the segment, at the stream's own rate, so frame 0 is the segment's first.
/// A panel holds `panelWidth` channels, frame after frame; panels follow each other. So a frame of a panel fills SIMD lanes and one line of the
/// cache, and what walks down the frames of a channel walks through memory in order, however many channels there are. The columns
/// of the last panel that no channel fills hold zeros and stay zero.
package struct SignalBlock: Sendable {
    /// Frames of the segment held here.
    package let frames: SampleRange
    package let channels: Int
    /// Channels of a panel, and floats from one frame to the next within it: 16, or the power of two that few channels fill.
    package let panelWidth: Int
    /// `samples[place(frame, channel)]`, in microvolts.
    package var samples: SampleMemory

    /// A block of zeros.
    package init(frames: SampleRange, channels: Int) {
        self.init(frames: frames, channels: channels) { $0.initialize(repeating: 0) }
    }

    /// A block whose samples are written once by `fill`, panel after panel, padding included.
    package init(
        frames: SampleRange, channels: Int, fill: (inout UnsafeMutableBufferPointer<Float>) throws -> Void
    ) rethrows {
        self.frames = frames
        self.channels = channels
        panelWidth = SignalBlock.panelWidth(forChannels: channels)
        let count = frames.count * SignalBlock.paddedChannels(forChannels: channels)
        samples = try SampleMemory(count: count, fill: fill)
    }

    /// A block of other frames of the same channels in this block's memory: `fill` sees the samples and leaves the new ones, panel after panel, at their
    /// start. Requires no more frames than there are.
    package consuming func turned(into range: SampleRange, fill: (UnsafeMutableBufferPointer<Float>) -> Void) -> SignalBlock {
        precondition(range.count <= frames.count)
        let channels = channels
        var samples = samples
        // The only hold on the memory, so that it is not copied.
        self = SignalBlock(frames: 0..<0, channels: 0)
        samples.withUnsafeMutableBufferPointer { fill($0) }
        samples.keepFirst(range.count * SignalBlock.paddedChannels(forChannels: channels))
        return SignalBlock(frames: range, channels: channels, samples: samples)
    }

    private init(frames: SampleRange, channels: Int, samples: SampleMemory) {
        self.frames = frames
        self.channels = channels
        panelWidth = SignalBlock.panelWidth(forChannels: channels)
        self.samples = samples
    }

    @inlinable
    package static func panelWidth(forChannels channels: Int) -> Int {
        channels <= 1 ? 1 : channels <= 2 ? 2 : channels <= 4 ? 4 : channels <= 8 ? 8 : 16
    }

    /// Columns of all panels together.
    @inlinable
    package static func paddedChannels(forChannels channels: Int) -> Int {
        let width = panelWidth(forChannels: channels)
        return (channels + width - 1) / width * width
    }

    package var paddedChannels: Int { SignalBlock.paddedChannels(forChannels: channels) }
    /// First channel of each panel.
    package var panelStarts: StrideTo<Int> { stride(from: 0, to: channels, by: panelWidth) }
    package var floatsPerPanel: Int { frames.count * panelWidth }
    package var byteCount: Int { frames.count * paddedChannels * MemoryLayout<Float>.stride }

    /// Where a sample is stored. The next frame of the channel lies `panelWidth` floats on.
    @inline(__always)
    package func place(_ frame: Int, _ channel: Int) -> Int {
        SignalBlock.place(row: frame - frames.lowerBound, channel, rows: frames.count, panelWidth: panelWidth)
    }

    /// The same in memory that a block of `rows` frames is made in.
    @inline(__always)
    package static func place(row: Int, _ channel: Int, rows: Int, panelWidth: Int) -> Int {
        let within = channel & (panelWidth - 1)
        return (channel - within) * rows + row * panelWidth + within
    }

    package subscript(frame: Int, channel: Int) -> Float {
        get { samples[place(frame, channel)] }
        set { samples[place(frame, channel)] = newValue }
    }

    /// A copy of some of the frames. Requires `range` to lie within `frames`.
    package func slice(_ range: SampleRange) -> SignalBlock {
        precondition(range.lowerBound >= frames.lowerBound && range.upperBound <= frames.upperBound)
        if range == frames { return self }
        let count = range.count * panelWidth
        return SignalBlock(frames: range, channels: channels) { target in
            samples.withUnsafeBufferPointer { source in
                guard count > 0, let from = source.baseAddress, let to = target.baseAddress else { return }
                for (panel, channel) in panelStarts.enumerated() {
                    (to + panel * count).initialize(from: from + place(range.lowerBound, channel), count: count)
                }
            }
        }
    }

    /// One channel as an array, for tests and figures.
    package func channel(_ channel: Int) -> [Float] { frames.map { self[$0, channel] } }
}
