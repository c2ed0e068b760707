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
        let needed = inputFrames(for: output, segmentFrames: segmentFrames)
        guard !output.isEmpty else { return SignalBlock(frames: output, channels: block.channels) }
        precondition(block.frames.lowerBound <= needed.lowerBound && block.frames.upperBound >= needed.upperBound)
        let extend = min(extensionFrames, needed.count - 1)
        let pass = ForwardBackward(
            sections: sections, frames: needed, before: needed.lowerBound == 0 ? extend : 0,
            after: needed.upperBound == segmentFrames ? extend : 0)
        return SignalBlock(frames: output, channels: block.channels) { target in
            pass.run(block, producing: output, into: target)
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
