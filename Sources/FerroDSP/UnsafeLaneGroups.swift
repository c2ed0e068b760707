// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// The columns of a block that one loop filters side by side, group after group.
///
/// A panel is walked where it lies, as many channels at a time as fill the lanes; a panel narrower than the lanes is brought into memory
/// of their width first. Columns that no channel fills are answered with zeros.
///
/// The answer may take the place of the samples, in the same memory from the same start: a group's answer covers its own lanes of panels that are
/// done with, as long as it is written after all of the group's rows are read.
struct LaneGroups {
    let channels: Int
    let panelWidth: Int
    /// Frames that the memory of the samples holds.
    let held: SampleRange
    /// Frames that are read; within those held.
    let frames: SampleRange
    /// Frames that are answered for.
    let output: SampleRange

    init(block: SignalBlock, frames: SampleRange, output: SampleRange) {
        channels = block.channels
        panelWidth = block.panelWidth
        held = block.frames
        self.frames = frames
        self.output = output
    }

    /// Calls `body` with the rows of `frames` in `samples` and with those of `output` in `target`.
    func forEach(
        _ samples: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, _ body: (_ rows: FloatRows, _ answer: FloatRows) -> Void
    ) {
        for start in stride(from: 0, to: channels, by: panelWidth) {
            let place = SignalBlock.place(row: frames.lowerBound - held.lowerBound, start, rows: held.count, panelWidth: panelWidth)
            let source = UnsafeMutablePointer(mutating: samples + place)
            let answer = target + start * output.count
            if panelWidth < Lanes.scalarCount {
                widened(FloatRows(base: source, stride: panelWidth), FloatRows(base: answer, stride: panelWidth), body)
                continue
            }
            for lane in stride(from: 0, to: panelWidth, by: Lanes.scalarCount) {
                if start + lane < channels {
                    body(FloatRows(base: source + lane, stride: panelWidth), FloatRows(base: answer + lane, stride: panelWidth))
                } else {
                    for row in 0..<output.count { (answer + lane + row * panelWidth).initialize(repeating: 0, count: Lanes.scalarCount) }
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
