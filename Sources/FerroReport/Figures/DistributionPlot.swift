// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics

/// Cumulative distributions of the units of every group over the control range, and beside them the share of units inside it.
///
/// Experimental units weigh equally, whatever the number of their cells, as they do in `distribution.csv`.
struct DistributionPlot {
    struct Curve {
        var name: String
        var label: String
        var style: ConditionStyle
        /// Experimental units with their cells on the analysis scale.
        var points: [GroupPoint]
        var share: ShareInRange
    }

    var words: OutcomeWords
    var curves: [Curve]
    /// Central 95 % of the control cells on the analysis scale.
    var range: ClosedRange<Double>?
    /// `subject` or `cage`.
    var unitName: String
    var controlLabel: String

    private static let width = 1000.0
    private static let left = 78.0
    private static let split = 590.0
    private static let shares = 640.0
    private static let right = 40.0
    private static let top = 30.0
    private static let height = 280.0
    private static let numbers = 116.0

    private var bottom: Double { Self.top + max(Self.height, 48 * Double(curves.count)) }

    func drawn() -> SVG {
        let x = Axis(
            kind: words.isLog ? .logarithmic : .linear, covering: curves.flatMap { $0.points.flatMap(\.cells) }.map(words.native), start: Self.left,
            end: Self.split - 20, room: 0.03)
        let y = Axis(kind: .linear, from: 0, to: 1, start: bottom, end: Self.top)
        var parts: [SVG] = []
        if let range {
            let from = x.clamped(words.native(range.lowerBound))
            let to = x.clamped(words.native(range.upperBound))
            parts.append(.rect(x: from, y: Self.top, width: max(to - from, 1), height: bottom - Self.top, fill: "#ececec"))
            let caption = TextLayout.fitted("central 95 % of \(controlLabel)", to: Self.split - Self.left, size: 11)
            let half = TextLayout.width(caption, size: 11) / 2
            let middle = min(max((from + to) / 2, Self.left + half), Self.split - half)
            parts.append(.label(caption, middle, Self.top - 8, anchor: .middle, size: 11, fill: Palette.soft))
        }
        parts += x.drawnHorizontally(y: bottom, title: words.axisTitle)
        parts += y.drawnVertically(x: Self.left, title: "Share of units below", ticks: 4)
        for curve in curves { parts.append(step(curve, x, y)) }
        parts += shareColumn()
        return .figure(
            width: Self.width, height: bottom + 46, title: "\(words.heading): distributions of units", description: spoken, parts)
    }

    /// Cells of a group with their weights, ascending.
    private func weighted(_ curve: Curve) -> [(value: Double, weight: Double)] {
        let filled = curve.points.filter { !$0.cells.isEmpty }
        return filled.flatMap { point in point.cells.map { (value: $0, weight: 1 / Double(point.cells.count * filled.count)) } }.sorted { $0.value < $1.value }
    }

    private func step(_ curve: Curve, _ x: Axis, _ y: Axis) -> SVG {
        var path = TenthsPath()
        var sum = 0.0
        var last = (x: x.clamped(x.low), y: y.position(0))
        path.move(last.x, last.y)
        for cell in weighted(curve) {
            sum += cell.weight
            let at = (x: x.clamped(words.native(cell.value)), y: y.clamped(sum))
            // Steps smaller than half a pixel are drawn with the next.
            guard at.x - last.x >= 0.5 || last.y - at.y >= 0.5 || sum > 1 - 1e-9 else { continue }
            path.line(at.x, last.y)
            path.line(at.x, at.y)
            last = at
        }
        if !path.isEmpty { path.line(x.clamped(x.high), last.y) }
        return path.drawn(stroke: curve.style.colour, width: 2, join: "round", dash: curve.style.dash)
    }

    private func shareColumn() -> [SVG] {
        let end = Self.width - Self.right - Self.numbers
        let axis = Axis(kind: .linear, from: 0, to: 100, start: Self.shares, end: end)
        var parts = axis.drawnHorizontally(y: bottom, title: "Units inside the range (%)", upTo: Self.top, ticks: 4)
        let step = (bottom - Self.top) / Double(max(curves.count, 1))
        for (index, curve) in curves.enumerated() {
            let top = Self.top + step * Double(index) + step / 2 - 12
            let y = top + 22
            parts.append(.line(Self.shares, top - 4, Self.shares + 30, top - 4, stroke: curve.style.colour, width: 2.4, dash: curve.style.dash))
            parts.append(.label(TextLayout.fitted(curve.label, to: Self.width - Self.shares - 44), Self.shares + 38, top, bold: true))
            guard let share = curve.share.share else {
                parts.append(.label("—", end + 14, y + 4))
                continue
            }
            if let low = curve.share.low, let high = curve.share.high {
                parts.append(.line(axis.position(low * 100), y, axis.position(high * 100), y, stroke: curve.style.colour, width: 2.2))
            }
            parts.append(curve.style.marker.drawn(axis.position(share * 100), y, radius: 5, fill: curve.style.colour, stroke: "#ffffff"))
            parts.append(.label(Numbers.share(curve.share), end + 14, y + 4))
        }
        return parts
    }

    private var spoken: String {
        let texts = curves.map { "\($0.label): \($0.share.share == nil ? "no share" : Numbers.share($0.share)) of the units of a \(unitName)" }
        let ends = range.map { "from \(words.value($0.lowerBound)) to \(words.value($0.upperBound))" } ?? "undefined"
        return "Share of units inside the central 95 % of \(controlLabel) (\(ends)): \(texts.joined(separator: "; "))."
    }
}
