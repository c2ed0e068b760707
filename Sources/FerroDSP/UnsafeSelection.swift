// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

// Goals, in order: the exact middle values; a cost per channel that does not grow with the number of channels.
//
// A sorting network for n values takes some n (log n)²/4 steps, and for hundreds of channels its values leave the nearest cache. Here a
// pivot is moved in each lane until exactly half of the values lie below it; then the middle values are the largest below and the smallest not
// below. The pivot starts at the mean and moves by Newton's rule for a normal density, then by the secant of the counts, inside a bracket
// that each count narrows. Values that are equal can keep a count from coming out; such frames are sorted.

/// Sixteen frames, one in each lane.
private typealias Times = SIMD16<Float>
private typealias Counts = SIMD16<Int32>

/// Passes after which the frames that have found no pivot are sorted.
private let mostPasses = 24

/// The median of `count` values in each lane: the mean of the two middle ones where the count is even. Requires `count` ≥ 1.
func selectMedian(_ values: UnsafePointer<SIMD16<Float>>, count: Int) -> SIMD16<Float> {
    let wanted = Int32(count / 2)
    let (mean, deviation) = spread(values, count)
    // Density of a normal distribution at its middle: count / (σ √2π), with σ = mean absolute deviation · √(π/2).
    var step = deviation * Float(2.506_628 * 1.253_314 / Double(count))
    var low = Times(repeating: -.infinity)
    var high = Times(repeating: .infinity)
    var pivot = mean
    var below = countBelow(values, count, pivot)
    var passes = 0
    while true {
        let excess = below &- wanted
        let open = excess .!= 0
        guard any(open), passes < mostPasses else { break }
        passes += 1
        high.replace(with: pivot, where: excess .> 0)
        low.replace(with: pivot, where: excess .< 0)
        var next = pivot - Times(excess) * step
        // A step that leaves the bracket halves it instead.
        let outside = (next .<= low) .| (next .>= high)
        next.replace(with: (low + high) * 0.5, where: outside)
        next.replace(with: pivot, where: excess .== 0)
        let counted = countBelow(values, count, next)
        let change = Times(counted &- below)
        let slope = (next - pivot) / change
        step.replace(with: slope, where: (change .!= 0) .& open)
        // Where the count did not change, the values are sparser than thought.
        step.replace(with: step * 2, where: (change .== 0) .& open)
        pivot = next
        below = counted
    }
    var (lower, upper) = neighbours(values, count, pivot)
    if count % 2 == 1 { lower = upper }
    var median = lower == upper ? upper : (lower + upper) * 0.5
    let open = below .!= Counts(repeating: wanted)
    if any(open) {
        for lane in 0..<16 where open[lane] { median[lane] = sortedMedian(values, count, lane) }
    }
    return median
}

/// Mean and mean absolute deviation from it in each lane.
private func spread(_ values: UnsafePointer<Times>, _ count: Int) -> (Times, Times) {
    var sum = Times.zero
    for index in 0..<count { sum += values[index] }
    let mean = sum / Float(count)
    var deviation = Times.zero
    for index in 0..<count {
        let difference = values[index] - mean
        deviation += difference.replacing(with: -difference, where: difference .< 0)
    }
    return (mean, deviation / Float(count))
}

private func countBelow(_ values: UnsafePointer<Times>, _ count: Int, _ pivot: Times) -> Counts {
    var below = Counts.zero
    for index in 0..<count { below &+= Counts.zero.replacing(with: 1, where: values[index] .< pivot) }
    return below
}

/// The largest values below the pivots and the smallest not below them.
private func neighbours(_ values: UnsafePointer<Times>, _ count: Int, _ pivot: Times) -> (Times, Times) {
    var lower = Times(repeating: -.infinity)
    var upper = Times(repeating: .infinity)
    for index in 0..<count {
        let value = values[index]
        let isBelow = value .< pivot
        lower.replace(with: value, where: isBelow .& (value .> lower))
        upper.replace(with: value, where: .!isBelow .& (value .< upper))
    }
    return (lower, upper)
}

private func sortedMedian(_ values: UnsafePointer<Times>, _ count: Int, _ lane: Int) -> Float {
    let sorted = (0..<count).map { values[$0][lane] }.sorted()
    let (lower, upper) = (sorted[(count - 1) / 2], sorted[count / 2])
    return lower == upper ? lower : (lower + upper) * 0.5
}
