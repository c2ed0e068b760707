// SPDX-License-Identifier: GPL-3.0-or-later

private typealias Eight = SIMD8<Double>

/// Adds samples that lie `width` apart to sums of integers of 2^-16 µV: each is clamped at ±2^24 µV and rounded to the nearest, ties to even.
func addColumn(_ samples: UnsafePointer<Float>, every width: Int, to sums: UnsafeMutablePointer<Int64>, count: Int) {
    let whole = count & ~7
    for first in stride(from: 0, to: whole, by: 8) {
        let at = samples + first &* width
        let place = UnsafeMutableRawPointer(sums + first)
        // Lanes are named one by one: conversions of whole vectors become calls.
        let values = Eight(
            clamped(at[0]), clamped(at[width]), clamped(at[2 &* width]), clamped(at[3 &* width]), clamped(at[4 &* width]), clamped(at[5 &* width]),
            clamped(at[6 &* width]), clamped(at[7 &* width]))
        place.storeBytes(of: UnsafeRawPointer(place).loadUnaligned(as: SIMD8<Int64>.self) &+ rounded(values * 0x1p16), as: SIMD8<Int64>.self)
    }
    for index in whole..<count { sums[index] &+= rounded(Eight(repeating: clamped(samples[index &* width]) * 0x1p16))[0] }
}

@inline(__always)
private func clamped(_ sample: Float) -> Double { Double(min(max(sample, -0x1p24), 0x1p24)) }

/// The nearest whole numbers of values within ±2^40.
@inline(__always)
private func rounded(_ value: Eight) -> SIMD8<Int64> {
    // Adding 1.5 · 2^52 rounds to the nearest whole number and leaves it in the low bits.
    let magic = Eight(repeating: 0x1.8p52)
    return unsafeBitCast(value + magic, to: SIMD8<Int64>.self) &- unsafeBitCast(magic, to: SIMD8<Int64>.self)
}
