// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// Differences of two channels each: what is common to both vanishes, what lies between them stays.
///
/// Works on single frames: no margin, no delay. A difference is rounded once, in Float32.
package struct BipolarDerivation: SignalTransform {
    package struct Pair: Hashable, Sendable {
        /// Column that is taken as it is.
        package let plus: Int
        /// Column that is subtracted.
        package let minus: Int

        package init(plus: Int, minus: Int) {
            self.plus = plus
            self.minus = minus
        }
    }

    /// One per channel of the output.
    package let pairs: [Pair]

    package init(pairs: [Pair]) { self.pairs = pairs }

    package func outputChannels(ofInput channels: Int) -> Int { pairs.count }

    /// - Precondition: every column is a channel of the block.
    package func apply(_ block: SignalBlock, producing output: SampleRange, segmentFrames: Int) -> SignalBlock {
        precondition(pairs.allSatisfy { (0..<block.channels).contains($0.plus) && (0..<block.channels).contains($0.minus) })
        return block.mapFrames(output, channels: pairs.count) { channel, frame, offsets in
            frame[offsets[pairs[channel].plus]] - frame[offsets[pairs[channel].minus]]
        }
    }
}
