// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

extension RecordingInspection {
    /// The inspection as text for a terminal: at most six series, eight segments and four areas each, then the problems.
    package var text: String {
        var lines = ["\(file): \(format?.rawValue ?? "cannot be read")"]
        for series in series.prefix(6) { lines += InspectionText.lines(series) }
        if series.count > 6 { lines.append("  … and \(series.count - 6) more series") }
        if let units { lines.append("  units: \(units.count) with \(units.spikes) spikes") }
        for table in intervals.prefix(8) {
            lines.append("  intervals: \(table.name), \(table.count) over \(Seconds((table.seconds * 1000).rounded() / 1000))")
        }
        if intervals.count > 8 { lines.append("  … and \(intervals.count - 8) more tables of intervals") }
        if series.isEmpty, units == nil, format != nil { lines.append("  nothing in it can be read") }
        for problem in problems { lines.append("  \(problem.severity == .refusal ? "refused" : "warning"): \(problem.message)") }
        return lines.joined(separator: "\n") + "\n"
    }
}

private enum InspectionText {
    static func lines(_ series: RecordingInspection.Series) -> [String] {
        let seconds = Double(series.frames) / series.rateHz
        let filters = series.storage.filters.isEmpty ? "" : " (\(series.storage.filters.joined(separator: ", ")))"
        var lines = [
            "  \(series.path)  [\(series.kind.rawValue)]",
            "    \(count(series.channels, "channel")), \(shortest(rounded(series.rateHz, 6))) Hz, \(series.frames) frames"
                + " (\(Seconds(rounded(seconds, 3)))), \(series.unit), \(series.storage.layout.rawValue)\(filters)",
            "    electrodes: \(areas(series.electrodes))",
        ]
        guard series.segments.count > 1 else { return lines }
        lines.append("    \(count(series.segments.count - 1, "gap")), so \(series.segments.count) segments:")
        for segment in series.segments.prefix(8) {
            let stop = segment.startS + Double(segment.frames) / series.rateHz
            lines.append(
                "      \(shortest(rounded(segment.startS, 4))) s to \(shortest(rounded(stop, 4))) s, frames \(segment.firstFrame)"
                    + " to \(segment.firstFrame + segment.frames)")
        }
        if series.segments.count > 8 { lines.append("      … and \(series.segments.count - 8) more") }
        return lines
    }

    /// `4 in CA1 (shank0, shank1), 2 without a location`, areas in the order they occur.
    private static func areas(_ sites: [RecordingInspection.Site]) -> String {
        var order: [String?] = []
        var groups: [String?: [String]] = [:]
        var counts: [String?: Int] = [:]
        for site in sites {
            if counts[site.location] == nil { order.append(site.location) }
            counts[site.location, default: 0] += 1
            if let group = site.group, groups[site.location]?.contains(group) != true { groups[site.location, default: []].append(group) }
        }
        let parts = order.prefix(4).map { area in
            let names = (groups[area] ?? []).prefix(4).joined(separator: ", ") + ((groups[area]?.count ?? 0) > 4 ? ", …" : "")
            return "\(counts[area] ?? 0) \(area.map { "in \($0)" } ?? "without a location")\(names.isEmpty ? "" : " (\(names))")"
        }
        return parts.joined(separator: ", ") + (order.count > 4 ? ", …" : "")
    }

    private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    private static func rounded(_ value: Double, _ digits: Int) -> Double {
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        return (value * scale).rounded() / scale
    }
}
