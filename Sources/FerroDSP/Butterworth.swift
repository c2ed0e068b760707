// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A Butterworth design (Butterworth 1930): maximally flat in the pass-band, −3 dB at the cut-off frequencies in one pass.
///
/// Analogue prototype, frequency transform and bilinear transform with prewarped cut-offs, in Float64; the same transfer
/// function, and the same sections in the same order, as `scipy.signal.butter(order, …, output="sos")`.
/// A band-pass of order n has 2n poles. Run forward and backward (`ZeroPhaseFilter`) the gain is squared: −6 dB at the
/// cut-offs and the slope of twice the order.
///
/// ```swift
/// let sections = try Butterworth(order: 3).bandpass(300...6000, at: rate)
/// ```
package struct Butterworth: Hashable, Sendable {
    package static let orders = 1...12
    package let order: Int

    package init(order: Int) { self.order = order }

    /// Passes `range`, in Hz.
    ///
    /// - Throws: `FerroError` (usage) as `bandpass(low:high:at:)` does.
    package func bandpass(_ range: ClosedRange<Double>, at rate: SampleRate) throws -> SecondOrderSections {
        try bandpass(low: range.lowerBound, high: range.upperBound, at: rate)
    }

    /// Passes `low` to `high`, in Hz.
    ///
    /// - Throws: `FerroError` (usage) unless 0 < low < high < the Nyquist frequency and the order is 1 to 12.
    package func bandpass(low: Double, high: Double, at rate: SampleRate) throws -> SecondOrderSections {
        try checkOrder()
        try checkCutoff(low, at: rate)
        try checkCutoff(high, at: rate)
        guard low < high else {
            throw FerroError.usage(
                "the band-pass from \(Hertz(low)) to \(Hertz(high)) is empty", expected: "a lower cut-off below the upper one")
        }
        // s → (s² + c²)/(b s): each prototype pole p gives the roots of s² − p b s + c² = 0.
        let lower = prewarped(low, at: rate)
        let upper = prewarped(high, at: rate)
        let width = upper - lower
        let centre2 = lower * upper
        var poles: [Root] = []
        for pole in prototypePoles {
            let half = pole.value * (width / 2)
            if pole.isReal {
                let discriminant = half.real * half.real - centre2
                if discriminant < 0 {
                    poles.append(Root(pair: ComplexNumber(half.real, (-discriminant).squareRoot())))
                } else {
                    // The far root by addition, the near one from the product: nothing cancels.
                    let far = half.real - discriminant.squareRoot()
                    poles += [Root(far), Root(centre2 / far)]
                }
            } else {
                let root = (half * half - ComplexNumber(centre2, 0)).squareRoot
                poles += [Root(pair: half + root), Root(pair: half - root)]
            }
        }
        return digital(zerosAtOrigin: order, poles: poles, gain: pow(width, Double(order)))
    }

    /// Passes everything below `cutoff`, in Hz.
    ///
    /// - Throws: `FerroError` (usage) unless 0 < cutoff < the Nyquist frequency and the order is 1 to 12.
    package func lowpass(_ cutoff: Double, at rate: SampleRate) throws -> SecondOrderSections {
        try checkOrder()
        try checkCutoff(cutoff, at: rate)
        let warped = prewarped(cutoff, at: rate)
        let poles = prototypePoles.map { $0.isReal ? Root($0.value.real * warped) : Root(pair: $0.value * warped) }
        return digital(zerosAtOrigin: 0, poles: poles, gain: pow(warped, Double(order)))
    }

    /// Passes everything above `cutoff`, in Hz.
    ///
    /// - Throws: `FerroError` (usage) unless 0 < cutoff < the Nyquist frequency and the order is 1 to 12.
    package func highpass(_ cutoff: Double, at rate: SampleRate) throws -> SecondOrderSections {
        try checkOrder()
        try checkCutoff(cutoff, at: rate)
        let warped = prewarped(cutoff, at: rate)
        // s → c/s turns a pole p of magnitude 1 into c/p = c conj(p).
        let poles = prototypePoles.map { $0.isReal ? Root($0.value.real * warped) : Root(pair: $0.value * warped) }
        return digital(zerosAtOrigin: order, poles: poles, gain: 1)
    }

    /// Poles of the low-pass with cut-off 1 rad/s, on the left half of the unit circle.
    private var prototypePoles: [Root] {
        stride(from: order - 1, through: 0, by: -2).map { index in
            if index == 0 { return Root(-1) }
            let angle = Double.pi * Double(index) / Double(2 * order)
            return Root(pair: ComplexNumber(-cos(angle), sin(angle)))
        }
    }

    /// The analogue frequency that the bilinear transform z = (4 + s)/(4 − s) maps onto `frequency`.
    private func prewarped(_ frequency: Double, at rate: SampleRate) -> Double {
        4 * tan(Double.pi * frequency / rate.hertz)
    }

    /// z = (4 + s)/(4 − s) of poles and zeros; zeros at infinity go to −1.
    private func digital(zerosAtOrigin: Int, poles: [Root], gain: Double) -> SecondOrderSections {
        let four = ComplexNumber(4, 0)
        var scale = gain * pow(4, Double(zerosAtOrigin))
        var mapped: [Root] = []
        var count = 0
        for pole in poles {
            count += pole.count
            if pole.isReal {
                scale /= 4 - pole.value.real
                mapped.append(Root((4 + pole.value.real) / (4 - pole.value.real)))
            } else {
                let below = four - pole.value
                scale /= below.real * below.real + below.imaginary * below.imaginary
                mapped.append(Root(pair: (four + pole.value) / below))
            }
        }
        let zeros =
            [Root](repeating: Root(1), count: zerosAtOrigin)
            + [Root](repeating: Root(-1), count: count - zerosAtOrigin)
        return pairedSections(zeros: zeros, poles: mapped, gain: scale)
    }

    private func checkOrder() throws {
        guard Butterworth.orders.contains(order) else {
            throw FerroError.usage(
                "a Butterworth filter of order \(order) is not available", expected: "an order of 1 to \(Butterworth.orders.upperBound)")
        }
    }
}

/// - Throws: `FerroError` (usage) unless 0 < frequency < the Nyquist frequency.
func checkCutoff(_ frequency: Double, at rate: SampleRate) throws {
    guard frequency.isFinite, frequency > 0 else {
        throw FerroError.usage("a cut-off of \(Hertz(frequency)) is impossible", expected: "a frequency above 0 Hz")
    }
    guard frequency < rate.nyquist.value else {
        throw FerroError.usage(
            "a cut-off of \(Hertz(frequency)) cannot be reached at \(rate)",
            expected: "less than the Nyquist frequency, \(rate.nyquist)",
            advice: "lower the cut-off or filter before decimating")
    }
}
