// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

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
        var isControl = false
    }

    struct Band: Equatable {
        var name: String
        var low: Double
        var high: Double
    }

    var frequencies: [Double]
    var curves: [Curve]
    var bands: [Band]

    private static let width = 1000.0
    private static let left = 78.0
    private static let right = 220.0
    private static let top = 46.0
    private static let height = 300.0
    private static let gap = 22.0
    private static let lower = 130.0
    /// Above this, and above every band, spectra are mostly the anti-alias filter.
    private static let usual = 200.0

    /// Frequencies that are drawn: positive, and no higher than is of use.
    var shown: [Int] {
        let limit = max(Self.usual, 1.5 * (bands.map(\.high).max() ?? 0))
        return frequencies.indices.filter { frequencies[$0] > 0 && frequencies[$0] <= limit }
    }

    /// Highest frequency drawn, where the spectra go on beyond it.
    var cutAt: Double? {
        guard let last = shown.last, last < frequencies.count - 1 else { return nil }
        return frequencies[last]
    }

    func drawn() -> SVG {
        let shown = shown
        let from = shown.first.map { frequencies[$0] } ?? 1
        let to = shown.last.map { frequencies[$0] } ?? 100
        let end = Self.width - Self.right
        let x = Axis(kind: .logarithmic, from: from, to: max(to, from * 2), start: Self.left, end: end)
        let y = Axis(
            kind: .logarithmic, covering: curves.flatMap { curve in shown.map { curve.power[$0] } }, start: Self.top + Self.height, end: Self.top)
        let drawn = thinned(shown, x)
        let relative = relativePower
        let bottom = Self.top + Self.height + (relative == nil ? 0 : Self.gap + Self.lower)
        var parts = shading(x, bottom: bottom)
        parts += y.drawnVertically(x: Self.left, title: "Power density (µV²/Hz)", across: end, titleOffset: 54)
        for curve in curves {
            if !curve.low.isEmpty, !curve.high.isEmpty {
                let over = drawn.map { (x.position(frequencies[$0]), y.clamped(curve.high[$0])) }
                let under = drawn.reversed().map { (x.position(frequencies[$0]), y.clamped(curve.low[$0])) }
                parts.append(.path(line(over + under) + "Z", fill: curve.style.colour, opacity: 0.13))
            }
            let points = drawn.map { (x.position(frequencies[$0]), y.clamped(curve.power[$0])) }
            parts.append(.path(line(points), stroke: curve.style.colour, width: 1.9, dash: curve.style.dash, join: "round"))
        }
        if let relative {
            let ratios = relative.flatMap { curve in shown.map { curve[$0] } }
            let axis = Axis(kind: .logarithmic, covering: ratios + [0.8, 1.25], start: bottom, end: bottom - Self.lower)
            parts += axis.drawnVertically(x: Self.left, title: "÷ control", across: end, ticks: 3, titleOffset: 54)
            for (curve, power) in zip(curves, relative) {
                let points = smoothed(power, shown, x).map { ($0.x, axis.clamped($0.ratio)) }
                parts.append(.path(line(points), stroke: curve.style.colour, width: 1.6, dash: curve.style.dash, join: "round"))
            }
        }
        parts += x.drawnHorizontally(y: bottom, title: "Frequency (Hz)")
        parts += key(at: end + 18)
        return .figure(
            width: Self.width, height: bottom + 46, title: "Mean power spectrum of every group",
            description: "Power density against frequency from \(Numbers.significant(from)) to \(Numbers.significant(to)) Hz for "
                + curves.map { "\($0.label) (n = \($0.n))" }.joined(separator: ", ") + ".", parts)
    }

    /// Every curve over that of control; nil without control or without another.
    var relativePower: [[Double]]? {
        guard curves.count > 1, let control = curves.first(where: \.isControl) else { return nil }
        return curves.map { curve in zip(curve.power, control.power).map { $1 > 0 ? $0 / $1 : .nan } }
    }

    private func shading(_ x: Axis, bottom: Double) -> [SVG] {
        var parts: [SVG] = []
        var levels: [Double] = []
        for band in bands.sorted(by: { ($0.low, $0.high) < ($1.low, $1.high) }) {
            let low = x.clamped(band.low)
            let high = x.clamped(band.high)
            guard high > low else { continue }
            // Bands that overlap have their labels on levels of their own.
            let level = levels.firstIndex { $0 <= low } ?? levels.count
            if level == levels.count { levels.append(high) } else { levels[level] = high }
            parts.append(.rect(x: low, y: Self.top, width: high - low, height: bottom - Self.top, fill: "#56b4e9", opacity: 0.12))
            parts.append(.label(band.name, (low + high) / 2, Self.top - 6 - Double(level) * 12, anchor: .middle, size: 11, fill: Palette.soft))
        }
        return parts
    }

    /// A path through points; a point that is no number is left out.
    private func line(_ points: [(Double, Double)]) -> String {
        var path = PathData()
        for (x, y) in points where x.isFinite && y.isFinite {
            if path.isEmpty { path.move(x, y) } else { path.line(x, y) }
        }
        return path.text
    }

    /// Geometric means over frequencies within six pixels of each other: ratios of noisy estimates would fill the panel where a
    /// logarithmic axis crowds them.
    private func smoothed(_ ratios: [Double], _ indices: [Int], _ axis: Axis) -> [(x: Double, ratio: Double)] {
        var points: [(x: Double, ratio: Double)] = []
        var bin: [(x: Double, log: Double)] = []
        func close() {
            guard !bin.isEmpty else { return }
            let count = Double(bin.count)
            points.append((bin.reduce(0) { $0 + $1.x } / count, exp(bin.reduce(0) { $0 + $1.log } / count)))
            bin.removeAll()
        }
        for index in indices where ratios[index].isFinite && ratios[index] > 0 {
            let x = axis.position(frequencies[index])
            if let first = bin.first, x - first.x >= 6 { close() }
            bin.append((x, log(ratios[index])))
        }
        close()
        return points
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
