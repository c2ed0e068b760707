// SPDX-License-Identifier: GPL-3.0-or-later

/// Samples per second of one stream. Time is an integer frame index; seconds are derived from it here and nowhere else.
package struct SampleRate: Hashable, Sendable, CustomStringConvertible {
    package let hertz: Double

    /// - Throws: `FerroError` (input) unless the rate is finite and positive.
    package init(hertz: Double) throws {
        guard hertz.isFinite, hertz > 0 else {
            throw FerroError.input("a sampling rate of \(hertz) Hz is impossible", expected: "a positive number of samples per second")
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
