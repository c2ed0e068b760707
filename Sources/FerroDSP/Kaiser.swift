// SPDX-License-Identifier: GPL-3.0-or-later
#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A linear-phase low-pass: the ideal response cut by a Kaiser window (Kaiser & Schafer 1980, doi:10.1109/TASSP.1980.1163349).
struct KaiserLowpass: Hashable, Sendable {
    /// Taps −half … half, symmetric, summing to 1, so that a constant passes unchanged.
    let taps: [Double]
    var half: Int { taps.count / 2 }

    /// - Parameters:
    ///   - passEdge: end of the pass-band in cycles per sample.
    ///   - stopEdge: start of the stop-band in cycles per sample.
    ///   - attenuation: of the stop-band in dB, 50 and more; the ripple of the pass-band is as small.
    init(passEdge: Double, stopEdge: Double, attenuation: Double) {
        self.init(
            passEdge: passEdge, stopEdge: stopEdge, half: kaiserHalfLength(transition: stopEdge - passEdge, attenuation: attenuation),
            attenuation: attenuation)
    }

    /// The same with a given number of taps on either side.
    init(passEdge: Double, stopEdge: Double, half: Int, attenuation: Double) {
        let beta = kaiserBeta(attenuation)
        let centre = (passEdge + stopEdge) / 2
        let ideal = (-half...half).map { index -> Double in
            let position = Double(index)
            let sinc = index == 0 ? 2 * centre : sin(2 * .pi * centre * position) / (.pi * position)
            let ratio = position / Double(half)
            return sinc * besselI0(beta * (1 - ratio * ratio).squareRoot()) / besselI0(beta)
        }
        let sum = ideal.reduce(0, +)
        taps = ideal.map { $0 / sum }
    }
}

extension KaiserLowpass {
    /// Gain at a frequency in cycles per sample.
    func gain(at frequency: Double) -> Double { symmetricGain(taps, at: frequency) }
}

/// Gain of symmetric taps about their middle at a frequency in cycles per sample.
func symmetricGain(_ taps: [Double], at frequency: Double) -> Double {
    let half = taps.count / 2
    var sum = 0.0
    for index in taps.indices { sum += taps[index] * cos(2 * .pi * frequency * Double(index - half)) }
    return sum
}

/// Shape of the Kaiser window that gives an attenuation in dB, 50 and more.
func kaiserBeta(_ attenuation: Double) -> Double {
    0.1102 * (attenuation - 8.7)
}

/// Taps on either side of the middle one for a transition in cycles per sample.
func kaiserHalfLength(transition: Double, attenuation: Double) -> Int {
    Int(((attenuation - 7.95) / (2 * 2.285 * 2 * .pi * transition)).rounded(.up))
}

/// The modified Bessel function of the first kind and order 0, by its power series Σ ((x/2)^k / k!)².
func besselI0(_ x: Double) -> Double {
    let quarter = x * x / 4
    var term = 1.0
    var sum = 1.0
    var k = 1.0
    while term > sum * 1e-17 {
        term *= quarter / (k * k)
        sum += term
        k += 1
    }
    return sum
}
