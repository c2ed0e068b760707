// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

extension SignalBlock {
    /// A block of `channels` channels, every sample made by `value` from this block's samples of the same frame.
    ///
    /// `value` sees a channel of the result and a pointer from which channel c of the frame lies `offsets[c]` floats on. Requires `range` to lie
    /// within `frames`.
    @inline(__always)
    func mapFrames(
        _ range: SampleRange, channels: Int, value: (_ channel: Int, _ frame: UnsafePointer<Float>, _ offsets: UnsafePointer<Int>) -> Float
    ) -> SignalBlock {
        precondition(range.lowerBound >= frames.lowerBound && range.upperBound <= frames.upperBound)
        let offsets = (0..<self.channels).map { place(frames.lowerBound, $0) }
        let width = SignalBlock.panelWidth(forChannels: channels)
        return SignalBlock(frames: range, channels: channels) { target in
            samples.withUnsafeBufferPointer { samples in
                offsets.withUnsafeBufferPointer { offsets in
                    guard let base = samples.baseAddress, let offset = offsets.baseAddress, let output = target.baseAddress else { return }
                    let first = base + (range.lowerBound - frames.lowerBound) * panelWidth
                    for start in stride(from: 0, to: channels, by: width) {
                        let panel = output + start * range.count
                        for row in 0..<range.count {
                            for lane in 0..<width {
                                let channel = start + lane
                                panel[row * width + lane] = channel < channels ? value(channel, first + row * panelWidth, offset) : 0
                            }
                        }
                    }
                }
            }
        }
    }
}
