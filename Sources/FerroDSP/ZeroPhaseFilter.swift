// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// A recursive filter run forward and then backward: no phase shift, the gain of the sections squared.
///
/// Over a whole segment it equals `scipy.signal.sosfiltfilt` with its default padding (Gustafsson's question answered
/// the simple way: odd extension by three filter lengths, states started as if the first value had lasted for ever). A
/// segment shorter than that extension is extended by all it has, its frames − 1. Where a block ends inside the segment there
/// is no extension: the recursion starts in the steady state of the first value it sees, `margin` frames away, and has
/// forgotten that start to 1e-7 when the frames answered for begin.
package struct ZeroPhaseFilter: SignalTransform {
    package let sections: SecondOrderSections
    package let margin: Margin
    /// Frames by which a true end is extended.
    package let extensionFrames: Int

    /// Decay to which `margin` reaches.
    package static let tolerance = 1e-7

    package init(_ sections: SecondOrderSections) {
        self.sections = sections
        extensionFrames = sections.defaultExtension
        margin = Margin(max(sections.settlingFrames(to: ZeroPhaseFilter.tolerance), sections.defaultExtension + 1))
    }

    package func apply(_ block: SignalBlock, producing output: SampleRange, segmentFrames: Int) -> SignalBlock {
        guard !output.isEmpty else { return SignalBlock(frames: output, channels: block.channels) }
        let pass = pass(over: block.frames, producing: output, segmentFrames: segmentFrames)
        return SignalBlock(frames: output, channels: block.channels) { target in
            pass.run(block, producing: output, into: target)
        }
    }

    package func apply(consuming block: consuming SignalBlock, producing output: SampleRange, segmentFrames: Int) -> SignalBlock {
        guard !output.isEmpty else { return SignalBlock(frames: output, channels: block.channels) }
        return pass(over: block.frames, producing: output, segmentFrames: segmentFrames).run(consuming: block, producing: output)
    }

    private func pass(over held: SampleRange, producing output: SampleRange, segmentFrames: Int) -> ForwardBackward {
        let needed = inputFrames(for: output, segmentFrames: segmentFrames)
        precondition(held.lowerBound <= needed.lowerBound && held.upperBound >= needed.upperBound)
        let (isFirst, isLast) = (needed.lowerBound == 0, needed.upperBound == segmentFrames)
        let extend = min(extensionFrames, needed.count - 1)
        return ForwardBackward(
            sections: sections, frames: needed, extensions: isFirst || isLast ? (before: isFirst ? extend : 0, after: isLast ? extend : 0) : nil)
    }

    package func blocksAtOnce(channels: Int) -> Int { PackedLanes.stretches(ofColumns: channels, lanes: Lanes.scalarCount) }

    /// Blocks that touch no true end and have the same shape go side by side through the lanes that one of them leaves empty.
    package func apply(several blocks: [SignalBlock], producing outputs: [SampleRange], segmentFrames: Int) -> [SignalBlock] {
        var answers = [SignalBlock?](repeating: nil, count: blocks.count)
        let needed = outputs.map { inputFrames(for: $0, segmentFrames: segmentFrames) }
        let inner = blocks.indices.filter { needed[$0].lowerBound > 0 && needed[$0].upperBound < segmentFrames }
        for (_, alike) in Dictionary(grouping: inner, by: { [needed[$0].count, outputs[$0].count] }) {
            let together = blocksAtOnce(channels: blocks[alike[0]].channels)
            for first in stride(from: 0, to: alike.count, by: together) {
                let group = alike[first..<min(first + together, alike.count)]
                guard group.count > 1, let one = group.first else { continue }
                let pass = ForwardBackward(sections: sections, frames: 0..<needed[one].count, extensions: nil)
                let made = pass.run(several: group.map { blocks[$0] }, reading: group.map { needed[$0] }, producing: group.map { outputs[$0] })
                for (member, answer) in zip(group, made) { answers[member] = answer }
            }
        }
        return answers.enumerated().map { index, answer in
            answer ?? apply(blocks[index], producing: outputs[index], segmentFrames: segmentFrames)
        }
    }
}

extension SecondOrderSections {
    /// SciPy's default for `sosfiltfilt`: 3 (2 n + 1 − min(sections with b2 = 0, sections with a2 = 0)).
    var defaultExtension: Int {
        let withoutB2 = sections.count { $0.b2 == 0 }
        let withoutA2 = sections.count { $0.a2 == 0 }
        return 3 * (2 * sections.count + 1 - min(withoutB2, withoutA2))
    }
}
