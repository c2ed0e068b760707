// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// Power spectra by averaging over overlapping windows (Welch 1967, doi:10.1109/TAU.1967.1161901), fed block by block.
///
/// Each window is freed of its mean, tapered and transformed; squared magnitudes become one-sided densities
/// in µV²/Hz and are averaged over the windows of all segments. No window crosses a segment's end; frames that fill no
/// window at the end of a segment are left out. One segment gives what
/// `scipy.signal.welch(x, fs, taper, nperseg, noverlap)` gives. Float64 throughout; memory holds one window.
///
/// ```swift
/// var welch = try WelchSpectrum(windowFrames: 2500, rate: rate, channels: 2)
/// welch.beginSegment()
/// welch.append(block)
/// let spectrum = welch.finish()
/// ```
package struct WelchSpectrum: Sendable {
    package let windowFrames: Int
    package let overlapFrames: Int
    package let taper: Taper
    package let rate: SampleRate
    package let channels: Int
    /// Windows averaged so far.
    package private(set) var windows = 0

    private let plan: RealFFTPlan
    private let weights: [Double]
    /// Frames of the window being filled, in the panels of a block.
    private var pending: [Float]
    private var filled = 0
    /// Sums of squared magnitudes, channel after channel.
    private var sums: [Double]
    private var nextFrame: Int?

    /// - Parameter overlapFrames: frames that neighbouring windows share; half a window when nil.
    /// - Throws: `FerroError` (usage) unless a window has at least 2 frames and the overlap is shorter than it.
    package init(windowFrames: Int, overlapFrames: Int? = nil, taper: Taper = .hann, rate: SampleRate, channels: Int) throws {
        guard windowFrames >= 2 else {
            throw FerroError.usage(
                "a spectral window of \(windowFrames) frames is too short at \(rate)", expected: "at least 2 frames",
                advice: "choose a longer window")
        }
        let overlap = overlapFrames ?? windowFrames / 2
        guard (0..<windowFrames).contains(overlap) else {
            throw FerroError.usage(
                "windows of \(windowFrames) frames cannot overlap by \(overlap)", expected: "an overlap shorter than the window")
        }
        self.windowFrames = windowFrames
        self.overlapFrames = overlap
        self.taper = taper
        self.rate = rate
        self.channels = channels
        plan = RealFFTPlan(count: windowFrames)
        weights = taper.weights(windowFrames)
        pending = [Float](repeating: 0, count: windowFrames * SignalBlock.paddedChannels(forChannels: channels))
        sums = [Double](repeating: 0, count: plan.bins * channels)
    }

    /// Forgets the frames of an unfinished window: what follows is not continuous with what came before.
    package mutating func beginSegment() {
        filled = 0
        nextFrame = nil
    }

    /// Takes the next frames of the segment.
    ///
    /// - Precondition: the block has this spectrum's channels, and starts where the last one of the segment ended.
    package mutating func append(_ block: SignalBlock) {
        precondition(block.channels == channels, "a block of \(block.channels) channels for \(channels)")
        precondition(nextFrame == nil || nextFrame == block.frames.lowerBound, "blocks out of order")
        nextFrame = block.frames.upperBound
        let width = block.panelWidth
        var space: RealFFTWorkspace?
        var taken = 0
        while taken < block.frames.count {
            let count = min(windowFrames - filled, block.frames.count - taken)
            pending.withUnsafeMutableBufferPointer { pending in
                block.samples.withUnsafeBufferPointer { samples in
                    guard let target = pending.baseAddress, let source = samples.baseAddress else { return }
                    for start in block.panelStarts {
                        let from = source + block.place(block.frames.lowerBound + taken, start)
                        (target + start * windowFrames + filled * width).update(from: from, count: count * width)
                    }
                }
            }
            filled += count
            taken += count
            guard filled == windowFrames else { continue }
            let workspace = space ?? RealFFTWorkspace(count: windowFrames)
            space = workspace
            addWindow(workspace, width: width)
            pending.withUnsafeMutableBufferPointer { pending in
                guard let base = pending.baseAddress else { return }
                for start in block.panelStarts {
                    let panel = base + start * windowFrames
                    panel.update(from: panel + (windowFrames - overlapFrames) * width, count: overlapFrames * width)
                }
            }
            filled = overlapFrames
        }
    }

    private mutating func addWindow(_ space: RealFFTWorkspace, width: Int) {
        windows += 1
        for channel in 0..<channels {
            let first = SignalBlock.place(row: 0, channel, rows: windowFrames, panelWidth: width)
            var mean = 0.0
            for frame in 0..<windowFrames { mean += Double(pending[first + frame * width]) }
            mean /= Double(windowFrames)
            for frame in 0..<windowFrames {
                space.input[frame] = (Double(pending[first + frame * width]) - mean) * weights[frame]
            }
            plan.execute(space)
            for bin in 0..<plan.bins {
                let (real, imaginary) = space[bin]
                sums[channel * plan.bins + bin] += real * real + imaginary * imaginary
            }
        }
    }

    /// The average so far; nil when no segment was long enough for a window.
    package func finish() -> Spectrum? {
        guard windows > 0 else { return nil }
        let energy = weights.reduce(0) { $0 + $1 * $1 }
        let scale = 1 / (rate.hertz * energy * Double(windows))
        let power = (0..<channels).map { channel in
            (0..<plan.bins).map { bin in
                // Every bin stands for a positive and a negative frequency, but 0 Hz and the Nyquist frequency.
                let sides = bin == 0 || 2 * bin == windowFrames ? 1.0 : 2.0
                return sums[channel * plan.bins + bin] * scale * sides
            }
        }
        let frequencies = (0..<plan.bins).map { Double($0) * rate.hertz / Double(windowFrames) }
        return Spectrum(frequencies: frequencies, power: power, windows: windows)
    }
}
