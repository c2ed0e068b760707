// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// Makes the samples of a planned recording, block by block and in time order, in memory that does not depend on its length.
///
/// The samples do not depend on `blockFrames`: each is the background plus every spike that reaches it, added neuron by neuron.
package struct RecordingSynthesizer {
    package let plan: RecordingPlan
    /// Frames made at once; rounded up to whole steps of the background.
    package let blockFrames: Int
    /// Samples that did not fit into 16 bits.
    package private(set) var saturated = 0

    package init(_ plan: RecordingPlan, blockFrames: Int = 16_384) {
        self.plan = plan
        self.blockFrames = max(1, blockFrames)
    }

    /// Calls `receive` with blocks of counts (frame after frame, all channels) and their frames in the dataset.
    package mutating func run(_ receive: (_ counts: [Int16], _ frames: SampleRange) throws -> Void) throws {
        for number in plan.segments.indices {
            let segment = plan.segments[number]
            var background = BackgroundSynthesizer(
                plan.spec.background, channels: plan.electrodes.count, rate: plan.spec.rate, seed: plan.spec.seed, segment: number)
            let length = (blockFrames + background.step - 1) / background.step * background.step
            var block = LaneBlock(frames: length, channels: plan.electrodes.count)
            // First spike of each neuron that may still reach the current block.
            var cursors = [Int](repeating: 0, count: plan.neurons.count)
            for first in stride(from: 0, to: segment.frames.count, by: length) {
                background.fill(&block)
                for (index, neuron) in plan.neurons.enumerated() {
                    RecordingSynthesizer.add(neuron, neuron.trains[number], from: &cursors[index], to: &block, at: first)
                }
                let count = min(length, segment.frames.count - first)
                let (counts, clipped) = block.counts(frames: count, resolution: plan.resolution)
                saturated += clipped
                let start = segment.frames.lowerBound + first
                try receive(counts, start..<start + count)
            }
        }
    }

    private static func add(_ neuron: PlannedNeuron, _ train: SimulatedTrain, from cursor: inout Int, to block: inout LaneBlock, at first: Int) {
        let samples = neuron.waveform.samples
        let before = neuron.waveform.before
        let groups = block.groups
        while cursor < train.frames.count, train.frames[cursor] - before + samples.count <= first { cursor += 1 }
        var spike = cursor
        while spike < train.frames.count, train.frames[spike] - before < first + block.frames {
            let start = train.frames[spike] - before - first
            let size = train.sizes[spike]
            for index in max(0, -start)..<max(0, -start, min(samples.count, block.frames - start)) {
                for (group, gains) in neuron.reach {
                    block.lanes[(start + index) * groups + group] += gains * (samples[index] * size)
                }
            }
            spike += 1
        }
    }
}
