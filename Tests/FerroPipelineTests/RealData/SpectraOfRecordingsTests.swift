// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroDSP
import FerroPipeline
import FerroRecordings
import Foundation
import Testing

/// Spectra of a real LFP against SciPy (fixtures/generators/lfp_reference.py).
@Suite("Spectra of recordings", .tags(.realData), .enabled(if: RealData.isNamed))
struct SpectraOfRecordingsTests {
    struct Reference: Decodable {
        struct Channel: Decodable {
            let peak_hz: Double
            let theta_over_delta: Double
            let density: [Double]
        }
        let first_hz: Double
        let step_hz: Double
        let channels: [Channel]
    }

    @Test("theta stands at 8 Hz in CA1 and EC3, 4.4 and 5.9 times as high as delta")
    func theta() async throws {
        let spectrum = try #require(try await RealData.analyse("lfp/rat-ca1-ec3-theta.nwb", with: "vhpc-lfp").result.spectra.first)
        let channels = try readReference("lfp.json", as: Reference.self).channels
        for (channel, published) in [4.4, 5.9].enumerated() {
            let bands = spectrum.bands.filter { $0.electrode == channel }
            let theta = try #require(bands.first { $0.band == "theta" })
            #expect(theta.peak == 8)
            #expect(theta.peak == channels[channel].peak_hz)
            let core = try #require(bands.first { $0.band == "theta-core" })
            let delta = try #require(bands.first { $0.band == "delta" })
            let ratio = try #require(core.meanDensity) / #require(delta.meanDensity)
            #expect(abs(ratio - published) < 0.05)
            #expect(abs(ratio / channels[channel].theta_over_delta - 1) < 1e-5)
        }
    }

    @Test("every bin from 1 to 200 Hz is SciPy's within 0.0001 dB")
    func welch() async throws {
        let spectrum = try #require(try await RealData.analyse("lfp/rat-ca1-ec3-theta.nwb", with: "vhpc-lfp").result.spectra.first)
        let reference = try readReference("lfp.json", as: Reference.self)
        #expect(spectrum.windows == 29)
        for (power, channel) in zip(spectrum.power, reference.channels) {
            #expect(channel.density.count == 797)
            let first = try #require(spectrum.frequencies.firstIndex { abs($0 - reference.first_hz) < 1e-9 })
            let apart = channel.density.enumerated().map { abs(10 * log10(power[first + $0] / $1)) }
            #expect(try #require(apart.max()) < 1e-4)
            #expect(abs(spectrum.frequencies[first + 796] - 200) < 1e-9)
        }
    }
}
