// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// The columns of a block that one loop filters side by side, group after group.
///
/// A panel is walked where it lies, as many channels at a time as fill the lanes; a panel narrower than the lanes is brought into memory
/// of their width first. Columns that no channel fills are answered with zeros.
struct LaneGroups {
    let block: SignalBlock
    /// Frames that are read; within the block's.
    let frames: SampleRange
    /// Frames that are answered for.
    let output: SampleRange

    /// Calls `body` with the rows of `frames` and with those of `output` in `target`, memory of a block of these frames.
    func forEach(into target: UnsafeMutableBufferPointer<Float>, _ body: (_ rows: FloatRows, _ answer: FloatRows) -> Void) {
        let width = block.panelWidth
        block.samples.withUnsafeBufferPointer { samples in
            guard let base = samples.baseAddress, let targetBase = target.baseAddress else { return }
            for start in block.panelStarts {
                let source = UnsafeMutablePointer(mutating: base + block.place(frames.lowerBound, start))
                let answer = targetBase + start * output.count
                if width < Lanes.scalarCount {
                    widened(FloatRows(base: source, stride: width), FloatRows(base: answer, stride: width), body)
                    continue
                }
                for lane in stride(from: 0, to: width, by: Lanes.scalarCount) {
                    if start + lane < block.channels {
                        body(FloatRows(base: source + lane, stride: width), FloatRows(base: answer + lane, stride: width))
                    } else {
                        for row in 0..<output.count { (answer + lane + row * width).initialize(repeating: 0, count: Lanes.scalarCount) }
                    }
                }
            }
        }
    }

    private func widened(_ source: FloatRows, _ answer: FloatRows, _ body: (FloatRows, FloatRows) -> Void) {
        let width = Lanes.scalarCount
        let rows = UnsafeMutablePointer<Float>.allocate(capacity: width * (frames.count + output.count))
        defer { rows.deallocate() }
        let answers = rows + width * frames.count
        for row in 0..<frames.count {
            let to = rows + row * width
            to.initialize(from: source.base + row * source.stride, count: source.stride)
            (to + source.stride).initialize(repeating: 0, count: width - source.stride)
        }
        body(FloatRows(base: rows, stride: width), FloatRows(base: answers, stride: width))
        for row in 0..<output.count {
            (answer.base + row * answer.stride).initialize(from: answers + row * width, count: answer.stride)
        }
    }
}
