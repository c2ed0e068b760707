// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// One forward run over some frames of a block.
struct ForwardOnly {
    let sections: SecondOrderSections
    /// Frames the recursion sees.
    let frames: SampleRange
    /// Whether the states start at zero or in the steady state of the first value.
    let fromRest: Bool

    func run(_ block: SignalBlock, producing output: SampleRange, into target: UnsafeMutableBufferPointer<Float>) {
        let lead = output.lowerBound - frames.lowerBound
        let total = lead + output.count
        let severalLoops = sections.sections.count > Cascade.sectionsPerLoop
        let scratch = UnsafeMutablePointer<Lanes>.allocate(capacity: severalLoops ? total : 1)
        defer { scratch.deallocate() }
        LaneGroups(block: block, frames: frames, output: output).forEach(into: target) { rows, answer in
            // Row 0 of the answer is the first frame answered for; the lead before it is written nowhere.
            let start = fromRest ? Lanes.zero : rows.read(0)
            let parts = Cascade(sections, steadyFor: start).parts
            let sink = LaneRows(base: scratch, stride: severalLoops ? 1 : 0)
            for (number, part) in parts.enumerated() {
                var part = part
                switch (number == 0, number == parts.count - 1) {
                case (true, true):
                    filterRows(&part, from: rows, to: sink, rows: 0..<lead)
                    let after = FloatRows(base: rows.base + lead * rows.stride, stride: rows.stride)
                    filterRows(&part, from: after, to: answer, rows: 0..<output.count)
                case (true, false):
                    filterRows(&part, from: rows, to: sink, rows: 0..<total)
                case (false, false):
                    filterRows(&part, from: sink, to: sink, rows: 0..<total)
                case (false, true):
                    filterRows(&part, from: sink, to: sink, rows: 0..<lead)
                    let after = LaneRows(base: scratch + lead, stride: 1)
                    filterRows(&part, from: after, to: answer, rows: 0..<output.count)
                }
            }
        }
    }
}
