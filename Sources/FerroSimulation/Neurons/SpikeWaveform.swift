// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
import Foundation

/// The extracellular spike of one neuron: a negative trough and a slower positive peak, -1 at the trough.
///
/// The trough is on a frame, so that the time of a spike is exact. With distance d from the neuron the spike falls
/// as 1/(1 + (d/d0)^2), d0 = 30 um, without changing its shape.
package struct SpikeWaveform: Sendable {
    /// Frames before the trough.
    package let before: Int
    package let samples: [Float]

    static let decay = 30.0

    package init(_ kind: NeuronSpec.Waveform, rate: SampleRate) {
        let (trough, peakTime, peakWidth, peak): (Double, Double, Double, Double) =
            switch kind {
            case .pyramidal: (0.10e-3, 0.50e-3, 0.22e-3, 0.30)
            case .interneuron: (0.07e-3, 0.25e-3, 0.10e-3, 0.40)
            }
        let before = rate.frames(in: Seconds(0.0008))
        let after = rate.frames(in: Seconds(0.0018))
        self.before = before
        func value(_ time: Double) -> Double {
            -exp(-0.5 * (time / trough) * (time / trough)) + peak * exp(-0.5 * pow((time - peakTime) / peakWidth, 2))
        }
        // The positive peak pulls the minimum a little ahead of 0: find it, and put it on the frame.
        var minimum = 0.0
        for step in -200...200 where value(Double(step) * 5e-7) < value(minimum) { minimum = Double(step) * 5e-7 }
        let depth = -value(minimum)
        samples = (-before...after).map { Float(value(minimum + rate.seconds($0)) / depth) }
    }

    package static func attenuation(distance: Double) -> Double { 1 / (1 + (distance / decay) * (distance / decay)) }

    /// What is left of the trough after the zero-phase band-pass of 300 to 6000 Hz: the inverse transform of spectrum times gain, at the trough.
    package func troughAfterBandPass(rate: SampleRate) -> Double {
        let length = 4096
        let band = BandPass(rate: rate)
        var value = 0.0
        for bin in 1..<length / 2 {
            let step = 2 * .pi * Double(bin) / Double(length)
            // The real part of the transform with its origin at the trough.
            var real = 0.0
            for (index, sample) in samples.enumerated() { real += Double(sample) * cos(step * Double(index - before)) }
            value += real * band.gain(at: Double(bin) / Double(length) * rate.hertz)
        }
        return -2 * value / Double(length)
    }
}
