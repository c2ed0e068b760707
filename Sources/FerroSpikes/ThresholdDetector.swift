// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// Which way a spike points in the extracellular signal.
package enum Polarity: String, Sendable, Codable, CaseIterable {
    case negative, positive, both
}

/// The largest values of a neighbour near a candidate: in the frames where the neighbour would win a tie, and in the others.
struct Rival: Sendable {
    var winningTies: Float
    var losingTies: Float
}

/// Threshold events: local extrema beyond a multiple of the noise, one per dead time.
///
/// Let v be −x, x or |x| for negative, positive or both polarities. Frame t of channel c is an event when
/// - v exceeds `threshold · noise[c]` (strictly),
/// - v is the largest of its channel within ±`deadFrames` (at least ±1); of equal values the earliest wins,
/// - with `neighbours`, v in units of its channel's threshold is also the largest among the neighbours within the same window;
///   of equal values the earlier frame, then the lower channel wins.
///
/// The window is cut at the segment's ends. The first and the last frame of a segment are never events: whether the signal turned
/// there is not known. The rule looks no farther than the window, so every split of a segment gives the same events. Two events of a channel are
/// more than `deadFrames` apart. A channel without noise (0, nil or not finite) has no events and silences nobody.
///
/// The rule of SpikeInterface's `by_channel` and, but for the flanks of larger spikes, `locally_exclusive`; see docs/detectors.md.
///
/// ```swift
/// let detector = ThresholdDetector(threshold: 5, noise: histogram.noise(), polarity: .negative, deadFrames: 30, neighbours: nil)
/// let events = detector.events(in: block, answering: core, segmentFrames: segment.frames.count)
/// ```
package struct ThresholdDetector: Sendable {
    /// Multiple of the noise.
    package let threshold: Double
    package let polarity: Polarity
    package let deadFrames: Int
    /// Threshold of each channel in microvolts, infinite where the channel is silent.
    package let thresholds: [Double]
    package let neighbours: [[Int]]?
    /// Channels without a usable noise value, ascending.
    package let silentChannels: [Int]
    /// Largest Float not above each threshold, padded to whole SIMD rows with infinity: for a Float x, x > limit is x > threshold.
    let limits: [Float]

    /// - Parameters:
    ///   - threshold: multiple of the noise.
    ///   - noise: per channel in microvolts.
    ///   - neighbours: of each channel, without itself; nil detects by channel.
    package init(threshold: Double, noise: [Double?], polarity: Polarity, deadFrames: Int, neighbours: [[Int]]? = nil) {
        precondition(deadFrames >= 0)
        precondition(neighbours.map { $0.count == noise.count } ?? true)
        self.threshold = threshold
        self.polarity = polarity
        self.deadFrames = deadFrames
        self.neighbours = neighbours
        let thresholds = noise.map { noise in
            guard let noise, noise > 0, noise.isFinite else { return Double.infinity }
            return threshold * noise
        }
        self.thresholds = thresholds
        silentChannels = thresholds.indices.filter { thresholds[$0] == .infinity }
        limits = (0..<SignalBlock.paddedChannels(forChannels: noise.count)).map { channel in
            guard channel < thresholds.count else { return .infinity }
            let rounded = Float(thresholds[channel])
            return Double(rounded) > thresholds[channel] ? rounded.nextDown : rounded
        }
    }

    private var reach: Int { max(deadFrames, 1) }

    /// Frames needed on both sides of the frames answered for.
    package var margin: Margin { Margin(reach) }

    /// Events of the frames `core`, by frame, then channel.
    ///
    /// Requires the block to hold `core` grown by `margin` within `0 ..< segmentFrames`.
    package func events(in block: SignalBlock, answering core: SampleRange, segmentFrames: Int) -> [SpikeEvent] {
        precondition(block.channels == thresholds.count)
        let segment = 0..<segmentFrames
        return candidates(in: block, answering: core, segment: segment, limits: limits) { candidate, samples in
            let panel = panel(of: candidate.channel, around: candidate, in: block, samples, segment: segment)
            guard isLargest(candidate, in: panel) else { return false }
            let rivals = rivals(of: candidate, panel, in: block, samples, segment: segment)
            return zip(around(candidate.channel), rivals).allSatisfy { isLarger(candidate.value, on: candidate.channel, than: $1, on: $0) }
        }.map { SpikeEvent(frame: $0.frame, channel: $0.channel, amplitude: block[$0.frame, $0.channel]) }
    }

    /// Local extrema of the frames `core` beyond the limits, of which `holds` is true. The segment's first and last frame are left out.
    func candidates(
        in block: SignalBlock, answering core: SampleRange, segment: SampleRange, limits: [Float],
        where holds: (Candidate, UnsafeBufferPointer<Float>) -> Bool
    ) -> [Candidate] {
        let needed = core.grown(by: margin, within: segment)
        precondition(needed.isEmpty || (block.frames.lowerBound <= needed.lowerBound && block.frames.upperBound >= needed.upperBound))
        let frames = core.clamped(to: min(1, segment.count)..<max(segment.count - 1, min(1, segment.count)))
        let found = FerroSpikes.candidates(in: block, frames: frames, limits: limits, polarity: polarity)
        return block.samples.withUnsafeBufferPointer { samples in found.filter { holds($0, samples) } }
    }

    /// Whether a candidate is the largest of its own channel within the window.
    func isLargest(_ candidate: Candidate, in panel: PanelWindow) -> Bool {
        let own = panel[candidate.channel]
        return own.before < candidate.value && own.after <= candidate.value
    }

    /// What lies around a candidate in the panel of a channel.
    @inline(__always)
    func panel(
        of channel: Int, around candidate: Candidate, in block: SignalBlock, _ samples: UnsafeBufferPointer<Float>, segment: SampleRange
    ) -> PanelWindow {
        let window = (candidate.frame..<candidate.frame + 1).grown(by: margin, within: segment)
        return PanelWindow(around: candidate.frame, window: window, panelOf: channel, in: block, samples, polarity)
    }

    /// What each neighbour of a candidate's channel has; `panel` is that of the channel itself.
    func rivals(
        of candidate: Candidate, _ panel: PanelWindow, in block: SignalBlock, _ samples: UnsafeBufferPointer<Float>, segment: SampleRange
    ) -> [Rival] {
        var panel = panel
        return around(candidate.channel).map { channel in
            if !panel.holds(channel) { panel = self.panel(of: channel, around: candidate, in: block, samples, segment: segment) }
            let maxima = panel[channel]
            // In the candidate's own frame the lower channel wins.
            return channel < candidate.channel
                ? Rival(winningTies: max(maxima.before, maxima.at), losingTies: maxima.after)
                : Rival(winningTies: maxima.before, losingTies: max(maxima.at, maxima.after))
        }
    }

    /// Whether a candidate of this value is larger than what a neighbour has, each in units of its channel's threshold.
    func isLarger(_ value: Float, on own: Int, than rival: Rival, on channel: Int) -> Bool {
        // v/threshold > v'/threshold' without a division, and with silence (an infinite threshold) losing.
        let scaled = Double(value) * thresholds[channel]
        return Double(rival.winningTies) * thresholds[own] < scaled && Double(rival.losingTies) * thresholds[own] <= scaled
    }

    /// Neighbours of a channel; none where channels are by themselves.
    func around(_ channel: Int) -> [Int] { neighbours?[channel] ?? [] }

    func oriented(_ sample: Float) -> Float {
        switch polarity {
        case .negative: -sample
        case .positive: sample
        case .both: abs(sample)
        }
    }
}
