// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics

/// An outcome against a covariate, one mark an experimental unit, by group.
struct ScatterPlot {
    struct Cloud {
        var name: String
        var label: String
        var style: ConditionStyle
        /// Covariate, and outcome on the analysis scale.
        var points: [(name: String, x: Double, y: Double)]
    }

    var words: OutcomeWords
    var covariate: String
    var clouds: [Cloud]
    /// `subject` or `cage`.
    var unitName: String
    /// Numbers of the experimental units in the study, by name.
    var numbers: [String: Int] = [:]

    private static let width = 700.0
    private static let left = 78.0
    private static let right = 220.0
    private static let top = 14.0
    private static let height = 260.0

    func drawn() -> SVG {
        let bottom = Self.top + Self.height
        let end = Self.width - Self.right
        let x = Axis(kind: .linear, covering: clouds.flatMap { $0.points.map(\.x) }, start: Self.left, end: end)
        let y = Axis(
            kind: words.isLog ? .logarithmic : .linear, covering: clouds.flatMap { $0.points.map { words.native($0.y) } }, start: bottom, end: Self.top)
        var parts = x.drawnHorizontally(y: bottom, title: TextLayout.fitted(covariate, to: end - Self.left))
        parts += y.drawnVertically(x: Self.left, title: words.axisTitle, across: end)
        for cloud in clouds {
            let marks = cloud.points.map { point in
                cloud.style.marker.shape(
                    x.position(point.x), y.position(words.native(point.y)), radius: 5,
                    title: "\(point.name): \(words.value(point.y)) at \(Numbers.significant(point.x))", number: numbers[point.name])
            }
            parts.append(.group(fill: cloud.style.colour, stroke: "#ffffff", width: 0.8, marks))
        }
        var line = Self.top + 12
        for cloud in clouds {
            parts.append(cloud.style.marker.drawn(end + 24, line - 4, radius: 5, fill: cloud.style.colour, stroke: "#ffffff"))
            for text in TextLayout.wrapped("\(cloud.label) (n\u{A0}=\u{A0}\(cloud.points.count))", to: Self.right - 50, lines: 3) {
                parts.append(.label(text, end + 36, line))
                line += 15
            }
            line += 6
        }
        return .figure(
            width: Self.width, height: max(bottom + 46, line), title: "\(words.heading) against \(covariate)", description: spoken, parts)
    }

    private var spoken: String {
        "One mark a \(unitName): "
            + clouds.map { cloud in
                let xs = cloud.points.map(\.x)
                guard let least = xs.min(), let most = xs.max() else { return "\(cloud.label): none" }
                return "\(cloud.label): n = \(xs.count), \(covariate) from \(Numbers.significant(least)) to \(Numbers.significant(most))"
            }.joined(separator: "; ") + "."
    }
}
