// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Foundation

/// The spectrum of the simulated local field potential.
///
/// First-order low-passed white noises with corners at 0.5, 2, 8, 32, 128 and 512 Hz are summed with powers proportional to
/// corner^(1 - exponent), which gives 1/f^exponent within about 0.5 dB over that span. They run at about a thousand samples a second
/// and are carried to the full rate by a cubic B-spline, whose gain sinc^4 removes the images.
struct FieldPotential {
    static let corners = [0.5, 2, 8, 32, 128, 512]
    /// Frames of the full rate per step.
    let factor: Int
    let stepRate: Double
    /// Recursion x' = decay x + drive n, of unit variance each.
    let decay: [Double]
    let drive: [Double]
    /// Amplitude of each component; squares sum to 1.
    let weights: [Double]

    init(exponent: Double, rate: SampleRate) {
        // Even, because normal numbers come in pairs of frames.
        factor = max(1, 2 * Int(rate.hertz / 2000))
        stepRate = rate.hertz / Double(factor)
        let stepRate = stepRate
        decay = FieldPotential.corners.map { exp(-2 * .pi * $0 / stepRate) }
        drive = decay.map { (1 - $0 * $0).squareRoot() }
        let powers = FieldPotential.corners.map { pow($0, 1 - exponent) }
        let sum = powers.reduce(0, +)
        weights = powers.map { ($0 / sum).squareRoot() }
    }

    /// Weights of the four spline knots at each frame of a step.
    var spline: [SIMD4<Float>] {
        (0..<factor).map { frame in
            let t = Double(frame) / Double(factor)
            let u = 1 - t
            return SIMD4(
                Float(u * u * u / 6), Float((3 * t * t * t - 6 * t * t + 4) / 6), Float((3 * u * u * u - 6 * u * u + 4) / 6),
                Float(t * t * t / 6))
        }
    }

    /// One-sided power density per hertz of a field potential of unit variance, images included.
    func density(at frequency: Double) -> Double {
        let angle = 2 * .pi * frequency / stepRate
        var sum = 0.0
        for index in decay.indices {
            let a = decay[index]
            sum += weights[index] * weights[index] * 2 / stepRate * (1 - a * a) / (1 - 2 * a * cos(angle) + a * a)
        }
        let x = .pi * frequency / stepRate
        let sinc = x == 0 ? 1 : sin(x) / x
        return sum * pow(sinc, 8)
    }
}

extension BackgroundSpec {
    /// Standard deviation of the background behind the band-pass, in microvolts. The theta rhythm has no power there.
    func bandDeviation(rate: SampleRate) -> Double {
        let white = (noise.value * noise.value + commonNoise.value * commonNoise.value) * 2 / rate.hertz
        let field = FieldPotential(exponent: exponent, rate: rate)
        let power = lfp.value * lfp.value
        return BandPass(rate: rate).deviation { white + power * field.density(at: $0) }
    }

    func check(rate: SampleRate) throws {
        guard noise.value >= 0, commonNoise.value >= 0, lfp.value >= 0 else {
            throw FerroError.usage("a standard deviation of the background is negative", expected: "0 uV or more")
        }
        guard (0.1...2).contains(exponent), (0...1).contains(shared) else {
            throw FerroError.usage(
                "an exponent of \(shortest(exponent)) with \(shortest(shared)) shared is out of range", expected: "an exponent of 0.1 to 2, a share of 0 to 1")
        }
        guard let theta else { return }
        guard theta.frequency.value > 0, theta.frequency.value <= 100, theta.frequency.value < rate.hertz / 4, theta.amplitude.value >= 0,
            theta.bandwidth.value > 0,
            theta.bandwidth.value <= theta.frequency.value
        else {
            throw FerroError.usage(
                "a theta rhythm of \(theta.frequency), \(theta.amplitude), \(theta.bandwidth) wide is impossible",
                expected: "a frequency up to 100 Hz, a bandwidth no larger")
        }
    }
}
