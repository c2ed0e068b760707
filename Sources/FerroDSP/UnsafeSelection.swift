// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

// Goals, in order: the exact middle values; a cost per channel that does not grow with the number of channels.
//
// A sorting network for n values takes some n (log n)²/4 steps, and for hundreds of channels its values leave the nearest cache. Here a pivot is
// moved in each lane until about half of the values lie below it; a last pass keeps the two largest values below and the two smallest not
// below, which hold the middle where the count is off by one at most. The pivot starts at the mean and moves by the spacing that a
// normal distribution has in its middle, then by the secant of the counts, inside a bracket that every count narrows. Wherever it
// goes, the result is exact. Equal values can keep a count from coming near; such frames are sorted.

/// Sixteen frames, one in each lane.
private typealias Times = SIMD16<Float>
private typealias Bits = SIMD16<UInt32>

/// Passes after which the frames that have found no pivot are sorted.
private let mostPasses = 24

/// The median of `count` values in each lane: the mean of the two middle ones where the count is even. Requires `count` ≥ 2.
func selectMedian(_ values: UnsafePointer<SIMD16<Float>>, count: Int) -> SIMD16<Float> {
    let wanted = Float(count / 2)
    let (mean, size) = spread(values, count)
    // The spacing of a normal distribution in its middle is σ √2π / n; σ is about the mean magnitude times √(π/2).
    var step = size * Float(3.141_593 / Double(count))
    var low = Times(repeating: -.infinity)
    var high = Times(repeating: .infinity)
    var pivot = mean
    // How many more values than half lie below the pivot: whole numbers, as Float because its comparisons are single instructions.
    var excess = countBelow(values, count, pivot) - wanted
    var open = magnitude(excess) .> 1.5
    var passes = 0
    while any(open), passes < mostPasses {
        passes += 1
        high.replace(with: pivot, where: excess .> 0.5)
        low.replace(with: pivot, where: excess .< -0.5)
        var next = pivot - excess * step
        // A step that leaves the bracket halves it instead.
        let middle = (low + high) * 0.5
        next.replace(with: middle, where: next .<= low)
        next.replace(with: middle, where: next .>= high)
        next = pivot.replacing(with: next, where: open)
        let moved = countBelow(values, count, next) - wanted
        let change = moved - excess
        // Where the count did not change, the values are sparser than thought.
        let slope = ((next - pivot) / change).replacing(with: step * 2, where: magnitude(change) .< 0.5)
        step.replace(with: slope, where: open)
        pivot = next
        excess = moved
        open = magnitude(excess) .> 1.5
    }
    let near = neighbours(values, count, pivot)
    var median: Times
    if count % 2 == 0 {
        median = (near.below + near.above) * 0.5
        median.replace(with: (near.farBelow + near.below) * 0.5, where: excess .> 0.5)
        median.replace(with: (near.above + near.farAbove) * 0.5, where: excess .< -0.5)
    } else {
        median = near.above
        median.replace(with: near.below, where: excess .> 0.5)
        median.replace(with: near.farAbove, where: excess .< -0.5)
    }
    if any(open) {
        for lane in 0..<16 where open[lane] { median[lane] = sortedMedian(values, count, lane) }
    }
    return median
}

@inline(__always)
private func magnitude(_ value: Times) -> Times {
    unsafeBitCast(unsafeBitCast(value, to: Bits.self) & 0x7fff_ffff, to: Times.self)
}

/// Mean and mean magnitude in each lane.
@inline(__always)
private func spread(_ values: UnsafePointer<Times>, _ count: Int) -> (Times, Times) {
    var sum = Times.zero
    var size = Times.zero
    for index in 0..<count {
        sum += values[index]
        size += magnitude(values[index])
    }
    return (sum / Float(count), size / Float(count))
}

/// How many values lie below the pivots: of how many the difference has its sign set.
@inline(__always)
private func countBelow(_ values: UnsafePointer<Times>, _ count: Int, _ pivot: Times) -> Times {
    // Zero becomes minus zero, so that what equals it leaves a difference of plus zero.
    let lessThan = unsafeBitCast(unsafeBitCast(Times.zero - pivot, to: Bits.self) ^ 0x8000_0000, to: Times.self)
    var below = Bits.zero
    for index in 0..<count { below &+= unsafeBitCast(values[index] - lessThan, to: Bits.self) &>> 31 }
    // Exact below 2^22: the count is added to the bits of 1.5 · 2^23, whose last place is 1.
    let magic = Times(repeating: 0x1.8p23)
    return unsafeBitCast(unsafeBitCast(magic, to: Bits.self) &+ below, to: Times.self) - magic
}

/// The two largest values below the pivots and the two smallest not below them.
@inline(__always)
private func neighbours(_ values: UnsafePointer<Times>, _ count: Int, _ pivot: Times) -> (farBelow: Times, below: Times, above: Times, farAbove: Times) {
    var farBelow = Times(repeating: -.infinity)
    var below = Times(repeating: -.infinity)
    var above = Times(repeating: .infinity)
    var farAbove = Times(repeating: .infinity)
    for index in 0..<count {
        let value = values[index]
        let isBelow = value .< pivot
        let lower = Times(repeating: -.infinity).replacing(with: value, where: isBelow)
        let upper = value.replacing(with: .init(repeating: .infinity), where: isBelow)
        farBelow = larger(farBelow, smaller(below, lower))
        below = larger(below, lower)
        farAbove = smaller(farAbove, larger(above, upper))
        above = smaller(above, upper)
    }
    return (farBelow, below, above, farAbove)
}

private func sortedMedian(_ values: UnsafePointer<Times>, _ count: Int, _ lane: Int) -> Float {
    let sorted = (0..<count).map { values[$0][lane] }.sorted()
    let (lower, upper) = (sorted[(count - 1) / 2], sorted[count / 2])
    return count % 2 == 1 ? upper : (lower + upper) * 0.5
}
