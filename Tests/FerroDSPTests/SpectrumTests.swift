// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroDSP
import Testing

@Suite struct SpectrumTests {
    /// 0, 0.5, … 10 Hz with density 1 but for a peak of 5 at 8 Hz.
    private var peaked: Spectrum {
        let frequencies = (0...20).map { Double($0) / 2 }
        return Spectrum(frequencies: frequencies, power: [frequencies.map { $0 == 8 ? 5 : 1 }], windows: 1)
    }

    @Test func bandPowerIsTheIntegralAndNeighboursAddUp() throws {
        let spectrum = peaked
        #expect(spectrum.bandPower(0, 1...4) == 3)
        #expect(spectrum.bandPower(0, 1.1...1.9).map { abs($0 - 0.8) < 1e-12 } == true)
        #expect(spectrum.bandPower(0, 7...9) == 2 + 4 * 0.5)
        let whole = try #require(spectrum.bandPower(0, 1...10))
        let parts = try #require(spectrum.bandPower(0, 1...8)) + #require(spectrum.bandPower(0, 8...10))
        #expect(abs(whole - parts) < 1e-12)
        #expect(spectrum.bandPower(0, 5...30) == nil)
        #expect(spectrum.bandPower(0, -1...3) == nil)
        #expect(spectrum.relativePower(0, 1...4, of: 1...7) == 0.5)
        #expect(spectrum.relativePower(0, 0.5...10) == 1)
    }

    @Test func bandDensityIsTheMeanOfTheBins() {
        #expect(peaked.bandDensity(0, 7...9) == 1.8)
        #expect(peaked.bandDensity(0, 1...4) == 1)
        #expect(peaked.bandDensity(0, 1.1...1.4) == nil)
    }

    @Test func aPeakLiesInsideItsBand() {
        #expect(peaked.peakFrequency(0, in: 5...10) == 8)
        #expect(peaked.peakFrequency(0, in: 8...10) == nil)
        #expect(peaked.peakFrequency(0, in: 4...8) == nil)
        #expect(peaked.peakFrequency(0, in: 1...4) == nil)
        #expect(peaked.peakFrequency(0, in: 20...30) == nil)
    }

    @Test func aSineHasItsPowerAtItsFrequency() throws {
        var welch = try WelchSpectrum(windowFrames: 2500, rate: SampleRate(hertz: 1250), channels: 1)
        welch.beginSegment()
        welch.append(block([(0..<12_500).map { Float(100 * sine(8 * Double($0) / 1250)) }]))
        let spectrum = try #require(welch.finish())
        #expect(spectrum.peakFrequency(0, in: 4...12) == 8)
        // A sine of 100 µV has 5000 µV².
        #expect(abs(try #require(spectrum.bandPower(0, 4...12)) - 5000) < 0.1)
        #expect(try #require(spectrum.relativePower(0, 4...12)) > 0.9999)
    }
}
