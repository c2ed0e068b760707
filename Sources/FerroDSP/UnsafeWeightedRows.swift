// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

private typealias Eight = SIMD8<Float>

/// Rows summed in Float32 before they go to Float64.
private let rowsPerPartialSum = 32

/// Sums that are formed side by side: enough to hide the latency of each.
private let centresAtOnce = 8

/// Weighted sums of rows around `count` centres, `step` apart: the kept frames of a symmetric FIR filter.
/// Requires the block to cover every row that a sum reaches.
///
/// Of a last set of centres that is not full, the missing ones repeat the last and are not written, so that every frame goes through the
/// same operations.
func weightedRows(
    _ block: SignalBlock, firstCentre: Int, step: Int, filter: KaiserLowpass, count: Int,
    into target: UnsafeMutableBufferPointer<Float>
) {
    let weights = filter.taps.map(Float.init)
    let width = block.panelWidth
    block.samples.withUnsafeBufferPointer { samples in
        weights.withUnsafeBufferPointer { weights in
            guard let base = samples.baseAddress, let output = target.baseAddress else { return }
            for column in stride(from: 0, to: block.paddedChannels, by: 8) {
                let top = base + block.place(firstCentre - filter.half, column)
                let answer = output + SignalBlock.place(row: 0, column, rows: count, panelWidth: width)
                for index in stride(from: 0, to: count, by: centresAtOnce) {
                    sumCentres(
                        top + index * step * width, apart: step * width, width: width, weights, count: min(centresAtOnce, count - index),
                        into: answer + index * width)
                }
            }
        }
    }
}

private func sumCentres(
    _ top: UnsafePointer<Float>, apart: Int, width: Int, _ weights: UnsafeBufferPointer<Float>, count: Int,
    into output: UnsafeMutablePointer<Float>
) {
    guard let weight = weights.baseAddress else { return }
    func centre(_ number: Int) -> UnsafePointer<Float> { top + min(number, count - 1) * apart }
    let (top0, top1, top2, top3) = (centre(0), centre(1), centre(2), centre(3))
    let (top4, top5, top6, top7) = (centre(4), centre(5), centre(6), centre(7))
    var totals = (
        SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero,
        SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero
    )
    var tap = 0
    while tap < weights.count {
        let end = min(tap + rowsPerPartialSum, weights.count)
        var (sum0, sum1, sum2, sum3) = (Eight.zero, Eight.zero, Eight.zero, Eight.zero)
        var (sum4, sum5, sum6, sum7) = (Eight.zero, Eight.zero, Eight.zero, Eight.zero)
        while tap < end {
            let factor = Eight(repeating: weight[tap])
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
        let totals = bytes.assumingMemoryBound(to: SIMD8<Double>.self)
        for number in 0..<count { store(totals[number], output + number * width) }
    }
}

@inline(__always)
private func load(_ pointer: UnsafePointer<Float>) -> Eight { UnsafeRawPointer(pointer).loadUnaligned(as: Eight.self) }

@inline(__always)
private func store(_ value: SIMD8<Double>, _ pointer: UnsafeMutablePointer<Float>) {
    for lane in 0..<8 { pointer[lane] = Float(value[lane]) }
}

@inline(__always)
private func widened(_ value: Eight) -> SIMD8<Double> {
    SIMD8<Double>(
        Double(value[0]), Double(value[1]), Double(value[2]), Double(value[3]),
        Double(value[4]), Double(value[5]), Double(value[6]), Double(value[7]))
}
