// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics
import Foundation

/// An estimation plot of one outcome: above, every experimental unit (and the cells behind it) with the group's mean; below, what
/// the study is about, the differences to control and to the perturbed group with their intervals and the distribution of their
/// bootstrap draws, in the same columns.
///
/// After Gardner and Altman (1986) as extended to several groups with a shared control by Ho et al. (2019); values come in on the
/// analysis scale and are drawn on a native, on the log scale logarithmic, axis.
struct EstimationPlot {
    struct Column {
        var label: String
        var style: ConditionStyle
        var row: GroupRow
        /// Cells on the analysis scale; empty where single cells are not what is compared.
        var cells: [Double]
        var toControl: Contrast?
        var toPerturbed: Contrast?
    }

    var words: OutcomeWords
    var columns: [Column]
    var margin: Double?
    /// Joins the same experimental unit across columns.
    var isPaired: Bool
    /// `subject` or `cage`.
    var unitName: String
    /// Numbers of the experimental units in the study, by name.
    var numbers: [String: Int] = [:]
    /// What one column is: `group`, `epoch` or `session`.
    var columnWord: String
    var controlLabel: String
    var perturbedLabel: String

    private static let left = 78.0
    private static let right = 26.0
    private static let top = 16.0
    private static let upper = 270.0
    private static let gap = 98.0
    private static let lower = 190.0

    private var columnWidth: Double { min(190, max(96, 936 / Double(max(columns.count, 1)))) }
    private var width: Double { max(Self.left + columnWidth * Double(columns.count) + Self.right, 480) }
    private func centre(_ index: Int) -> Double { Self.left + columnWidth * (Double(index) + 0.5) }

    var hasDifferences: Bool { columns.contains { $0.toControl?.estimate != nil || $0.toPerturbed?.estimate != nil } }

    func drawn() -> SVG {
        let axis = valueAxis()
        var parts = axis.drawnVertically(x: Self.left, title: words.axisTitle, across: width - Self.right)
        if let control = columns.first(where: { $0.row.role == .control })?.row.mean {
            let y = axis.clamped(words.native(control))
            parts.append(.line(Self.left, y, width - Self.right, y, stroke: Palette.control, width: 0.9, dash: "4 3"))
        }
        if isPaired { parts += pairs(axis) }
        for (index, column) in columns.enumerated() { parts += values(of: column, at: index, axis) }
        parts += names(at: Self.top + Self.upper)
        var height = Self.top + Self.upper + 66
        if hasDifferences {
            let start = Self.top + Self.upper + Self.gap
            parts += differences(from: start)
            height = start + Self.lower + 14
        }
        return .figure(
            width: width, height: height, title: "\(words.heading): values of every \(unitName) and differences between groups",
            description: spoken, parts)
    }

    // MARK: Values

    private func valueAxis() -> Axis {
        var core: [Double] = []
        for column in columns {
            core += column.cells
            core += column.row.points.map(\.value)
            if let mean = column.row.mean { core.append(mean) }
        }
        let intervals = columns.compactMap { Self.interval(of: $0.row) }
        let covered = (core + Axis.limited(intervals, around: core, reach: 0.4)).map(words.native)
        return Axis(
            kind: words.isLog ? .logarithmic : .linear, covering: covered, start: Self.top + Self.upper, end: Self.top)
    }

    /// 95 % interval of the mean of the experimental units.
    static func interval(of row: GroupRow) -> (low: Double, high: Double)? {
        guard row.n >= 2, let mean = row.mean, let sem = row.sem, sem > 0 else { return nil }
        let half = StudentT(degreesOfFreedom: Double(row.n - 1)).quantile(0.975) * sem
        return (mean - half, mean + half)
    }

    private func values(of column: Column, at index: Int, _ axis: Axis) -> [SVG] {
        var parts: [SVG] = []
        let x = centre(index)
        let hasCells = !column.cells.isEmpty
        if hasCells {
            let cells = thinned(column.cells)
            let positions = cells.map { axis.position(words.native($0)) }
            let offsets = DotLayout.cloud(positions, width: columnWidth * 0.42, reach: 5)
            var path = TenthsPath()
            // From top to bottom, so that steps from dot to dot are short numbers.
            for (y, offset) in zip(positions, offsets).sorted(by: { $0 < $1 }) { path.dot(x - columnWidth * 0.2 + offset, y) }
            parts.append(path.drawn(stroke: column.style.colour, width: 2.6, cap: "round", opacity: 0.5))
        }
        let middle = pointsCentre(index, hasCells: hasCells)
        let positions = column.row.points.map { axis.position(words.native($0.value)) }
        let offsets = isPaired ? positions.map { _ in 0 } : DotLayout.swarm(positions, diameter: 9.4, limit: columnWidth * 0.13)
        let marks = zip(column.row.points, zip(positions, offsets)).map { point, place in
            column.style.marker.shape(
                middle + place.1, place.0, radius: 4.2, title: "\(point.name): \(words.value(point.value))", number: numbers[point.name])
        }
        parts.append(.group(fill: column.style.colour, stroke: "#ffffff", width: 0.8, marks))
        if let mean = column.row.mean {
            let at = x + columnWidth * 0.37
            let y = axis.position(words.native(mean))
            if let interval = Self.interval(of: column.row) {
                parts += whisker(at, axis, words.native(interval.low), words.native(interval.high), stroke: Palette.ink, width: 1.8)
            }
            parts.append(.line(at - 8, y, at + 8, y, stroke: Palette.ink, width: 2.6))
        }
        return parts
    }

