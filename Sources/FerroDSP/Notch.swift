// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A narrow band-stop at one frequency and at multiples of it: a second-order section each, zeros on the unit circle.
///
/// One section equals `scipy.signal.iirnotch(frequency, q, fs)`: gain 0 at the frequency, −3 dB in one pass at a
/// bandwidth of frequency / q (Orfanidis, Introduction to Signal Processing, 1996, ch. 11). Every harmonic keeps that
/// bandwidth in Hz, so its q is q times its number.
package struct Notch: Hashable, Sendable {
    /// In Hz.
    package let frequency: Double
    /// Frequency over bandwidth.
    package let q: Double
    /// Which multiples of the frequency to remove; 1 is the frequency itself.
    package let harmonics: [Int]

    package init(frequency: Double, q: Double, harmonics: [Int] = [1]) {
        self.frequency = frequency
        self.q = q
        self.harmonics = harmonics
    }

    /// The sections in ascending frequency, each harmonic once. Multiples at or above the Nyquist frequency do not exist in
    /// the samples and are left out; the caller sees that in the number of sections.
    ///
    /// - Throws: `FerroError` (usage) when q is not positive, a harmonic is below 1, or nothing is left below the Nyquist frequency.
    package func sections(at rate: SampleRate) throws -> SecondOrderSections {
        guard q.isFinite, q > 0 else {
            throw FerroError.usage("a notch of q \(q) is impossible", expected: "a q above 0, such as 30")
        }
        guard let lowest = harmonics.min(), lowest >= 1 else {
            throw FerroError.usage(
                "the harmonics \(harmonics) of a notch are impossible", expected: "multiples from 1, the frequency itself")
        }
        try checkCutoff(frequency * Double(lowest), at: rate)
        let bandwidth = 2 * Double.pi * frequency / (q * rate.hertz)
        guard bandwidth < Double.pi else {
            throw FerroError.usage(
                "a notch of q \(q) at \(Hertz(frequency)) is wider than the spectrum at \(rate)", expected: "a larger q, such as 30")
        }
        return SecondOrderSections(
            Set(harmonics).sorted().compactMap { multiple in
                let centre = 2 * Double.pi * frequency * Double(multiple) / rate.hertz
                guard centre < Double.pi else { return nil }
                let gain = 1 / (1 + tan(bandwidth / 2))
                let middle = -2 * cos(centre)
                return .init(b0: gain, b1: gain * middle, b2: gain, a1: gain * middle, a2: 2 * gain - 1)
            })
    }
}
