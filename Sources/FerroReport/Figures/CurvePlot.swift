// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// Mean curves of the groups over classes of a time, with bands for their 95 % intervals; the classes of a logarithmic axis are
/// even in the logarithm.
struct CurvePlot {
    struct Point {
        var mean: Double
        /// nil where there are fewer than two experimental units.
        var low: Double?
        var high: Double?
    }

    struct Curve {
        var name: String
        var label: String
        var style: ConditionStyle
        var n: Int
        /// One a class.
        var points: [Point]
    }

    var title: String
    var xTitle: String
    var yTitle: String
    /// Edges of the classes in the unit of `xTitle`.
    var edges: [Double]
    var isLogarithmic: Bool
    var curves: [Curve]
    /// A value that chance alone would have.
    var reference: Double?

    private static let width = 1000.0
    private static let left = 78.0
    private static let right = 220.0
    private static let top = 16.0
    private static let height = 250.0

    /// Middle of every class.
    var middles: [Double] {
        zip(edges, edges.dropFirst()).map { isLogarithmic ? ($0 * $1).squareRoot() : ($0 + $1) / 2 }
    }

    func drawn() -> SVG {
        let end = Self.width - Self.right
        let bottom = Self.top + Self.height
        let x = Axis(kind: isLogarithmic ? .logarithmic : .linear, from: edges.first ?? 0, to: edges.last ?? 1, start: Self.left, end: end)
        let means = curves.flatMap { $0.points.map(\.mean) }.filter(\.isFinite)
        let intervals = curves.flatMap { $0.points }.compactMap { point in point.low.flatMap { low in point.high.map { (low: low, high: $0) } } }
        let most = (means + Axis.limited(intervals, around: means + [0], reach: 0.3)).max() ?? 1
        let y = Axis(kind: .linear, from: 0, to: max(most * 1.04, 1e-9), start: bottom, end: Self.top)
        var parts = y.drawnVertically(x: Self.left, title: yTitle, across: end)
        if let reference {
            parts.append(.line(Self.left, y.clamped(reference), end, y.clamped(reference), stroke: Palette.soft, width: 0.9, dash: "4 3"))
        }
        let middles = middles
        for curve in curves {
            let places = zip(middles, curve.points).filter { $1.mean.isFinite }.map { (x: x.position($0), point: $1) }
            let band = places.compactMap { place in
                place.point.low.flatMap { low in place.point.high.map { (x: place.x, low: y.clamped(low), high: y.clamped($0)) } }
            }
            if band.count > 1 {
                let outline = band.map { ($0.x, $0.high) } + band.reversed().map { ($0.x, $0.low) }
                parts.append(.path(path(outline) + "Z", fill: curve.style.colour, opacity: 0.13))
            }
            parts.append(
                .path(
                    path(places.map { ($0.x, y.clamped($0.point.mean)) }), stroke: curve.style.colour, width: 1.9, dash: curve.style.dash, join: "round"))
        }
        parts += x.drawnHorizontally(y: bottom, title: xTitle)
        var line = Self.top + 14
        for curve in curves {
            parts.append(.line(end + 18, line - 4, end + 52, line - 4, stroke: curve.style.colour, width: 2.4, dash: curve.style.dash))
            for text in TextLayout.wrapped("\(curve.label) (n\u{A0}=\u{A0}\(curve.n))", to: Self.right - 66, lines: 3) {
                parts.append(.label(text, end + 60, line))
                line += 15
            }
            line += 6
        }
        return .figure(width: Self.width, height: max(bottom + 46, line), title: title, description: spoken, parts)
    }

    private func path(_ points: [(Double, Double)]) -> String {
        var path = PathData()
        for (x, y) in points { if path.isEmpty { path.move(x, y) } else { path.line(x, y) } }
        return path.text
    }

    private var spoken: String {
        let middles = middles
        return "\(yTitle) against \(xTitle.prefix(1).lowercased() + xTitle.dropFirst()): "
            + curves.map { curve in
                let top = zip(middles, curve.points).filter { $1.mean.isFinite }.max { $0.1.mean < $1.1.mean }
                return "\(curve.label) (n = \(curve.n))"
                    + (top.map { ", highest with \(Numbers.significant($0.1.mean)) at \(Numbers.significant($0.0))" } ?? "")
            }.joined(separator: "; ") + "."
    }
}
