// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics
import Foundation

/// How one outcome is called and how its numbers read: names, units and the way back from the analysis scale.
struct OutcomeWords: Sendable {
    let definition: OutcomeDefinition
    /// As a heading: `Firing rate`.
    let heading: String
    /// Unit of the values as they are shown; empty where the name tells none.
    let unit: String
    let isChange: Bool

    init(_ definition: OutcomeDefinition, isChange: Bool) {
        self.definition = definition
        self.isChange = isChange
        let known = Self.units.first { definition.name.hasSuffix($0.suffix) }
        let plain = definition.name.dropLast(known?.suffix.count ?? 0).replacing("_", with: " ")
        let words = plain.split(separator: " ").map { Self.abbreviations.contains($0.lowercased()) ? $0.uppercased() : String($0) }.joined(separator: " ")
        heading =
            definition.label == definition.name && !words.isEmpty
            ? words.prefix(1).uppercased() + words.dropFirst() : Self.withoutUnit(definition.label, known?.symbol)
        unit = isChange && definition.change == .percent ? "% of baseline" : isChange && definition.scale == .log ? "" : known?.symbol ?? ""
    }

    /// A label such as `Firing rate (Hz)` without the unit that figures add themselves.
    private static func withoutUnit(_ label: String, _ unit: String?) -> String {
        guard let unit, label.hasSuffix("(\(unit))") else { return label }
        let rest = label.dropLast(unit.count + 2)
        return String(rest.last == " " ? rest.dropLast() : rest)
    }

    /// Words of column names that are read letter by letter.
    private static let abbreviations: Set<String> = ["isi", "cv", "cv2", "lv", "lvr", "lfp", "sttc"]

    private static let units: [(suffix: String, symbol: String)] = [
        ("_uv2_per_hz", "µV²/Hz"), ("_per_min", "/min"), ("_per_s", "/s"), ("_uv2", "µV²"), ("_khz", "kHz"), ("_hz", "Hz"),
        ("_ms", "ms"), ("_us", "µs"), ("_s", "s"), ("_uv", "µV"), ("_mv", "mV"), ("_pct", "%"),
    ]

    var isLog: Bool { definition.scale == .log }

    /// As part of a sentence: the first letter small unless the word is an abbreviation.
    var inSentence: String {
        let second = heading.dropFirst().first
        return second?.isUppercase == true ? heading : heading.prefix(1).lowercased() + heading.dropFirst()
    }

    /// From the analysis scale to the scale a reader thinks in.
    func native(_ y: Double) -> Double { isLog ? exp(y) : y }

    func withUnit(_ text: String) -> String { unit.isEmpty ? text : unit.hasPrefix("%") ? "\(text) \(unit)" : "\(text) \(unit)" }

    /// A value on the analysis scale as a native number with its unit; ratios of a change with a times sign.
    func value(_ y: Double?) -> String {
        guard let y else { return "—" }
        let text = Numbers.significant(native(y))
        return isLog && isChange ? "×\u{A0}\(text)" : withUnit(text)
    }

    /// Title of an axis of values.
    var axisTitle: String {
        if isChange, definition.change == .percent { return "\(heading), response (\(unit))" }
        if isChange { return isLog ? "\(heading), response ÷ baseline" : "Change of \(inSentence)" + (unit.isEmpty ? "" : " (\(unit))") }
        return unit.isEmpty || (unit == "/min" && heading.hasSuffix("per minute")) ? heading : "\(heading) (\(unit))"
    }

    /// Title of an axis of differences.
    var differenceTitle: String { isLog ? "Ratio" : unit.isEmpty ? "Difference" : "Difference (\(unit))" }

    /// A contrast in native units, or as a ratio of geometric means: `× 1.82 [1.40, 2.36]`.
    func contrast(_ contrast: Contrast) -> String {
        guard contrast.estimate != nil else { return "—" }
        if isLog { return "×\u{A0}" + Numbers.interval(contrast.ratio, contrast.ratioLow, contrast.ratioHigh) }
        let text = Numbers.interval(contrast.estimate, contrast.low, contrast.high)
        return withUnit((contrast.estimate ?? 0) > 0 ? "+" + text : text)
    }

    /// An equivalence margin in the words of the study: `a ratio between 0.74 and 1.35 (log margin 0.3)`.
    func margin(_ margin: Double) -> String {
        if isLog {
            let ends = Numbers.evenly([exp(-margin), exp(margin)])
            return "a ratio between \(ends[0]) and \(ends[1]) (exp(±\(Numbers.significant(margin, digits: 2))))"
        }
        return "±" + withUnit(Numbers.significant(margin))
    }

    /// Percentile interval of a difference on the native scale.
    func bootstrapInterval(_ draws: BootstrapDistribution) -> String { equivalenceInterval(draws.low, draws.high) }

    /// Equivalence interval (90 %) on the native scale.
    func equivalenceInterval(_ low: Double?, _ high: Double?) -> String {
        guard let low, let high else { return "—" }
        let ends = Numbers.evenly([native(low), native(high)])
        return isLog ? "×\u{A0}[\(ends[0]), \(ends[1])]" : withUnit("[\(ends[0]), \(ends[1])]")
    }
}
