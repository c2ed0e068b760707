// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroSpikes
import Testing

@Suite("WaveformAccumulator")
struct WaveformAccumulatorTests {
    /// Frame f of channel c holds 100 c + f.
    private func ramp(_ frames: SampleRange) -> SignalBlock {
        var block = SignalBlock(frames: frames, channels: 2)
        for frame in frames {
            for channel in 0..<2 { block[frame, channel] = Float(100 * channel + frame) }
        }
        return block
    }

    private func event(_ frame: Int, _ channel: Int) -> SpikeEvent { SpikeEvent(frame: frame, channel: channel, amplitude: 0) }

    @Test("the mean is that of the events' own channel, the event at index `before`")
    func mean() {
        var waveforms = WaveformAccumulator(channels: 2, before: 2, after: 3)
        waveforms.add([event(10, 0), event(20, 0), event(12, 1)], in: ramp(0..<40), segmentFrames: 40)
        #expect(waveforms.mean(0) == [13, 14, 15, 16, 17, 18])
        #expect(waveforms.mean(1) == [110, 111, 112, 113, 114, 115])
        #expect(waveforms.counts == [2, 1])
    }

    @Test("events that the segment's ends cut are left out, and without events there is no mean")
    func ends() {
        var waveforms = WaveformAccumulator(channels: 2, before: 2, after: 3)
        waveforms.add([event(1, 0), event(37, 0)], in: ramp(0..<40), segmentFrames: 40)
        #expect(waveforms.mean(0) == nil)
        waveforms.add([event(2, 0), event(36, 0)], in: ramp(0..<40), segmentFrames: 40)
        #expect(waveforms.counts == [2, 0])
    }

    @Test("the order of adding and merging changes no bit")
    func order() {
        var generator = SeededGenerator(seed: 6)
        var block = SignalBlock(frames: 0..<5000, channels: 2)
        for index in 0..<block.samples.count { block.samples[index] = Float(generator.uniform() - 0.5) * 1e3 }
        let events = (0..<400).map { _ in event(10 + generator.index(below: 4900), generator.index(below: 2)) }
        func sum(_ events: [SpikeEvent]) -> WaveformAccumulator {
            var waveforms = WaveformAccumulator(channels: 2, before: 5, after: 8)
            waveforms.add(events, in: block, segmentFrames: 5000)
            return waveforms
        }
        let whole = sum(events)
        #expect(sum(events.reversed()) == whole)
        var merged = sum(Array(events[200...]))
        merged.merge(sum(Array(events[..<200])))
        #expect(merged == whole)
        #expect(merged.mean(0) == whole.mean(0))
    }

    @Test("an artefact is clamped and does not overflow the sum")
    func artefact() throws {
        var block = SignalBlock(frames: 0..<3, channels: 1)
        block[1, 0] = -.greatestFiniteMagnitude
        var waveforms = WaveformAccumulator(channels: 1, before: 0, after: 0)
        waveforms.add([SpikeEvent(frame: 1, channel: 0, amplitude: 0)], in: block, segmentFrames: 3)
        #expect(waveforms.mean(0) == [-0x1p24])
    }
}
