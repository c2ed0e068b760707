// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

extension SignalBlock {
    /// A block of `channels` channels, each row made by `fill` from this block's row of the same frame.
    ///
    /// `fill` sees `stride` floats of the source and writes the first `channels` floats of the target. Requires `range` to lie within `frames`.
    @inline(__always)
    func mapRows(
        _ range: SampleRange, channels: Int, fill: (_ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>) -> Void
    ) -> SignalBlock {
        precondition(range.lowerBound >= frames.lowerBound && range.upperBound <= frames.upperBound)
        let width = SignalBlock.stride(forChannels: channels)
        return SignalBlock(frames: range, channels: channels) { target in
            samples.withUnsafeBufferPointer { samples in
                guard let base = samples.baseAddress, let output = target.baseAddress else { return }
                let first = base + (range.lowerBound - frames.lowerBound) * stride
                for row in 0..<range.count {
                    let line = output + row * width
                    (line + channels).update(repeating: 0, count: width - channels)
                    fill(first + row * stride, line)
                }
            }
        }
    }
}
