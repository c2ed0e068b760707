// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// One forward and backward run over some frames of a block.
struct ForwardBackward {
    let sections: SecondOrderSections
    /// Frames the recursion sees.
    let frames: SampleRange
    /// Frames of odd extension at either side, less than `frames.count`; nil where neither is the segment's end.
    let extensions: (before: Int, after: Int)?

    private var before: Int { extensions?.before ?? 0 }
    private var after: Int { extensions?.after ?? 0 }

    func run(_ block: SignalBlock, producing output: SampleRange, into target: UnsafeMutableBufferPointer<Float>) {
        block.samples.withUnsafeBufferPointer { samples in
            guard let base = samples.baseAddress, let answer = target.baseAddress else { return }
            run(groups(of: block, producing: output), base, into: answer)
        }
    }

    /// The answer in the memory of the block: a wide block then takes half of the caches.
    func run(consuming block: consuming SignalBlock, producing output: SampleRange) -> SignalBlock {
        let groups = groups(of: copy block, producing: output)
        return block.turned(into: output) { samples in
            guard let base = samples.baseAddress else { return }
            run(groups, base, into: base)
        }
    }

    private func groups(of block: SignalBlock, producing output: SampleRange) -> LaneGroups {
        LaneGroups(block: block, frames: frames, output: output, isInner: extensions == nil)
    }

    private func run(_ groups: LaneGroups, _ samples: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
        withScratch { scratch in
            groups.forEach(samples, into: target) { filter($0, scratch) }
        }
    }

    private func withScratch(_ body: (_ scratch: UnsafeMutablePointer<Lanes>) -> Void) {
        let total = before + frames.count + after
        let memory = BlockPool.take(total * MemoryLayout<Lanes>.stride)
        defer { BlockPool.give(memory) }
        body(memory.bindMemory(to: Lanes.self, capacity: total))
    }

    /// Several blocks with the same numbers of channels and frames, whose channels fill the lanes at most, side by side. `frames` counts from the first
    /// frame that each block is read from.
    func run(several blocks: [SignalBlock], reading: [SampleRange], producing outputs: [SampleRange]) -> [SignalBlock] {
        let answered = outputs[0].shifted(by: -reading[0].lowerBound)
        let width = blocks[0].panelWidth
        let lanes = PackedLanes(columns: blocks[0].channels, lanes: Lanes.scalarCount, rows: frames.count)
        defer { lanes.deallocate() }
        withExtendedLifetime(blocks) {
            // Taken out once: a block's memory is its own as long as the block lives.
            lanes.bring(
                zip(blocks, reading).compactMap { block, range in
                    block.samples.withUnsafeBufferPointer { $0.baseAddress }.map {
                        FloatRows(base: UnsafeMutablePointer(mutating: $0) + block.place(range.lowerBound, 0), stride: width)
                    }
                })
        }
        withScratch {
            filter(.init(rows: lanes.rows(from: 0), count: frames.count, answered: answered, answer: lanes.rows(from: answered.lowerBound)), $0)
        }
        // Their memory is filled together, so that each line of the lanes is visited once.
        var answers = outputs.map { SignalBlock(frames: $0, channels: blocks[0].channels) { _ in } }
        let targets = answers.indices.compactMap { index in
            answers[index].samples.withUnsafeMutableBufferPointer { $0.baseAddress.map { FloatRows(base: $0, stride: width) } }
        }
        withExtendedLifetime(answers) { lanes.take(from: answered.lowerBound, count: answered.count, into: targets) }
        return answers
    }

    private func filter(_ run: LaneGroups.Run, _ scratch: UnsafeMutablePointer<Lanes>) {
        forward(run.rows, count: run.count, into: scratch)
        backward(scratch, count: run.count, answered: run.answered, into: run.answer)
    }

    private func forward(_ rows: FloatRows, count: Int, into scratch: UnsafeMutablePointer<Lanes>) {
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

    /// Walks from the last row to the first one answered for; what lies before is never needed.
    private func backward(_ scratch: UnsafeMutablePointer<Lanes>, count: Int, answered: Range<Int>, into target: FloatRows) {
        let last = before + count + after - 1
        let tail = LaneRows(base: scratch + last, stride: -1)
        let lastRow = before + answered.upperBound - 1
        let skipped = last - lastRow
        let reversed = FloatRows(base: target.base + (answered.count - 1) * target.stride, stride: -target.stride)
        let parts = Cascade(sections, steadyFor: scratch[last]).parts
        for (number, part) in parts.enumerated() {
            var part = part
            filterRows(&part, from: tail, to: tail, rows: 0..<skipped)
            if number == parts.count - 1 {
                filterRows(&part, from: LaneRows(base: scratch + lastRow, stride: -1), to: reversed, rows: 0..<answered.count)
            } else {
                filterRows(&part, from: tail, to: tail, rows: skipped..<skipped + answered.count)
            }
        }
    }
}
