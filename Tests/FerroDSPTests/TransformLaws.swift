// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroDSP
import Testing

/// The channel counts every transform is tried with: one, an odd few, a whole vector, a vector and one, many.
let lawfulChannels = [1, 3, 8, 17, 64]

/// What every transform has to obey whatever it computes. Each law names the transform and the place where it is broken.
struct TransformLaws {
    let name: String
    let transform: any SignalTransform
    /// How much two ways of cutting a segment may differ, in parts of the output's RMS; 0 asks for the same bits.
    var tolerance = 0.0

    /// Whole == blocks of random lengths, read with more around them than they need == frame by frame.
    func cutting(_ input: SignalBlock, seed: UInt64 = 1) {
        let whole = transform.whole(input)
        let limit = tolerance == 0 ? 0 : tolerance * rms(whole.samples)
        var generator = SeededGenerator(seed: seed)
        for longest in [3, 50, input.frames.count] {
            var cuts = [0]
            while cuts[cuts.count - 1] < whole.frames.count {
                cuts.append(min(cuts[cuts.count - 1] + Int.random(in: 1...max(longest, 1), using: &generator), whole.frames.count))
                if longest < 50, cuts.count > 80 { cuts.append(whole.frames.count) }
            }
            for (first, end) in zip(cuts, cuts.dropFirst()) {
                compare(input, first..<end, with: whole, within: limit, extra: Int.random(in: 0...40, using: &generator))
            }
        }
        // Frame by frame where the ends are, and at places between.
        let singles =
            Array(whole.frames.prefix(20)) + Array(whole.frames.suffix(20)) + (0..<40).compactMap { _ in whole.frames.randomElement(using: &generator) }
        for frame in singles { compare(input, frame..<frame + 1, with: whole, within: limit, extra: 0) }
        #expect(transform.apply(input, producing: 0..<0, segmentFrames: input.frames.count).samples.isEmpty, "\(name): nothing is nothing")
    }

    private func compare(_ input: SignalBlock, _ wanted: SampleRange, with whole: SignalBlock, within limit: Double, extra: Int) {
        let total = input.frames.count
        let needed = transform.inputFrames(for: wanted, segmentFrames: total)
        let told = (min(wanted.lowerBound * transform.decimation, total)..<min(wanted.upperBound * transform.decimation, total))
            .grown(by: transform.margin, within: 0..<total)
        #expect(told.lowerBound <= needed.lowerBound && told.upperBound >= needed.upperBound, "\(name): \(wanted) needs more than its margin")
        let held = input.slice(needed.grown(by: Margin(extra), within: 0..<total))
        let part = transform.apply(held, producing: wanted, segmentFrames: total)
        let taken = transform.apply(consuming: held, producing: wanted, segmentFrames: total)
        #expect(taken.samples == part.samples && taken.frames == wanted, "\(name), \(input.channels) channels: in the memory of the block")
        let expected = whole.slice(wanted)
        if tolerance == 0 {
            #expect(part.samples == expected.samples, "\(name), \(input.channels) channels: frames \(wanted) of \(total)")
        } else {
            let error = largestDifference(part.samples, expected.samples)
            #expect(error <= limit, "\(name), \(input.channels) channels: frames \(wanted) of \(total): \(error)")
        }
        #expect(part.channels == transform.outputChannels(ofInput: input.channels))
        for column in part.channels..<part.paddedChannels {
            #expect(wanted.allSatisfy { part[$0, column] == 0 }, "\(name): padding")
        }
    }

    /// Several blocks at once == one after the other, bit by bit: equal and unequal ones, ends among them, in any number.
    func several(_ input: SignalBlock, step: Int) {
        let total = input.frames.count
        let frames = transform.outputFrames(ofSegment: total)
        var outputs = stride(from: 0, to: frames, by: step).map { $0..<min($0 + step, frames) }
        if outputs.count > 3 { outputs.append(outputs[1].lowerBound..<outputs[1].upperBound - 1) }
        for count in 1...outputs.count {
            let wanted = Array(outputs.suffix(count))
            let held = wanted.map { input.slice(transform.inputFrames(for: $0, segmentFrames: total)) }
            let together = transform.apply(several: held, producing: wanted, segmentFrames: total)
            for (number, output) in wanted.enumerated() {
                let alone = transform.apply(held[number], producing: output, segmentFrames: total)
                #expect(together[number].samples == alone.samples && together[number].frames == output, "\(name): frames \(output) of \(count) blocks")
            }
        }
    }

    /// Other data in between leave no trace.
    func forgetsScratch(_ input: SignalBlock) {
        let first = transform.whole(input)
        var other = input
        for index in other.samples.indices { other.samples[index] *= -1e6 }
        _ = transform.whole(other)
        #expect(transform.whole(input).samples == first.samples, "\(name): scratch")
    }

    /// T(2 x − y) == 2 T(x) − T(y).
    func linear(_ one: SignalBlock, _ two: SignalBlock, within: Double = 3e-6) {
        var mixed = one
        for index in mixed.samples.indices { mixed.samples[index] = 2 * one.samples[index] - two.samples[index] }
        let (first, second) = (transform.whole(one).samples, transform.whole(two).samples)
        let expected = zip(first, second).map { 2 * $0 - $1 }
        #expect(largestDifference(transform.whole(mixed).samples, expected) <= within * rms(expected), "\(name): linear")
    }

    /// The output moves with the input, away from the ends.
    func timeShift(_ input: SignalBlock, by shift: Int, away: Int, within: Double) {
        let total = input.frames.count
        precondition(shift % transform.decimation == 0)
        var later = SignalBlock(frames: 0..<total - shift, channels: input.channels)
        later.samples = input.slice(shift..<total).samples
        let (one, two) = (transform.whole(input), transform.whole(later))
        let step = shift / transform.decimation
        let places = away..<two.frames.count - away
        let (shifted, expected) = (two.slice(places).samples, one.slice(places.shifted(by: step)).samples)
        #expect(largestDifference(shifted, expected) <= within * rms(expected), "\(name): time shift")
    }

    /// A channel's bits do not depend on which others stand beside it. For transforms that treat each channel by itself.
    func channelsAlone(_ input: SignalBlock) {
        let together = transform.whole(input)
        for channel in [0, input.channels / 2, input.channels - 1] {
            #expect(transform.whole(block([input.channel(channel)])).channel(0) == together.channel(channel), "\(name): channel \(channel) alone")
        }
    }
}
