// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroStatistics
import Foundation

/// Numbers as a reader wants them: few digits, a real minus sign, no exponent where it can be helped.
enum Numbers {
    /// A fixed number of decimals; what rounds to zero has no sign.
    static func fixed(_ value: Double, decimals: Int) -> String {
        guard value.isFinite else { return "—" }
        let text = String(format: "%.\(decimals)f", value)
        let isZero = text.allSatisfy { "-0.".contains($0) }
        return (isZero ? text.replacing("-", with: "") : text).replacing("-", with: "−")
    }

    /// A number of significant digits, written out between 0.001 and a million and with a power of ten outside.
    static func significant(_ value: Double?, digits: Int = 3) -> String {
        guard let value, value.isFinite else { return "—" }
        if value == 0 { return "0" }
        var exponent = Int(floor(log10(abs(value)) + 1e-12))
        // What rounds up to the next power of ten has its digits.
        if abs(value) / pow(10, Double(exponent)) >= 10 - 0.5 * pow(10, Double(1 - digits)) { exponent += 1 }
        if exponent < -4 || exponent >= 6 {
            let scaled = value / pow(10, Double(exponent))
            return "\(fixed(scaled, decimals: digits - 1)) × 10\(superscript(exponent))"
        }
        return fixed(value, decimals: min(max(digits - 1 - exponent, 0), 8))
    }

    /// Decimals that give the widest of several numbers the wanted digits, so that an interval reads evenly.
    static func evenly(_ values: [Double?], digits: Int = 3) -> [String] {
        let known = values.compactMap { $0 }.filter { $0.isFinite }
        let largest = known.map { abs($0) }.max() ?? 0
        guard largest > 0 else { return values.map { $0 == nil ? "—" : "0" } }
        let exponent = Int(floor(log10(largest) + 1e-12))
        guard exponent >= -4, exponent < 6 else { return values.map { significant($0, digits: digits) } }
        return values.map { $0.map { fixed($0, decimals: min(max(digits - 1 - exponent, 0), 8)) } ?? "—" }
    }

    /// `0.97 [0.81, 1.14]`.
    static func interval(_ estimate: Double?, _ low: Double?, _ high: Double?, digits: Int = 3) -> String {
        guard estimate != nil else { return "—" }
        let texts = evenly([estimate, low, high], digits: digits)
        return low == nil || high == nil ? "\(texts[0]) (no interval)" : "\(texts[0]) [\(texts[1]), \(texts[2])]"
    }

    /// A rescue index with its interval: two decimals, three where two would put a limit on 0 or 1 that lies beside it.
    static func index(_ estimate: Double?, _ low: Double?, _ high: Double?) -> String {
        guard let estimate else { return "—" }
        let ends = [low, high].compactMap { $0 }
        let isNear = ends.contains { end in [0.0, 1].contains { $0 != end && abs(end - $0) < 0.005 } }
        let texts = ([estimate] + ends).map { abs($0) >= 1000 ? significant($0) : fixed($0, decimals: isNear ? 3 : 2) }
        return texts.count == 3 ? "\(texts[0]) [\(texts[1]), \(texts[2])]" : texts[0]
    }

    /// A share as a percentage with its interval: `91 % [80, 100]`.
    static func share(_ share: ShareInRange) -> String {
        guard let value = share.share else { return "—" }
        let text = "\(fixed(value * 100, decimals: 0))\u{A0}%"
        guard let low = share.low, let high = share.high else { return text }
        return text + " [\(fixed(low * 100, decimals: 0)), \(fixed(high * 100, decimals: 0))]"
    }

    /// For tables that programs read: at most so many significant digits, a hyphen as minus.
    static func plain(_ value: Double, digits: Int) -> String { String(format: "%.\(digits)g", value) }

    /// A p-value: three decimals, two digits below 0.01, and never 0.
    static func p(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "—" }
        if value < 0.0001 { return "<\u{A0}0.0001" }
        if value > 0.9995 { return "1" }
        if value < 0.01 { return significant(value, digits: 2) }
        // Rounding must not move a value to the other side of 0.05.
        let isNearLine = value < 0.05 && value >= 0.0495
        return isNearLine ? significant(value, digits: 4) : fixed(value, decimals: 3)
    }

    /// `p = 0.012`, `p < 0.0001`, in one line.
    static func pStatement(_ value: Double?) -> String {
        let text = p(value)
        return text.hasPrefix("<") ? "p\u{A0}\(text)" : "p\u{A0}=\u{A0}\(text)"
    }

    /// A tick of a logarithmic axis.
    static func power(mantissa: Int, exponent: Int) -> String {
        if (-3...4).contains(exponent) {
            return fixed(Double(mantissa) * pow(10, Double(exponent)), decimals: max(0, -exponent))
        }
        return (mantissa == 1 ? "" : "\(mantissa)×") + "10\(superscript(exponent))"
    }

    /// Digits in groups of three, by thin spaces that do not break.
    static func count(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var groups: [String] = []
        var rest = Substring(digits)
        while rest.count > 3 {
            groups.insert(String(rest.suffix(3)), at: 0)
            rest = rest.dropLast(3)
        }
        groups.insert(String(rest), at: 0)
        return (value < 0 ? "−" : "") + groups.joined(separator: "\u{202F}")
    }

    static func counted(_ value: Int, _ one: String, _ many: String) -> String { "\(count(value)) \(value == 1 ? one : many)" }

    private static func superscript(_ value: Int) -> String {
        String(
            String(value).map { character in
                switch character {
                case "-": "⁻"
                case "1": "¹"
                case "2": "²"
                case "3": "³"
                default: character.wholeNumberValue.flatMap { Unicode.Scalar(0x2070 + UInt32($0)) }.map(Character.init) ?? character
                }
            })
    }
}
