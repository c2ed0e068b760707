// SPDX-License-Identifier: GPL-3.0-or-later

/// Path data of a figure with thousands of points: whole tenths of a pixel, each relative to the one before, which takes half the
/// text of absolute numbers. It is drawn inside a group that scales by 0.1.
///
/// ```swift
/// var path = TenthsPath()
/// path.move(10, 2)
/// path.line(10.5, 1)
/// path.text  // M100,20l5-10
/// ```
struct TenthsPath {
    private(set) var text = ""
    private var x = 0
    private var y = 0

    var isEmpty: Bool { text.isEmpty }

    mutating func move(_ x: Double, _ y: Double) {
        let (x, y) = (tenths(x), tenths(y))
        text += text.isEmpty ? "M\(x),\(y)" : "m\(pair(x - self.x, y - self.y))"
        (self.x, self.y) = (x, y)
    }

    mutating func line(_ x: Double, _ y: Double) {
        let (x, y) = (tenths(x), tenths(y))
        text += x == self.x ? "v\(y - self.y)" : y == self.y ? "h\(x - self.x)" : "l\(pair(x - self.x, y - self.y))"
        (self.x, self.y) = (x, y)
    }

    /// A short horizontal stroke; strokes as wide as a tick is high make the ticks of a raster.
    mutating func dash(_ x: Double, _ y: Double, length: Double) {
        move(x, y)
        text += "h\(tenths(length))"
        self.x += tenths(length)
    }

    /// Back to where the path began; it ends here.
    mutating func close() { text += "Z" }

    /// A round dot where the path is stroked with round caps.
    mutating func dot(_ x: Double, _ y: Double) {
        move(x, y)
        text += "h0"
    }

    /// The path in a figure. `width` and `dash` are in pixels.
    func drawn(
        stroke: String?, width: Double, fill: String = "none", join: String? = nil, cap: String? = nil, opacity: Double? = nil, dash: String? = nil
    ) -> SVG {
        let dashes = dash.map { $0.split(separator: " ").compactMap { Double($0) }.map { SVG.number($0 * 10) }.joined(separator: " ") }
        return SVG(
            "g", [("transform", "scale(0.1)")],
            children: [
                .path(
                    text, stroke: stroke, width: stroke == nil ? nil : width * 10, fill: fill, opacity: opacity, dash: dashes, cap: cap, join: join)
            ])
    }

    private func pair(_ dx: Int, _ dy: Int) -> String { dy < 0 ? "\(dx)\(dy)" : "\(dx),\(dy)" }

    private func tenths(_ value: Double) -> Int { value.isFinite && abs(value) < 1e6 ? Int((value * 10).rounded()) : 0 }
}
