// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// Subtracts from each channel, frame by frame, the median or the mean over channels of its own: those around it, for a probe on which what
/// is shared changes from end to end.
///
/// A channel is not among its own neighbours, so that a spike on it is not subtracted from itself. The median of an even number is the
/// mean of the two middle ones (NumPy's rule); the mean is summed in Float64 in the order of the neighbours. A channel without neighbours
/// is left as it is. Works on single frames: no margin, no delay.
package struct LocalReference: SignalTransform {
    package let `operator`: CommonReference.Operator
    /// Columns that each channel's reference is taken over.
    package let neighbours: [[Int]]
    /// How the reference is found, for every count of neighbours that occurs.
    let methods: [Int: ReferenceMethod]

    /// - Throws: `FerroError` (usage) when a neighbour is no channel, the channel itself or named twice.
    package init(operator: CommonReference.Operator, neighbours: [[Int]]) throws {
        for (channel, others) in neighbours.enumerated() {
            guard others.allSatisfy({ neighbours.indices.contains($0) && $0 != channel }), Set(others).count == others.count else {
                throw FerroError.usage(
                    "the neighbours of channel \(channel) are not other channels, each once", expected: "columns from 0 to \(neighbours.count - 1)")
            }
        }
        self.operator = `operator`
        self.neighbours = neighbours
        let counts = Set(neighbours.map(\.count)).subtracting([0])
        methods = Dictionary(uniqueKeysWithValues: counts.map { ($0, ReferenceMethod(`operator`, count: $0)) })
    }

    /// - Precondition: the block has as many channels as there are lists of neighbours.
    package func apply(_ block: SignalBlock, producing output: SampleRange, segmentFrames: Int) -> SignalBlock {
        precondition(block.channels == neighbours.count)
        precondition(output.isEmpty || (block.frames.lowerBound <= output.lowerBound && block.frames.upperBound >= output.upperBound))
        return SignalBlock(frames: output, channels: block.channels) { target in
            subtractLocalReferences(self, from: block, frames: output, into: target)
        }
    }
}
