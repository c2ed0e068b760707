// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// A circular convolution with fixed symmetric taps: a forward transform, a product, and the transform back, in Float64.
///
/// Float32 transforms would err by 1e-7 of the largest input, which beside an electrode's offset of thousands of microvolts is more
/// than 1e-5 of a spike band of ten.
final class FixedConvolution: Sendable {
    let size: Int
    private let plan: RealFFTPlan
    /// Gain of every bin, real because the taps are symmetric about frame 0, divided by `size`.
    private let gains: [Double]

    init(taps: [Double], size: Int) {
        precondition(taps.count % 2 == 1 && taps.count <= size)
        self.size = size
        plan = RealFFTPlan(count: size, inverse: true)
        let half = taps.count / 2
        var around = [Double](repeating: 0, count: size)
        for (index, tap) in taps.enumerated() { around[(index - half + size) % size] = tap }
        gains = plan.transform(around).map { $0.real / Double(size) }
    }

    /// Convolves `space.input` in place.
    func execute(_ space: RealFFTWorkspace) {
        plan.execute(space)
        gains.withUnsafeBufferPointer { gains in
            for bin in 0..<gains.count {
                space.output[bin].0 *= gains[bin]
                space.output[bin].1 *= gains[bin]
            }
        }
        plan.executeInverse(space)
    }
}

/// One cell of the grid.
struct OverlapSaveCell {
    /// Frames that the transform sees; they may reach beyond the segment.
    let window: SampleRange
    /// Frames of the cell that are wanted.
    let answer: SampleRange
    /// Place in the window of the answer to frame `first`.
    let lead: Int
    let first: Int
}

/// What stands beyond a segment's first and last frame.
struct SegmentEnds {
    enum Continuation: Equatable {
        /// Odd reflection over so many frames, zeros beyond; no answer depends on what lies beyond.
        case reflected(Int)
        /// The end's own value.
        case held
        case zeros
    }
    let frames: Int
    let before: Continuation
    let after: Continuation
}

/// Eight channels at a time: their windows are transposed once, then each is convolved by itself, so that no channel's bits depend on
/// its neighbours.
func overlapSave(
    _ block: SignalBlock, cells: [OverlapSaveCell], ends: SegmentEnds, convolution: FixedConvolution, output: SampleRange,
    into target: UnsafeMutableBufferPointer<Float>
) {
    let size = convolution.size
    let width = block.panelWidth
    let space = RealFFTWorkspace(count: size)
    let windows = UnsafeMutablePointer<Double>.allocate(capacity: 8 * size)
    defer { windows.deallocate() }
    block.samples.withUnsafeBufferPointer { samples in
        guard let base = samples.baseAddress, let targetBase = target.baseAddress else { return }
        for column in stride(from: 0, to: block.paddedChannels, by: 8) {
            let lanes = min(8, max(block.channels - column, 0))
            let source = EightColumns(base: base + block.place(block.frames.lowerBound, column), stride: width, origin: block.frames.lowerBound)
            for cell in cells {
                let answer =
                    targetBase
                    + SignalBlock.place(row: cell.answer.lowerBound - output.lowerBound, column, rows: output.count, panelWidth: width)
                fill(windows, lanes, source, window: cell.window, ends: ends)
                for lane in 0..<lanes {
                    space.input.update(from: windows + lane * size, count: size)
                    convolution.execute(space)
                    let values = space.input + cell.lead + (cell.answer.lowerBound - cell.first)
                    (windows + lane * size).update(from: values, count: cell.answer.count)
                }
                // Rows are written whole: one visit to each line of the cache.
                let columns = min(8, width)
                for row in 0..<cell.answer.count {
                    let line = answer + row * width
                    for lane in 0..<lanes { line[lane] = Float(windows[lane * size + row]) }
                    for lane in lanes..<columns { line[lane] = 0 }
                }
            }
        }
    }
}

/// Eight neighbouring columns of a block, or all of a narrower panel, rows told by frame.
private struct EightColumns {
    let base: UnsafePointer<Float>
    let stride: Int
    let origin: Int

    @inline(__always)
    subscript(frame: Int) -> SIMD8<Double> {
        let row = base + (frame - origin) * stride
        if stride >= 8 { return SIMD8<Double>(UnsafeRawPointer(row).loadUnaligned(as: SIMD8<Float>.self)) }
        var value = SIMD8<Double>.zero
        for lane in 0..<stride { value[lane] = Double(row[lane]) }
        return value
    }
}

/// Writes a window of the first `lanes` columns channel after channel, continued beyond the segment's ends.
private func fill(_ windows: UnsafeMutablePointer<Double>, _ lanes: Int, _ source: EightColumns, window: SampleRange, ends: SegmentEnds) {
    let size = window.count
    let last = ends.frames - 1
    for row in 0..<size {
        let frame = window.lowerBound + row
        let value: SIMD8<Double>
        if frame < 0 {
            value = continued(source, end: 0, away: -frame, mirror: min(-frame, last), ends.before)
        } else if frame > last {
            value = continued(source, end: last, away: frame - last, mirror: max(2 * last - frame, 0), ends.after)
        } else {
            value = source[frame]
        }
        for lane in 0..<lanes { windows[lane * size + row] = value[lane] }
    }
}

@inline(__always)
private func continued(
    _ source: EightColumns, end: Int, away: Int, mirror: Int, _ continuation: SegmentEnds.Continuation
) -> SIMD8<Double> {
    switch continuation {
    case .reflected(let reach) where away <= reach: 2 * source[end] - source[mirror]
    case .held: source[end]
    case .reflected, .zeros: .zero
    }
}
