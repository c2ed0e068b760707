// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A digital filter as a cascade of second-order sections in Float64: coefficients only, a value to share.
package struct SecondOrderSections: Hashable, Sendable {
    /// (b0 + b1 z⁻¹ + b2 z⁻²) / (1 + a1 z⁻¹ + a2 z⁻²)
    package struct Section: Hashable, Sendable {
        package var b0, b1, b2, a1, a2: Double

        package init(b0: Double, b1: Double, b2: Double, a1: Double, a2: Double) {
            self.b0 = b0
            self.b1 = b1
            self.b2 = b2
            self.a1 = a1
            self.a2 = a2
        }

        /// The larger magnitude of the two poles.
        var poleRadius: Double {
            let discriminant = a1 * a1 - 4 * a2
            if discriminant < 0 { return a2.squareRoot() }
            return (abs(a1) + discriminant.squareRoot()) / 2
        }

        /// Gain at 0 Hz.
        var steadyGain: Double { (b0 + b1 + b2) / (1 + a1 + a2) }
    }

    /// In the order they are applied.
    package let sections: [Section]

    package init(_ sections: [Section]) { self.sections = sections }

    /// One filter after the other.
    package func followed(by next: SecondOrderSections) -> SecondOrderSections {
        SecondOrderSections(sections + next.sections)
    }

    /// Magnitude of the slowest pole; below 1 for a stable filter.
    package var slowestPoleRadius: Double { sections.map(\.poleRadius).max() ?? 0 }

    /// Complex gain at a frequency in Hz, as (real, imaginary).
    package func response(at frequency: Double, rate: SampleRate) -> (real: Double, imaginary: Double) {
        let angle = 2 * Double.pi * frequency / rate.hertz
        let delay = ComplexNumber(cos(angle), -sin(angle))
        let delay2 = delay * delay
        var gain = ComplexNumber(1, 0)
        for section in sections {
            let above = ComplexNumber(section.b0, 0) + delay * section.b1 + delay2 * section.b2
            let below = ComplexNumber(1, 0) + delay * section.a1 + delay2 * section.a2
            gain = gain * above / below
        }
        return (gain.real, gain.imaginary)
    }

    /// Magnitude of the gain at a frequency in Hz, one pass.
    package func magnitude(at frequency: Double, rate: SampleRate) -> Double {
        let gain = response(at: frequency, rate: rate)
        return hypot(gain.real, gain.imaginary)
    }

    /// The two states of each section, in transposed direct form II, after an endless input of 1
    /// (what `scipy.signal.sosfilt_zi` returns).
    package var steadyState: [(first: Double, second: Double)] {
        var level = 1.0
        return sections.map { section in
            let output = section.steadyGain * level
            let second = section.b2 * level - section.a2 * output
            let first = section.b1 * level - section.a1 * output + second
            level = output
            return (first, second)
        }
    }
}
