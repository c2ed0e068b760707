// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

// Goals, in order: a sum whose operations depend on the channel and the frame alone; every lane filled. A panel as wide as the lanes is summed where it
// lies, a narrower one as stretches of frames brought side by side.

#if FERROSPIKE_AVX512
private typealias Columns = SIMD16<Float>
private typealias Totals = SIMD16<Double>
#else
private typealias Columns = SIMD8<Float>
private typealias Totals = SIMD8<Double>
#endif

/// Rows summed in Float32 before they go to Float64.
private let rowsPerPartialSum = 32

/// Sums that are formed side by side.
private let centresAtOnce = 8

/// Weighted sums of rows around `count` centres, `step` apart: the kept frames of a symmetric FIR filter.
/// Requires the block to cover every row that a sum reaches.
func weightedRows(
    _ block: SignalBlock, firstCentre: Int, step: Int, filter: KaiserLowpass, count: Int,
    into target: UnsafeMutableBufferPointer<Float>
) {
    guard count > 0, let output = target.baseAddress else { return }
    let weights = filter.taps.map(Float.init)
    let width = block.panelWidth
    let first = firstCentre - filter.half
    let lanes = Columns.scalarCount
    if width >= lanes {
        block.samples.withUnsafeBufferPointer { samples in
            guard let base = samples.baseAddress else { return }
            for column in stride(from: 0, to: block.paddedChannels, by: lanes) {
                sumRows(
                    base + block.place(first, column), step: step, width: width, weights, count: count,
                    into: output + SignalBlock.place(row: 0, column, rows: count, panelWidth: width))
            }
        }
        return
    }
    // Stretches of as many centres each; the last begin early where they would reach beyond.
    let number = PackedLanes.stretches(ofColumns: block.channels, lanes: lanes)
    let each = (count + number - 1) / number
    let starts = (0..<number).map { min($0 * each, count - each) }
    let packed = PackedLanes(columns: block.channels, lanes: lanes, rows: (each - 1) * step + weights.count)
    let sums = PackedLanes(columns: block.channels, lanes: lanes, rows: each)
    defer {
        packed.deallocate()
        sums.deallocate()
    }
    block.samples.withUnsafeBufferPointer { samples in
        guard let base = samples.baseAddress else { return }
        let rows = FloatRows(base: UnsafeMutablePointer(mutating: base) + block.place(first, 0), stride: width)
        packed.bring(starts.map { rows.dropFirst($0 * step) })
    }
    sumRows(packed.base, step: step, width: lanes, weights, count: each, into: sums.base)
    let answer = FloatRows(base: output, stride: width)
    sums.take(from: 0, count: each, into: starts.map { answer.dropFirst($0) })
}

/// Of a last set of centres that is not full, the missing ones repeat the last and are not written, so that every frame goes through the
/// same operations.
private func sumRows(
    _ top: UnsafePointer<Float>, step: Int, width: Int, _ weights: [Float], count: Int, into output: UnsafeMutablePointer<Float>
) {
    weights.withUnsafeBufferPointer { weights in
        for index in stride(from: 0, to: count, by: centresAtOnce) {
            sumCentres(
                top + index * step * width, apart: step * width, width: width, weights, count: min(centresAtOnce, count - index),
                into: output + index * width)
        }
    }
}

@inline(__always)
private func sumCentres(
    _ top: UnsafePointer<Float>, apart: Int, width: Int, _ weights: UnsafeBufferPointer<Float>, count: Int,
    into output: UnsafeMutablePointer<Float>
) {
    guard let weight = weights.baseAddress else { return }
    func centre(_ number: Int) -> UnsafePointer<Float> { top + min(number, count - 1) * apart }
    let (top0, top1, top2, top3) = (centre(0), centre(1), centre(2), centre(3))
    let (top4, top5, top6, top7) = (centre(4), centre(5), centre(6), centre(7))
    var totals = (
        Totals.zero, Totals.zero, Totals.zero, Totals.zero, Totals.zero, Totals.zero, Totals.zero, Totals.zero
    )
    var tap = 0
    while tap < weights.count {
        let end = min(tap + rowsPerPartialSum, weights.count)
        var (sum0, sum1, sum2, sum3) = (Columns.zero, Columns.zero, Columns.zero, Columns.zero)
        var (sum4, sum5, sum6, sum7) = (Columns.zero, Columns.zero, Columns.zero, Columns.zero)
        while tap < end {
            let factor = Columns(repeating: weight[tap])
            let row = tap &* width
            sum0.addProduct(factor, load(top0 + row))
            sum1.addProduct(factor, load(top1 + row))
            sum2.addProduct(factor, load(top2 + row))
            sum3.addProduct(factor, load(top3 + row))
            sum4.addProduct(factor, load(top4 + row))
            sum5.addProduct(factor, load(top5 + row))
            sum6.addProduct(factor, load(top6 + row))
            sum7.addProduct(factor, load(top7 + row))
            tap &+= 1
        }
        totals.0 += widened(sum0)
        totals.1 += widened(sum1)
        totals.2 += widened(sum2)
        totals.3 += widened(sum3)
        totals.4 += widened(sum4)
        totals.5 += widened(sum5)
        totals.6 += widened(sum6)
        totals.7 += widened(sum7)
    }
    withUnsafeBytes(of: totals) { bytes in
        let totals = bytes.assumingMemoryBound(to: Totals.self)
        for number in 0..<count {
            for lane in 0..<Columns.scalarCount { output[number * width + lane] = Float(totals[number][lane]) }
        }
    }
}

@inline(__always)
private func load(_ pointer: UnsafePointer<Float>) -> Columns { UnsafeRawPointer(pointer).loadUnaligned(as: Columns.self) }

/// Lanes are named one by one: conversions of whole vectors become calls.
@inline(__always)
private func widened(_ value: Columns) -> Totals {
    #if FERROSPIKE_AVX512
    return Totals(
        Double(value[0]), Double(value[1]), Double(value[2]), Double(value[3]), Double(value[4]), Double(value[5]), Double(value[6]), Double(value[7]),
        Double(value[8]), Double(value[9]), Double(value[10]), Double(value[11]), Double(value[12]), Double(value[13]), Double(value[14]),
        Double(value[15]))
    #else
    return Totals(
        Double(value[0]), Double(value[1]), Double(value[2]), Double(value[3]), Double(value[4]), Double(value[5]), Double(value[6]), Double(value[7]))
    #endif
}
