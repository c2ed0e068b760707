// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroSpikes
import Testing

/// The rule as it is written, sample by sample.
func eventsByDefinition(
    _ block: SignalBlock, threshold: Double, noise: [Double?], polarity: Polarity, deadFrames: Int, neighbours: [[Int]]?
) -> [SpikeEvent] {
    func value(_ frame: Int, _ channel: Int) -> Double {
        let sample = Double(block[frame, channel])
        return polarity == .negative ? -sample : polarity == .positive ? sample : abs(sample)
    }
    func limit(_ channel: Int) -> Double {
        guard let noise = noise[channel], noise > 0 else { return .infinity }
        return threshold * noise
    }
    let reach = max(deadFrames, 1)
    var events: [SpikeEvent] = []
    for frame in block.frames where frame > 0 && frame < block.frames.upperBound - 1 {
        for channel in 0..<block.channels where value(frame, channel) > limit(channel) {
            let rivals = [channel] + (neighbours?[channel] ?? [])
            let beaten = (max(0, frame - reach)..<min(block.frames.upperBound, frame + reach + 1)).contains { other in
                rivals.contains { rival in
                    guard (other, rival) != (frame, channel) else { return false }
                    let mine = value(frame, channel) * (rival == channel ? 1 : limit(rival))
                    let its = value(other, rival) * (rival == channel ? 1 : limit(channel))
                    return (other, rival) < (frame, channel) ? its >= mine : its > mine
                }
            }
            if !beaten { events.append(SpikeEvent(frame: frame, channel: channel, amplitude: block[frame, channel])) }
        }
    }
    return events
}

/// Small integers, so that ties abound.
func coarseNoise(frames: Int, channels: Int, seed: UInt64, levels: Int = 13) -> SignalBlock {
    var generator = SeededGenerator(seed: seed)
    var block = SignalBlock(frames: 0..<frames, channels: channels)
    for frame in 0..<frames {
        for channel in 0..<channels { block[frame, channel] = Float(generator.index(below: levels) - levels / 2) }
    }
    return block
}

@Suite("ThresholdDetector")
struct ThresholdDetectorTests {
    static let ring = (0..<11).map { [($0 + 10) % 11, ($0 + 1) % 11].sorted() }

