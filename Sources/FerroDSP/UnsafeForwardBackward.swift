// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// A frame of a panel of eight channels.
private typealias Row = SIMD8<Float>

/// Brings the channels of panel rows to `place` in rows of the lanes. Rows are copied whole where they fit: what stands in lanes beyond the channels
/// is overwritten by those who come later.
private func copyIn(_ source: UnsafePointer<Float>, channels: Int, to packed: UnsafeMutablePointer<Float>, at place: Int, rows: Int) {
    let width = Lanes.scalarCount
    if place + 8 <= width {
        for row in 0..<rows {
            let value = UnsafeRawPointer(source + 8 &* row).loadUnaligned(as: Row.self)
            UnsafeMutableRawPointer(packed + (width &* row &+ place)).storeBytes(of: value, as: Row.self)
        }
    } else {
        for row in 0..<rows {
            for channel in 0..<channels { packed[width &* row &+ place &+ channel] = source[8 &* row &+ channel] }
        }
    }
}

/// The way back, with zeros in the columns that no channel fills.
private func copyOut(_ packed: UnsafePointer<Float>, at place: Int, to target: UnsafeMutablePointer<Float>, channels: Int, rows: Int) {
    let width = Lanes.scalarCount
    if place + 8 <= width {
        var mask = SIMDMask<SIMD8<Int32>>(repeating: true)
        for channel in 0..<channels { mask[channel] = false }
        for row in 0..<rows {
            let value = UnsafeRawPointer(packed + (width &* row &+ place)).loadUnaligned(as: Row.self)
            UnsafeMutableRawPointer(target + 8 &* row).storeBytes(of: value.replacing(with: 0, where: mask), as: Row.self)
        }
    } else {
        for row in 0..<rows {
            var value = Row.zero
            for channel in 0..<channels { value[channel] = packed[width &* row &+ place &+ channel] }
            UnsafeMutableRawPointer(target + 8 &* row).storeBytes(of: value, as: Row.self)
        }
    }
}

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
        let total = before + frames.count + after
        let scratch = UnsafeMutablePointer<Lanes>.allocate(capacity: total)
        defer { scratch.deallocate() }
        groups.forEach(samples, into: target) { rows, answer in
            forward(rows, into: scratch)
            backward(scratch, total: total, output: groups.output, into: answer)
        }
    }

    /// Several blocks with the same numbers of channels and frames, at most as many channels in all as there are lanes, side by side. `frames` counts
    /// from the first frame that each block is read from.
    func run(several blocks: [SignalBlock], reading: [SampleRange], producing outputs: [SampleRange]) -> [SignalBlock] {
        let channels = blocks[0].channels
        let lead = outputs[0].lowerBound - reading[0].lowerBound
        let count = outputs[0].count
        let scratch = UnsafeMutablePointer<Lanes>.allocate(capacity: frames.count)
        let width = Lanes.scalarCount
        let packed = UnsafeMutablePointer<Float>.allocate(capacity: width * frames.count)
        defer {
            scratch.deallocate()
            packed.deallocate()
        }
        // Lanes that nobody fills keep to zero.
        if blocks.count * channels < width { packed.initialize(repeating: 0, count: width * frames.count) }
        for (number, block) in blocks.enumerated() {
            block.samples.withUnsafeBufferPointer { samples in
                guard let base = samples.baseAddress else { return }
                copyIn(base + block.place(reading[number].lowerBound, 0), channels: channels, to: packed, at: number * channels, rows: frames.count)
            }
        }
        forward(FloatRows(base: packed, stride: width), into: scratch)
        let answers = packed + width * lead
        backward(scratch, total: frames.count, output: lead..<lead + count, into: FloatRows(base: answers, stride: width))
        return outputs.enumerated().map { number, output in
            SignalBlock(frames: output, channels: channels) { target in
                guard let base = target.baseAddress else { return }
                copyOut(answers, at: number * channels, to: base, channels: channels, rows: count)
            }
        }
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
