// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
import Foundation

/// The standard normal distribution.
package enum NormalDistribution {
    /// P(Z > z), accurate in the far tail as well.
    package static func upperTail(_ z: Double) -> Double { 0.5 * erfc(z / 2.0.squareRoot()) }

    package static func cdf(_ z: Double) -> Double { upperTail(-z) }

    /// The z with P(Z <= z) = p. Requires 0 < p < 1.
    package static func quantile(_ p: Double) -> Double {
        p > 0.5 ? upperQuantile(1 - p) : -upperQuantile(p)
    }

    /// The z with P(Z > z) = q. Requires 0 < q < 1.
    package static func upperQuantile(_ q: Double) -> Double {
        if q > 0.5 { return -upperQuantile(1 - q) }
        return quantileByNewton(upper: q, guess: start(q), tail: upperTail) { exp(-0.5 * $0 * $0) / (2 * Double.pi).squareRoot() }
    }

    /// Three digits to start from (Hastings 1955, as Abramowitz and Stegun 26.2.23).
    private static func start(_ q: Double) -> Double {
        let w = (-2 * log(q)).squareRoot()
        let above = 2.515517 + w * (0.802853 + w * 0.010328)
        let below = 1 + w * (1.432788 + w * (0.189269 + w * 0.001308))
        return max(w - above / below, 0)
    }
}

extension SeededGenerator {
    /// A standard normal deviate, by the polar method (Marsaglia and Bray 1964).
    package mutating func normal() -> Double {
        while true {
            let x = 2 * uniform() - 1
            let y = 2 * uniform() - 1
            let square = x * x + y * y
            if square > 0, square < 1 { return x * (-2 * log(square) / square).squareRoot() }
        }
    }
}

/// Solves tail(x) = q for x >= 0 by Newton's steps, each kept inside a bracket that bisection shrinks.
///
/// Requires q <= tail(0) and a tail that falls to 0.
func quantileByNewton(upper q: Double, guess: Double, tail: (Double) -> Double, density: (Double) -> Double) -> Double {
    if q >= tail(0) { return 0 }
    var low = 0.0
    var high = max(guess, 1)
    while tail(high) > q {
        low = high
        high *= 2
        if !high.isFinite { return .infinity }
    }
    var x = guess > low && guess < high ? guess : 0.5 * (low + high)
    for _ in 0..<400 {
        let value = tail(x)
        if value > q { low = x } else { high = x }
        // On the logarithm of the tail, which is far straighter than the tail itself.
        let slope = density(x) / value
        var next = x + (log(value) - log(q)) / slope
        if !(next > low && next < high) { next = 0.5 * (low + high) }
        if abs(next - x) <= 4e-16 * abs(x) || next == low && x == low || next == high && x == high { return next }
        x = next
    }
    return x
}