    @Test("events are those of the written rule", arguments: Polarity.allCases, [0, 1, 2, 7])
    func definition(polarity: Polarity, deadFrames: Int) {
        let block = coarseNoise(frames: 700, channels: 11, seed: 3)
        var noise: [Double?] = (0..<11).map { 1 + 0.25 * Double($0 % 3) }
        noise[4] = 0
        noise[9] = nil
        for neighbours in [nil, Self.ring] {
            let detector = ThresholdDetector(
                threshold: 2.5, noise: noise, polarity: polarity, deadFrames: deadFrames, neighbours: neighbours)
            let events = detector.events(in: block, answering: block.frames, segmentFrames: 700)
            #expect(
                events
                    == eventsByDefinition(
                        block, threshold: 2.5, noise: noise, polarity: polarity, deadFrames: deadFrames, neighbours: neighbours))
            #expect(!events.isEmpty)
            #expect(detector.silentChannels == [4, 9])
            #expect(!events.contains { $0.channel == 4 || $0.channel == 9 })
        }
    }

    @Test("panels of every width give the events of the written rule", arguments: [1, 2, 3, 5, 8, 9, 17, 37], [1, 5, 30])
    func widths(channels: Int, deadFrames: Int) {
        let block = coarseNoise(frames: 333, channels: channels, seed: UInt64(channels), levels: 17)
        let noise = (0..<channels).map { 1 + 0.5 * Double($0 % 3) }
        let neighbours = (0..<channels).map { channel in (0..<channels).filter { $0 != channel && abs($0 - channel) <= 2 } }
        for polarity in Polarity.allCases {
            for neighbours in [nil, neighbours] {
                let detector = ThresholdDetector(threshold: 2.5, noise: noise, polarity: polarity, deadFrames: deadFrames, neighbours: neighbours)
                let events = detector.events(in: block, answering: block.frames, segmentFrames: 333)
                #expect(
                    events
                        == eventsByDefinition(block, threshold: 2.5, noise: noise, polarity: polarity, deadFrames: deadFrames, neighbours: neighbours))
                #expect(!events.isEmpty)
            }
        }
    }

    @Test("every split into cores with margins gives the whole", arguments: [1, 2, 13, 64, 399])
    func chunks(step: Int) {
        let block = coarseNoise(frames: 400, channels: 11, seed: 5, levels: 9)
        for polarity in Polarity.allCases {
            let detector = ThresholdDetector(
                threshold: 1, noise: Array(repeating: 1.5, count: 11), polarity: polarity, deadFrames: 6, neighbours: Self.ring)
            let whole = detector.events(in: block, answering: block.frames, segmentFrames: 400)
            let parts = stride(from: 0, to: 400, by: step).flatMap { first in
                let core = first..<min(first + step, 400)
                return detector.events(
                    in: block.slice(core.grown(by: detector.margin, within: block.frames)), answering: core, segmentFrames: 400)
            }
            #expect(parts == whole)
            #expect(!whole.isEmpty)
        }
    }

    @Test("events of a channel are more than the dead time apart", arguments: Polarity.allCases)
    func deadTime(polarity: Polarity) {
        let block = coarseNoise(frames: 2000, channels: 3, seed: 8)
        let detector = ThresholdDetector(threshold: 1, noise: [1, 1, 1], polarity: polarity, deadFrames: 9)
        let events = detector.events(in: block, answering: block.frames, segmentFrames: 2000)
        for channel in 0..<3 {
            let frames = events.filter { $0.channel == channel }.map(\.frame)
            #expect(zip(frames, frames.dropFirst()).allSatisfy { $1 - $0 > 9 })
        }
    }

    @Test("a gain on signal and noise, a shift in time and a flip of sign move the events along")
    func equivariance() {
        let block = coarseNoise(frames: 500, channels: 5, seed: 11, levels: 41)
        func events(_ block: SignalBlock, noise: Double, polarity: Polarity, frames: Int) -> [SpikeEvent] {
            ThresholdDetector(threshold: 5, noise: Array(repeating: noise, count: 5), polarity: polarity, deadFrames: 4)
                .events(in: block, answering: block.frames, segmentFrames: frames)
        }
        let plain = events(block, noise: 2, polarity: .negative, frames: 500)
        var louder = block
        louder.samples.withUnsafeMutableBufferPointer { for index in $0.indices { $0[index] *= 3 } }
        #expect(events(louder, noise: 6, polarity: .negative, frames: 500).map(\.frame) == plain.map(\.frame))
        var flipped = block
        flipped.samples.withUnsafeMutableBufferPointer { for index in $0.indices { $0[index] *= -1 } }
        #expect(
            events(flipped, noise: 2, polarity: .positive, frames: 500).map { [$0.frame, $0.channel] }
                == plain.map { [$0.frame, $0.channel] })
        var later = SignalBlock(frames: 0..<570, channels: 5)
        for frame in 0..<500 { for channel in 0..<5 { later[frame + 70, channel] = block[frame, channel] } }
        let moved = events(later, noise: 2, polarity: .negative, frames: 570)
        let inner = plain.filter { (4..<496).contains($0.frame) }
        #expect(moved.filter { (74..<566).contains($0.frame) }.map(\.frame) == inner.map { $0.frame + 70 })
    }

    @Test("the ends of a segment are no extrema, and an empty core has no events")
    func ends() {
        var block = SignalBlock(frames: 0..<20, channels: 1)
        block[0, 0] = -100
        block[19, 0] = -100
        let detector = ThresholdDetector(threshold: 5, noise: [1], polarity: .negative, deadFrames: 3)
        #expect(detector.events(in: block, answering: 0..<20, segmentFrames: 20).isEmpty)
        block[0, 0] = 0
        block[1, 0] = -50
        #expect(detector.events(in: block, answering: 0..<20, segmentFrames: 20).map(\.frame) == [1])
        #expect(detector.events(in: block, answering: 5..<5, segmentFrames: 20).isEmpty)
        let short = SignalBlock(frames: 0..<1, channels: 1)
        #expect(detector.events(in: short, answering: 0..<1, segmentFrames: 1).isEmpty)
        #expect(detector.events(in: SignalBlock(frames: 0..<0, channels: 1), answering: 0..<0, segmentFrames: 0).isEmpty)
    }

    @Test("the threshold itself is not exceeded")
    func strict() {
        var block = SignalBlock(frames: 0..<9, channels: 2)
        block[4, 0] = -5
        block[4, 1] = -(Float(5).nextUp)
        let detector = ThresholdDetector(threshold: 5, noise: [1, 1], polarity: .negative, deadFrames: 2)
        #expect(detector.events(in: block, answering: 0..<9, segmentFrames: 9).map(\.channel) == [1])
    }
}
