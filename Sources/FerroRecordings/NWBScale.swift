// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5

/// How NWB says it: volts = data × conversion × channel_conversion + offset (NWB 2 schema, TimeSeries and ElectricalSeries).
struct NWBScale {
    let scale: MicrovoltScale
    let warnings: [String]

    /// Reads the scale of a series' `data` with so many columns, or refuses.
    init(of data: HDF5Dataset, in series: HDF5Group, columns: Int, declared: RecordingDeclarations) throws {
        let microvolts = try NWBScale.microvoltsPerUnit(data, declared)
        let conversion = try NWBScale.conversion(data, declared)
        let offset = try NWBScale.number("offset", data) ?? 0
        guard offset.isFinite else {
            throw FerroError.input("the offset is \(offset)", at: data.place, expected: "a finite number of volts")
        }
        let channels = try NWBScale.channelConversion(in: series, columns: columns)
        scale = MicrovoltScale(
            gains: channels.map { conversion * $0 * microvolts }, offsets: channels.map { _ in offset * microvolts })
        warnings =
            data.type.kind == .integer && abs(conversion * microvolts) >= 1e6
            ? ["\(data.path): one step of the stored integers is \(shortest(conversion * microvolts / 1e6)) V; the scale was probably never set"]
            : []
    }

    /// Microvolts in one of what an attribute `unit` names; nil for what is no voltage.
    static func microvolts(in unit: String) -> Double? {
        let trimmed = unit.filter { $0 != " " }
        switch trimmed {
        case "V", "v": return 1e6
        case "mV": return 1e3
        case "uV", "µV", "μV": return 1
        default: break
        }
        switch trimmed.lowercased() {
        case "volt", "volts": return 1e6
        case "millivolt", "millivolts": return 1e3
        case "microvolt", "microvolts": return 1
        default: return nil
        }
    }

    private static func microvoltsPerUnit(_ data: HDF5Dataset, _ declared: RecordingDeclarations) throws -> Double {
        let stated = try data.stringAttribute("unit")?.filter { !$0.isWhitespace }
        guard let unit = (stated?.isEmpty == false ? stated : nil) ?? declared.unit else {
            throw FerroError.input(
                "the samples have no unit", at: data.place, expected: "an attribute `unit`",
                advice: "declare `unit: V` in the pipeline's recording section if the samples times their conversion are volts")
        }
        guard let factor = microvolts(in: unit) else {
            throw FerroError.input(
                "the samples are in `\(unit)`, which is no voltage", at: data.place, expected: "volts",
                advice: "correct the attribute `unit` in the file")
        }
        return factor
    }

    private static func conversion(_ data: HDF5Dataset, _ declared: RecordingDeclarations) throws -> Double {
        let stated = try NWBScale.number("conversion", data) ?? declared.conversion
        // The schema's default of 1 is right for numbers that are volts already, and senseless for counts of a converter.
        guard let conversion = stated ?? (data.type.kind == .float ? 1 : nil) else {
            throw FerroError.input(
                "the samples are \(data.type.name) without a scale", at: data.place, expected: "an attribute `conversion`",
                advice: "declare `conversion: 1.95e-7` (volts per step of your amplifier) in the pipeline's recording section")
        }
        guard conversion.isFinite, conversion != 0 else {
            throw FerroError.input("the conversion is \(conversion)", at: data.place, expected: "a factor from stored numbers to volts")
        }
        return conversion
    }

    /// An attribute that is a number or absent; anything else must not pass for absent.
    private static func number(_ name: String, _ data: HDF5Dataset) throws -> Double? {
        guard let value = try data.attribute(name) else { return nil }
        guard let number = try data.doubleAttribute(name) else {
            throw FerroError.input("the attribute `\(name)` is \(value), which is no number", at: data.place, expected: "one number")
        }
        return number
    }

    private static func channelConversion(in series: HDF5Group, columns: Int) throws -> [Double] {
        guard series.exists("channel_conversion") else { return [Double](repeating: 1, count: columns) }
        let dataset = try series.dataset("channel_conversion")
        let factors = try dataset.read(Double.self)
        guard factors.count == columns else {
            throw FerroError.input("there are \(factors.count) factors for \(columns) channels", at: dataset.place)
        }
        if let bad = factors.firstIndex(where: { !$0.isFinite || $0 == 0 }) {
            throw FerroError.input("the factor of channel \(bad) is \(factors[bad])", at: dataset.place, expected: "a finite factor")
        }
        return factors
    }
}
