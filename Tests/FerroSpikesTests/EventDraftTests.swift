// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroSpikes
import Testing

/// What is drafted before the noise is known gives what is found when it is known.
@Suite("EventDraft")
struct EventDraftTests {
    private static let ring = (0..<23).map { [($0 + 22) % 23, ($0 + 1) % 23].sorted() }

    private static func detector(_ noise: [Double?], _ polarity: Polarity, _ neighbours: [[Int]]?) -> ThresholdDetector {
        ThresholdDetector(threshold: 2.5, noise: noise, polarity: polarity, deadFrames: 3, neighbours: neighbours)
    }

    @Test("the drafted events that hold are the events, and so are their waveforms", arguments: Polarity.allCases, [1, 2, 3, 7, 23])
    func holding(polarity: Polarity, channels: Int) throws {
        let segmentFrames = 900
        let whole = coarseNoise(frames: segmentFrames, channels: channels, seed: 5, levels: 41)
        for neighbours in [nil, Self.ring.prefix(channels).map { $0.filter { $0 < channels } }] {
            // Events are drafted without any noise; some channels turn out to be silent.
            let before = Self.detector(Array(repeating: nil, count: channels), polarity, neighbours)
            let pattern: [Double?] = [2, 2.5, 3, 2, 0, nil]
            let noise = (0..<channels).map { pattern[$0 % 6] }
            let after = Self.detector(noise, polarity, neighbours)
            for core in [0..<300, 300..<871, 871..<900] {
                let block = whole.slice(core.grown(by: Margin(20), within: whole.frames))
                let draft = try #require(
                    before.draft(
                        of: block, answering: core, segmentFrames: segmentFrames, medianMagnitudes: Array(repeating: 1.3, count: channels), most: .max))
                #expect(after.decides(draft))
                let events = after.events(in: block, answering: core, segmentFrames: segmentFrames)
                let holding = after.holding(draft)
                #expect(holding.map { draft.events[$0] } == events)
                if core.count > 200 { #expect(!events.isEmpty) }
                if core.count > 200, channels > 3 { #expect(draft.events.count > events.count) }

                var direct = WaveformAccumulator(channels: channels, before: 5, after: 9)
                direct.add(events, in: block, segmentFrames: segmentFrames)
                var kept = WaveformAccumulator(channels: channels, before: 5, after: 9)
                let columns = WaveformWindow(before: 5, after: 9).columns(of: draft.events, in: block, segmentFrames: segmentFrames)
                kept.add(holding, of: draft.events, columns: columns, segmentFrames: segmentFrames)
                #expect(kept == direct)
            }
        }
    }

    @Test("a draft above one channel's threshold decides nothing")
    func undecided() throws {
        let block = coarseNoise(frames: 200, channels: 3, seed: 2)
        let before = Self.detector([nil, nil, nil], .negative, nil)
        // Of a median of 1 the drafted limit is 0.8 · 2.5/0.6745 = 2.97, the threshold of a noise of 1.19 is 2.975.
        let draft = try #require(before.draft(of: block, answering: 0..<200, segmentFrames: 200, medianMagnitudes: [1, 1, 1], most: .max))
        #expect(Self.detector([1.19, 5, nil], .negative, nil).decides(draft))
        #expect(!Self.detector([1.18, 5, nil], .negative, nil).decides(draft))
        // A channel that was flat here and is not elsewhere.
        let flat = try #require(before.draft(of: block, answering: 0..<200, segmentFrames: 200, medianMagnitudes: [1, 0, 1], most: .max))
        #expect(!Self.detector([5, 5, 5], .negative, nil).decides(flat))
        #expect(Self.detector([5, 0, 5], .negative, nil).decides(flat))
    }

    @Test("more events than are worth keeping are not drafted")
    func most() throws {
        let block = coarseNoise(frames: 200, channels: 3, seed: 2)
        let detector = Self.detector([nil, nil, nil], .negative, nil)
        func draft(_ most: Int) -> EventDraft? {
            detector.draft(of: block, answering: 0..<200, segmentFrames: 200, medianMagnitudes: [1, 1, 1], most: most)
        }
        let count = try #require(draft(.max)).events.count
        #expect(count > 10)
        #expect(draft(count)?.events.count == count)
        #expect(draft(count - 1) == nil)
    }
}
