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
        block.samples.withUnsafeBufferPointer { samples in
            guard let base = samples.baseAddress, let targetBase = target.baseAddress else { return }
            let first = base + (frames.lowerBound - block.frames.lowerBound) * block.stride
            for lane in stride(from: 0, to: block.stride, by: Lanes.scalarCount) {
                guard lane < block.channels else {
                    for row in 0..<output.count {
                        (targetBase + row * block.stride + lane).update(repeating: 0, count: Lanes.scalarCount)
                    }
                    continue
                }
                let rows = FloatRows(base: UnsafeMutablePointer(mutating: first + lane), stride: block.stride)
                // Row 0 of the target is the first frame answered for; the lead before it is written nowhere.
                let answer = FloatRows(base: targetBase + lane, stride: block.stride)
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
}
