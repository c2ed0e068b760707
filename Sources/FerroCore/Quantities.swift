// SPDX-License-Identifier: GPL-3.0-or-later

/// A physical quantity held in its one internal unit.
package protocol PhysicalQuantity: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// What the quantity measures, as an error says it: "a frequency".
    static var dimension: String { get }
    /// The value as users write it, for "expected … such as 300 Hz".
    static var example: String { get }
    /// Accepted unit names and their size in the internal unit; the first is the one values are printed in.
    static var units: [(name: String, scale: Double)] { get }
    var value: Double { get }
    init(_ value: Double)
}

extension PhysicalQuantity {
    package static func < (left: Self, right: Self) -> Bool { left.value < right.value }

    /// The value in the largest unit that leaves at least 1 before the point, such as `6 kHz` or `1 ms`.
    package var description: String {
        let fitting = Self.units.filter { value != 0 && abs(value) >= $0.scale * (1 - 1e-12) }.max { $0.scale < $1.scale }
        let unit = fitting ?? (value == 0 ? Self.units[0] : Self.units.min { $0.scale < $1.scale } ?? Self.units[0])
        return "\(shortest(value / unit.scale)) \(unit.name)"
    }
}

/// A frequency in hertz.
package struct Hertz: PhysicalQuantity {
    package static let dimension = "a frequency"
    package static let example = "300 Hz"
    package static let units: [(name: String, scale: Double)] = [("Hz", 1), ("kHz", 1e3), ("MHz", 1e6)]
    package let value: Double
    package init(_ value: Double) { self.value = value }
}

/// A duration or a time in seconds.
package struct Seconds: PhysicalQuantity {
    package static let dimension = "a duration"
    package static let example = "1 ms"
    package static let units: [(name: String, scale: Double)] = [
        ("s", 1), ("ms", 1e-3), ("us", 1e-6), ("µs", 1e-6), ("μs", 1e-6), ("min", 60), ("h", 3600),
    ]
    package let value: Double
    package init(_ value: Double) { self.value = value }
    package var description: String {
        // Seconds read better than fractions of minutes and hours.
        if abs(value) >= 1 || value == 0 { return "\(shortest(value)) s" }
        return abs(value) >= 1e-3 * (1 - 1e-12) ? "\(shortest(value * 1e3)) ms" : "\(shortest(value * 1e6)) us"
    }
}

/// A voltage in microvolts.
package struct Microvolts: PhysicalQuantity {
    package static let dimension = "a voltage"
    package static let example = "50 uV"
    package static let units: [(name: String, scale: Double)] = [
        ("uV", 1), ("µV", 1), ("μV", 1), ("mV", 1e3), ("V", 1e6), ("nV", 1e-3),
    ]
    package let value: Double
    package init(_ value: Double) { self.value = value }
}

/// A length in micrometres.
package struct Micrometres: PhysicalQuantity {
    package static let dimension = "a length"
    package static let example = "50 um"
    package static let units: [(name: String, scale: Double)] = [("um", 1), ("µm", 1), ("μm", 1), ("mm", 1e3), ("m", 1e6)]
    package let value: Double
    package init(_ value: Double) { self.value = value }
}

/// An amount of memory in bytes; units are decimal (GB) or binary (GiB).
package struct Bytes: PhysicalQuantity {
    package static let dimension = "an amount of memory"
    package static let example = "2 GB"
    package static let units: [(name: String, scale: Double)] = [
        ("B", 1), ("kB", 1e3), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12),
        ("KiB", 1024), ("MiB", 1_048_576), ("GiB", 1_073_741_824),
    ]
    package let value: Double
    package init(_ value: Double) { self.value = value }
    /// In the unit, decimal or binary, that makes the shortest text: `2 GB`, `1.5 GiB`.
    package var description: String {
        let fitting = Self.units.filter { abs(value) >= $0.scale }
        let texts = (fitting.isEmpty ? [Self.units[0]] : fitting).map { "\(shortest(value / $0.scale)) \($0.name)" }
        return texts.min { $0.count < $1.count } ?? "\(shortest(value)) B"
    }
}

/// Reads `300 Hz`, `0.5 ms`, `2GB`: a finite number, an optional space and a unit of the wanted dimension.
///
/// - Throws: `FerroError` (usage) when the unit is missing or of another dimension; a value is never given a unit by guess.
package func parseQuantity<Quantity: PhysicalQuantity>(_ text: String, as type: Quantity.Type = Quantity.self) throws -> Quantity {
    let trimmed = text.filter { $0 != " " }
    let numeral = trimmed.prefix { "+-0123456789.eE".contains($0) }
    // An exponent's `e` must not swallow a unit, and no unit here starts with e.
    guard let number = Double(numeral), number.isFinite else {
        throw FerroError.usage("`\(text)` is not \(Quantity.dimension)", expected: "a number and a unit such as `\(Quantity.example)`")
    }
    let unit = String(trimmed.dropFirst(numeral.count))
    let names = Quantity.units.map(\.name)
    guard !unit.isEmpty else {
        throw FerroError.usage(
            "`\(text)` has no unit", expected: "\(Quantity.dimension) such as `\(Quantity.example)`",
            advice: "write `\(numeral) \(names[0])` if that is what you mean")
    }
    guard
        let known = Quantity.units.first(where: { $0.name == unit })
            ?? Quantity.units.first(where: { $0.name.lowercased() == unit.lowercased() && !["mhz"].contains(unit.lowercased()) })
    else {
        let near = nearestWord(to: unit, among: names).map { "; the nearest known unit is `\($0)`" } ?? ""
        throw FerroError.usage(
            "`\(unit)` is not a unit of \(Quantity.dimension)\(near)", expected: "one of \(names.joined(separator: ", "))")
    }
    return Quantity(number * known.scale)
}

/// The shortest decimal text that reads back as the same number, without a trailing `.0`.
package func shortest(_ value: Double) -> String {
    // A value such as 0.3 * 1000 prints as 300, not 299.99999999999994.
    let rounded = (value * 1e9).rounded() / 1e9
    let chosen = abs(rounded - value) <= 1e-12 * abs(value) ? rounded : value
    let text = "\(chosen)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