    private func pointsCentre(_ index: Int, hasCells: Bool) -> Double {
        centre(index) + columnWidth * (isPaired ? 0 : hasCells ? 0.15 : -0.04)
    }

    /// Every n-th of very many cells in ascending order, so that the spread stays; the caption says so.
    private func thinned(_ cells: [Double]) -> [Double] {
        let step = EstimationPlot.thinning(of: cells.count)
        guard step > 1 else { return cells }
        return cells.sorted().enumerated().filter { $0.offset % step == 0 }.map(\.element)
    }

    static func thinning(of count: Int) -> Int { (count + 1499) / 1500 }

    private func pairs(_ axis: Axis) -> [SVG] {
        let names = Set(columns.flatMap { $0.row.points.map(\.name) }).sorted()
        return names.compactMap { name in
            var path = PathData()
            for (index, column) in columns.enumerated() {
                guard let point = column.row.points.first(where: { $0.name == name }) else { continue }
                let x = pointsCentre(index, hasCells: !column.cells.isEmpty)
                let y = axis.position(words.native(point.value))
                if path.isEmpty { path.move(x, y) } else { path.line(x, y) }
            }
            guard !path.isEmpty else { return nil }
            return SVG(
                "path",
                [("data-s", numbers[name].map(String.init)), ("d", path.text), ("fill", "none"), ("stroke", Palette.rule), ("stroke-width", "0.9")])
        }
    }

    private func names(at y: Double) -> [SVG] {
        columns.enumerated().flatMap { index, column in
            let x = centre(index)
            var parts: [SVG] = []
            let lines = TextLayout.wrapped(column.label, to: columnWidth - 8, lines: 2)
            for (line, text) in lines.enumerated() {
                parts.append(.label(text, x, y + 18 + Double(line) * 14.5, anchor: .middle, bold: true))
            }
            let below = y + 18 + Double(max(lines.count, 1)) * 14.5
            parts.append(.label("n = \(column.row.n)", x, below, anchor: .middle, size: 11, fill: Palette.soft))
            return parts
        }
    }

    // MARK: Differences

    private struct Mark {
        var index: Int
        var contrast: Contrast
        var isToControl: Bool
    }

    private var marks: [Mark] {
        columns.enumerated().flatMap { index, column in
            [(column.toControl, true), (column.toPerturbed, false)].compactMap { contrast, isToControl in
                contrast.flatMap { $0.estimate == nil ? nil : Mark(index: index, contrast: $0, isToControl: isToControl) }
            }
        }
    }

    private func differences(from top: Double) -> [SVG] {
        let marks = marks
        var core = marks.compactMap(\.contrast.estimate) + [0]
        if let margin { core += [-margin, margin] }
        let intervals =
            marks.compactMap { mark in mark.contrast.low.flatMap { low in mark.contrast.high.map { (low: low, high: $0) } } }
            + marks.compactMap { $0.contrast.bootstrap.map { (low: $0.low, high: $0.high) } }
        let covered = (core + Axis.limited(intervals, around: core, reach: 1.5)).map(words.native)
        let axis = Axis(kind: words.isLog ? .logarithmic : .linear, covering: covered, start: top + Self.lower, end: top)
        var parts: [SVG] = []
        if let margin {
            let low = axis.position(words.native(-margin))
            let high = axis.position(words.native(margin))
            parts.append(.rect(x: Self.left, y: high, width: width - Self.right - Self.left, height: low - high, fill: "#009e73", opacity: 0.13))
            parts.append(.label("equivalence margin", Self.left + 6, high - 4, size: 10, fill: "#00694d"))
        }
        parts += axis.drawnVertically(x: Self.left, title: words.differenceTitle, across: width - Self.right, ticks: 4)
        let zero = axis.position(words.native(0))
        parts.append(.line(Self.left, zero, width - Self.right, zero, stroke: Palette.ink, width: 1.2))
        for mark in marks {
            guard let estimate = mark.contrast.estimate else { continue }
            let column = columns[mark.index]
            let isAlone = column.toControl?.estimate == nil || column.toPerturbed?.estimate == nil
            let x = centre(mark.index) + columnWidth * (isAlone ? -0.06 : mark.isToControl ? -0.28 : 0.12)
            if let draws = mark.contrast.bootstrap {
                parts += shape(of: draws, from: x + 8, axis, colour: column.style.colour, isFilled: mark.isToControl)
            }
            if let low = mark.contrast.low, let high = mark.contrast.high {
                parts += whisker(x, axis, words.native(low), words.native(high), stroke: column.style.colour, width: 2)
            }
            let y = axis.clamped(words.native(estimate))
            parts.append(
                Marker.circle.drawn(
                    x, y, radius: 4.4, fill: mark.isToControl ? column.style.colour : "#ffffff", stroke: column.style.colour, width: 2))
        }
        return legend(at: top - 14) + parts
    }

