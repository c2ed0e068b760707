// SPDX-License-Identifier: GPL-3.0-or-later

private typealias Times = SIMD16<Float>

/// The median of a few values in each lane, by the network of a sort whose middle is told. The values may be left in another order.
@inline(__always)
func laneMedian(
    _ lanes: UnsafeMutablePointer<SIMD16<Float>>, _ steps: UnsafeBufferPointer<MedianNetwork.Step>, _ middle: (lower: Int, upper: Int)
) -> SIMD16<Float> {
    // Few values stay in registers.
    switch middle {
    case (0, 1): return (lanes[0] + lanes[1]) * 0.5
    case (1, 1): return middleOfThree(lanes[0], lanes[1], lanes[2])
    case (1, 2):
        let (one, two) = (ordered(lanes[0], lanes[1]), ordered(lanes[2], lanes[3]))
        return (larger(one.0, two.0) + smaller(one.1, two.1)) * 0.5
    case (2, 2): return middleOfSeven(lanes[0], lanes[1], lanes[2], lanes[3], lanes[4], Times(repeating: -.infinity), Times(repeating: .infinity))
    case (2, 3): return middleOfEight(lanes[0], lanes[1], lanes[2], lanes[3], lanes[4], lanes[5], Times(repeating: -.infinity), Times(repeating: .infinity))
    case (3, 3): return middleOfSeven(lanes[0], lanes[1], lanes[2], lanes[3], lanes[4], lanes[5], lanes[6])
    case (3, 4): return middleOfEight(lanes[0], lanes[1], lanes[2], lanes[3], lanes[4], lanes[5], lanes[6], lanes[7])
    default: break
    }
    for step in steps {
        let left = lanes[Int(step.low)]
        let right = lanes[Int(step.high)]
        (lanes[Int(step.low)], lanes[Int(step.high)]) = ordered(left, right)
    }
    return middle.lower == middle.upper ? lanes[middle.lower] : (lanes[middle.lower] + lanes[middle.upper]) * 0.5
}

// Sorting networks with the fewest comparisons (Knuth, The Art of Computer Programming, volume 3, section 5.3.4), of which the compiler leaves what the
// middle needs.

@inline(__always)
private func middleOfThree(_ one: Times, _ two: Times, _ three: Times) -> Times { larger(smaller(one, two), smaller(larger(one, two), three)) }

@inline(__always)
private func middleOfSeven(_ a: Times, _ b: Times, _ c: Times, _ d: Times, _ e: Times, _ f: Times, _ g: Times) -> Times {
    var (a, b, c, d, e, f, g) = (a, b, c, d, e, f, g)
    (a, g) = ordered(a, g)
    (c, d) = ordered(c, d)
    (e, f) = ordered(e, f)
    (a, c) = ordered(a, c)
    (b, e) = ordered(b, e)
    (d, g) = ordered(d, g)
    (a, b) = ordered(a, b)
    (c, f) = ordered(c, f)
    (d, e) = ordered(d, e)
    (b, c) = ordered(b, c)
    (e, g) = ordered(e, g)
    (c, d) = ordered(c, d)
    (e, f) = ordered(e, f)
    return smaller(d, e)
}

/// The mean of the two in the middle.
@inline(__always)
private func middleOfEight(_ a: Times, _ b: Times, _ c: Times, _ d: Times, _ e: Times, _ f: Times, _ g: Times, _ h: Times) -> Times {
    var (a, b, c, d, e, f, g, h) = (a, b, c, d, e, f, g, h)
    (a, c) = ordered(a, c)
    (b, d) = ordered(b, d)
    (e, g) = ordered(e, g)
    (f, h) = ordered(f, h)
    (a, e) = ordered(a, e)
    (b, f) = ordered(b, f)
    (c, g) = ordered(c, g)
    (d, h) = ordered(d, h)
    (a, b) = ordered(a, b)
    (c, d) = ordered(c, d)
    (e, f) = ordered(e, f)
    (g, h) = ordered(g, h)
    (c, e) = ordered(c, e)
    (d, f) = ordered(d, f)
    (b, e) = ordered(b, e)
    (d, g) = ordered(d, g)
    (d, e) = ordered(d, e)
    return (d + e) * 0.5
}

/// The smaller and the larger of each lane.
@inline(__always)
private func ordered(_ left: Times, _ right: Times) -> (Times, Times) { (smaller(left, right), larger(left, right)) }
