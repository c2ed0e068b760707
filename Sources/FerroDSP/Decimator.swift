// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// Keeps one frame of `factor` behind a linear-phase anti-alias filter without delay: output frame m sits at input
/// frame m × factor.
///
/// The filter is a Kaiser-windowed sinc: flat within 0.001 dB up to 0.8 of the new Nyquist frequency, −6 dB at 0.9 of it, and
/// at least 80 dB down from the new Nyquist frequency on, so that nothing folds back anywhere. About 52 taps
/// for each unit of the factor; only the kept frames are computed. Products are summed in Float32 over 32 taps and in
/// Float64 beyond, always in the same order, so an output frame has the same bits in every block.
///
/// At a segment's true ends the signal is continued by odd reflection, 2 x[0] − x[k]. Zeros would let an electrode's
/// offset of thousands of microvolts ring into the first frames; reflected, an offset stays flat and a slope stays
/// straight. A segment shorter than the reflection is continued by the last value that the reflection had.
///
/// A segment of n frames leaves ⌈n / factor⌉.
package struct Decimator: SignalTransform {
    package let factor: Int
    let filter: KaiserLowpass?

    /// End of the pass-band and start of the stop-band, as fractions of the new Nyquist frequency.
    package static let passEdge = 0.8
    package static let stopEdge = 1.0
    /// In dB; designed with a margin over the 80 that are promised.
    static let designedAttenuation = 84.0

    /// - Parameter factor: 1 (the signal as it is) or more.
    package init(factor: Int) {
        precondition(factor >= 1)
        self.factor = factor
        filter =
            factor == 1
            ? nil
            : KaiserLowpass(
                passEdge: Decimator.passEdge / Double(2 * factor), stopEdge: Decimator.stopEdge / Double(2 * factor),
                attenuation: Decimator.designedAttenuation)
    }

    package var decimation: Int { factor }
    package var margin: Margin { Margin(filter?.half ?? 0) }

    /// The filter's gain at a frequency in Hz of the input.
    package func gain(at frequency: Double, rate: SampleRate) -> Double {
        guard let filter else { return 1 }
        return filter.gain(at: frequency / rate.hertz)
    }

    /// The factor that takes `rate` to `target`.
    ///
    /// - Throws: `FerroError` (usage), with the nearest rates that are possible, unless the ratio is an integer within 0.1 %.
    package static func factor(from rate: SampleRate, to target: SampleRate) throws -> Int {
        let ratio = rate.hertz / target.hertz
        let nearest = max(ratio.rounded(), 1)
        if abs(ratio - nearest) <= 1e-3 * nearest { return Int(nearest) }
        guard ratio > 1 else {
            throw FerroError.usage(
                "decimating cannot raise \(rate) to \(target)", expected: "a rate of at most \(Hertz(rate.hertz))")
        }
        let above = rate.divided(by: Int(ratio.rounded(.down)))
        let below = rate.divided(by: Int(ratio.rounded(.up)))
        throw FerroError.usage(
            "\(rate) is not a whole multiple of \(target)", expected: "a rate that divides it",
            advice: "the nearest are \(Hertz(below.hertz)) and \(Hertz(above.hertz))")
    }

    package func apply(_ block: SignalBlock, producing output: SampleRange, segmentFrames: Int) -> SignalBlock {
        guard let filter else { return block.slice(output) }
        guard !output.isEmpty else { return SignalBlock(frames: output, channels: block.channels) }
        let centres = output.lowerBound * factor..<(output.upperBound - 1) * factor + 1
        let wanted = centres.lowerBound - filter.half..<centres.upperBound + filter.half
        let held = wanted.clamped(to: 0..<segmentFrames)
        precondition(block.frames.lowerBound <= held.lowerBound && block.frames.upperBound >= held.upperBound)
        let rows = held == wanted ? block : block.continued(over: wanted, segmentFrames: segmentFrames)
        return SignalBlock(frames: output, channels: block.channels) { target in
            weightedRows(rows, firstCentre: centres.lowerBound, step: factor, filter: filter, count: output.count, into: target)
        }
    }
}

extension SignalBlock {
    /// The frames `wanted`, those outside `0 ..< segmentFrames` by odd reflection about the segment's first or last frame.
    func continued(over wanted: SampleRange, segmentFrames: Int) -> SignalBlock {
        let inner = wanted.clamped(to: 0..<segmentFrames)
        let width = panelWidth
        return SignalBlock(frames: wanted, channels: channels) { target in
            samples.withUnsafeBufferPointer { samples in
                for start in panelStarts {
                    let panel = start * wanted.count
                    for frame in wanted where !inner.contains(frame) {
                        let source = Swift.min(Swift.max(frame, inner.lowerBound), inner.upperBound - 1)
                        // An edge frame and its mirror image.
                        let edge = frame < 0 ? 0 : segmentFrames - 1
                        let mirror = Swift.min(Swift.max(2 * edge - frame, 0), segmentFrames - 1)
                        let row = panel + (frame - wanted.lowerBound) * width
                        for lane in 0..<width { target[row + lane] = 2 * samples[place(source, start) + lane] - samples[place(mirror, start) + lane] }
                    }
                    let (first, from) = (panel + (inner.lowerBound - wanted.lowerBound) * width, place(inner.lowerBound, start))
                    for index in 0..<inner.count * width { target[first + index] = samples[from + index] }
                }
            }
        }
    }
}
