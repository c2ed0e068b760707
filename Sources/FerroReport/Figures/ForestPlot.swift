// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics

/// Rescue indices of every outcome and treatment with their Fieller intervals, between the lines of no rescue and full rescue.
struct ForestPlot {
    struct Row {
        var outcome: String
        var treatment: String
        var style: ConditionStyle
        var rescue: Double?
        var low: Double?
        var high: Double?
        var bootstrapLow: Double?
        var bootstrapHigh: Double?
        /// Said in place of a number where the index is undefined.
        var status: String
        var verdict: String
    }

    var rows: [Row]

    private static let width = 1000.0
    private static let labels = 260.0
    private static let numbers = 668.0
    private static let verdicts = 822.0
    private static let step = 25.0

    private var outcomes: [String] { rows.map(\.outcome).reduce(into: []) { if $0.last != $1 { $0.append($1) } } }

    func drawn() -> SVG {
        let top = 46.0
        let bottom = top + Double(rows.count + outcomes.count) * Self.step
        let axis = self.axis
        var parts: [SVG] = [.rect(x: axis.position(0), y: top - 6, width: axis.position(1) - axis.position(0), height: bottom - top + 6, fill: "#f3f3f3")]
        parts += axis.drawnHorizontally(y: bottom, title: "Rescue index with 95 % interval", upTo: top - 6)
        for (value, text) in [(0.0, "no rescue"), (1.0, "full rescue")] {
            let x = axis.position(value)
            parts.append(.line(x, top - 6, x, bottom, stroke: Palette.ink, width: 1.3))
            parts.append(.label(text, x, top - 12, anchor: .middle, size: 11, fill: Palette.soft))
        }
        parts.append(.label("index [95 % interval]", Self.numbers, top - 12, size: 11, fill: Palette.soft))
        parts.append(.label("verdict", Self.verdicts, top - 12, size: 11, fill: Palette.soft))
        var y = top + 6
        var outcome: String?
        for row in rows {
            if row.outcome != outcome {
                outcome = row.outcome
                parts.append(.label(TextLayout.fitted(row.outcome, to: Self.labels - 12), 4, y + 8, bold: true))
                y += Self.step
            }
            parts += drawn(row, at: y + 4, axis)
            y += Self.step
        }
        return .figure(
            width: Self.width, height: bottom + 46, title: "Rescue index of every outcome and treatment", description: spoken, parts)
    }

    private var axis: Axis {
        let core = rows.compactMap(\.rescue) + [0, 1]
        let intervals = rows.compactMap { row in row.low.flatMap { low in row.high.map { (low: low, high: $0) } } }
        let ends = Axis.limited(intervals, around: core, reach: 0.8)
        return Axis(kind: .linear, covering: core + ends + [-0.25, 1.25], start: Self.labels, end: Self.numbers - 24)
    }

    private func drawn(_ row: Row, at y: Double, _ axis: Axis) -> [SVG] {
        var parts: [SVG] = [.label(TextLayout.fitted(row.treatment, to: Self.labels - 40), 18, y + 4)]
        guard let rescue = row.rescue else {
            parts.append(.label(TextLayout.fitted(row.status, to: Self.width - Self.numbers), Self.numbers, y + 4, fill: Palette.soft))
            return parts
        }
        if let low = row.low, let high = row.high {
            parts.append(.line(axis.clamped(low), y, axis.clamped(high), y, stroke: row.style.colour, width: 2.2))
            for (value, isOutside, sign) in [(low, low < axis.low, 1.0), (high, high > axis.high, -1.0)] where isOutside {
                let x = axis.clamped(value)
                var path = PathData()
                path.move(x + sign * 6, y - 4)
                path.line(x, y)
                path.line(x + sign * 6, y + 4)
                parts.append(.path(path.text, stroke: row.style.colour, width: 2.2))
            }
        }
        // Thin and below, since it decides nothing.
        if let low = row.bootstrapLow, let high = row.bootstrapHigh {
            parts.append(.line(axis.clamped(low), y + 7, axis.clamped(high), y + 7, stroke: Palette.soft, width: 1.2))
        }
        parts.append(row.style.marker.drawn(axis.clamped(rescue), y, radius: 5, fill: row.style.colour, stroke: "#ffffff"))
        let text = Numbers.index(rescue, row.low, row.high)
        parts.append(.label(text, Self.numbers, y + 4))
        parts.append(.label(TextLayout.fitted(row.verdict, to: Self.width - Self.verdicts), Self.verdicts, y + 4))
        return parts
    }

    private var spoken: String {
        rows.map { row in
            "\(row.outcome), \(row.treatment): \(row.rescue == nil ? row.status : Numbers.index(row.rescue, row.low, row.high)), \(row.verdict)"
        }.joined(separator: "; ") + "."
    }
}
