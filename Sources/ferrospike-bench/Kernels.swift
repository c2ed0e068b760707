// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroDSP
import FerroSpikes

/// The kernels over a million samples each, or 65 536 frames of few channels, behind names that the baseline keeps.
struct Kernels {
    private let samples: Int
    private let rate: SampleRate
    private let spikeBand: SecondOrderSections
    private var rows: [BenchRow] = []

    private init(samples: Int) throws {
        self.samples = samples
        rate = try SampleRate(hertz: 30_000)
        spikeBand = try Butterworth(order: 5).bandpass(300...6000, at: rate)
    }

    static func rows(samples: Int = 1 << 20) throws -> [BenchRow] {
        var kernels = try Kernels(samples: samples)
        try kernels.addCascades()
        try kernels.addReferences()
        try kernels.addOtherTransforms()
        try kernels.addDetection()
        return kernels.rows
    }

    // MARK: Rows

    private mutating func addCascades() throws {
        for order in [1, 2, 3, 4, 5, 6, 8] {
            let sections = try Butterworth(order: order).bandpass(300...6000, at: rate)
            add("band-pass of order \(order), zero phase", channels: 64, ZeroPhaseFilter(sections))
        }
        add("band-pass of order 5, causal", channels: 64, CausalFilter(spikeBand))
        add("high-pass of order 3, zero phase", channels: 64, ZeroPhaseFilter(try Butterworth(order: 3).highpass(300, at: rate)))
        add(
            "notch and four harmonics, zero phase", channels: 64,
            ZeroPhaseFilter(try Notch(frequency: 50, q: 30, harmonics: [1, 2, 3, 4, 5]).sections(at: rate)))
        let slow = try SampleRate(hertz: 1250)
        add("band-pass 4-12 Hz of 1250 Hz, zero phase", channels: 64, ZeroPhaseFilter(try Butterworth(order: 3).bandpass(4...12, at: slow)))
        for channels in [1, 2, 3, 4, 7, 16, 31, 32, 33, 128, 384] {
            add("band-pass of order 5, zero phase", channels: channels, ZeroPhaseFilter(spikeBand))
        }
    }

    private mutating func addReferences() throws {
        for channels in [2, 3, 4, 7, 16, 31, 32, 33, 64, 128, 384] {
            add("median", channels: channels, try CommonReference(operator: .median, groups: [Array(0..<channels)]))
        }
        let tetrodes = stride(from: 0, to: 64, by: 4).map { Array($0..<$0 + 4) }
        add("median of each tetrode", channels: 64, try CommonReference(operator: .median, groups: tetrodes))
        add("mean", channels: 64, try CommonReference(operator: .mean, groups: [Array(0..<64)]))
        let around = (0..<64).map { channel in (max(channel - 8, 0)...min(channel + 8, 63)).filter { $0 != channel } }
        add("median of sixteen neighbours", channels: 64, try LocalReference(operator: .median, neighbours: around))
    }

    private mutating func addOtherTransforms() throws {
        for channels in [1, 2, 4, 7, 64] { add("decimation by 24", channels: channels, Decimator(factor: 24)) }
        add(
            "windowed sinc 300-6000 Hz", channels: 64,
            try WindowedSinc(low: 300, high: 6000, transition: 200, attenuation: 60, at: rate))
        let weights = (0..<64).map { row in (0..<64).map { 1 / Double(1 + abs(row - $0)) } }
        add("weighted sums of all channels, as in whitening", channels: 64, ChannelMatrix(rows: weights))
        add("every sixth channel", channels: 384, ChannelSelection(columns: Array(stride(from: 0, to: 384, by: 6))))
        add("bipolar pairs", channels: 64, BipolarDerivation(pairs: (0..<63).map { .init(plus: $0, minus: $0 + 1) }))
        let slow = try SampleRate(hertz: 1250)
        for channels in [1, 64] {
            let welch = try WelchSpectrum(windowFrames: 2500, rate: slow, channels: channels)
            let signal = noise(channels: channels)
            add("Welch, windows of 2500, half overlap", channels: channels) {
                var spectrum = welch
                spectrum.append(signal)
                return spectrum.finish()?.power[0][1] ?? 0
            }
        }
    }

    private mutating func addDetection() throws {
        for channels in [1, 7, 64, 384] {
            let signal = noise(channels: channels)
            // One that goes on, as in a run: what is timed is counting.
            var histogram = NoiseHistogram(channels: channels)
            add("noise histogram", channels: channels) {
                histogram.add(signal, frames: signal.frames)
                return Double(histogram.channels)
            }
            let quiet = Array(repeating: Optional(1.0), count: channels)
            let scan = ThresholdDetector(threshold: 100, noise: quiet, polarity: .negative, deadFrames: 30)
            add("detection, scan alone", channels: channels) {
                Double(scan.events(in: signal, answering: signal.frames, segmentFrames: signal.frames.count).count)
            }
        }
        // Noise of unit deviation: beyond 3 lies one of 4700 samples, as dense as spikes of 6 Hz.
        let signal = noise(channels: 64)
        let quiet = Array(repeating: Optional(1.0), count: 64)
        let near = (0..<64).map { channel in (max(channel - 2, 0)...min(channel + 2, 63)).filter { $0 != channel } }
        for (name, neighbours) in [("by channel", nil), ("with four neighbours", near)] as [(String, [[Int]]?)] {
            let detector = ThresholdDetector(threshold: 3, noise: quiet, polarity: .negative, deadFrames: 30, neighbours: neighbours)
            add("detection, \(name)", channels: 64) {
                Double(detector.events(in: signal, answering: signal.frames, segmentFrames: signal.frames.count).count)
            }
        }
    }

    // MARK: Making rows

    private mutating func add(_ name: String, channels: Int, _ transform: some SignalTransform) {
        let signal = noise(channels: channels)
        let frames = signal.frames.count
        let together = transform.blocksAtOnce(channels: channels)
        guard together > 1 else {
            add(name, channels: channels) {
                Double(transform.apply(signal, producing: 0..<transform.outputFrames(ofSegment: frames), segmentFrames: frames).samples[0])
            }
            return
        }
        // As a run works on few channels: neighbouring blocks at once, none of which reaches an end of the segment.
        let margin = max(transform.margin.before, transform.margin.after) + 1
        let step = (frames - 2 * margin) / together
        let blocks = (0..<together).map { margin + $0 * step..<margin + ($0 + 1) * step }
        rows.append(
            BenchRow("\(name), \(channels) channel\(channels == 1 ? "" : "s")", samples: together * step * channels) {
                let answers = transform.apply(several: blocks.map { _ in signal }, producing: blocks, segmentFrames: frames)
                return answers.reduce(0) { $0 + Double($1.samples[0]) }
            })
    }

    private mutating func add(_ name: String, channels: Int, _ work: @escaping () throws -> Double) {
        rows.append(BenchRow("\(name), \(channels) channel\(channels == 1 ? "" : "s")", samples: frames(channels) * channels, work))
    }

    private func frames(_ channels: Int) -> Int { min(samples / channels, 1 << 16) }

    /// Sums of four uniform values with a deviation of one.
    private func noise(channels: Int) -> SignalBlock {
        var generator = SeededGenerator(seed: 1)
        var block = SignalBlock(frames: 0..<frames(channels), channels: channels)
        for frame in block.frames {
            for channel in 0..<channels {
                block[frame, channel] = Float((0..<4).reduce(0.0) { sum, _ in sum + generator.uniform() - 0.5 }) * 1.732
            }
        }
        return block
    }
}
