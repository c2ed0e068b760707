// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// Gap-free stretches from the numbers that an acquisition gave its frames, which rise by one except where frames were lost.
///
/// The number minus the index rises at a gap and nowhere else, so gaps are found by halving: a few numbers are read, not all.
enum FrameNumbers {
    /// - Parameter read: the number of the frame at an index.
    /// - Throws: `FerroError` (input) where numbers fall or repeat, as far as is seen.
    static func segments(
        count: Int, rate: SampleRate, at place: String, number read: (Int) throws -> Int
    ) throws -> [Segment] {
        guard count > 0 else { return [] }
        func number(_ index: Int) throws -> Int {
            let value = try read(index)
            guard abs(Double(value)) < 1e18 else { throw FerroError.input("frame \(index) has the number \(value)", at: place, expected: "a count of frames") }
            return value
        }
        let first = try number(0)
        let last = try number(count - 1)
        var starts: [(frame: Int, excess: Int)] = [(0, 0)]
        func search(_ low: Int, _ lowExcess: Int, _ high: Int, _ highExcess: Int) throws {
            guard highExcess >= lowExcess else {
                throw FerroError.input(
                    "the frame numbers do not rise between frames \(low) and \(high)", at: place,
                    expected: "numbers that rise by one, or more where frames were lost")
            }
            guard highExcess > lowExcess else { return }
            if high - low == 1 {
                starts.append((high, highExcess))
                guard starts.count <= 1_000_000 else { throw FerroError.input("the frame numbers have more than a million gaps", at: place) }
                return
            }
            let middle = low + (high - low) / 2
            let excess = try number(middle) - first - middle
            try search(low, lowExcess, middle, excess)
            try search(middle, excess, high, highExcess)
        }
        try search(0, 0, count - 1, last - first - (count - 1))
        return starts.indices.map { index in
            let (frame, excess) = starts[index]
            return Segment(frames: frame..<(index + 1 < starts.count ? starts[index + 1].frame : count), start: rate.seconds(frame + excess))
        }
    }
}
