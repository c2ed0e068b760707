// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// Spikes of the units of one recording over a short stretch, one row a unit, bursts underlaid.
struct RasterPlot {
    struct Row {
        var name: String
        /// Seconds on the recording's clock, inside the stretch.
        var spikes: [Double]
        var bursts: [TimeInterval]
    }

    var rows: [Row]
    var stretch: TimeInterval
    /// Stretches inside it in which nothing was recorded.
    var gaps: [TimeInterval]
    /// The part whose voltage is shown elsewhere.
    var highlight: TimeInterval?
    var title: String

    private static let width = 1000.0
    private static let left = 92.0
    private static let right = 12.0
    /// Width of a spike.
    private static let tick = 0.9

    private var step: Double { min(20, max(6.5, 260 / Double(max(rows.count, 1)))) }

    func drawn() -> SVG {
        let top = highlight == nil ? 8.0 : 24.0
        let bottom = top + step * Double(rows.count) + 4
        let axis = Axis(kind: .linear, from: stretch.start, to: stretch.stop, start: Self.left, end: Self.width - Self.right)
        var parts: [SVG] = []
        for gap in gaps {
            let x = axis.clamped(gap.start)
            parts.append(.rect(x: x, y: top, width: axis.clamped(gap.stop) - x, height: bottom - top, fill: Palette.faint))
        }
        if let highlight {
            let from = axis.clamped(highlight.start)
            let to = axis.clamped(highlight.stop)
            parts.append(.rect(x: from, y: top - 2, width: to - from, height: bottom - top + 2, fill: "#56b4e9", opacity: 0.18))
            parts.append(.line(from, top - 2, to, top - 2, stroke: Palette.ink, width: 2))
            parts.append(.label("voltage below", (from + to) / 2, top - 8, anchor: .middle, size: 10, fill: Palette.soft))
        }
        var bursts = TenthsPath()
        var spikes = TenthsPath()
        var burstSpikes = TenthsPath()
        let height = step * 0.68
        for (index, row) in rows.enumerated() {
            let y = top + 2 + step * Double(index)
            for burst in row.bursts {
                // At least three pixels, since a complex spike is shorter than one.
                let x = axis.clamped(burst.start)
                let width = max(axis.clamped(burst.stop) - x, 3)
                bursts.dash(min(x, Self.width - Self.right - width), y + height + step * 0.1, length: width)
            }
            var last = -Double.infinity
            var next = 0
            for time in row.spikes {
                while next < row.bursts.count, row.bursts[next].stop < time { next += 1 }
                let isInBurst = next < row.bursts.count && row.bursts[next].start <= time
                let x = (axis.position(time) * 10).rounded() / 10
                guard x > last else { continue }
                last = x
                if isInBurst {
                    burstSpikes.dash(x, y + height / 2, length: Self.tick)
                } else {
                    spikes.dash(x, y + height / 2, length: Self.tick)
                }
            }
        }
        if !bursts.isEmpty { parts.append(bursts.drawn(stroke: Palette.burst, width: min(2, step * 0.22))) }
        if !spikes.isEmpty { parts.append(spikes.drawn(stroke: Palette.ink, width: height)) }
        if !burstSpikes.isEmpty { parts.append(burstSpikes.drawn(stroke: Palette.burst, width: height)) }
        parts += axis.drawnHorizontally(y: bottom + 2, title: "Time (s)", ticks: 10)
        parts.append(.label("Units", 16, (top + bottom) / 2, anchor: .middle, turned: true))
        let shown = rows.count <= 16 ? 1 : rows.count <= 40 ? 5 : 10
        for (index, row) in rows.enumerated() where index % shown == 0 {
            parts.append(
                .label(
                    TextLayout.fitted(row.name, to: Self.left - 30, size: 10), Self.left - 6, top + 2 + step * Double(index) + height / 2 + 3.5,
                    anchor: .end, size: 10, fill: Palette.soft))
        }
        return .figure(
            width: Self.width, height: bottom + 46, title: title,
            description:
                "Spikes of \(Numbers.counted(rows.count, "unit", "units")) from \(Numbers.significant(stretch.start)) to \(Numbers.significant(stretch.stop)) s: "
                + "\(Numbers.counted(rows.reduce(0) { $0 + $1.spikes.count }, "spike", "spikes")), "
                + "\(Numbers.counted(rows.reduce(0) { $0 + $1.bursts.count }, "burst", "bursts")).", parts)
    }
}
