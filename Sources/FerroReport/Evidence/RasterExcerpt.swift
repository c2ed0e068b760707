// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings

/// The stretch of spikes that a raster shows: around the middle of the voltage excerpt where there is one, else of the longest
/// observed segment.
struct RasterExcerpt {
    let rows: [RasterPlot.Row]
    let stretch: TimeInterval
    let gaps: [TimeInterval]
    let units: Int
    let bursts: Int?
    /// The part whose voltage is shown as well.
    let highlight: TimeInterval?

    /// Seconds to choose from, and how many spikes can still be told apart.
    private static let lengths = [15.0, 10, 5, 2]
    private static let mostSpikes = 3000
    private static let mostRows = 60

    /// One length for all recordings that are shown together, so that their rates can be compared by eye: the longest in which none
    /// has more spikes than can be told apart.
    static func length(for results: [RecordingResult]) -> Double {
        lengths.first { length in
            results.allSatisfy { result in
                guard let raster = RasterExcerpt(result, seconds: length) else { return true }
                return raster.rows.reduce(0) { $0 + $1.spikes.count } <= mostSpikes
            }
        } ?? 2
    }

    init?(_ result: RecordingResult, seconds: Double, showing highlight: TimeInterval? = nil) {
        guard !result.units.isEmpty else { return nil }
        self.highlight = highlight
        let segments = result.segments.isEmpty ? result.units.flatMap(\.train.observed) : result.segments
        // The middle of the excerpt, so that raster and voltage show the same seconds; else the middle of the longest segment.
        let excerpt = result.excerpt.map { TimeInterval(start: $0.start, stop: $0.start + $0.rate.seconds($0.samples.first?.count ?? 0)) }
        let longest = segments.max { $0.duration < $1.duration }
        guard let around = excerpt ?? longest else { return nil }
        let home = segments.first { $0.start <= around.start && $0.stop >= around.stop } ?? longest ?? around
        let middle = (around.start + around.stop) / 2
        let length = min(seconds, home.duration)
        guard length > 0 else { return nil }
        let start = max(min((middle - length / 2).rounded(.down), home.stop - length), home.start)
        guard start.isFinite else { return nil }
        let stretch = TimeInterval(start: start, stop: start + length)
        self.stretch = stretch
        units = result.units.count
        let shown = result.units.prefix(RasterExcerpt.mostRows)
        rows = shown.map { unit in
            RasterPlot.Row(
                name: unit.train.id, spikes: unit.train.times.filter { $0 >= stretch.start && $0 <= stretch.stop },
                bursts: (unit.bursts ?? []).filter { $0.stop >= stretch.start && $0.start <= stretch.stop }
                    .map { TimeInterval(start: $0.start, stop: $0.stop) })
        }
        bursts = result.units.contains { $0.bursts != nil } ? rows.reduce(0) { $0 + $1.bursts.count } : nil
        gaps = zip(segments, segments.dropFirst()).map { TimeInterval(start: $0.stop, stop: $1.start) }
            .filter { $0.duration > 0 && $0.stop > stretch.start && $0.start < stretch.stop }
    }

    func plot(title: String) -> RasterPlot { RasterPlot(rows: rows, stretch: stretch, gaps: gaps, highlight: highlight, title: title) }

    var caption: String {
        let spikes = rows.reduce(0) { $0 + $1.spikes.count }
        var text =
            "Spikes of \(rows.count < units ? "the first \(rows.count) of \(units)" : "all \(units)") units over \(Numbers.significant(stretch.duration, digits: 2)) s (\(Numbers.counted(spikes, "spike", "spikes")))"
        if let bursts { text += "; \(Numbers.counted(bursts, "burst", "bursts")), coloured and underlined" }
        return text + "."
    }
}
