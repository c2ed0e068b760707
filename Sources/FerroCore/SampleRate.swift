// SPDX-License-Identifier: GPL-3.0-or-later

/// Samples per second of one stream. Time is an integer frame index; seconds are derived from it here and nowhere else.
package struct SampleRate: Hashable, Sendable, CustomStringConvertible {
    package let hertz: Double

    /// Beyond this no voltage is sampled, and memory for a few milliseconds would be without bounds.
    private static let largest = 10_000_000.0

    /// - Throws: `FerroError` (input) unless the rate is positive and at most 10 MHz.
    package init(hertz: Double) throws {
        guard hertz > 0, hertz <= SampleRate.largest else {
            throw FerroError.input("a sampling rate of \(hertz) Hz is impossible", expected: "a positive number of samples per second, at most 10 MHz")
        }
        self.hertz = hertz
    }

    init(unchecked hertz: Double) { self.hertz = hertz }

    package var nyquist: Hertz { Hertz(hertz / 2) }

    /// Frames of a duration, rounded to the nearest frame.
    package func frames(in duration: Seconds) -> Int { Int((duration.value * hertz).rounded()) }

    /// Seconds that a number of frames lasts.
    package func seconds(_ frames: Int) -> Double { Double(frames) / hertz }

    /// The rate after keeping one frame of `factor`.
    package func divided(by factor: Int) -> SampleRate { SampleRate(unchecked: hertz / Double(max(factor, 1))) }

    package var description: String { "\(shortest(hertz)) Hz" }
}
