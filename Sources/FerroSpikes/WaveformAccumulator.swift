// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// The mean waveform of each channel's events on the channel itself.
///
/// Samples are summed as integers of 2^-16 µV (clamped at ±2^24 µV), so that the order of adding and merging changes no bit.
package struct WaveformAccumulator: Sendable, Equatable {
    /// Frames kept before and after the event's frame; a waveform has `before + 1 + after` samples, the event at index `before`.
    package let before: Int
    package let after: Int
    private var sums: [[Int64]]
    /// Waveforms summed per channel.
    package private(set) var counts: [Int]

    package init(channels: Int, before: Int, after: Int) {
        precondition(before >= 0 && after >= 0)
        self.before = before
        self.after = after
        sums = Array(repeating: Array(repeating: 0, count: before + 1 + after), count: channels)
        counts = Array(repeating: 0, count: channels)
    }

    /// Frames needed around the events that are added.
    package var margin: Margin { Margin(before: before, after: after) }

    /// Adds the waveforms of events; those that the segment's ends cut are left out.
    ///
    /// Requires the block to hold every event's waveform that lies within `0 ..< segmentFrames`.
    package mutating func add(_ events: [SpikeEvent], in block: SignalBlock, segmentFrames: Int) {
        precondition(block.channels == counts.count)
        let samples = block.samples.span
        for event in events where event.frame >= before && event.frame + after < segmentFrames {
            precondition(event.frame - before >= block.frames.lowerBound && event.frame + after < block.frames.upperBound)
            var place = block.place(event.frame - before, event.channel)
            for sample in 0...before + after {
                let value = min(max(samples[place], -0x1p24), 0x1p24)
                sums[event.channel][sample] &+= Int64((Double(value) * 0x1p16).rounded())
                place += block.panelWidth
            }
            counts[event.channel] += 1
        }
    }

    /// Adds what another accumulator summed. Requires the same channels and frames.
    package mutating func merge(_ other: WaveformAccumulator) {
        precondition(other.before == before && other.after == after && other.counts.count == counts.count)
        for channel in counts.indices {
            for sample in sums[channel].indices { sums[channel][sample] &+= other.sums[channel][sample] }
            counts[channel] += other.counts[channel]
        }
    }

    /// Mean waveform of a channel in microvolts; nil where no event was added.
    package func mean(_ channel: Int) -> [Float]? {
        guard counts[channel] > 0 else { return nil }
        return sums[channel].map { Float(Double($0) * 0x1p-16 / Double(counts[channel])) }
    }
}
