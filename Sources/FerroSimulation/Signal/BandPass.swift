// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Foundation

/// The band in which signal-to-noise ratios are stated: a third-order Butterworth band-pass of 300 to 6000 Hz run forward and backward.
///
/// Its gain is |H(f)|^2 = 1/(1 + ((w^2 - w1 w2)/(w (w2 - w1)))^6), w = tan(pi f/rate) after the bilinear transform.
struct BandPass {
    static let low = 300.0
    static let high = 6000.0
    let rate: SampleRate
    private let edges: (Double, Double)

    init(rate: SampleRate) {
        self.rate = rate
        edges = (tan(.pi * BandPass.low / rate.hertz), tan(.pi * BandPass.high / rate.hertz))
    }

    /// The rate must leave room for the upper edge.
    static func fits(_ rate: SampleRate) -> Bool { rate.hertz > 2 * high * 1.05 }

    /// Amplitude gain, forward and backward.
    func gain(at frequency: Double) -> Double {
        let w = tan(.pi * frequency / rate.hertz)
        guard w > 0 else { return 0 }
        let detuning = (w * w - edges.0 * edges.1) / (w * (edges.1 - edges.0))
        return 1 / (1 + pow(detuning * detuning, 3))
    }

    /// Standard deviation, behind the filter, of a signal with this one-sided power density per hertz.
    func deviation(density: (Double) -> Double) -> Double {
        let bins = 20_000
        let width = rate.hertz / 2 / Double(bins)
        var power = 0.0
        for bin in 0..<bins {
            let frequency = (Double(bin) + 0.5) * width
            let gain = gain(at: frequency)
            power += density(frequency) * gain * gain * width
        }
        return power.squareRoot()
    }
}
