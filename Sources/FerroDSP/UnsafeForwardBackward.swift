// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// One forward and backward run over some frames of a block.
struct ForwardBackward {
    let sections: SecondOrderSections
    /// Frames the recursion sees.
    let frames: SampleRange
    /// Frames of odd extension at either side, less than `frames.count`.
    let before: Int
    let after: Int

    func run(_ block: SignalBlock, producing output: SampleRange, into target: UnsafeMutableBufferPointer<Float>) {
        block.samples.withUnsafeBufferPointer { samples in
            guard let base = samples.baseAddress, let answer = target.baseAddress else { return }
            run(LaneGroups(block: block, frames: frames, output: output), base, into: answer)
        }
    }

    /// The answer in the memory of the block: a wide block then takes half of the caches.
    func run(consuming block: consuming SignalBlock, producing output: SampleRange) -> SignalBlock {
        let groups = LaneGroups(block: copy block, frames: frames, output: output)
        return block.turned(into: output) { samples in
            guard let base = samples.baseAddress else { return }
            run(groups, base, into: base)
        }
    }

    private func run(_ groups: LaneGroups, _ samples: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
        withScratch { scratch, total in
            groups.forEach(samples, into: target) { rows, answer in
                forward(rows, into: scratch)
                backward(scratch, total: total, output: groups.output, into: answer)
            }
        }
    }

    private func withScratch(_ body: (_ scratch: UnsafeMutablePointer<Lanes>, _ total: Int) -> Void) {
        let total = before + frames.count + after
        let memory = BlockPool.take(total * MemoryLayout<Lanes>.stride)
        defer { BlockPool.give(memory) }
        body(memory.bindMemory(to: Lanes.self, capacity: total), total)
    }

    /// Several blocks with the same numbers of channels and frames, whose panels fill the lanes at most, side by side. `frames` counts from the first
    /// frame that each block is read from.
    func run(several blocks: [SignalBlock], reading: [SampleRange], producing outputs: [SampleRange]) -> [SignalBlock] {
        let lead = outputs[0].lowerBound - reading[0].lowerBound
        let count = outputs[0].count
        let lanes = PackedLanes(panelWidth: blocks[0].panelWidth, lanes: Lanes.scalarCount, rows: frames.count)
        defer { lanes.deallocate() }
        lanes.bring(zip(blocks, reading).map { block, range in (block, range.lowerBound) })
        withScratch { scratch, total in
            forward(lanes.rows(from: 0), into: scratch)
            backward(scratch, total: total, output: lead..<lead + count, into: lanes.rows(from: lead))
        }
        // Their memory is filled together, so that each line of the lanes is visited once.
        var answers = outputs.map { SignalBlock(frames: $0, channels: blocks[0].channels) { _ in } }
        let targets = answers.indices.compactMap { answers[$0].samples.withUnsafeMutableBufferPointer { $0.baseAddress } }
        withExtendedLifetime(answers) { lanes.take(from: lead, count: count, into: targets) }
        return answers
    }

    private func forward(_ rows: FloatRows, into scratch: UnsafeMutablePointer<Lanes>) {
        let count = frames.count
        let body = scratch + before
        let firstValue = rows.read(0)
        let lastValue = rows.read(count - 1)
        for index in 0..<before { scratch[index] = 2 * firstValue - rows.read(before - index) }
        for index in 0..<after { body[count + index] = 2 * lastValue - rows.read(count - 2 - index) }
        let start = before > 0 ? scratch[0] : firstValue
        let head = LaneRows(base: scratch, stride: 1)
        for (number, part) in Cascade(sections, steadyFor: start).parts.enumerated() {
            var part = part
            filterRows(&part, from: head, to: head, rows: 0..<before)
            if number == 0 {
                filterRows(&part, from: rows, to: LaneRows(base: body, stride: 1), rows: 0..<count)
            } else {
                filterRows(&part, from: head, to: head, rows: before..<before + count)
            }
            filterRows(&part, from: head, to: head, rows: before + count..<before + count + after)
        }
    }

    /// Walks from the last frame to the first one answered for; what lies before is never needed.
    private func backward(_ scratch: UnsafeMutablePointer<Lanes>, total: Int, output: SampleRange, into target: FloatRows) {
        let start = scratch[total - 1]
        let tail = LaneRows(base: scratch + (total - 1), stride: -1)
        let lastRow = before + (output.upperBound - 1 - frames.lowerBound)
        let skipped = total - 1 - lastRow
        let reversed = FloatRows(base: target.base + (output.count - 1) * target.stride, stride: -target.stride)
        let parts = Cascade(sections, steadyFor: start).parts
        for (number, part) in parts.enumerated() {
            var part = part
            filterRows(&part, from: tail, to: tail, rows: 0..<skipped)
            if number == parts.count - 1 {
                let answered = LaneRows(base: scratch + lastRow, stride: -1)
                filterRows(&part, from: answered, to: reversed, rows: 0..<output.count)
            } else {
                filterRows(&part, from: tail, to: tail, rows: skipped..<skipped + output.count)
            }
        }
    }
}
