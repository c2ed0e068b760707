// SPDX-License-Identifier: GPL-3.0-or-later
#if arch(x86_64)
import _Builtin_intrinsics.intel
#endif

// Element by element, as Swift puts vectors together, the compiler makes one tangle of the rounds below; of the processor's own instructions it makes
// what they say: half the time for a tile.

private typealias Times = SIMD16<Float>

/// The columns of a tile of sixteen frames of a panel, one vector each: frames in rows of `width` floats, a power of two up to 16.
///
/// A vector takes four columns of the frames r, r + 4, r + 8 and r + 12; then four such vectors are turned within their quarters in two rounds.
package func turnTile(_ top: UnsafePointer<Float>, width: Int, into lanes: UnsafeMutablePointer<SIMD16<Float>>) {
    switch width {
    case 16: turnTile(of: 16, top, every: 1, into: lanes)
    case 8: turnTile(of: 8, top, every: 1, into: lanes)
    case 4: turnTile(of: 4, top, every: 1, into: lanes)
    case 2:
        // Two columns lie in turn.
        let (left, right) = (load(top), load(top + 16))
        lanes[0] = everySecond(left, right, 0)
        lanes[1] = everySecond(left, right, 1)
    default: lanes[0] = load(top)
    }
}

/// The columns of the first, third, fifth and so on of thirty-two frames, likewise.
package func turnEverySecond(_ top: UnsafePointer<Float>, width: Int, into lanes: UnsafeMutablePointer<SIMD16<Float>>) {
    switch width {
    case 16: turnTile(of: 16, top, every: 2, into: lanes)
    case 8: turnTile(of: 8, top, every: 2, into: lanes)
    case 4: turnTile(of: 4, top, every: 2, into: lanes)
    case 2:
        let (one, two, three, four) = (load(top), load(top + 16), load(top + 32), load(top + 48))
        lanes[0] = everySecond(everySecond(one, two, 0), everySecond(three, four, 0), 0)
        lanes[1] = everySecond(everySecond(one, two, 1), everySecond(three, four, 1), 0)
    default: lanes[0] = everySecond(load(top), load(top + 16), 0)
    }
}

@inline(__always)
private func load(_ place: UnsafePointer<Float>) -> Times { UnsafeRawPointer(place).loadUnaligned(as: Times.self) }

@inline(__always)
private func turnTile(of width: Int, _ top: UnsafePointer<Float>, every: Int, into lanes: UnsafeMutablePointer<Times>) {
    for column in stride(from: 0, to: width, by: 4) {
        @inline(__always)
        func frames(_ first: Int) -> Times {
            @inline(__always)
            func four(_ row: Int) -> SIMD4<Float> { UnsafeRawPointer(top + ((first &+ row) &* every &* width &+ column)).loadUnaligned(as: SIMD4<Float>.self) }
            return Times(lowHalf: SIMD8(lowHalf: four(0), highHalf: four(4)), highHalf: SIMD8(lowHalf: four(8), highHalf: four(12)))
        }
        let (one, two, three, four) = (frames(0), frames(1), frames(2), frames(3))
        let (low, lowNext) = (firstOfQuarters(one, two), firstOfQuarters(three, four))
        let (high, highNext) = (lastOfQuarters(one, two), lastOfQuarters(three, four))
        lanes[column] = firstPairs(low, lowNext)
        lanes[column &+ 1] = lastPairs(low, lowNext)
        lanes[column &+ 2] = firstPairs(high, highNext)
        lanes[column &+ 3] = lastPairs(high, highNext)
    }
}

/// Every second value of one and then of the other.
@inline(__always)
private func everySecond(_ left: Times, _ right: Times, _ first: Int) -> Times {
    Times(
        left[first], left[first + 2], left[first + 4], left[first + 6], left[first + 8], left[first + 10], left[first + 12], left[first + 14],
        right[first], right[first + 2], right[first + 4], right[first + 6], right[first + 8], right[first + 10], right[first + 12], right[first + 14])
}

// In every quarter of four values: the first or last two of each in turn, or the first or last two of one and then of the other.

#if FERROSPIKE_AVX512
@inline(__always)
private func firstOfQuarters(_ left: Times, _ right: Times) -> Times { _mm512_unpacklo_ps(left, right) }

@inline(__always)
private func lastOfQuarters(_ left: Times, _ right: Times) -> Times { _mm512_unpackhi_ps(left, right) }

@inline(__always)
private func firstPairs(_ left: Times, _ right: Times) -> Times { singles(_mm512_unpacklo_pd(pairs(left), pairs(right))) }

@inline(__always)
private func lastPairs(_ left: Times, _ right: Times) -> Times { singles(_mm512_unpackhi_pd(pairs(left), pairs(right))) }

@inline(__always)
private func pairs(_ value: Times) -> SIMD8<Double> { unsafeBitCast(value, to: SIMD8<Double>.self) }

@inline(__always)
private func singles(_ value: SIMD8<Double>) -> Times { unsafeBitCast(value, to: Times.self) }
#else
private typealias Half = SIMD8<Float>

@inline(__always)
private func firstOfQuarters(_ left: Times, _ right: Times) -> Times { inHalves(left, right, firstOfQuarters) }

@inline(__always)
private func lastOfQuarters(_ left: Times, _ right: Times) -> Times { inHalves(left, right, lastOfQuarters) }

@inline(__always)
private func firstPairs(_ left: Times, _ right: Times) -> Times { inHalves(left, right, firstPairs) }

@inline(__always)
private func lastPairs(_ left: Times, _ right: Times) -> Times { inHalves(left, right, lastPairs) }

@inline(__always)
private func inHalves(_ left: Times, _ right: Times, _ join: (Half, Half) -> Half) -> Times {
    Times(lowHalf: join(left.lowHalf, right.lowHalf), highHalf: join(left.highHalf, right.highHalf))
}

#if arch(x86_64)
@inline(__always)
private func firstOfQuarters(_ left: Half, _ right: Half) -> Half { _mm256_unpacklo_ps(left, right) }

@inline(__always)
private func lastOfQuarters(_ left: Half, _ right: Half) -> Half { _mm256_unpackhi_ps(left, right) }

@inline(__always)
private func firstPairs(_ left: Half, _ right: Half) -> Half { singles(_mm256_unpacklo_pd(pairs(left), pairs(right))) }

@inline(__always)
private func lastPairs(_ left: Half, _ right: Half) -> Half { singles(_mm256_unpackhi_pd(pairs(left), pairs(right))) }

@inline(__always)
private func pairs(_ value: Half) -> SIMD4<Double> { unsafeBitCast(value, to: SIMD4<Double>.self) }

@inline(__always)
private func singles(_ value: SIMD4<Double>) -> Half { unsafeBitCast(value, to: Half.self) }
#else
@inline(__always)
private func firstOfQuarters(_ left: Half, _ right: Half) -> Half {
    Half(left[0], right[0], left[1], right[1], left[4], right[4], left[5], right[5])
}

@inline(__always)
private func lastOfQuarters(_ left: Half, _ right: Half) -> Half {
    Half(left[2], right[2], left[3], right[3], left[6], right[6], left[7], right[7])
}

@inline(__always)
private func firstPairs(_ left: Half, _ right: Half) -> Half {
    Half(left[0], left[1], right[0], right[1], left[4], left[5], right[4], right[5])
}

@inline(__always)
private func lastPairs(_ left: Half, _ right: Half) -> Half {
    Half(left[2], left[3], right[2], right[3], left[6], left[7], right[6], right[7])
}
#endif
#endif
