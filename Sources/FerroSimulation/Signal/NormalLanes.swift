// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// Eight independent streams of standard normal numbers, one per SIMD lane.
///
/// Goals, in order: the same numbers on every machine, tails beyond six standard deviations, speed. Each lane runs its
/// own xoshiro128++ (Blackman & Vigna 2021, doi:10.1145/3460772); pairs become normal by Box and Muller (1958,
/// doi:10.1214/aoms/1177706645) with logarithm, sine and cosine as polynomials, so that no math library is involved.
package struct NormalLanes {
    private var s0: SIMD8<UInt32>
    private var s1: SIMD8<UInt32>
    private var s2: SIMD8<UInt32>
    private var s3: SIMD8<UInt32>

    /// Lane i takes its state from the i-th generator; missing lanes run on a fixed state and are ignored by the caller.
    package init(_ lanes: [SeededGenerator]) {
        s0 = .init(repeating: 1)
        s1 = .init(repeating: 2)
        s2 = .init(repeating: 3)
        s3 = .init(repeating: 4)
        for (lane, generator) in lanes.prefix(8).enumerated() {
            var generator = generator
            let (low, high) = (generator.next(), generator.next())
            // An all-zero state would stay zero.
            s0[lane] = UInt32(truncatingIfNeeded: low) | 1
            s1[lane] = UInt32(truncatingIfNeeded: low >> 32)
            s2[lane] = UInt32(truncatingIfNeeded: high)
            s3[lane] = UInt32(truncatingIfNeeded: high >> 32)
        }
    }

    @inline(__always)
    private mutating func bits() -> SIMD8<UInt32> {
        let sum = s0 &+ s3
        let result = ((sum &<< 7) | (sum &>> 25)) &+ s0
        let shifted = s1 &<< 9
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= shifted
        s3 = (s3 &<< 11) | (s3 &>> 21)
        return result
    }

    /// Two independent standard normal numbers in each lane.
    @inline(__always)
    package mutating func pair() -> (SIMD8<Float>, SIMD8<Float>) {
        let first = bits()
        let second = bits()
        // u in (0, 1] with 31 bits: the smallest is 2^-32, a radius of 6.66.
        let u = (toFloat(first &>> 1) + 0.5) * 0x1p-31
        let radius = (naturalLogarithm(u) * -2).squareRoot()
        // An eighth of the circle to either side of the axis; two sign bits and a swap give the rest.
        let x = (toFloat(second &>> 8) * 0x1p-23 - 1) * 0.785_398_163_4
        let z = x * x
        let sine = x * (1 + z * (-0.166_666_667 + z * (0.008_333_331 + z * -0.000_198_28)))
        let cosine = 1 + z * (-0.5 + z * (0.041_666_667 + z * (-0.001_388_889 + z * 0.000_024_76)))
        let a = SIMD8<UInt32>(bitPattern: radius * cosine) ^ (second &<< 31)
        let b = SIMD8<UInt32>(bitPattern: radius * sine) ^ ((second &<< 30) & 0x8000_0000)
        // All ones where bit 2 is set.
        let swap = 0 &- ((second &>> 2) & 1)
        let exchange = (a ^ b) & swap
        return (SIMD8<Float>(bitPattern: a ^ exchange), SIMD8<Float>(bitPattern: b ^ exchange))
    }

    /// Exact for numbers below 2^31 up to the rounding to 24 bits; done on the two halves, so that only bit operations are needed.
    @inline(__always)
    private func toFloat(_ word: SIMD8<UInt32>) -> SIMD8<Float> {
        // 2^23 + low 16 bits and 2^39 + (high 16 bits) * 2^16 are exact in Float32.
        let low = SIMD8<Float>(bitPattern: (word & 0xFFFF) | 0x4B00_0000) - 0x1p23
        let high = SIMD8<Float>(bitPattern: (word &>> 16) | 0x5300_0000) - 0x1p39
        return high + low
    }

    /// ln u for u in (0, 1]: exponent and mantissa apart, then the series of ln((1+s)/(1-s)) with s = (m-1)/(m+1), m in [sqrt 1/2, sqrt 2).
    @inline(__always)
    private func naturalLogarithm(_ u: SIMD8<Float>) -> SIMD8<Float> {
        let word = SIMD8<UInt32>(bitPattern: u)
        // Shift so that the mantissa lies in [sqrt 1/2, sqrt 2).
        let shifted = word &+ (0x3F80_0000 - 0x3F35_04F3)
        let exponent = SIMD8<Float>(bitPattern: (shifted &>> 23) | 0x4B00_0000) - (0x1p23 + 127)
        let mantissa = SIMD8<Float>(bitPattern: (shifted & 0x007F_FFFF) &+ 0x3F35_04F3)
        let s = (mantissa - 1) / (mantissa + 1)
        let z = s * s
        let series = s * (2 + z * (0.666_666_667 + z * (0.4 + z * (0.285_714_286 + z * 0.222_222_222))))
        return series + exponent * 0.693_147_181
    }
}

extension SIMD8 where Scalar == Float {
    @inline(__always)
    fileprivate init(bitPattern word: SIMD8<UInt32>) { self = unsafeBitCast(word, to: SIMD8<Float>.self) }
}

extension SIMD8 where Scalar == UInt32 {
    @inline(__always)
    fileprivate init(bitPattern value: SIMD8<Float>) { self = unsafeBitCast(value, to: SIMD8<UInt32>.self) }
}
