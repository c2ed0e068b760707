// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

// Goals, in order: the counts that `SampleBins.count` would give; speed. Eight columns of a stretch of rows are put into bins at once, in
// SIMD lanes; then each column's bins are counted through a flat table of its pages. What the fast way does not cover (a page that
// is not there yet, a sample far away) is left to `SampleBins.count`.

/// Eight channels of one frame.
private typealias Eight = SIMD8<Float>

/// Rows that are put into bins before they are counted: few enough that they stay in the nearest cache.
private let stretch = 8192

/// Counts the samples of some rows of a block, column by column.
func countBins(_ bins: inout [SampleBins], _ block: SignalBlock, frames: SampleRange) {
    let indices = UnsafeMutablePointer<SIMD8<Int32>>.allocate(capacity: stretch)
    defer { indices.deallocate() }
    for first in Swift.stride(from: frames.lowerBound, to: frames.upperBound, by: stretch) {
        let rows = min(stretch, frames.upperBound - first)
        for column in Swift.stride(from: 0, to: bins.count, by: 8) {
            let lanes = min(8, bins.count - column)
            let start = block.place(first, column)
            var scale = Eight.zero
            for lane in 0..<lanes { scale[lane] = bins[column + lane].scale }
            block.samples.withUnsafeBufferPointer { samples in
                guard let base = samples.baseAddress else { return }
                for row in 0..<rows {
                    let value = UnsafeRawPointer(base + start + row * block.panelWidth).loadUnaligned(as: Eight.self)
                    indices[row] = binIndices(value * scale)
                }
            }
            UnsafePointer(indices).withMemoryRebound(to: Int32.self, capacity: 8 * rows) { flat in
                for lane in 0..<lanes {
                    countColumn(&bins[column + lane], flat + lane, block, from: start + lane, rows: rows)
                }
            }
        }
    }
}

/// Counts one column: by its bins, and by its samples where those do not do. A page that was missing is there for the next sample; wider
/// bins are others than those that were worked out.
@inline(__always)
private func countColumn(_ bins: inout SampleBins, _ indices: UnsafePointer<Int32>, _ block: SignalBlock, from first: Int, rows: Int) {
    let exponent = bins.exponent
    var done = 0
    while done < rows {
        if bins.exponent == exponent { done += bins.count(indices + 8 * done, every: 8, times: rows - done) }
        let slow = bins.exponent == exponent ? min(1, rows - done) : rows - done
        bins.count(block.samples, from: first + done * block.panelWidth, every: block.panelWidth, times: slow)
        done += slow
    }
}

/// The largest whole numbers not above the values, for values within ±(2^22 − 2); what lies beyond is put at ±2^22.
@inline(__always)
private func binIndices(_ value: Eight) -> SIMD8<Int32> {
    let limit = Eight(repeating: 0x1p22)
    let low = value.replacing(with: -limit, where: value .< -limit)
    let inside = low.replacing(with: limit, where: low .> limit)
    // Adding 1.5 · 2^23 rounds to the nearest whole number and leaves it in the low bits.
    let magic = Eight(repeating: 0x1.8p23)
    let shifted = inside + magic
    let nearest = unsafeBitCast(shifted, to: SIMD8<Int32>.self) &- unsafeBitCast(magic, to: SIMD8<Int32>.self)
    // All ones, that is −1, where rounding went up.
    let above = SIMD8<Int32>.zero.replacing(with: -1, where: (shifted - magic) .> inside)
    return nearest &+ above
}
