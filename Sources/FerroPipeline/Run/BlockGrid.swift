// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// The blocks of a recording, several at a time: the absolute grid of `StreamGraph`, segment by segment.
///
/// Reads are computed when they are asked for, so that a day's recording takes no more memory than a minute's.
struct BlockGrid: RandomAccessCollection, Sendable {
    /// Consecutive blocks of one segment that are read at once.
    struct Read: Sendable, Equatable {
        var segment: Int
        /// Frames of the segment.
        var blocks: [SampleRange]
        var frames: Int { blocks.reduce(0) { $0 + $1.count } }
    }

    let segmentFrames: [Int]
    let step: Int
    let blocksPerRead: Int
    /// Index of each segment's first read, and the number of reads.
    private let firsts: [Int]

    /// - Precondition: a step and a number of blocks above zero.
    init(segmentFrames: [Int], step: Int, blocksPerRead: Int) {
        precondition(step > 0 && blocksPerRead > 0)
        self.segmentFrames = segmentFrames
        self.step = step
        self.blocksPerRead = blocksPerRead
        var firsts = [0]
        for frames in segmentFrames {
            let (whole, rest) = frames.quotientAndRemainder(dividingBy: step * blocksPerRead)
            firsts.append(firsts[firsts.count - 1] + whole + (rest > 0 ? 1 : 0))
        }
        self.firsts = firsts
    }

    var startIndex: Int { 0 }
    var endIndex: Int { firsts[firsts.count - 1] }

    subscript(index: Int) -> Read {
        precondition(indices.contains(index))
        // The last segment that begins at or before the index; segments without frames begin where the next one does.
        var (low, high) = (0, segmentFrames.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if firsts[middle] <= index { low = middle } else { high = middle }
        }
        let first = (index - firsts[low]) * step * blocksPerRead
        let end = Swift.min(first + step * blocksPerRead, segmentFrames[low])
        return Read(segment: low, blocks: stride(from: first, to: end, by: step).map { $0..<Swift.min($0 + step, end) })
    }
}
