// SPDX-License-Identifier: GPL-3.0-or-later

/// One-sided power spectral densities of some channels on common, evenly spaced frequencies.
package struct Spectrum: Sendable, Equatable {
    /// In Hz, ascending from 0 in steps of 1 / window length.
    package let frequencies: [Double]
    /// `power[channel][bin]` in µV²/Hz.
    package let power: [[Double]]
    /// Windows averaged.
    package let windows: Int

    package init(frequencies: [Double], power: [[Double]], windows: Int) {
        self.frequencies = frequencies
        self.power = power
        self.windows = windows
    }

    /// Hz from one bin to the next.
    package var resolution: Double { frequencies.count > 1 ? frequencies[1] - frequencies[0] : 0 }

    package var channels: Int { power.count }

    /// Indices of the bins from `band.lowerBound` to `band.upperBound` Hz, both ends included.
    package func bins(in band: ClosedRange<Double>) -> Range<Int> {
        // A bin whose frequency is 8 Hz but for the last bit is at 8 Hz.
        let slack = resolution * 1e-9
        let first = frequencies.firstIndex { $0 >= band.lowerBound - slack } ?? frequencies.count
        let last = frequencies.lastIndex { $0 <= band.upperBound + slack }.map { $0 + 1 } ?? 0
        return first..<max(first, last)
    }

    /// Mean density over the bins of a band, ends included, in µV²/Hz; nil when the band holds no bin.
    ///
    /// The measure to compare bands of different width by: the ratio of two of them is that of the average heights of the
    /// spectrum, and what is printed as a theta/delta ratio. (Integrated power would favour the wider band: 5-10 Hz
    /// against 1-4 Hz by 5/3.)
    package func bandDensity(_ channel: Int, _ band: ClosedRange<Double>) -> Double? {
        let bins = bins(in: band)
        guard !bins.isEmpty else { return nil }
        return power[channel][bins].reduce(0, +) / Double(bins.count)
    }

    /// Power of a band, in µV²: the integral of the density, which each bin holds constant from half a bin below it to
    /// half a bin above; bins that the band cuts count by the part inside. nil when the band reaches
    /// beyond the spectrum or is empty.
    ///
    /// For edges on bins this is the trapezoidal rule. Neighbouring bands add up: 1-4 Hz and 4-8 Hz make 1-8 Hz.
    package func bandPower(_ channel: Int, _ band: ClosedRange<Double>) -> Double? {
        guard let top = frequencies.last, resolution > 0, band.lowerBound >= 0, band.upperBound <= top * (1 + 1e-9),
            band.lowerBound < band.upperBound
        else { return nil }
        var sum = 0.0
        for (bin, frequency) in frequencies.enumerated() {
            let lower = max(frequency - resolution / 2, band.lowerBound)
            let upper = min(frequency + resolution / 2, band.upperBound)
            if upper > lower { sum += power[channel][bin] * (upper - lower) }
        }
        return sum
    }

    /// Power of a band over that of `whole`: by default from the first bin above 0 Hz to the last, since each window
    /// was freed of its mean.
    package func relativePower(_ channel: Int, _ band: ClosedRange<Double>, of whole: ClosedRange<Double>? = nil) -> Double? {
        guard frequencies.count > 2, let top = frequencies.last else { return nil }
        guard let part = bandPower(channel, band), let total = bandPower(channel, whole ?? frequencies[1]...top), total > 0
        else { return nil }
        return part / total
    }

    /// Frequency of the highest bin of a band, ends included, in Hz.
    ///
    /// nil when that bin is the first or the last of the band: the spectrum then rises towards a neighbouring band and
    /// shows no peak in this one. Of equal bins the lowest frequency. The bin itself, without interpolation, so its precision is
    /// `resolution`.
    package func peakFrequency(_ channel: Int, in band: ClosedRange<Double>) -> Double? {
        let bins = bins(in: band)
        guard let best = bins.max(by: { power[channel][$0] < power[channel][$1] }) else { return nil }
        let first = bins.first { power[channel][$0] == power[channel][best] } ?? best
        guard first > bins.lowerBound, first < bins.upperBound - 1 else { return nil }
        return frequencies[first]
    }
}
