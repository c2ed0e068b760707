// SPDX-License-Identifier: GPL-3.0-or-later

/// xoshiro256** (Blackman & Vigna 2021, doi:10.1145/3460772), seeded through SplitMix64: the same numbers on every machine.
///
/// A generator belongs to one `(seed, stream)` pair, so that draws made in parallel do not depend on their order.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    package init(seed: UInt64, stream: UInt64 = 0) {
        var mixer = seed &+ 0x9E37_79B9_7F4A_7C15 &* (stream &+ 1)
        func next() -> UInt64 {
            mixer &+= 0x9E37_79B9_7F4A_7C15
            var word = mixer
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return word ^ (word >> 31)
        }
        // A second pass through the mixer separates neighbouring seeds and streams.
        mixer = next() ^ stream
        state = (next(), next(), next(), next())
    }

    package mutating func next() -> UInt64 {
        func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 { (word << count) | (word >> (64 - count)) }
        let result = rotate(state.1 &* 5, 7) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = rotate(state.3, 45)
        return result
    }

    /// Uniform in [0, 1) with 53 random bits.
    package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Uniform integer in `0 ..< bound` without bias (Lemire 2019, doi:10.1145/3230636). Requires `bound > 0`.
    package mutating func index(below bound: Int) -> Int { Int(next(upperBound: UInt64(bound))) }
}
