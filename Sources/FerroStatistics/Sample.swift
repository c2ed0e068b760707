// SPDX-License-Identifier: GPL-3.0-or-later

/// The values of the experimental units of one group, in ascending order of their names.
package struct Sample: Sendable, Equatable {
    package let values: [Double]
    package let mean: Double?
    /// Standard deviation with denominator n-1; nil below two values, 0 where it is rounding noise.
    package let sd: Double?
    /// Largest absolute value.
    package let magnitude: Double

    package init(_ values: [Double]) {
        self.values = values
        let magnitude = values.reduce(0) { max($0, abs($1)) }
        self.magnitude = magnitude
        let mean = Sample.mean(values)
        self.mean = mean
        guard let mean, values.count >= 2 else {
            sd = nil
            return
        }
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let spread = (squares / Double(values.count - 1)).squareRoot()
        sd = Sample.isNoise(spread, beside: magnitude) ? 0 : spread
    }

    package var n: Int { values.count }

    /// Squared standard error of the mean.
    package var meanVariance: Double? { sd.map { $0 * $0 / Double(n) } }

    package var sem: Double? { sd.map { $0 / Double(n).squareRoot() } }

    /// Arithmetic mean, its rounding corrected once; nil of nothing.
    package static func mean(_ values: [Double]) -> Double? {
        guard let first = values.first else { return nil }
        let n = Double(values.count)
        // Around the first value, so that equal values have exactly their value as mean.
        let rough = first + values.reduce(0) { $0 + ($1 - first) } / n
        return rough + values.reduce(0) { $0 + ($1 - rough) } / n
    }

    /// A standard error or deviation this small beside the values is rounding, and counts as 0.
    package static func isNoise(_ deviation: Double, beside magnitude: Double) -> Bool {
        deviation <= 1e-12 * magnitude
    }
}
