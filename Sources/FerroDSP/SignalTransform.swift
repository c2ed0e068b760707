// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// A block in, a block out. Frames count from the segment's start, at each side's own rate.
///
/// The output depends on the samples, `output` and `segmentFrames` alone: a block that covers more than is needed
/// gives the same bits as one that covers just enough.
package protocol SignalTransform: Sendable {
    /// Input frames per output frame (1 unless the transform changes the rate).
    var decimation: Int { get }

    /// Input frames needed before and after the frames answered for, cut at the segment's ends.
    var margin: Margin { get }

    /// Answers for the output frames `output`, which lie within `0 ..< outputFrames(ofSegment: segmentFrames)`.
    ///
    /// - Parameters:
    ///   - block: covers at least `output * decimation` grown by `margin`, cut to `0 ..< segmentFrames`.
    ///   - output: the frames to produce, at the output's rate.
    ///   - segmentFrames: input frames of the whole segment. Where the needed frames reach frame 0 or `segmentFrames`
    ///     they touch the segment's true end, and each transform pads there as it documents.
    func apply(_ block: SignalBlock, producing output: SampleRange, segmentFrames: Int) -> SignalBlock

    /// The same from a block that nobody else needs, whose memory a transform may take for its answer.
    func apply(consuming block: consuming SignalBlock, producing output: SampleRange, segmentFrames: Int) -> SignalBlock

    /// How many blocks of so many channels are better worked on at once than one after the other; 1 unless few channels leave lanes empty.
    func blocksAtOnce(channels: Int) -> Int

    /// The answers for several stretches of a segment, each from its own block: the same bits as one after the other.
    func apply(several blocks: [SignalBlock], producing outputs: [SampleRange], segmentFrames: Int) -> [SignalBlock]

    /// Output frames of a whole segment.
    func outputFrames(ofSegment inputFrames: Int) -> Int

    /// Channels of the output, for as many of the input (the same unless the transform changes them).
    func outputChannels(ofInput channels: Int) -> Int

    /// The input frames that `output` needs: what a caller reads before it calls `apply`. Never more than `margin` tells; less where
    /// the transform works on a grid of its own and `output` lies well on it.
    func inputFrames(for output: SampleRange, segmentFrames: Int) -> SampleRange
}

extension SignalTransform {
    package var decimation: Int { 1 }
    package var margin: Margin { .none }
    package func blocksAtOnce(channels: Int) -> Int { 1 }
    package func apply(several blocks: [SignalBlock], producing outputs: [SampleRange], segmentFrames: Int) -> [SignalBlock] {
        zip(blocks, outputs).map { apply($0, producing: $1, segmentFrames: segmentFrames) }
    }
    package func apply(consuming block: consuming SignalBlock, producing output: SampleRange, segmentFrames: Int) -> SignalBlock {
        apply(block, producing: output, segmentFrames: segmentFrames)
    }

    package func outputFrames(ofSegment inputFrames: Int) -> Int { (inputFrames + decimation - 1) / decimation }

    package func outputChannels(ofInput channels: Int) -> Int { channels }

    package func inputFrames(for output: SampleRange, segmentFrames: Int) -> SampleRange {
        let limits = 0..<segmentFrames
        let scaled = min(output.lowerBound * decimation, segmentFrames)..<min(output.upperBound * decimation, segmentFrames)
        return scaled.grown(by: margin, within: limits)
    }
}
