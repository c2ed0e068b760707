// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

private typealias Eight = SIMD8<Double>

/// Frames that are widened to Float64 at once.
private let framesAtOnce = 64

/// Adds x and x xᵀ of every frame; of the products only eights of columns from the row's own on. `stride` is the number of channels filled up to eights.
func addProducts(of block: SignalBlock, frames: SampleRange, stride: Int, sums: inout [Double], products: inout [Double]) {
    let width = block.panelWidth
    let wide = UnsafeMutablePointer<Double>.allocate(capacity: framesAtOnce * stride)
    wide.initialize(repeating: 0, count: framesAtOnce * stride)
    defer { wide.deallocate() }
    sums.withUnsafeMutableBufferPointer { sums in
        products.withUnsafeMutableBufferPointer { products in
            block.samples.withUnsafeBufferPointer { samples in
                guard let base = samples.baseAddress, let total = products.baseAddress else { return }
                for first in Swift.stride(from: 0, to: frames.count, by: framesAtOnce) {
                    let rows = min(framesAtOnce, frames.count - first)
                    for start in block.panelStarts {
                        let lanes = min(width, stride - start)
                        let input = base + block.place(frames.lowerBound + first, start)
                        for row in 0..<rows {
                            for lane in 0..<lanes {
                                let value = Double(input[row * width + lane])
                                wide[row * stride + start + lane] = value
                                sums[start + lane] += value
                            }
                        }
                    }
                    for top in Swift.stride(from: 0, to: stride, by: 4) {
                        for column in Swift.stride(from: top & ~7, to: stride, by: 8) {
                            addTile(wide, stride, rows: rows, top: top, column: column, into: total)
                        }
                    }
                }
            }
        }
    }
}

/// Four channels times eight.
@inline(__always)
private func addTile(
    _ wide: UnsafePointer<Double>, _ stride: Int, rows: Int, top: Int, column: Int, into total: UnsafeMutablePointer<Double>
) {
    let place = UnsafeMutableRawPointer(total + top * stride + column)
    let width = stride * MemoryLayout<Double>.stride
    var sum0 = place.loadUnaligned(as: Eight.self)
    var sum1 = (place + width).loadUnaligned(as: Eight.self)
    var sum2 = (place + 2 * width).loadUnaligned(as: Eight.self)
    var sum3 = (place + 3 * width).loadUnaligned(as: Eight.self)
    for row in 0..<rows {
        let line = wide + row * stride
        let values = UnsafeRawPointer(line + column).loadUnaligned(as: Eight.self)
        sum0.addProduct(values, Eight(repeating: line[top]))
        sum1.addProduct(values, Eight(repeating: line[top + 1]))
        sum2.addProduct(values, Eight(repeating: line[top + 2]))
        sum3.addProduct(values, Eight(repeating: line[top + 3]))
    }
    place.storeBytes(of: sum0, as: Eight.self)
    (place + width).storeBytes(of: sum1, as: Eight.self)
    (place + 2 * width).storeBytes(of: sum2, as: Eight.self)
    (place + 3 * width).storeBytes(of: sum3, as: Eight.self)
}
