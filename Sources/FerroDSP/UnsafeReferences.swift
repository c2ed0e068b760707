// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// Frames that are handled together, one in each lane.
private typealias Times = SIMD16<Float>

/// Columns of one panel that lie side by side and belong to one group.
private struct Stretch {
    var column: Int
    /// Place among the group's columns.
    var index: Int
    var count: Int

    /// Its columns in a row of a panel of sixteen.
    var mask: SIMDMask<SIMD16<Int32>> {
        var mask = SIMDMask<SIMD16<Int32>>(repeating: false)
        for lane in 0..<count { mask[(column & 15) + lane] = true }
        return mask
    }

    /// Its columns in a row of a panel of eight.
    var narrowMask: SIMDMask<SIMD8<Int32>> {
        var mask = SIMDMask<SIMD8<Int32>>(repeating: false)
        for lane in 0..<count { mask[(column & 7) + lane] = true }
        return mask
    }

    /// Stretches that cover the group.
    static func covering(_ columns: [Int]) -> [Stretch] {
        var stretches: [Stretch] = []
        for (index, column) in columns.enumerated() {
            if let last = stretches.last, last.column + last.count == column, column % Times.scalarCount != 0 {
                stretches[stretches.count - 1].count += 1
            } else {
                stretches.append(Stretch(column: column, index: index, count: 1))
            }
        }
        return stretches
    }
}

/// Subtracts the reference of each group from its channels, in place. Frames are independent, so the last lanes of a stretch
/// shorter than sixteen frames repeat its last frame and are not written.
func subtractReferences(_ groups: [ReferenceGroup], from block: inout SignalBlock) {
    let frames = block.frames
    let width = block.panelWidth
    let stretches = groups.map { Stretch.covering($0.columns) }
    let largest = groups.map(\.columns.count).max() ?? 0
    let lanes = UnsafeMutablePointer<Times>.allocate(capacity: largest)
    let scratch = UnsafeMutablePointer<Times>.allocate(capacity: 32)
    defer {
        lanes.deallocate()
        scratch.deallocate()
    }
    block.samples.withUnsafeMutableBufferPointer { samples in
        guard let base = samples.baseAddress else { return }
        var first = 0
        while first < frames.count {
            let rows = min(Times.scalarCount, frames.count - first)
            func top(_ stretch: Stretch) -> UnsafeMutablePointer<Float> {
                base + SignalBlock.place(row: first, stretch.column, rows: frames.count, panelWidth: width)
            }
            for (number, group) in groups.enumerated() {
                stretches[number].withUnsafeBufferPointer { stretches in
                    for stretch in stretches { gather(stretch, from: top(stretch), width: width, rows: rows, into: lanes, scratch) }
                    let reference = group.method.reference(of: lanes, count: group.columns.count)
                    for stretch in stretches { subtract(reference, from: stretch, at: top(stretch), width: width, rows: rows) }
                }
            }
            first += rows
        }
    }
}

/// Brings sixteen frames of some columns into lanes: sixteen columns side by side by turning a tile, fewer one by one.
@inline(__always)
private func gather(
    _ stretch: Stretch, from top: UnsafePointer<Float>, width: Int, rows: Int, into lanes: UnsafeMutablePointer<Times>,
    _ scratch: UnsafeMutablePointer<Times>
) {
    if rows == Times.scalarCount, stretch.count == Times.scalarCount {
        turn(top, into: lanes + stretch.index, scratch)
        return
    }
    for index in 0..<stretch.count {
        let at = top + index
        if rows == Times.scalarCount {
            lanes[stretch.index + index] = Times(
                at[0], at[width], at[2 &* width], at[3 &* width], at[4 &* width], at[5 &* width], at[6 &* width], at[7 &* width], at[8 &* width],
                at[9 &* width], at[10 &* width], at[11 &* width], at[12 &* width], at[13 &* width], at[14 &* width], at[15 &* width])
        } else {
            var value = Times.zero
            for row in 0..<Times.scalarCount { value[row] = at[min(row, rows - 1) &* width] }
            lanes[stretch.index + index] = value
        }
    }
}

@inline(__always)
private func subtract(_ reference: Times, from stretch: Stretch, at top: UnsafeMutablePointer<Float>, width: Int, rows: Int) {
    // From the first column of the panel's row.
    let line = top - (stretch.column & (width - 1))
    if width == Times.scalarCount {
        let mask = stretch.mask
        for row in 0..<rows { subtract(reference[row], from: line + row &* width, mask) }
    } else {
        let mask = stretch.narrowMask
        for row in 0..<rows { subtract(reference[row], from: line + row &* width, mask) }
    }
}

@inline(__always)
private func subtract(_ reference: Float, from place: UnsafeMutablePointer<Float>, _ mask: SIMDMask<SIMD16<Int32>>) {
    let value = UnsafeRawPointer(place).loadUnaligned(as: Times.self)
    let less = value.replacing(with: value - Times(repeating: reference), where: mask)
    UnsafeMutableRawPointer(place).storeBytes(of: less, as: Times.self)
}

@inline(__always)
private func subtract(_ reference: Float, from place: UnsafeMutablePointer<Float>, _ mask: SIMDMask<SIMD8<Int32>>) {
    let value = UnsafeRawPointer(place).loadUnaligned(as: SIMD8<Float>.self)
    let less = value.replacing(with: value - SIMD8<Float>(repeating: reference), where: mask)
    UnsafeMutableRawPointer(place).storeBytes(of: less, as: SIMD8<Float>.self)
}

/// Sixteen rows of a panel of sixteen columns, turned: four rounds, each of which weaves together rows that lie eight apart. `scratch` holds 32 vectors.
@inline(__always)
private func turn(_ top: UnsafePointer<Float>, into lanes: UnsafeMutablePointer<Times>, _ scratch: UnsafeMutablePointer<Times>) {
    for row in 0..<8 {
        let left = UnsafeRawPointer(top + row &* 16).loadUnaligned(as: Times.self)
        let right = UnsafeRawPointer(top + (row &+ 8) &* 16).loadUnaligned(as: Times.self)
        scratch[2 &* row] = weave(left, right, 0)
        scratch[2 &* row &+ 1] = weave(left, right, 8)
    }
    weaveAll(scratch, into: scratch + 16)
    weaveAll(scratch + 16, into: scratch)
    weaveAll(scratch, into: lanes)
}

@inline(__always)
private func weaveAll(_ source: UnsafePointer<Times>, into target: UnsafeMutablePointer<Times>) {
    for row in 0..<8 {
        let (left, right) = (source[row], source[row &+ 8])
        target[2 &* row] = weave(left, right, 0)
        target[2 &* row &+ 1] = weave(left, right, 8)
    }
}

/// Eight values of each in turn, from `first` on.
@inline(__always)
private func weave(_ left: Times, _ right: Times, _ first: Int) -> Times {
    Times(
        left[first], right[first], left[first + 1], right[first + 1], left[first + 2], right[first + 2], left[first + 3], right[first + 3],
        left[first + 4], right[first + 4], left[first + 5], right[first + 5], left[first + 6], right[first + 6], left[first + 7], right[first + 7])
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
