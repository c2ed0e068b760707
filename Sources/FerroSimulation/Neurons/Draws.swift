// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Foundation

/// What a stream of random numbers is for; with the segment and an index it names one stream of a seed, so that no
/// draw depends on the order in which neurons, channels or blocks are made.
enum DrawPurpose: UInt64 {
    case placement = 1
    case train, thermal, lfp, sharedLFP, common, theta, subject, cage, cohortRecording
}

extension SeededGenerator {
    init(seed: UInt64, _ purpose: DrawPurpose, segment: Int = 0, index: Int = 0) {
        self.init(seed: seed, stream: purpose.rawValue << 56 | UInt64(segment) << 36 | UInt64(index))
    }

    /// Standard normal, by the polar method (Marsaglia & Bray 1964).
    mutating func normal() -> Double {
        while true {
            let x = 2 * uniform() - 1
            let y = 2 * uniform() - 1
            let s = x * x + y * y
            if s > 0, s < 1 { return x * (-2 * log(s) / s).squareRoot() }
        }
    }

    /// Gamma of mean 1 (Marsaglia & Tsang 2000, doi:10.1145/358407.358414). Requires `shape >= 1`; 1 is the exponential.
    mutating func gamma(shape: Double) -> Double {
        if shape == 1 { return -log(1 - uniform()) }
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal()
            let root = 1 + c * x
            guard root > 0 else { continue }
            let v = root * root * root
            if log(1 - uniform()) < 0.5 * x * x + d - d * v + d * log(v) { return d * v / shape }
        }
    }

    /// Uniform between two durations.
    mutating func uniform(in range: ClosedRange<Seconds>) -> Double {
        range.lowerBound.value + (range.upperBound.value - range.lowerBound.value) * uniform()
    }
}
