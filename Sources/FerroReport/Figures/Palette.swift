// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics

/// Colours that stay apart for every kind of colour vision (Okabe and Ito), each paired with a shape so that none carries meaning
/// alone.
enum Palette {
    static let ink = "#222222"
    static let soft = "#666666"
    static let rule = "#bbbbbb"
    static let faint = "#e6e6e6"
    static let control = "#4d4d4d"
    static let perturbed = "#d55e00"
    static let burst = "#d55e00"
    static let spike = "#d55e00"
    private static let treatments = ["#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"]

    /// One colour and shape for each condition of a study, in its order.
    static func styles(of conditions: [Condition]) -> [String: ConditionStyle] {
        var styles: [String: ConditionStyle] = [:]
        var treated = 0
        for condition in conditions {
            switch condition.role {
            case .control: styles[condition.name] = ConditionStyle(colour: control, marker: .circle, dash: nil)
            case .perturbed: styles[condition.name] = ConditionStyle(colour: perturbed, marker: .square, dash: "7 3")
            case .treated:
                let markers: [Marker] = [.diamond, .up, .down]
                let dashes = ["2 3", "9 3 2 3", "5 5"]
                styles[condition.name] = ConditionStyle(
                    colour: treatments[treated % treatments.count], marker: markers[treated % 3], dash: dashes[treated % 3])
                treated += 1
            case .treatedControl: styles[condition.name] = ConditionStyle(colour: "#7a6a9e", marker: .up, dash: "4 2")
            case .other: styles[condition.name] = ConditionStyle(colour: "#999999", marker: .circle, dash: "1 3")
            }
        }
        return styles
    }
}

/// How one condition is drawn.
struct ConditionStyle: Sendable {
    var colour: String
    var marker: Marker
    /// Pattern of its lines; nil is solid.
    var dash: String?

    static let plain = ConditionStyle(colour: Palette.soft, marker: .circle, dash: nil)
}

/// A mark of about equal weight in every shape.
enum Marker: Sendable {
    case circle, square, diamond, up, down

    func drawn(_ x: Double, _ y: Double, radius: Double, fill: String, stroke: String, width: Double = 1) -> SVG {
        self == .circle
            ? .circle(x, y, radius: radius, fill: fill, stroke: stroke, width: width)
            : .path(outline(x, y, radius), stroke: stroke, width: width, fill: fill, join: "round")
    }

    /// Without a look of its own, inside a group that has one: the mark of an experimental unit with its name, which a pointer shows, and
    /// its number in the study, by which all its marks are found.
    func shape(_ x: Double, _ y: Double, radius: Double, title: String, number: Int?) -> SVG {
        let place: [(String, String?)] =
            self == .circle ? [("cx", SVG.number(x)), ("cy", SVG.number(y)), ("r", SVG.number(radius))] : [("d", outline(x, y, radius))]
        return SVG(
            self == .circle ? "circle" : "path", [("data-s", number.map(String.init))] + place,
            children: [SVG("title", children: [.characters(title)])])
    }

    private func outline(_ x: Double, _ y: Double, _ radius: Double) -> String {
        let corners: [(Double, Double)] =
            switch self {
            case .circle: []
            case .square: [(-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)]
            case .diamond: [(0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)]
            case .up: [(0, -1.2), (1.15, 0.85), (-1.15, 0.85)]
            case .down: [(0, 1.2), (1.15, -0.85), (-1.15, -0.85)]
            }
        var path = PathData()
        for (index, corner) in corners.enumerated() {
            if index == 0 { path.move(x + corner.0 * radius, y + corner.1 * radius) } else { path.line(x + corner.0 * radius, y + corner.1 * radius) }
        }
        path.close()
        return path.text
    }
}
