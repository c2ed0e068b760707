// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroDSP
import FerroRecordings
import FerroSpikes

/// Threshold events of every channel with their mean waveform, and a stretch of the signal for figures.
struct SpikeGatherer: DraftingGatherer {
    struct Partial: Sendable {
        var events: [SpikeEvent]
        var waveforms: WaveformAccumulator
        var excerpt: SignalBlock?
    }

    struct Draft: Sendable {
        var events: EventDraft
        var columns: [Float]
        var excerpt: SignalBlock?
    }

    struct Accumulated: Sendable {
        var spikes: SpikeStore
        var waveforms: WaveformAccumulator
        var shown: Shown?
    }

    /// The excerpt as far as it has come.
    struct Shown: Sendable {
        let firstFrame: Int
        let channels: [Int]
        var samples: [[Float]]

        /// The eight channels with most spikes so far, in their order: to choose when all is there would be to keep every channel until then.
        init(from firstFrame: Int, spikes counts: [Int]) {
            self.firstFrame = firstFrame
            channels = counts.indices.sorted { (counts[$1], $0) < (counts[$0], $1) }.prefix(8).sorted()
            samples = channels.map { _ in [] }
        }

        mutating func append(_ block: SignalBlock) {
            for (place, channel) in channels.enumerated() { samples[place] += block.channel(channel) }
        }
    }

    private let detector: ThresholdDetector
    private let stream: StreamFormat
    private let before: Int
    private let after: Int
    private let description: String
    /// Segment and frames of the excerpt.
    private let excerptFrames: Int
    /// Where spikes wait for the end of the recording when they are many; nil keeps them in memory.
    private let folder: String?

    init(
        detector: ThresholdDetector, stream: StreamFormat, before: Int, after: Int, excerptFrames: Int, folder: String?, description: String
    ) {
        self.folder = folder
        self.detector = detector
        self.stream = stream
        self.before = before
        self.after = after
        self.excerptFrames = excerptFrames
        self.description = description
    }

    var margin: Margin {
        Margin(before: max(detector.margin.before, before), after: max(detector.margin.after, after))
    }

    func partial(of block: SignalBlock, core: SampleRange, in segment: SegmentContext) -> Partial {
        let events = detector.events(in: block, answering: core, segmentFrames: segment.frames)
        var waveforms = emptyWaveforms
        waveforms.add(events, in: block, segmentFrames: segment.frames)
        return Partial(events: events, waveforms: waveforms, excerpt: shownIn(block, core: core, segment))
    }

    func draft(of block: SignalBlock, core: SampleRange, in segment: SegmentContext) -> Draft? {
        // As many as have waveforms of the size of the block.
        let window = WaveformWindow(before: before, after: after)
        let most = core.count * block.channels / window.length
        guard
            let events = detector.draft(
                of: block, answering: core, segmentFrames: segment.frames, medianMagnitudes: medianMagnitudes(of: block, over: core), most: most)
        else { return nil }
        let columns = window.columns(of: events.events, in: block, segmentFrames: segment.frames)
        return Draft(events: events, columns: columns, excerpt: shownIn(block, core: core, segment))
    }

    func byteCount(of draft: Draft) -> Int {
        let excerpt = draft.excerpt.map { $0.frames.count * SignalBlock.paddedChannels(forChannels: $0.channels) } ?? 0
        return draft.events.byteCount + (draft.columns.count + excerpt) * MemoryLayout<Float>.stride
    }

    func decides(_ draft: Draft) -> Bool { detector.decides(draft.events) }

    func partial(from draft: Draft, in segment: SegmentContext) -> Partial {
        let events = draft.events.events
        let holding = detector.holding(draft.events)
        var waveforms = emptyWaveforms
        waveforms.add(holding, of: events, columns: draft.columns, segmentFrames: segment.frames)
        return Partial(events: holding.map { events[$0] }, waveforms: waveforms, excerpt: draft.excerpt)
    }

    func start() -> Accumulated {
        Accumulated(spikes: SpikeStore(channels: stream.electrodes.count, folder: folder), waveforms: emptyWaveforms)
    }

    func merge(_ partial: Partial, in segment: SegmentContext, into accumulated: inout Accumulated) throws {
        for event in partial.events {
            try accumulated.spikes.append(event.channel, time: segment.start + stream.rate.seconds(event.frame), amplitude: event.amplitude)
        }
        accumulated.waveforms.merge(partial.waveforms)
        if let block = partial.excerpt {
            var shown = accumulated.shown ?? Shown(from: block.frames.lowerBound, spikes: accumulated.spikes.counts)
            shown.append(block)
            accumulated.shown = shown
        }
    }

    func finish(_ accumulated: Accumulated, into findings: inout Findings) throws {
        let places = findings.places(of: stream.electrodes)
        if accumulated.spikes.isOnDisk { BlockPool.giveBack() }
        let (times, amplitudes) = try accumulated.spikes.byChannel()
        findings.units = stream.electrodes.indices.map { channel in
            let train = SpikeTrain(
                id: stream.electrodes[channel].id, electrode: places[channel], times: times[channel],
                amplitudes: amplitudes[channel], observed: findings.segments)
            let waveform = accumulated.waveforms.mean(channel)
            return UnitResult(train: train, meanWaveform: waveform, waveformRate: waveform == nil ? nil : stream.rate)
        }
        findings.unitsDescription = description
        findings.excerpt = excerpt(accumulated.shown, places: places, segments: findings.segments)
    }

    private var emptyWaveforms: WaveformAccumulator {
        WaveformAccumulator(channels: stream.electrodes.count, before: before, after: after)
    }

    // MARK: Excerpt

    private func shownIn(_ block: SignalBlock, core: SampleRange, _ segment: SegmentContext) -> SignalBlock? {
        let shown = excerptRange(in: segment).clamped(to: core)
        return shown.isEmpty ? nil : block.slice(shown)
    }

    /// The middle of the first segment: a place that does not depend on what was found there.
    private func excerptRange(in segment: SegmentContext) -> SampleRange {
        guard segment.index == 0 else { return 0..<0 }
        let length = min(excerptFrames, segment.frames)
        let first = (segment.frames - length) / 2
        return first..<first + length
    }

    private func excerpt(_ shown: Shown?, places: [Int], segments: [TimeInterval]) -> Excerpt? {
        guard let shown, let segment = segments.first else { return nil }
        return Excerpt(
            rate: stream.rate, start: segment.start + stream.rate.seconds(shown.firstFrame), electrodes: shown.channels.map { places[$0] },
            samples: shown.samples)
    }
}
