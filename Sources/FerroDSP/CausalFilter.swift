// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// A recursive filter run forward only, as hardware does: it shifts phases and looks at the past alone.
///
/// At the start of a segment its states are zero, so that a whole segment equals `scipy.signal.sosfilt` (an offset in
/// the data rings there). Where a block starts inside the segment it starts in the steady state of the first value it
/// sees, `margin.before` frames early, and has forgotten that to 1e-7 when the frames answered for begin.
package struct CausalFilter: SignalTransform {
    package let sections: SecondOrderSections
    package let margin: Margin

    package init(_ sections: SecondOrderSections) {
        self.sections = sections
        margin = Margin(before: sections.settlingFrames(to: ZeroPhaseFilter.tolerance), after: 0)
    }

    package func apply(_ block: SignalBlock, producing output: SampleRange, segmentFrames: Int) -> SignalBlock {
        let needed = inputFrames(for: output, segmentFrames: segmentFrames)
        guard !output.isEmpty else { return SignalBlock(frames: output, channels: block.channels) }
        precondition(block.frames.lowerBound <= needed.lowerBound && block.frames.upperBound >= needed.upperBound)
        let pass = ForwardOnly(sections: sections, frames: needed, fromRest: needed.lowerBound == 0)
        return SignalBlock(frames: output, channels: block.channels) { target in
            pass.run(block, producing: output, into: target)
        }
    }
}
