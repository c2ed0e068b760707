// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// The frames around an event that its waveform has.
package struct WaveformWindow: Sendable {
    let before: Int
    let after: Int

    package init(before: Int, after: Int) {
        self.before = before
        self.after = after
    }

    package var length: Int { before + 1 + after }

    /// Whether no end of the segment cuts the waveform.
    func isWhole(_ event: SpikeEvent, _ segmentFrames: Int) -> Bool { event.frame >= before && event.frame + after < segmentFrames }

    /// The waveforms of events one after the other, `before + 1 + after` samples each; those that the segment's ends cut are left out.
    ///
    /// Requires the block to hold every event's waveform that lies within `0 ..< segmentFrames`.
    package func columns(of events: [SpikeEvent], in block: SignalBlock, segmentFrames: Int) -> [Float] {
        let whole = events.filter { isWhole($0, segmentFrames) }
        let width = block.panelWidth
        return Array(unsafeUninitializedCapacity: whole.count * length) { columns, count in
            block.samples.withUnsafeBufferPointer { samples in
                for event in whole {
                    precondition(event.frame - before >= block.frames.lowerBound && event.frame + after < block.frames.upperBound)
                    var place = block.place(event.frame - before, event.channel)
                    for _ in 0..<length {
                        columns.initializeElement(at: count, to: samples[place])
                        count += 1
                        place += width
                    }
                }
            }
        }
    }
}

/// The mean waveform of each channel's events on the channel itself.
///
/// Samples are summed as integers of 2^-16 µV (clamped at ±2^24 µV), so that the order of adding and merging changes no bit.
package struct WaveformAccumulator: Sendable, Equatable {
    /// Frames kept before and after the event's frame; a waveform has `before + 1 + after` samples, the event at index `before`.
    package let before: Int
    package let after: Int
    /// Channel after channel, `length` sums each.
    private var sums: [Int64]
    /// Waveforms summed per channel.
    package private(set) var counts: [Int]

    package init(channels: Int, before: Int, after: Int) {
        precondition(before >= 0 && after >= 0)
        self.before = before
        self.after = after
        sums = Array(repeating: 0, count: (before + 1 + after) * channels)
        counts = Array(repeating: 0, count: channels)
    }

    private var window: WaveformWindow { WaveformWindow(before: before, after: after) }
    private var length: Int { window.length }

    /// Frames needed around the events that are added.
    package var margin: Margin { Margin(before: before, after: after) }

    /// Adds the waveforms of events; those that the segment's ends cut are left out.
    ///
    /// Requires the block to hold every event's waveform that lies within `0 ..< segmentFrames`.
    package mutating func add(_ events: [SpikeEvent], in block: SignalBlock, segmentFrames: Int) {
        precondition(block.channels == counts.count)
        let (before, after, length) = (before, after, length)
        let whole = events.filter { window.isWhole($0, segmentFrames) }
        for event in whole { counts[event.channel] += 1 }
        block.samples.withUnsafeBufferPointer { samples in
            sums.withUnsafeMutableBufferPointer { sums in
                guard let base = samples.baseAddress, let first = sums.baseAddress else { return }
                for event in whole {
                    precondition(event.frame - before >= block.frames.lowerBound && event.frame + after < block.frames.upperBound)
                    addColumn(
                        base + block.place(event.frame - before, event.channel), every: block.panelWidth, to: first + event.channel * length, count: length)
                }
            }
        }
    }

    /// Adds the waveforms of some events, given by ascending indices, from the `columns` of all of them.
    package mutating func add(_ chosen: [Int], of events: [SpikeEvent], columns: [Float], segmentFrames: Int) {
        let (window, length) = (window, length)
        var column = 0
        var next = chosen.makeIterator()
        var wanted = next.next()
        columns.withUnsafeBufferPointer { columns in
            sums.withUnsafeMutableBufferPointer { sums in
                guard let base = columns.baseAddress, let first = sums.baseAddress else { return }
                for (index, event) in events.enumerated() {
                    let isWhole = window.isWhole(event, segmentFrames)
                    if index == wanted {
                        wanted = next.next()
                        if isWhole {
                            counts[event.channel] += 1
                            addColumn(base + column, every: 1, to: first + event.channel * length, count: length)
                        }
                    }
                    if isWhole { column += length }
                }
            }
        }
    }

    /// Adds what another accumulator summed. Requires the same channels and frames.
    package mutating func merge(_ other: WaveformAccumulator) {
        precondition(other.before == before && other.after == after && other.counts.count == counts.count)
        for index in sums.indices { sums[index] &+= other.sums[index] }
        for channel in counts.indices { counts[channel] += other.counts[channel] }
    }

    /// Mean waveform of a channel in microvolts; nil where no event was added.
    package func mean(_ channel: Int) -> [Float]? {
        guard counts[channel] > 0 else { return nil }
        return sums[channel * length..<(channel + 1) * length].map { Float(Double($0) * 0x1p-16 / Double(counts[channel])) }
    }
}
