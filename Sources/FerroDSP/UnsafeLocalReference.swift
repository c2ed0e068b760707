// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// Frames that are handled together, one in each lane.
private typealias Times = SIMD16<Float>

/// Writes `frames` of `block` less each channel's reference. Sixteen frames of every channel are transposed once; the last lanes of a shorter
/// stretch repeat its last frame and are not written.
func subtractLocalReferences(
    _ reference: LocalReference, from block: SignalBlock, frames: SampleRange, into target: UnsafeMutableBufferPointer<Float>
) {
    let width = block.panelWidth
    let channels = block.channels
    let columns = reference.neighbours.map { $0.map(Int32.init) }
    let all = UnsafeMutablePointer<Times>.allocate(capacity: max(channels, 1))
    let some = UnsafeMutablePointer<Times>.allocate(capacity: max(channels, 1))
    defer {
        all.deallocate()
        some.deallocate()
    }
    block.samples.withUnsafeBufferPointer { samples in
        guard let base = samples.baseAddress, let output = target.baseAddress else { return }
        if channels < block.paddedChannels { target.initialize(repeating: 0) }
        for first in stride(from: 0, to: frames.count, by: Times.scalarCount) {
            let rows = min(Times.scalarCount, frames.count - first)
            for channel in 0..<channels {
                let top = base + block.place(frames.lowerBound + first, channel)
                var value = Times.zero
                for row in 0..<Times.scalarCount { value[row] = top[min(row, rows - 1) * width] }
                all[channel] = value
            }
            for channel in 0..<channels {
                var less = all[channel]
                if let method = reference.methods[columns[channel].count] {
                    for (place, column) in columns[channel].enumerated() { some[place] = all[Int(column)] }
                    less -= method.reference(of: some, count: columns[channel].count)
                }
                let bottom = output + SignalBlock.place(row: first, channel, rows: frames.count, panelWidth: width)
                for row in 0..<rows { bottom[row * width] = less[row] }
            }
        }
    }
}
