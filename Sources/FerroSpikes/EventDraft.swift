// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// Events of a block before the noise of the recording is known: the extrema of each channel beyond limits that are most likely lower than the thresholds
/// will be, with what decides about each of them then.
///
/// ```swift
/// let draft = detector.draft(
///     of: block, answering: core, segmentFrames: frames, medianMagnitudes: medianMagnitudes(of: block, over: core), most: 1000)
/// // The noise is known.
/// if final.decides(draft) { events = final.holding(draft).map { draft.events[$0] } }
/// ```
package struct EventDraft: Sendable {
    /// By frame, then channel.
    package let events: [SpikeEvent]
    /// What the events of each column exceed.
    fileprivate let limits: [Float]
    /// Event after event, of each neighbour of its channel.
    fileprivate let rivals: [Rival]

    /// Memory it takes.
    package var byteCount: Int {
        events.count * MemoryLayout<SpikeEvent>.stride + limits.count * MemoryLayout<Float>.stride + rivals.count * MemoryLayout<Rival>.stride
    }
}

extension ThresholdDetector {
    /// The part of a block's own threshold that drafted events have to exceed. The median of some 500 samples of the same noise is a quarter larger than that of
    /// the recording less than once in a million times.
    private static let caution = 0.8

    /// What `events` would answer, left open as far as it depends on the noise.
    ///
    /// - Parameters:
    ///   - medianMagnitudes: median(|x|) per channel in microvolts, of this block.
    ///   - most: events above which there is no draft, because keeping so many costs more than finding them again.
    package func draft(
        of block: SignalBlock, answering core: SampleRange, segmentFrames: Int, medianMagnitudes: [Double], most: Int
    ) -> EventDraft? {
        let noise = medianMagnitudes.map { $0 / NoiseHistogram.normalDeviation }
        let cautious = ThresholdDetector(threshold: threshold * ThresholdDetector.caution, noise: noise, polarity: polarity, deadFrames: deadFrames)
        let segment = 0..<segmentFrames
        var rivals: [Rival] = []
        let found = candidates(in: block, answering: core, segment: segment, limits: cautious.limits) { candidate, samples in
            let panel = panel(of: candidate.channel, around: candidate, in: block, samples, segment: segment)
            guard isLargest(candidate, in: panel) else { return false }
            rivals += self.rivals(of: candidate, panel, in: block, samples, segment: segment)
            return true
        }
        guard found.count <= most else { return nil }
        return EventDraft(
            events: found.map { SpikeEvent(frame: $0.frame, channel: $0.channel, amplitude: block[$0.frame, $0.channel]) }, limits: cautious.limits,
            rivals: rivals)
    }

    /// Whether every event of this detector is among the drafted ones: no channel was drafted with a limit above its own.
    package func decides(_ draft: EventDraft) -> Bool {
        limits.count == draft.limits.count && zip(limits, draft.limits).allSatisfy { $0 >= $1 }
    }

    /// Which of the drafted events are events of this detector. Requires that it `decides` the draft, and the neighbours it was drafted with.
    package func holding(_ draft: EventDraft) -> [Int] {
        var first = 0
        return draft.events.indices.filter { index in
            let event = draft.events[index]
            let around = self.around(event.channel)
            defer { first += around.count }
            let value = oriented(event.amplitude)
            return value > limits[event.channel]
                && around.indices.allSatisfy { isLarger(value, on: event.channel, than: draft.rivals[first + $0], on: around[$0]) }
        }
    }
}
