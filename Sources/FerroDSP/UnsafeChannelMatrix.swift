// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

private typealias Sums = SIMD8<Double>

/// Frames whose sums are formed together, so that a weight is read once for all of them.
private let tile = 4
/// Frames that are widened to Float64 at once: of 384 channels they fit in a second-level cache beside the weights of a group.
private let framesAtOnce = 32

/// Writes the weighted sums of `frames`. Of a last tile that is not full, the missing frames repeat the last and are not written, so
/// that every frame goes through the same operations.
func weightedChannels(
    _ groups: [WeightGroup], of block: SignalBlock, frames: SampleRange, into target: UnsafeMutableBufferPointer<Float>
) {
    let stride = block.paddedChannels
    let width = block.panelWidth
    let wide = UnsafeMutablePointer<Double>.allocate(capacity: framesAtOnce * stride)
    defer { wide.deallocate() }
    block.samples.withUnsafeBufferPointer { samples in
        guard let base = samples.baseAddress, let output = target.baseAddress else { return }
        for first in Swift.stride(from: 0, to: frames.count, by: framesAtOnce) {
            let rows = min(framesAtOnce, frames.count - first)
            let padded = (rows + tile - 1) / tile * tile
            for start in block.panelStarts {
                let input = base + block.place(frames.lowerBound + first, start)
                for row in 0..<padded {
                    let source = input + min(row, rows - 1) * width
                    for lane in 0..<width { wide[row * stride + start + lane] = Double(source[lane]) }
                }
            }
            for (number, group) in groups.enumerated() {
                group.columns.withUnsafeBufferPointer { columns in
                    group.weights.withUnsafeBufferPointer { weights in
                        for row in Swift.stride(from: 0, to: padded, by: tile) {
                            sumTile(
                                wide + row * stride, stride, columns, weights, valid: min(tile, rows - row),
                                into: output + SignalBlock.place(row: first + row, 8 * number, rows: frames.count, panelWidth: width), width)
                        }
                    }
                }
            }
        }
    }
}

@inline(__always)
private func sumTile(
    _ top: UnsafePointer<Double>, _ stride: Int, _ columns: UnsafeBufferPointer<Int32>, _ weights: UnsafeBufferPointer<Double>, valid: Int,
    into output: UnsafeMutablePointer<Float>, _ width: Int
) {
    var (sum0, sum1, sum2, sum3) = (Sums.zero, Sums.zero, Sums.zero, Sums.zero)
    if let weight = weights.baseAddress {
        for index in 0..<columns.count {
            let factors = UnsafeRawPointer(weight + 8 * index).loadUnaligned(as: Sums.self)
            let value = top + Int(columns[index])
            sum0.addProduct(factors, Sums(repeating: value[0]))
            sum1.addProduct(factors, Sums(repeating: value[stride]))
            sum2.addProduct(factors, Sums(repeating: value[2 * stride]))
            sum3.addProduct(factors, Sums(repeating: value[3 * stride]))
        }
    }
    for row in 0..<valid {
        let sum = row == 0 ? sum0 : row == 1 ? sum1 : row == 2 ? sum2 : sum3
        if width < 8 {
            for lane in 0..<width { output[row * width + lane] = Float(sum[lane]) }
        } else {
            UnsafeMutableRawPointer(output + row * width).storeBytes(of: SIMD8<Float>(sum), as: SIMD8<Float>.self)
        }
    }
}
