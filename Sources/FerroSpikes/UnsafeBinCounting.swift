// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

// Goals, in order: the counts that `SampleBins.count` would give; speed. Stretches of a panel are turned and put into bins sixteen samples at a time, so
// that the bins of each column lie one after the other; then each column's are counted. What the fast way does not cover (a page that is not there yet,
// a sample far away) is left to `SampleBins.count`.

private typealias Bins = SIMD16<Int32>

/// Samples that are put into bins before they are counted: of many channels, whose counts have to come from afar, so many that it pays.
private let samplesAtOnce = 1 << 18

/// Rows that tell how wide bins had better be.
private let rowsLookedAt = 4096

/// Some rows of one panel of a block.
private struct Stretch {
    let samples: UnsafeBufferPointer<Float>
    /// Where the first row lies.
    let place: Int
    let rows: Int
    let width: Int
    /// Whole tiles; the few rows after the last are counted as samples.
    var tiles: Int { rows / 16 }

    var top: UnsafePointer<Float>? { samples.baseAddress.map { $0 + place } }
}

/// Counts the samples of some rows of blocks with the same channels, column by column.
func countBins(_ bins: inout [SampleBins], _ blocks: [(block: SignalBlock, frames: SampleRange)]) {
    guard let width = blocks.first?.block.panelWidth else { return }
    let piece = BlockPool.take(samplesAtOnce * MemoryLayout<Int32>.stride)
    defer { BlockPool.give(piece) }
    let memory = piece.bindMemory(to: Bins.self, capacity: samplesAtOnce / 16)
    withExtendedLifetime(blocks) {
        for start in blocks[0].block.panelStarts {
            var together: [Stretch] = []
            for (block, frames) in blocks {
                // A block's memory is its own as long as the block lives.
                let samples = block.samples.withUnsafeBufferPointer { $0 }
                var first = frames.lowerBound
                while first < frames.upperBound {
                    let room = samplesAtOnce / width - together.reduce(0) { $0 + $1.rows }
                    let rows = min(room, frames.upperBound - first)
                    together.append(Stretch(samples: samples, place: block.place(first, start), rows: rows, width: width))
                    first += rows
                    if rows == room { count(&together, in: &bins, from: start, memory) }
                }
            }
            count(&together, in: &bins, from: start, memory)
        }
    }
}

/// Counts stretches of the panel that begins with a channel, and is done with them.
private func count(_ stretches: inout [Stretch], in bins: inout [SampleBins], from start: Int, _ memory: UnsafeMutablePointer<Bins>) {
    guard let first = stretches.first else { return }
    let columns = min(first.width, bins.count - start)
    for column in 0..<columns {
        bins[start + column].settle(for: first.samples, from: first.place + column, every: first.width, times: min(first.rows, rowsLookedAt))
    }
    let scales = bins[start..<start + columns].map(\.scale)
    var next = memory
    let binned = stretches.map { stretch in
        defer { next += stretch.tiles * columns }
        return (bins: next, reaches: putIntoBins(stretch, scales: scales, into: next))
    }
    for column in 0..<columns {
        let exponent = bins[start + column].exponent
        for (stretch, (indices, reaches)) in zip(stretches, binned) {
            UnsafePointer(indices + column * stretch.tiles).withMemoryRebound(to: Int32.self, capacity: 16 * stretch.tiles) {
                countColumn(&bins[start + column], $0, of: exponent, within: reaches[column], stretch, column)
            }
        }
    }
    stretches = []
}

/// Leaves the bins of each column's samples one after the other.
///
/// - Returns: between which bins those of each column lie.
private func putIntoBins(_ stretch: Stretch, scales: [Float], into memory: UnsafeMutablePointer<Bins>) -> [ClosedRange<Int>] {
    let (width, tiles) = (stretch.width, stretch.tiles)
    let far = Samples(repeating: .infinity)
    var (lows, highs) = (scales.map { _ in far }, scales.map { _ in -far })
    guard tiles > 0, let top = stretch.top else { return scales.map { _ in 0...0 } }
    withUnsafeTemporaryAllocation(of: Samples.self, capacity: 16) { tile in
        guard let tile = tile.baseAddress else { return }
        lows.withUnsafeMutableBufferPointer { lows in
            highs.withUnsafeMutableBufferPointer { highs in
                scales.withUnsafeBufferPointer { scales in
                    for number in 0..<tiles {
                        turnTile(top + 16 &* number &* width, width: width, into: tile)
                        for column in scales.indices {
                            let value = tile[column] * scales[column]
                            lows[column] = value.replacing(with: lows[column], where: lows[column] .< value)
                            highs[column] = value.replacing(with: highs[column], where: highs[column] .> value)
                            memory[column &* tiles &+ number] = binIndices(value)
                        }
                    }
                }
            }
        }
    }
    return scales.indices.map { column in
        let ends = binIndices(Samples(lowHalf: .init(repeating: lows[column].min()), highHalf: .init(repeating: highs[column].max())))
        return Int(min(ends[0], ends[15]))...Int(ends[15])
    }
}

/// Counts one column: by its bins, and by its samples where those do not do. A page that was missing is there for the next sample; wider
/// bins are others than those that were worked out.
private func countColumn(
    _ bins: inout SampleBins, _ indices: UnsafePointer<Int32>, of exponent: Int, within reach: ClosedRange<Int>, _ stretch: Stretch, _ column: Int
) {
    var done = 0
    while done < stretch.rows {
        let binned = bins.exponent == exponent ? 16 * stretch.tiles - done : 0
        if binned > 0 { done += bins.count(indices + done, times: binned, within: reach) }
        let left = stretch.rows - done
        let slow = bins.exponent == exponent && done < 16 * stretch.tiles ? 1 : left
        bins.count(stretch.samples, from: stretch.place + column + done * stretch.width, every: stretch.width, times: slow)
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
