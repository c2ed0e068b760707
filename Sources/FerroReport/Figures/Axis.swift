// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// Maps values to pixels and knows where ticks stand.
///
/// A logarithmic axis takes and shows values on their native scale: its ticks are 1, 2 and 5 of every decade where there is room.
struct Axis: Sendable {
    enum Kind: Sendable { case linear, logarithmic }

    struct Tick: Sendable, Equatable {
        var value: Double
        /// Empty at a minor tick.
        var label: String
    }

    let kind: Kind
    /// Ends on the native scale.
    let low: Double
    let high: Double
    /// Pixels of `low` and `high`; the first may be the larger.
    let start: Double
    let end: Double

    /// An axis with room around the values. Non-finite values (on a logarithmic axis also those not positive) are not looked at.
    init(kind: Kind, covering values: [Double], start: Double, end: Double, room: Double = 0.06) {
        self.kind = kind
        self.start = start
        self.end = end
        // Beyond these ends, which no measurement reaches, ratios would overflow.
        let limits = kind == .linear ? -1e100...1e100 : 1e-100...1e100
        let usable = values.filter { $0.isFinite && (kind == .linear || $0 > 0) }.map { min(max($0, limits.lowerBound), limits.upperBound) }
        var from = usable.min() ?? (kind == .linear ? 0 : 1)
        var to = usable.max() ?? (kind == .linear ? 1 : 10)
        switch kind {
        case .linear:
            if to - from <= 1e-9 * max(abs(from), abs(to)) || to == from {
                let half = from == 0 ? 1 : abs(from) * 0.5
                from -= half
                to += half
            }
            let pad = (to - from) * room
            low = from - pad
            high = to + pad
        case .logarithmic:
            if to / from < 1.2 {
                let middle = (from * to).squareRoot()
                from = middle / 1.2
                to = middle * 1.2
            }
            let pad = exp(log(to / from) * room)
            low = from / pad
            high = to * pad
        }
    }

    /// An axis with exactly these ends.
    init(kind: Kind, from low: Double, to high: Double, start: Double, end: Double) {
        self.kind = kind
        self.low = low
        self.high = high
        self.start = start
        self.end = end
    }

    /// Ends of intervals, those far from everything else moved nearer, so that one wide interval does not flatten a figure. Intervals
    /// of about the usual width stay whole, however near their estimates are.
    static func limited(_ intervals: [(low: Double, high: Double)], around core: [Double], reach: Double) -> [Double] {
        let low = core.min() ?? 0
        let high = core.max() ?? 0
        let widths = intervals.map { $0.high - $0.low }.sorted()
        let usual = widths.isEmpty ? 0 : widths[(widths.count - 1) / 2]
        let allowed = max(reach * (high - low), 0.75 * usual)
        return intervals.flatMap { [max($0.low, low - allowed), min($0.high, high + allowed)] }
    }

    func position(_ value: Double) -> Double {
        let fraction: Double
        switch kind {
        case .linear: fraction = (value - low) / (high - low)
        case .logarithmic: fraction = value > 0 ? log(value / low) / log(high / low) : 0
        }
        return start + fraction * (end - start)
    }

    /// The position moved to the nearer end where it lies outside.
    func clamped(_ value: Double) -> Double { min(max(position(value), min(start, end)), max(start, end)) }

    func contains(_ value: Double) -> Bool { value >= low && value <= high }

    /// About `count` labelled ticks, and on a logarithmic axis unlabelled ones between.
    func ticks(_ count: Int = 5) -> [Tick] {
        kind == .linear ? linearTicks(count) : logarithmicTicks(count)
    }

    private func linearTicks(_ count: Int) -> [Tick] {
        let rough = (high - low) / Double(max(count, 1))
        let power = pow(10, floor(log10(rough)))
        let step = power * ([1, 2, 2.5, 5, 10].first { $0 * power >= rough * 0.999 } ?? 10)
        // A quarter of a power of ten has one digit more than the power.
        let decimals = step / power == 2.5 ? max(0, 1 - Int(floor(log10(power) + 1e-9))) : max(0, Int(ceil(-log10(step) - 1e-9)))
        var ticks: [Tick] = []
        var index = Int((low / step).rounded(.up))
        while Double(index) * step <= high + 1e-9 * step, ticks.count < 50 {
            let value = Double(index) * step
            let isPlain = high - low < 1e7 && step >= 1e-6
            ticks.append(Tick(value: value, label: isPlain ? Numbers.fixed(value, decimals: decimals) : Numbers.significant(value)))
            index += 1
        }
        // Two ticks do not tell a scale.
        return ticks.count < 3 && count < 12 ? linearTicks(count + 1) : ticks
    }

    private func logarithmicTicks(_ count: Int) -> [Tick] {
        let decades = log10(high / low)
        // A narrow range reads better with evenly spaced round numbers.
        if decades < 0.7 {
            return linearTicks(count).filter { $0.value > 0 }
        }
        let labelled: [Int] = decades < 1.4 ? [1, 2, 3, 5, 7] : decades < 2.6 ? [1, 2, 5] : decades < 4.5 ? [1, 3] : [1]
        let everyDecade = max(1, Int((decades / Double(max(count, 1)) / 1.6).rounded()))
        var ticks: [Tick] = []
        for exponent in Int(floor(log10(low)))...Int(ceil(log10(high))) {
            for mantissa in 1...9 {
                let value = Double(mantissa) * pow(10, Double(exponent))
                guard contains(value) else { continue }
                let isLabelled = labelled.contains(mantissa) && (decades < 4.5 || exponent % everyDecade == 0)
                ticks.append(Tick(value: value, label: isLabelled ? Numbers.power(mantissa: mantissa, exponent: exponent) : ""))
            }
        }
        return ticks
    }

    // MARK: Drawing

    /// A vertical axis at `x` with its title to the left and, if asked, light lines across to `across`.
    func drawnVertically(x: Double, title: String, across: Double? = nil, ticks count: Int = 5, titleOffset: Double = 50) -> [SVG] {
        var parts: [SVG] = []
        for tick in ticks(count) {
            let y = position(tick.value)
            if tick.label.isEmpty {
                parts.append(.line(x - 3, y, x, y, stroke: Palette.soft, width: 0.7))
            } else {
                if let across { parts.append(.line(x, y, across, y, stroke: Palette.faint, width: 0.8)) }
                parts.append(.line(x - 5, y, x, y, stroke: Palette.soft))
                parts.append(.label(tick.label, x - 8, y + 4, anchor: .end, size: 11))
            }
        }
        parts.append(.line(x, min(start, end), x, max(start, end), stroke: Palette.soft))
        parts.append(.label(title, x - titleOffset, (start + end) / 2, anchor: .middle, turned: true))
        return parts
    }

    /// A horizontal axis at `y` with its title below.
    func drawnHorizontally(y: Double, title: String, upTo top: Double? = nil, ticks count: Int = 6) -> [SVG] {
        var parts: [SVG] = []
        for tick in ticks(count) {
            let x = position(tick.value)
            if tick.label.isEmpty {
                parts.append(.line(x, y, x, y + 3, stroke: Palette.soft, width: 0.7))
            } else {
                if let top { parts.append(.line(x, top, x, y, stroke: Palette.faint, width: 0.8)) }
                parts.append(.line(x, y, x, y + 5, stroke: Palette.soft))
                parts.append(.label(tick.label, x, y + 18, anchor: .middle, size: 11))
            }
        }
        parts.append(.line(min(start, end), y, max(start, end), y, stroke: Palette.soft))
        parts.append(.label(title, (start + end) / 2, y + 36, anchor: .middle))
        return parts
    }
}
