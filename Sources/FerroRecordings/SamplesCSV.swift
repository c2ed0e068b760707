// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// Reads `A:B`, frames A up to but not including B, counted from 0.
package func parseFrameRange(_ text: String) throws -> SampleRange {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let first = Int(parts[0]), let end = Int(parts[1]), first >= 0, first <= end else {
        throw FerroError.usage("`\(text)` is not a range of frames", expected: "`A:B`, frames A up to but not including B, such as `0:1000`")
    }
    return first..<end
}

extension Recording {
    /// Frames of a series as CSV in microvolts: a header row of electrode ids, then a row a frame with a column a channel.
    ///
    /// Frames count from 0 over the whole series; the range is half-open. Values are the shortest decimals that read back as the same Float32.
    /// - Throws: `FerroError` (usage) for frames that the series does not have.
    package func samplesAsCSV(of path: String, frames: SampleRange) throws -> String {
        var text = ""
        try writeSamples(of: path, frames: frames) { text += $0 }
        return text
    }

    /// The same, handed out piece by piece, for ranges of any length.
    package func writeSamples(of path: String, frames: SampleRange, to write: (String) throws -> Void) throws {
        let signal = try signal(of: path)
        let description = signal.description
        guard frames.lowerBound >= 0, frames.upperBound <= description.frames else {
            throw FerroError.usage(
                "frames \(frames.lowerBound):\(frames.upperBound) are not in the series", at: "\(self.path): \(path)",
                expected: "frames within 0:\(description.frames)")
        }
        try write(description.electrodes.map { CSVText.quoted($0.id) }.joined(separator: ",") + "\n")
        let columns = Array(description.electrodes.indices)
        var first = frames.lowerBound
        while first < frames.upperBound {
            let part = first..<min(first + 4096, frames.upperBound)
            let block = try signal.read(part, columns: columns, origin: 0)
            var text = ""
            for frame in part {
                for channel in columns {
                    if channel > 0 { text += "," }
                    text += block[frame, channel].description
                }
                text += "\n"
            }
            try write(text)
            first = part.upperBound
        }
    }
}
