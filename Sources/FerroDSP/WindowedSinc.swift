// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// A linear-phase FIR filter: an ideal low-, high- or band-pass cut by a Kaiser window, applied by FFT.
///
/// Goals, in this order: an output frame has the same bits in whatever block it is asked for; the error against direct convolution in
/// Float64 stays at the rounding of Float32, also beside an offset a thousand times the output; a constant vanishes from a high-pass
/// and passes a low-pass unchanged; speed.
///
/// *Design* (Kaiser & Schafer 1980, doi:10.1109/TASSP.1980.1163349). Gain 1/2 (−6 dB) at the cut-offs; the transition, half of it on either side,
/// and the attenuation fix the number of taps. A low-pass equals `scipy.signal.firwin(taps, high, window=("kaiser", beta), fs=rate)`, whose taps
/// sum to 1; a high-pass is a unit impulse less such a low-pass and a band-pass the difference of two, so that their taps sum to 0.
///
/// *Grid.* Overlap-save: frames of the segment are cut into cells of `hop`, counted from the segment's start, and each cell comes from one
/// transform over the cell and the taps' reach around it. The rounding of an FFT depends on everything in its window; the same frame always
/// comes from the same window, so its bits are the same in every block. The price is that a frame needs its whole cell's window: `margin` is
/// about three lengths of the filter, `inputFrames` less where blocks begin on the grid.
///
/// *Ends.* `.zero` continues the segment by odd reflection, 2 x[0] − x[k], as `Decimator` does, so that offsets and slopes do not ring;
/// a segment shorter than the reflection is continued by the last value that the reflection had. `.linear` looks at the past only: before the
/// segment its first value is taken to have lasted for ever (`scipy.signal.lfilter` with `zi = lfilter_zi(taps, 1) * x[0]`).
package struct WindowedSinc: SignalTransform {
    package enum Phase: String, Sendable, Codable, CaseIterable {
        /// The delay of half the filter's length is taken out: peaks stay where they are.
        case zero
        /// The delay stays in: output frame n looks at frames n − 2 × half to n.
        case linear
    }

    package static let attenuations = 50.0...120.0
    /// More taps than these are refused: one cell would take a hundred megabytes a channel.
    package static let mostTaps = 1 << 22

    /// Symmetric, an odd number.
    package let taps: [Double]
    package let phase: Phase
    /// Frames of a cell.
    package let hop: Int
    let convolution: FixedConvolution

    /// Passes `low` to `high`, in Hz; without `low` it is a low-pass, without `high` a high-pass.
    ///
    /// - Parameters:
    ///   - transition: width in Hz from pass-band to stop-band, centred on each cut-off.
    ///   - attenuation: of the stop-band in dB; the ripple of the pass-band is as small. The taps are as many as Kaiser's
    ///     formula asks for (`scipy.signal.kaiserord`), which is met within 1 dB, and within 6 dB where a cut-off lies near 0 Hz.
    /// - Throws: `FerroError` (usage) when no cut-off is given, a transition reaches below 0 Hz, above the Nyquist frequency or into
    ///   the other, the attenuation lies outside of 50 to 120 dB, or the filter is too long.
    package init(low: Double?, high: Double?, transition: Double, attenuation: Double, phase: Phase = .zero, at rate: SampleRate) throws {
        let half = try WindowedSinc.checkedHalf(low: low, high: high, transition: transition, attenuation: attenuation, at: rate)
        func lowpass(_ cutoff: Double) -> [Double] {
            KaiserLowpass(
                passEdge: (cutoff - transition / 2) / rate.hertz, stopEdge: (cutoff + transition / 2) / rate.hertz, half: half,
                attenuation: attenuation
            ).taps
        }
        var taps = high.map(lowpass) ?? (-half...half).map { $0 == 0 ? 1 : 0 }
        if let low { for (index, tap) in lowpass(low).enumerated() { taps[index] -= tap } }
        self.taps = taps
        self.phase = phase
        // At least two reaches, so that half of a window or more is answer.
        var hop = 512
        while hop < 2 * half { hop *= 2 }
        self.hop = hop
        convolution = FixedConvolution(taps: taps, size: transformSize(atLeast: hop + 2 * half))
    }

    /// Taps on either side of the middle one.
    package var half: Int { taps.count / 2 }

    /// Frames by which the output lags behind the input.
    package var delay: Int { phase == .zero ? 0 : half }

    package var margin: Margin {
        Margin(before: hop - 1 + half + delay, after: max(convolution.size - half - delay - 1, 0))
    }

    /// Gain of the filter without its delay at a frequency in Hz.
    package func gain(at frequency: Double, rate: SampleRate) -> Double { symmetricGain(taps, at: frequency / rate.hertz) }

    package func inputFrames(for output: SampleRange, segmentFrames: Int) -> SampleRange {
        guard !output.isEmpty else { return 0..<0 }
        let first = window(output.lowerBound / hop)
        let last = window((output.upperBound - 1) / hop)
        return (first.lowerBound..<last.upperBound).clamped(to: 0..<segmentFrames)
    }

    /// The frames, some of them perhaps beyond the segment, that the transform of a cell sees.
    private func window(_ cell: Int) -> SampleRange {
        let first = cell * hop - half - delay
        return first..<first + convolution.size
    }

    package func apply(_ block: SignalBlock, producing output: SampleRange, segmentFrames: Int) -> SignalBlock {
        guard !output.isEmpty else { return SignalBlock(frames: output, channels: block.channels) }
        let needed = inputFrames(for: output, segmentFrames: segmentFrames)
        precondition(block.frames.lowerBound <= needed.lowerBound && block.frames.upperBound >= needed.upperBound)
        let cells = (output.lowerBound / hop...(output.upperBound - 1) / hop).map { cell in
            OverlapSaveCell(
                window: window(cell), answer: (cell * hop..<(cell + 1) * hop).clamped(to: output),
                // The window's frame at the cell's first frame.
                lead: cell * hop - delay - window(cell).lowerBound, first: cell * hop)
        }
        let ends = SegmentEnds(
            frames: segmentFrames, before: phase == .zero ? .reflected(half) : .held, after: phase == .zero ? .reflected(half) : .zeros)
        return SignalBlock(frames: output, channels: block.channels) { target in
            overlapSave(block, cells: cells, ends: ends, convolution: convolution, output: output, into: target)
        }
    }

    private static func checkedHalf(
        low: Double?, high: Double?, transition: Double, attenuation: Double, at rate: SampleRate
    ) throws -> Int {
        guard low != nil || high != nil else {
            throw FerroError.usage("a filter without a cut-off passes everything", expected: "`low`, `high` or both")
        }
        for cutoff in [low, high].compactMap({ $0 }) {
            try checkCutoff(cutoff, at: rate)
            guard transition.isFinite, transition > 0, transition <= 2 * cutoff, cutoff + transition / 2 <= rate.nyquist.value else {
                throw FerroError.usage(
                    "a transition of \(Hertz(transition)) around \(Hertz(cutoff)) does not fit between 0 Hz and \(rate.nyquist)",
                    expected: "at most \(Hertz(2 * min(cutoff, rate.nyquist.value - cutoff)))")
            }
        }
        if let low, let high, high - low < transition {
            throw FerroError.usage(
                "a transition of \(Hertz(transition)) is wider than the band from \(Hertz(low)) to \(Hertz(high))",
                expected: low < high ? "at most \(Hertz(high - low))" : "a low edge below the high edge")
        }
        guard attenuations.contains(attenuation) else {
            throw FerroError.usage("an attenuation of \(shortest(attenuation)) dB is not available", expected: "50 to 120 dB")
        }
        let wanted = (attenuation - 7.95) / (2 * 2.285 * 2 * .pi * transition / rate.hertz)
        guard wanted < Double(mostTaps / 2) else {
            throw FerroError.usage(
                "a transition of \(Hertz(transition)) at \(rate) takes \(shortest((2 * wanted).rounded())) taps", expected: "at most \(mostTaps)",
                advice: "decimate first, or allow a wider transition")
        }
        return kaiserHalfLength(transition: transition / rate.hertz, attenuation: attenuation)
    }
}

/// The smallest even number of at least `least` without a prime factor above 7: sizes that FFTW transforms fast.
func transformSize(atLeast least: Int) -> Int {
    var size = max(least, 2)
    while true {
        var rest = size
        for factor in [2, 3, 5, 7] { while rest % factor == 0 { rest /= factor } }
        if rest == 1, size % 2 == 0 { return size }
        size += 1
    }
}
