// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// Mean power spectra of the groups on two logarithmic axes, frequency bands shaded.
struct SpectrumPlot {
    struct Curve {
        var label: String
        var style: ConditionStyle
        /// µV²/Hz at `frequencies`.
        var power: [Double]
        /// 95 % interval of the mean; empty where there are fewer than two experimental units.
        var low: [Double]
        var high: [Double]
        var n: Int
    }

    struct Band: Equatable {
        var name: String
        var low: Double
        var high: Double
    }

    var frequencies: [Double]
    var curves: [Curve]
    var bands: [Band]
    var unitName: String

    private static let width = 1000.0
    private static let left = 78.0
    private static let right = 220.0
    private static let top = 30.0
    private static let height = 320.0

    func drawn() -> SVG {
        let shown = frequencies.indices.filter { frequencies[$0] > 0 }
        let from = shown.first.map { frequencies[$0] } ?? 1
        let to = shown.last.map { frequencies[$0] } ?? 100
        let end = Self.width - Self.right
        let x = Axis(kind: .logarithmic, from: from, to: max(to, from * 2), start: Self.left, end: end)
        let y = Axis(
            kind: .logarithmic, covering: curves.flatMap { curve in shown.map { curve.power[$0] } }, start: Self.top + Self.height, end: Self.top)
        var parts: [SVG] = []
        var levels: [Double] = []
        for band in bands.sorted(by: { ($0.low, $0.high) < ($1.low, $1.high) }) {
            let low = x.clamped(band.low)
            let high = x.clamped(band.high)
            guard high > low else { continue }
            // Bands that overlap are told apart by where they start and by labels on levels of their own.
            let level = levels.firstIndex { $0 <= low } ?? levels.count
            if level == levels.count { levels.append(high) } else { levels[level] = high }
            parts.append(.rect(x: low, y: Self.top, width: high - low, height: Self.height, fill: "#56b4e9", opacity: 0.12))
            parts.append(.label(band.name, (low + high) / 2, Self.top + 14 + Double(level) * 13, anchor: .middle, size: 11, fill: Palette.soft))
        }
        parts += y.drawnVertically(x: Self.left, title: "Power density (µV²/Hz)", across: end, titleOffset: 54)
        parts += x.drawnHorizontally(y: Self.top + Self.height, title: "Frequency (Hz)")
        let drawn = thinned(shown, x)
        for curve in curves {
            if !curve.low.isEmpty, !curve.high.isEmpty {
                var ribbon = PathData()
                for (place, index) in drawn.enumerated() {
                    if place == 0 {
                        ribbon.move(x.position(frequencies[index]), y.clamped(curve.high[index]))
                    } else {
                        ribbon.line(x.position(frequencies[index]), y.clamped(curve.high[index]))
                    }
                }
                for index in drawn.reversed() { ribbon.line(x.position(frequencies[index]), y.clamped(curve.low[index])) }
                ribbon.close()
                parts.append(.path(ribbon.text, fill: curve.style.colour, opacity: 0.13))
            }
            var path = PathData()
            for (place, index) in drawn.enumerated() {
                let point = (x.position(frequencies[index]), y.clamped(curve.power[index]))
                if place == 0 { path.move(point.0, point.1) } else { path.line(point.0, point.1) }
            }
            parts.append(.path(path.text, stroke: curve.style.colour, width: 1.9, dash: curve.style.dash, join: "round"))
        }
        parts += key(at: end + 18)
        return .figure(
            width: Self.width, height: Self.top + Self.height + 46, title: "Mean power spectrum of every group",
            description: "Power density against frequency from \(Numbers.significant(from)) to \(Numbers.significant(to)) Hz for "
                + curves.map { "\($0.label) (n = \($0.n))" }.joined(separator: ", ") + ".", parts)
    }

    /// Indices at least 0.6 pixels apart, since linear frequencies crowd at the end of a logarithmic axis.
    private func thinned(_ indices: [Int], _ axis: Axis) -> [Int] {
        var last = -Double.infinity
        return indices.filter { index in
            let x = axis.position(frequencies[index])
            guard x - last >= 0.6 || index == indices.last else { return false }
            last = x
            return true
        }
    }

    private func key(at x: Double) -> [SVG] {
        var y = Self.top + 14
        return curves.flatMap { curve in
            var parts: [SVG] = [.line(x, y - 4, x + 34, y - 4, stroke: curve.style.colour, width: 2.4, dash: curve.style.dash)]
            for line in TextLayout.wrapped("\(curve.label) (n\u{A0}=\u{A0}\(curve.n))", to: Self.right - 66, lines: 3) {
                parts.append(.label(line, x + 42, y))
                y += 15
            }
            y += 6
            return parts
        }
    }
}
