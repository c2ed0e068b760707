// SPDX-License-Identifier: GPL-3.0-or-later

/// Half-open range of frames `lower ..< upper`.
package typealias SampleRange = Range<Int>

extension Range where Bound == Int {
    /// The range grown by a margin on both sides, cut to `limits`.
    package func grown(by margin: Margin, within limits: SampleRange) -> SampleRange {
        let lower = Swift.max(limits.lowerBound, lowerBound - margin.before)
        let upper = Swift.min(limits.upperBound, upperBound + margin.after)
        return lower..<Swift.max(lower, upper)
    }

    package func shifted(by frames: Int) -> SampleRange { lowerBound + frames..<upperBound + frames }

    /// What is left of the range between blocks that lie within it, apart from each other.
    package func gaps(between blocks: [SampleRange]) -> [SampleRange] {
        let blocks = blocks.sorted { $0.lowerBound < $1.lowerBound }
        let (starts, ends) = ([lowerBound] + blocks.map(\.upperBound), blocks.map(\.lowerBound) + [upperBound])
        return zip(starts, ends).filter { $0 < $1 }.map { $0..<$1 }
    }
}

/// Frames that a stage needs before and after the frames it answers for.
package struct Margin: Hashable, Sendable {
    package var before: Int
    package var after: Int

    package init(before: Int, after: Int) {
        self.before = before
        self.after = after
    }

    package init(_ both: Int) { self.init(before: both, after: both) }

    package static let none = Margin(0)
}

/// A stretch of a recording without a gap. No stage looks across its ends.
package struct Segment: Hashable, Sendable {
    /// Rows of the series' dataset.
    package let frames: SampleRange
    /// Time of the first frame in seconds on the recording's own clock.
    package let start: Double

    package init(frames: SampleRange, start: Double) {
        self.frames = frames
        self.start = start
    }

    /// Seconds on the recording's clock of an absolute frame of this segment.
    package func seconds(ofFrame frame: Int, at rate: SampleRate) -> Double {
        start + rate.seconds(frame - frames.lowerBound)
    }
}
