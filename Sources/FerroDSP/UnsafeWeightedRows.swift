// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

private typealias Eight = SIMD8<Float>

/// Rows summed in Float32 before they go to Float64.
private let rowsPerPartialSum = 32

/// Weighted sums of rows around `count` centres, `step` apart: the kept frames of a symmetric FIR filter.
/// Requires the block to cover every row that a sum reaches.
func weightedRows(
    _ block: SignalBlock, firstCentre: Int, step: Int, filter: KaiserLowpass, count: Int,
    into target: UnsafeMutableBufferPointer<Float>
) {
    let weights = filter.taps.map(Float.init)
    let stride = block.stride
    block.samples.withUnsafeBufferPointer { samples in
        weights.withUnsafeBufferPointer { weights in
            guard let base = samples.baseAddress, let output = target.baseAddress, let weight = weights.baseAddress else { return }
            let first = base + (firstCentre - filter.half - block.frames.lowerBound) * stride
            let wide = stride / 32 * 32
            for index in 0..<count {
                let top = first + index * step * stride
                let line = output + index * stride
                // Neighbouring sums share most of their rows, so that two are formed in one reading.
                if index % 2 == 1 || index + 1 == count {
                    let isAlone = index % 2 == 0
                    for column in Swift.stride(from: 0, to: wide, by: 32) {
                        if isAlone {
                            sumFour(top + column, stride, weight, weights.count, line + column)
                        } else {
                            sumPair(top - step * stride + column, stride, weight, weights.count, step, line - stride + column, line + column)
                        }
                    }
                }
                for column in Swift.stride(from: wide, to: stride, by: 8) {
                    sumOne(top + column, stride, weight, weights.count, line + column)
                }
            }
        }
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

private func sumOne(
    _ top: UnsafePointer<Float>, _ stride: Int, _ weight: UnsafePointer<Float>, _ taps: Int, _ output: UnsafeMutablePointer<Float>
) {
    var total = SIMD8<Double>.zero
    var tap = 0
    while tap < taps {
        let end = min(tap + rowsPerPartialSum, taps)
        var sum = Eight.zero
        while tap < end {
            sum.addProduct(Eight(repeating: weight[tap]), load(top + tap * stride))
            tap += 1
        }
        total += widened(sum)
    }
    store(total, output)
}

/// The same sums for 32 columns at once: a row is read whole, and four sums hide the latency of one.
private func sumFour(
    _ top: UnsafePointer<Float>, _ stride: Int, _ weight: UnsafePointer<Float>, _ taps: Int, _ output: UnsafeMutablePointer<Float>
) {
    var total0 = SIMD8<Double>.zero
    var total1 = SIMD8<Double>.zero
    var total2 = SIMD8<Double>.zero
    var total3 = SIMD8<Double>.zero
    var tap = 0
    while tap < taps {
        let end = min(tap + rowsPerPartialSum, taps)
        var sum0 = Eight.zero
        var sum1 = Eight.zero
        var sum2 = Eight.zero
        var sum3 = Eight.zero
        while tap < end {
            let row = top + tap * stride
            let factor = Eight(repeating: weight[tap])
            sum0.addProduct(factor, load(row))
            sum1.addProduct(factor, load(row + 8))
            sum2.addProduct(factor, load(row + 16))
            sum3.addProduct(factor, load(row + 24))
            tap += 1
        }
        total0 += widened(sum0)
        total1 += widened(sum1)
        total2 += widened(sum2)
        total3 += widened(sum3)
    }
    store(total0, output)
    store(total1, output + 8)
    store(total2, output + 16)
    store(total3, output + 24)
}

/// Sums over 32 columns.
private struct ColumnSums {
    var sum0 = Eight.zero
    var sum1 = Eight.zero
    var sum2 = Eight.zero
    var sum3 = Eight.zero
}

private struct ColumnTotals {
    var total0 = SIMD8<Double>.zero
    var total1 = SIMD8<Double>.zero
    var total2 = SIMD8<Double>.zero
    var total3 = SIMD8<Double>.zero

    /// Takes the sums over and leaves them at zero.
    @inline(__always)
    mutating func take(_ sums: inout ColumnSums) {
        total0 += widened(sums.sum0)
        total1 += widened(sums.sum1)
        total2 += widened(sums.sum2)
        total3 += widened(sums.sum3)
        sums = ColumnSums()
    }

    @inline(__always)
    func write(to output: UnsafeMutablePointer<Float>) {
        store(total0, output)
        store(total1, output + 8)
        store(total2, output + 16)
        store(total3, output + 24)
    }
}

/// The sums of `sumFour` for two centres `step` rows apart, to the same bits: each row is read once for both.
private func sumPair(
    _ top: UnsafePointer<Float>, _ stride: Int, _ weight: UnsafePointer<Float>, _ taps: Int, _ step: Int,
    _ firstOutput: UnsafeMutablePointer<Float>, _ secondOutput: UnsafeMutablePointer<Float>
) {
    var firstTotals = ColumnTotals()
    var secondTotals = ColumnTotals()
    var first = ColumnSums()
    var second = ColumnSums()
    /// First tap behind the partial sum that holds this tap.
    func partEnd(_ tap: Int) -> Int { min(taps, (tap / rowsPerPartialSum + 1) * rowsPerPartialSum) }
    var row = 0
    while row < taps + step {
        let inFirst = row < taps
        let inSecond = row >= step
        // Where the first centre's partial sum ends, or the second's, or the second begins.
        let firstEnd = inFirst ? partEnd(row) : taps + step
        let secondEnd = inSecond ? step + partEnd(row - step) : step
        let end = inFirst ? min(firstEnd, secondEnd) : secondEnd
        while row < end {
            let rows = top + row * stride
            let row0 = load(rows)
            let row1 = load(rows + 8)
            let row2 = load(rows + 16)
            let row3 = load(rows + 24)
            if inFirst {
                let factor = Eight(repeating: weight[row])
                first.sum0.addProduct(factor, row0)
                first.sum1.addProduct(factor, row1)
                first.sum2.addProduct(factor, row2)
                first.sum3.addProduct(factor, row3)
            }
            if inSecond {
                let factor = Eight(repeating: weight[row - step])
                second.sum0.addProduct(factor, row0)
                second.sum1.addProduct(factor, row1)
                second.sum2.addProduct(factor, row2)
                second.sum3.addProduct(factor, row3)
            }
            row += 1
        }
        if inFirst, row == firstEnd { firstTotals.take(&first) }
        if inSecond, row == secondEnd { secondTotals.take(&second) }
    }
    firstTotals.write(to: firstOutput)
    secondTotals.write(to: secondOutput)
}