    /// The distribution of the draws as half a violin that stands on a line beside its mark, the central 95 % darker.
    private func shape(of draws: BootstrapDistribution, from x: Double, _ axis: Axis, colour: String, isFilled: Bool) -> [SVG] {
        guard let peak = draws.densities.max(), peak > 0 else { return [] }
        let width = columnWidth * 0.2 / peak
        func outline(_ low: Double, _ high: Double) -> TenthsPath {
            var path = TenthsPath()
            let ends = max(low, draws.start)...max(min(high, draws.place(draws.densities.count - 1)), max(low, draws.start))
            let inside = draws.densities.indices.map(draws.place).filter { ends.contains($0) }
            let places = [ends.lowerBound] + inside.filter { $0 > ends.lowerBound && $0 < ends.upperBound } + [ends.upperBound]
            path.move(x, axis.clamped(words.native(places[0])))
            for place in places { path.line(x + draws.density(at: place) * width, axis.clamped(words.native(place))) }
            path.line(x, axis.clamped(words.native(ends.upperBound)))
            path.close()
            return path
        }
        let least = words.isLog ? log(axis.low) : axis.low
        let most = words.isLog ? log(axis.high) : axis.high
        return [
            outline(least, most).drawn(
                stroke: isFilled ? nil : colour, width: 0.9, fill: isFilled ? colour : "none", join: "round", opacity: isFilled ? 0.22 : 0.8),
            outline(max(draws.low, least), min(draws.high, most)).drawn(stroke: nil, width: 0, fill: colour, opacity: isFilled ? 0.42 : 0.16),
        ]
    }

    var hasIntervals: Bool { marks.contains { $0.contrast.low != nil } }

    var hasBootstrap: Bool { marks.contains { $0.contrast.bootstrap != nil } }

    var hasComparisonsToPerturbed: Bool { columns.contains { $0.toPerturbed?.estimate != nil } }

    private func legend(at y: Double) -> [SVG] {
        let verb = words.isLog ? "÷" : "−"
        let room = (width - Self.left - Self.right) / 2 - 24
        var entries = [(label: controlLabel, fill: Palette.soft)]
        if hasComparisonsToPerturbed { entries.append((perturbedLabel, "#ffffff")) }
        var x = Self.left + 6
        let parts = entries.flatMap { entry -> [SVG] in
            let text = TextLayout.fitted("\(columnWord) \(verb) \(entry.label)", to: room)
            defer { x += 14 + TextLayout.width(text) + 26 }
            return [.circle(x, y - 4, radius: 5, fill: entry.fill, stroke: Palette.soft, width: 2), .label(text, x + 11, y)]
        }
        let word = "bootstrap"
        guard hasBootstrap, x + 10 + TextLayout.width(word) < width else { return parts }
        var bell = PathData()
        bell.move(x, y + 4)
        for step in 0...12 {
            let place = Double(step) - 6
            bell.line(x + 9 * exp(-place * place / 9), y - 4 - 1.3 * place)
        }
        bell.line(x, y - 12)
        bell.close()
        return parts + [.path(bell.text, fill: Palette.soft, opacity: 0.6), .label(word, x + 14, y)]
    }

    /// An interval as a vertical stroke; an end outside the axis is an arrow.
    private func whisker(_ x: Double, _ axis: Axis, _ low: Double, _ high: Double, stroke: String, width: Double) -> [SVG] {
        let bottom = axis.clamped(low)
        let top = axis.clamped(high)
        var parts: [SVG] = [.line(x, bottom, x, top, stroke: stroke, width: width)]
        for (end, isOutside, sign) in [(bottom, low < axis.low, -1.0), (top, high > axis.high, 1.0)] where isOutside {
            var path = PathData()
            path.move(x - 4, end + sign * 6)
            path.line(x, end)
            path.line(x + 4, end + sign * 6)
            parts.append(.path(path.text, stroke: stroke, width: width))
        }
        return parts
    }

    // MARK: Words

    private var spoken: String {
        let means = columns.map { column in
            "\(column.label): \(words.value(column.row.mean)), n = \(column.row.n)"
        }
        let contrasts = marks.map { mark in
            "\(columns[mark.index].label) against \(mark.isToControl ? controlLabel : perturbedLabel): \(words.contrast(mark.contrast))"
                + (mark.contrast.bootstrap.map { ", bootstrap \(words.bootstrapInterval($0))" } ?? "")
        }
        return "Means: " + means.joined(separator: "; ") + "."
            + (contrasts.isEmpty ? "" : " Differences with 95 % intervals: " + contrasts.joined(separator: "; ") + ".")
    }
}
