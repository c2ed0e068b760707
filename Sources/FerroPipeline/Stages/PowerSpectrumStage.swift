// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroDSP
import FerroRecordings

/// `power-spectrum`: Welch power spectra and band power.
package struct PowerSpectrumStage: GatherStage {
    package static let documentation = StageDocumentation(
        "power-spectrum", .gather, takes: .signal, gives: .spectra,
        "Welch spectrum of every channel: Hann windows, each less its mean, one-sided density in uV^2/Hz, averaged over all windows of all segments.",
        parameters: [
            StageParameter("method", .choice(["welch"]), .standard("welch"), "how the spectrum is estimated (scipy.signal.welch)"),
            StageParameter("window", .duration, .standard("2 s"), "length of a window"),
            StageParameter("overlap", .number(0...0.95), .standard("0.5"), "share of a window that the next one repeats"),
            StageParameter("bands", .bands, .standard("{theta: [4 Hz, 12 Hz], gamma: [30 Hz, 80 Hz]}"), "bands whose power is reported"),
        ])
    private let window: Seconds
    private let overlap: Double
    private let bands: [FrequencyBand]
    private let windowPlace: ConfigPlace
    private let bandsPlace: ConfigPlace

    package init(_ parameters: StageParameters) throws {
        window = try parameters.duration("window")
        guard window.value <= 600 else {
            throw parameters.place(of: "window").error("a window of \(window) does not fit into memory", expected: "at most 600 s")
        }
        overlap = try parameters.number("overlap")
        bands = try parameters.bands("bands")
        windowPlace = parameters.place(of: "window").fixed
        bandsPlace = parameters.place(of: "bands").fixed
    }

    package func gatherer(for stream: StreamFormat, id: String, findings: Findings) throws -> any Gatherer {
        let frames = stream.rate.frames(in: window)
        try windowPlace.locating {
            guard frames >= 8 else {
                throw FerroError.usage("a window of \(window) holds \(frames) frames at \(stream.rate)", expected: "at least 8 frames")
            }
        }
        try bandsPlace.locating {
            for band in bands where band.high > stream.rate.nyquist {
                throw FerroError.usage(
                    "the band \(band.name) reaches \(band.high), above half the sampling rate of \(stream.rate)",
                    expected: "edges of at most \(stream.rate.nyquist)")
            }
        }
        let empty = try windowPlace.locating {
            try WelchSpectrum(
                windowFrames: frames, overlapFrames: Int((Double(frames) * overlap).rounded(.down)), rate: stream.rate,
                channels: stream.electrodes.count)
        }
        return SpectrumGatherer(id: id, stream: stream, bands: bands, empty: empty)
    }
}

/// Windows run across blocks, so blocks travel in time order to one accumulator.
struct SpectrumGatherer: DraftingGatherer {
    struct Accumulated: Sendable {
        var welch: WelchSpectrum
        var segment: Int
    }

    let id: String
    let stream: StreamFormat
    let bands: [FrequencyBand]
    let empty: WelchSpectrum
    let margin = Margin.none

    func partial(of block: SignalBlock, core: SampleRange, in segment: SegmentContext) -> SignalBlock { block.slice(core) }

    // Nothing that has to be found first decides about it.
    func draft(of block: SignalBlock, core: SampleRange, in segment: SegmentContext) -> SignalBlock? { block.slice(core) }
    func byteCount(of draft: SignalBlock) -> Int { draft.byteCount }
    func decides(_ draft: SignalBlock) -> Bool { true }
    func partial(from draft: SignalBlock, in segment: SegmentContext) -> SignalBlock { draft }

    func start() -> Accumulated { Accumulated(welch: empty, segment: -1) }

    func merge(_ partial: SignalBlock, in segment: SegmentContext, into accumulated: inout Accumulated) {
        if segment.index != accumulated.segment {
            accumulated.welch.beginSegment()
            accumulated.segment = segment.index
        }
        accumulated.welch.append(partial)
    }

    func finish(_ accumulated: Accumulated, into findings: inout Findings) throws {
        guard let spectrum = accumulated.welch.finish() else {
            findings.warnings.append(
                "\(id): no segment is as long as one window of \(shortest(stream.rate.seconds(empty.windowFrames))) s, so there is no spectrum; choose a shorter window"
            )
            return
        }
        for band in bands where spectrum.bins(in: band.low.value...band.high.value).isEmpty {
            findings.warnings.append(
                "\(id): the band \(band.name) (\(band.low) to \(band.high)) holds no frequency of the spectrum, so it has no power; choose a longer window")
        }
        let places = findings.places(of: stream.electrodes)
        let rows = stream.electrodes.indices.flatMap { channel in
            bands.compactMap { band -> BandResult? in
                let range = band.low.value...band.high.value
                guard let power = spectrum.bandPower(channel, range), let share = spectrum.relativePower(channel, range) else { return nil }
                return BandResult(
                    electrode: places[channel], band: band.name, low: band.low, high: band.high, power: power, relativePower: share,
                    peak: spectrum.peakFrequency(channel, in: range), meanDensity: spectrum.bandDensity(channel, range))
            }
        }
        findings.spectra.append(
            SpectrumResult(
                stage: id, method: "welch", frequencies: spectrum.frequencies, electrodes: places,
                power: spectrum.power, windows: spectrum.windows, bands: rows))
    }
}
