// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// median(|x|) of each channel in microvolts over some 512 samples spread over the frames `core` of a block: for Gaussian noise about zero it is known to
/// 4 to 5 % (standard error).
///
/// Requires the block to hold `core`. Where there are fewer than 32 samples it is 0.
package func medianMagnitudes(of block: SignalBlock, over core: SampleRange) -> [Double] {
    precondition(core.isEmpty || (core.lowerBound >= block.frames.lowerBound && core.upperBound <= block.frames.upperBound))
    let width = block.panelWidth
    let count = core.count * width
    let vectors = min(512, count / 16)
    var magnitudes = Array(repeating: 0.0, count: block.channels)
    guard vectors >= 2 else { return magnitudes }
    block.samples.withUnsafeBufferPointer { samples in
        guard let start = samples.baseAddress else { return }
        withUnsafeTemporaryAllocation(of: SIMD16<Float>.self, capacity: vectors) { chosen in
            guard let values = chosen.baseAddress else { return }
            for panel in block.panelStarts {
                let top = start + block.place(core.lowerBound, panel)
                for index in 0..<vectors {
                    // At whole frames, so that a lane keeps its channel.
                    let place = (index * (count - 16) / max(vectors - 1, 1)) / 16 * 16
                    let value = UnsafeRawPointer(top + place).loadUnaligned(as: SIMD16<Float>.self)
                    (values + index).initialize(to: value.replacing(with: -value, where: value .< 0))
                }
                let medians = selectMedian(values, count: vectors)
                for channel in panel..<min(panel + width, block.channels) {
                    let lanes = stride(from: channel - panel, to: 16, by: width)
                    magnitudes[channel] = lanes.reduce(0) { $0 + Double(medians[$1]) } * Double(width) / 16
                }
            }
        }
    }
    return magnitudes
}
