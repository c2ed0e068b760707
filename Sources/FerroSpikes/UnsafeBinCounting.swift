// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

// Goals, in order: the counts that `SampleBins.count` would give; speed. A stretch of a panel is put into bins as it lies in memory, sixteen samples a
// vector; then each column's bins are counted. What the fast way does not cover (a page that is not there yet, a sample far away) is left to
// `SampleBins.count`.

private typealias Samples = SIMD16<Float>
private typealias Bins = SIMD16<Int32>

/// Samples that are put into bins before they are counted: few enough that they stay near.
private let stretch = 1 << 16

/// Counts the samples of some rows of a block, column by column.
func countBins(_ bins: inout [SampleBins], _ block: SignalBlock, frames: SampleRange) {
    let width = block.panelWidth
    let rowsAtOnce = stretch / width
    let indices = UnsafeMutablePointer<Bins>.allocate(capacity: stretch / 16)
    defer { indices.deallocate() }
    for start in block.panelStarts {
        let columns = min(width, bins.count - start)
        for first in Swift.stride(from: frames.lowerBound, to: frames.upperBound, by: rowsAtOnce) {
            let rows = min(rowsAtOnce, frames.upperBound - first)
            let place = block.place(first, start)
            block.samples.withUnsafeBufferPointer { samples in
                for column in 0..<columns { bins[start + column].settle(for: samples, from: place + column, every: width, times: rows) }
            }
            var scale = Samples.zero
            for lane in 0..<16 where lane & (width - 1) < columns { scale[lane] = bins[start + lane & (width - 1)].scale }
            // Whole vectors; the few samples after the last are counted as samples.
            let whole = rows * width / 16
            let binned = 16 * whole / width
            block.samples.withUnsafeBufferPointer { samples in
                guard let base = samples.baseAddress else { return }
                for index in 0..<whole {
                    let value = UnsafeRawPointer(base + place + 16 &* index).loadUnaligned(as: Samples.self)
                    indices[index] = binIndices(value * scale)
                }
                UnsafePointer(indices).withMemoryRebound(to: Int32.self, capacity: 16 * whole) { flat in
                    for column in 0..<columns {
                        countColumn(&bins[start + column], flat + column, every: width, samples, from: place + column, rows: binned)
                        bins[start + column].count(samples, from: place + binned * width + column, every: width, times: rows - binned)
                    }
                }
            }
        }
    }
}

/// Counts one column: by its bins, and by its samples where those do not do. A page that was missing is there for the next sample; wider
/// bins are others than those that were worked out.
@inline(__always)
private func countColumn(
    _ bins: inout SampleBins, _ indices: UnsafePointer<Int32>, every width: Int, _ samples: UnsafeBufferPointer<Float>, from first: Int, rows: Int
) {
    let exponent = bins.exponent
    var done = 0
    while done < rows {
        if bins.exponent == exponent { done += bins.count(indices + width * done, every: width, times: rows - done) }
        let slow = bins.exponent == exponent ? min(1, rows - done) : rows - done
        bins.count(samples, from: first + done * width, every: width, times: slow)
        done += slow
    }
}

/// The largest whole numbers not above the values, for values within ±(2^22 − 2); what lies beyond is put at ±2^22.
@inline(__always)
private func binIndices(_ value: Samples) -> Bins {
    let limit = Samples(repeating: 0x1p22)
    let low = value.replacing(with: -limit, where: value .< -limit)
    let inside = low.replacing(with: limit, where: low .> limit)
    // Adding 1.5 · 2^23 rounds to the nearest whole number and leaves it in the low bits.
    let magic = Samples(repeating: 0x1.8p23)
    let shifted = inside + magic
    let nearest = unsafeBitCast(shifted, to: Bins.self) &- unsafeBitCast(magic, to: Bins.self)
    // All ones, that is −1, where rounding went up.
    let above = Bins.zero.replacing(with: -1, where: (shifted - magic) .> inside)
    return nearest &+ above
}
