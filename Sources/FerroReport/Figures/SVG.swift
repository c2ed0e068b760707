// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// One element of a vector figure, as text that is well-formed XML whatever strings it is given.
///
/// ```swift
/// SVG.rect(x: 0, y: 0, width: 10, height: 5, fill: "#ccc").text
/// // <rect x='0' y='0' width='10' height='5' fill='#ccc'/>
/// ```
struct SVG: Sendable {
    let text: String

    private init(raw: String) { text = raw }

    /// Attributes without a value are left out. They stand in single quotes, which need no escape in an address that holds the figure.
    init(_ name: String, _ attributes: [(String, String?)] = [], children: [SVG] = []) {
        let written = attributes.compactMap { key, value in value.map { " \(key)='\(SVG.escaped($0))'" } }.joined()
        text =
            children.isEmpty
            ? "<\(name)\(written)/>" : "<\(name)\(written)>" + children.map(\.text).joined() + "</\(name)>"
    }

    static func characters(_ string: String) -> SVG { SVG(raw: escaped(string)) }

    // MARK: Shapes

    static func line(
        _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, stroke: String, width: Double = 1, dash: String? = nil
    ) -> SVG {
        SVG(
            "line",
            [
                ("x1", number(x1)), ("y1", number(y1)), ("x2", number(x2)), ("y2", number(y2)), ("stroke", stroke),
                ("stroke-width", width == 1 ? nil : number(width)), ("stroke-dasharray", dash),
            ])
    }

    static func rect(
        x: Double, y: Double, width: Double, height: Double, fill: String, opacity: Double? = nil, stroke: String? = nil
    ) -> SVG {
        SVG(
            "rect",
            [
                ("x", number(x)), ("y", number(y)), ("width", number(width)), ("height", number(height)), ("fill", fill),
                ("fill-opacity", opacity.map(number)), ("stroke", stroke),
            ])
    }

    static func circle(_ x: Double, _ y: Double, radius: Double, fill: String, stroke: String? = nil, width: Double? = nil) -> SVG {
        SVG(
            "circle",
            [
                ("cx", number(x)), ("cy", number(y)), ("r", number(radius)), ("fill", fill), ("stroke", stroke),
                ("stroke-width", width.map(number)),
            ])
    }

    static func path(
        _ data: String, stroke: String? = nil, width: Double? = nil, fill: String = "none", opacity: Double? = nil, dash: String? = nil,
        cap: String? = nil, join: String? = nil
    ) -> SVG {
        SVG(
            "path",
            [
                ("d", data), ("fill", fill), ("stroke", stroke), ("stroke-width", width.map(number)), ("opacity", opacity.map(number)),
                ("stroke-dasharray", dash), ("stroke-linecap", cap), ("stroke-linejoin", join),
            ])
    }

    enum Anchor: String { case start, middle, end }

    static func label(
        _ string: String, _ x: Double, _ y: Double, anchor: Anchor = .start, size: Double = 12, fill: String = Palette.ink,
        bold: Bool = false, turned: Bool = false
    ) -> SVG {
        SVG(
            "text",
            [
                ("x", number(x)), ("y", number(y)), ("text-anchor", anchor == .start ? nil : anchor.rawValue),
                ("font-size", size == 12 ? nil : number(size)), ("fill", fill == Palette.ink ? nil : fill),
                ("font-weight", bold ? "600" : nil), ("transform", turned ? "rotate(-90 \(number(x)) \(number(y)))" : nil),
            ], children: [.characters(string)])
    }

    /// Elements of one look, which is written once.
    static func group(fill: String, stroke: String, width: Double, _ children: [SVG]) -> SVG {
        SVG("g", [("fill", fill), ("stroke", stroke), ("stroke-width", number(width)), ("stroke-linejoin", "round")], children: children)
    }

    // MARK: A whole figure

    /// A figure that says in words what it shows, for readers who do not see it.
    static func figure(width: Double, height: Double, title: String, description: String, _ children: [SVG]) -> SVG {
        SVG(
            "svg",
            [
                ("xmlns", "http://www.w3.org/2000/svg"), ("viewBox", "0 0 \(number(width)) \(number(height))"), ("role", "img"),
                ("width", number(width)), ("height", number(height)), ("font-family", "Helvetica, Arial, sans-serif"), ("font-size", "12"),
                ("fill", Palette.ink),
            ],
            children: [
                SVG("title", children: [.characters(title)]), SVG("desc", children: [.characters(description)]),
            ] + children)
    }

    // MARK: Text

    /// At most two decimals: a hundredth of a pixel.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        let hundredths = (value * 100).rounded()
        guard abs(hundredths) < 1e15 else { return "0" }
        let whole = Int(hundredths)
        let rest = abs(whole % 100)
        let sign = whole < 0 ? "-" : ""
        let units = abs(whole) / 100
        if rest == 0 { return "\(sign)\(units)" }
        return rest % 10 == 0 ? "\(sign)\(units).\(rest / 10)" : "\(sign)\(units).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// Text that is safe in XML and HTML, between tags and in quotes; control characters that XML forbids become a replacement mark.
    static func escaped(_ string: String) -> String {
        var text = ""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "'": text += "&#39;"
            case "\t", "\n", "\r": text.unicodeScalars.append(scalar)
            default: text.unicodeScalars.append(scalar.value < 0x20 || (0xFFFE...0xFFFF).contains(scalar.value) ? "\u{FFFD}" : scalar)
            }
        }
        return text
    }
}

/// Path data written as it grows, to a tenth of a pixel.
struct PathData {
    private(set) var text = ""

    // Commas, unlike spaces, need no escape in an address.
    mutating func move(_ x: Double, _ y: Double) { text += "M\(short(x)),\(short(y))" }
    mutating func line(_ x: Double, _ y: Double) { text += "L\(short(x)),\(short(y))" }
    /// A round dot where the path is stroked with round caps.
    mutating func dot(_ x: Double, _ y: Double) { text += "M\(short(x)),\(short(y))h0" }
    mutating func close() { text += "Z" }

    var isEmpty: Bool { text.isEmpty }

    /// One decimal: a tenth of a pixel.
    private func short(_ value: Double) -> String { SVG.number((value * 10).rounded() / 10) }
}
