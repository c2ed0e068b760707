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
        let severalLoops = sections.sections.count > Cascade.sectionsPerLoop
        let scratch = UnsafeMutablePointer<Lanes>.allocate(capacity: severalLoops ? lead + output.count : 1)
        defer { scratch.deallocate() }
        let sink = LaneRows(base: scratch, stride: severalLoops ? 1 : 0)
        block.samples.withUnsafeBufferPointer { samples in
            guard let base = samples.baseAddress, let targetBase = target.baseAddress else { return }
            LaneGroups(block: block, frames: frames, output: output, isInner: !fromRest).forEach(base, into: targetBase) { run in
                filter(run.rows, into: run.answer, count: run.answered.count, lead: run.answered.lowerBound, sink)
            }
        }
    }

    /// Row 0 of the answer is the first frame answered for; the lead before it is written nowhere.
    private func filter(_ rows: FloatRows, into answer: FloatRows, count: Int, lead: Int, _ sink: LaneRows) {
        let start = fromRest ? Lanes.zero : rows.read(0)
        let parts = Cascade(sections, steadyFor: start).parts
        for (number, part) in parts.enumerated() {
            var part = part
            switch (number == 0, number == parts.count - 1) {
            case (true, true):
                filterRows(&part, from: rows, to: sink, rows: 0..<lead)
                filterRows(&part, from: rows.dropFirst(lead), to: answer, rows: 0..<count)
            case (true, false):
                filterRows(&part, from: rows, to: sink, rows: 0..<lead + count)
            case (false, false):
                filterRows(&part, from: sink, to: sink, rows: 0..<lead + count)
            case (false, true):
                filterRows(&part, from: sink, to: sink, rows: 0..<lead)
                let after = LaneRows(base: sink.base + lead, stride: 1)
                filterRows(&part, from: after, to: answer, rows: 0..<count)
            }
        }
    }
}
