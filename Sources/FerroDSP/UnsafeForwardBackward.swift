// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// Eight channels of one frame.
private typealias Packed = SIMD8<Float>

/// Eight columns of a block, brought together: in a block of many channels each row of a column lies on a page of its own, and a recursion
/// that walks down columns would wait for every one of them, four channels at a time, forward and backward.
private func pack(_ source: UnsafePointer<Float>, stride: Int, rows: Int, into target: UnsafeMutablePointer<Packed>) {
    for row in 0..<rows { target[row] = UnsafeRawPointer(source + row * stride).loadUnaligned(as: Packed.self) }
}

private func unpack(_ source: UnsafePointer<Packed>, rows: Int, into target: UnsafeMutablePointer<Float>, stride: Int) {
    for row in 0..<rows { UnsafeMutableRawPointer(target + row * stride).storeBytes(of: source[row], as: Packed.self) }
}

/// Copies values from a distance of `stride` floats to one of another.
private func copyColumn(
    _ source: UnsafePointer<Float>, stride: Int, to target: UnsafeMutablePointer<Float>, stride targetStride: Int, rows: Int
) {
    var (from, to) = (source, target)
    for _ in 0..<rows {
        to.pointee = from.pointee
        from += stride
        to += targetStride
    }
}

/// One forward and backward run over some frames of a block.
struct ForwardBackward {
    let sections: SecondOrderSections
    /// Frames the recursion sees.
    let frames: SampleRange
    /// Floats in a row up to which columns are walked down where they lie; beyond, packing them costs less than it saves.
    private static let widestUnpacked = 64
    /// Frames of odd extension at either side, less than `frames.count`.
    let before: Int
    let after: Int

    func run(_ block: SignalBlock, producing output: SampleRange, into target: UnsafeMutableBufferPointer<Float>) {
        let total = before + frames.count + after
        let scratch = UnsafeMutablePointer<Lanes>.allocate(capacity: total)
        let isPacked = block.stride > ForwardBackward.widestUnpacked
        let packed = UnsafeMutablePointer<Packed>.allocate(capacity: isPacked ? frames.count : 1)
        defer {
            scratch.deallocate()
            packed.deallocate()
        }
        block.samples.withUnsafeBufferPointer { samples in
            guard let base = samples.baseAddress, let targetBase = target.baseAddress else { return }
            let first = base + (frames.lowerBound - block.frames.lowerBound) * block.stride
            let lead = output.lowerBound - frames.lowerBound
            for column in stride(from: 0, to: block.stride, by: Packed.scalarCount) {
                if isPacked { pack(first + column, stride: block.stride, rows: frames.count, into: packed) }
                for half in 0..<2 {
                    let lane = column + Lanes.scalarCount * half
                    let answer = FloatRows(base: targetBase + lane, stride: block.stride)
                    guard lane < block.channels else {
                        // Lanes that hold padding only; packed ones hold zeros already.
                        if !isPacked { for row in 0..<output.count { (answer.base + row * answer.stride).update(repeating: 0, count: Lanes.scalarCount) } }
                        continue
                    }
                    if isPacked {
                        let lanes = UnsafeMutableRawPointer(packed).assumingMemoryBound(to: Float.self) + Lanes.scalarCount * half
                        forward(FloatRows(base: lanes, stride: Packed.scalarCount), into: scratch)
                        // What was read is done with, so the answer takes its place.
                        let rows = FloatRows(base: lanes + lead * Packed.scalarCount, stride: Packed.scalarCount)
                        backward(scratch, total: total, output: output, into: rows)
                    } else {
                        forward(FloatRows(base: UnsafeMutablePointer(mutating: first + lane), stride: block.stride), into: scratch)
                        backward(scratch, total: total, output: output, into: answer)
                    }
                }
                if isPacked { unpack(packed + lead, rows: output.count, into: targetBase + column, stride: block.stride) }
            }
        }
    }

    /// Several blocks with the same numbers of channels and frames, at most four channels in all, side by side in the lanes. `frames` counts
    /// from the first frame that each block is read from.
    func run(several blocks: [SignalBlock], reading: [SampleRange], producing outputs: [SampleRange]) -> [SignalBlock] {
        let channels = blocks[0].channels
        let lead = outputs[0].lowerBound - reading[0].lowerBound
        let count = outputs[0].count
        let scratch = UnsafeMutablePointer<Lanes>.allocate(capacity: frames.count)
        let packed = UnsafeMutablePointer<Float>.allocate(capacity: 4 * frames.count)
        defer {
            scratch.deallocate()
            packed.deallocate()
        }
        // Lanes that nobody fills keep to zero.
        if blocks.count * channels < 4 { packed.initialize(repeating: 0, count: 4 * frames.count) }
        for (number, block) in blocks.enumerated() {
            let first = (reading[number].lowerBound - block.frames.lowerBound) * block.stride
            block.samples.withUnsafeBufferPointer { samples in
                guard let base = samples.baseAddress else { return }
                for channel in 0..<channels {
                    copyColumn(base + first + channel, stride: block.stride, to: packed + number * channels + channel, stride: 4, rows: frames.count)
                }
            }
        }
        forward(FloatRows(base: packed, stride: 4), into: scratch)
        backward(scratch, total: frames.count, output: lead..<lead + count, into: FloatRows(base: packed + 4 * lead, stride: 4))
        return outputs.enumerated().map { number, output in
            SignalBlock(frames: output, channels: channels) { target in
                target.initialize(repeating: 0)
                guard let base = target.baseAddress else { return }
                for channel in 0..<channels {
                    copyColumn(
                        packed + 4 * lead + number * channels + channel, stride: 4, to: base + channel,
                        stride: SignalBlock.stride(forChannels: channels), rows: count)
                }
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
