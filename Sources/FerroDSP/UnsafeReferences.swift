// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// Frames that are handled together, one in each lane.
private typealias Times = SIMD16<Float>
private typealias Row = SIMD8<Float>

/// Which columns of eight take which group's reference.
private struct Subtraction {
    var column: Int
    var group: Int
    var mask: SIMDMask<SIMD8<Int32>>
}

/// Subtracts the reference of each group from its channels, in place. Frames are independent, so the last lanes of a stretch
/// shorter than sixteen frames repeat its last frame and are not written.
func subtractReferences(_ groups: [ReferenceGroup], from block: inout SignalBlock) {
    let frames = block.frames
    let stride = block.stride
    let columns = groups.map { $0.columns.map(Int32.init) }
    let subtractions = plan(groups)
    let largest = groups.map(\.columns.count).max() ?? 0
    let lanes = UnsafeMutablePointer<Times>.allocate(capacity: largest)
    let references = UnsafeMutablePointer<Times>.allocate(capacity: groups.count)
    defer {
        lanes.deallocate()
        references.deallocate()
    }
    block.samples.withUnsafeMutableBufferPointer { samples in
        guard let base = samples.baseAddress else { return }
        var first = 0
        while first < frames.count {
            let rows = min(Times.scalarCount, frames.count - first)
            let top = base + first * stride
            for (number, group) in groups.enumerated() {
                columns[number].withUnsafeBufferPointer { columns in
                    gather(columns, from: top, stride: stride, rows: rows, into: lanes)
                }
                references[number] = group.method.reference(of: lanes, count: group.columns.count)
            }
            for step in subtractions {
                let reference = references[step.group]
                for row in 0..<rows {
                    let place = UnsafeMutableRawPointer(top + row * stride + step.column).assumingMemoryBound(to: Row.self)
                    let value = UnsafeRawPointer(place).loadUnaligned(as: Row.self)
                    let less = value - Row(repeating: reference[row])
                    UnsafeMutableRawPointer(place).storeBytes(of: value.replacing(with: less, where: step.mask), as: Row.self)
                }
            }
            first += rows
        }
    }
}

private func plan(_ groups: [ReferenceGroup]) -> [Subtraction] {
    var steps: [Subtraction] = []
    for (number, group) in groups.enumerated() {
        for start in Set(group.columns.map { $0 & ~7 }).sorted() {
            var mask = SIMDMask<SIMD8<Int32>>(repeating: false)
            for column in group.columns where column & ~7 == start { mask[column & 7] = true }
            steps.append(Subtraction(column: start, group: number, mask: mask))
        }
    }
    return steps
}

@inline(__always)
private func gather(
    _ columns: UnsafeBufferPointer<Int32>, from top: UnsafePointer<Float>, stride: Int, rows: Int,
    into lanes: UnsafeMutablePointer<Times>
) {
    if rows == Times.scalarCount {
        for index in 0..<columns.count {
            let at = top + Int(columns[index])
            lanes[index] = Times(
                at[0], at[stride], at[2 * stride], at[3 * stride], at[4 * stride], at[5 * stride], at[6 * stride],
                at[7 * stride], at[8 * stride], at[9 * stride], at[10 * stride], at[11 * stride], at[12 * stride],
                at[13 * stride], at[14 * stride], at[15 * stride])
        }
    } else {
        for index in 0..<columns.count {
            var value = Times.zero
            for row in 0..<Times.scalarCount { value[row] = top[min(row, rows - 1) * stride + Int(columns[index])] }
            lanes[index] = value
        }
    }
}

extension ReferenceMethod {
    /// The reference of `count` channels in each lane. The values may be left in another order.
    @inline(__always)
    func reference(of lanes: UnsafeMutablePointer<SIMD16<Float>>, count: Int) -> SIMD16<Float> {
        switch self {
        case .mean: laneMean(lanes, count)
        case .network(let network): laneMedian(lanes, network)
        case .selection: selectMedian(lanes, count: count)
        }
    }
}

@inline(__always)
private func laneMedian(_ lanes: UnsafeMutablePointer<Times>, _ network: MedianNetwork) -> Times {
    network.steps.withUnsafeBufferPointer { steps in
        for step in steps {
            let left = lanes[Int(step.low)]
            let right = lanes[Int(step.high)]
            let swap = right .< left
            lanes[Int(step.low)] = left.replacing(with: right, where: swap)
            lanes[Int(step.high)] = right.replacing(with: left, where: swap)
        }
    }
    let (lower, upper) = network.middle
    return lower == upper ? lanes[lower] : (lanes[lower] + lanes[upper]) * 0.5
}

@inline(__always)
private func laneMean(_ lanes: UnsafeMutablePointer<Times>, _ count: Int) -> Times {
    var sum = SIMD16<Double>.zero
    for index in 0..<count { sum += SIMD16<Double>(lanes[index]) }
    return Times(sum / Double(count))
}
