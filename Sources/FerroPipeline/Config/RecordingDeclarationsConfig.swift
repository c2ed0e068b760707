// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings
import Foundation

// What a pipeline's `recording:` section says about files that do not say it themselves:
//
//     recording:
//       dataset: /Recording/Signal                         # or a list, one dataset a channel
//       axes: [time, channel]                              # or [channel, time], or [time]
//       rate: 25 kHz                                       # or {from: /Recording/Interval, unit: us}, or timestamps:
//       unit: uV                                           # of stored × gain + offset
//       gain: 0.195                                        # or one for each channel, or {from: /Recording/Gains}
//       offset: 0
//       channels: {names: /Recording/Labels, positions: {from: /Recording/XY, unit: um}}
extension RecordingDeclarations {
    static let keys = [
        "unit", "conversion", "rate", "dataset", "axes", "gain", "offset", "start", "timestamps", "channels", "largest-voltage",
    ]
    /// Keys that mean something beside `dataset` only.
    private static let layoutKeys = ["axes", "gain", "offset", "start", "timestamps", "channels"]

    init(_ keys: ConfigMapping) throws {
        self.init()
        if let given = keys.optional("largest-voltage") {
            let voltage = try given.quantity(Microvolts.self)
            guard voltage.value > 0 else { throw given.error("the largest voltage is \(voltage)", expected: "a positive voltage such as `150 mV`") }
            largestVoltage = voltage
        }
        guard let dataset = keys.optional("dataset") else {
            for key in RecordingDeclarations.layoutKeys {
                if let stray = keys.optional(key) {
                    throw stray.error(
                        "`\(key)` describes a layout of your own, but `dataset` is missing", expected: "a line `dataset: /path/of/the/samples`",
                        advice: "for NWB and the other known formats leave it out: the file says it")
                }
            }
            if let given = keys.optional("unit") { unit = try RecordingDeclarations.voltageUnit(given) }
            if let given = keys.optional("conversion") {
                let value = try given.number()
                guard value != 0 else { throw given.error("the conversion is 0", expected: "the volts of one step of your amplifier, such as 1.95e-7") }
                conversion = value
            }
            if let given = keys.optional("rate") { rate = try RecordingDeclarations.rate(given) }
            return
        }
        if let stray = keys.optional("conversion") {
            throw stray.error("`conversion` is NWB's word", expected: "`gain` beside `dataset`")
        }
        layout = try RecordingDeclarations.layout(dataset, keys)
    }

    private static func layout(_ dataset: ConfigNode, _ keys: ConfigMapping) throws -> DeclaredLayout {
        let datasets = try dataset.texts()
        guard !datasets.isEmpty, datasets.allSatisfy({ $0.hasPrefix("/") }) else {
            throw dataset.error("`dataset` is no path in the file", expected: "a path such as /Recording/Signal, or a list with one for each channel")
        }
        guard Set(datasets).count == datasets.count else { throw dataset.error("a dataset is named twice", expected: "each channel once") }
        let axesNode = try keys.required("axes", expected: "a line `axes: [time, channel]`, `axes: [channel, time]` or `axes: [time]`, outermost first")
        let axes: DeclaredLayout.Axes
        switch try axesNode.texts() {
        case ["time"]: axes = .time
        case ["time", "channel"]: axes = .timeByChannel
        case ["channel", "time"]: axes = .channelByTime
        case let other:
            throw axesNode.error("`[\(other.joined(separator: ", "))]` are no axes of samples", expected: "[time, channel], [channel, time] or [time]")
        }
        guard datasets.count == 1 || axes == .time else {
            throw axesNode.error("several datasets are several channels of one axis each", expected: "axes: [time]")
        }
        let unit = try voltageUnit(
            keys.required("unit", expected: "a line `unit: V`, `unit: mV` or `unit: uV`: what stored × gain + offset is in"))
        let gain = try numbers(
            keys.required("gain", expected: "a line `gain: 0.195`: the \(unit) of one step of the stored numbers, or `gain: 1` if they are in \(unit) already"))
        let offset = try numbers(
            keys.required(
                "offset", expected: "a line `offset: 0`: the \(unit) of a stored 0, which is 0 for most amplifiers and − zero × gain for unsigned counts"))
        var layout = DeclaredLayout(
            datasets: datasets, axes: axes, sampling: try sampling(keys), unit: unit, gain: gain, offset: offset)
        if let given = keys.optional("start") {
            guard keys.optional("timestamps") == nil else {
                throw given.error("`start` and `timestamps` both say when the samples were taken", expected: "one of them")
            }
            layout.start = try given.quantity(Seconds.self)
        }
        if let given = keys.optional("channels") {
            let channels = try given.mapping(keys: ["names", "positions"])
            layout.names = try channels.optional("names").map(path)
            layout.positions = try channels.optional("positions").map { try source($0, "a unit of length such as um") }
        }
        return layout
    }

    private static func sampling(_ keys: ConfigMapping) throws -> DeclaredLayout.Sampling {
        if let times = keys.optional("timestamps") {
            if let rate = keys.optional("rate") { throw rate.error("`rate` and `timestamps` both say when the samples were taken", expected: "one of them") }
            let (path, unit) = try source(times, "a unit of time such as s")
            return .timestamps(path, unit: unit)
        }
        let given = try keys.required(
            "rate", expected: "a line `rate: 25 kHz`, `rate: {from: /path, unit: Hz}` where the file has it, or `timestamps: {from: /path, unit: s}`")
        guard given.isMapping else { return .rate(try rate(given)) }
        let (path, unit) = try source(given, "Hz, kHz, MHz, or the unit of a sample interval such as us")
        return .from(path, unit: unit)
    }

    private static func rate(_ node: ConfigNode) throws -> SampleRate {
        let hertz = try node.quantity(Hertz.self)
        guard hertz.value > 0 else { throw node.error("a sampling rate of \(hertz) is impossible", expected: "a rate such as `25 kHz`") }
        return try SampleRate(hertz: hertz.value)
    }

    private static func voltageUnit(_ node: ConfigNode) throws -> String {
        let unit = try node.text()
        guard ["V", "mV", "uV", "µV", "μV", "volts", "millivolts", "microvolts"].contains(unit) else {
            throw node.error("`\(unit)` is no unit of voltage", expected: "V, mV or uV")
        }
        return unit
    }

    private static func numbers(_ node: ConfigNode) throws -> DeclaredLayout.Numbers {
        if node.isMapping { return .from(try path(node.mapping(keys: ["from"]).required("from"))) }
        if node.isSequence { return .values(try node.sequence().map { try $0.number() }) }
        return .values([try node.number()])
    }

    private static func source(_ node: ConfigNode, _ unit: String) throws -> (path: String, unit: String) {
        let keys = try node.mapping(keys: ["from", "unit"])
        return (try path(keys.required("from", expected: "a line `from: /path` in the file")), try keys.required("unit", expected: unit).text())
    }

    private static func path(_ node: ConfigNode) throws -> String {
        let path = try node.text()
        guard path.hasPrefix("/") else { throw node.error("`\(path)` is no path in the file", expected: "a path such as /Recording/Labels") }
        return path
    }

    /// Lines of the resolved pipeline's recording section.
    var yaml: String {
        var lines: [String] = []
        if let unit { lines.append("unit: \(unit)") }
        if let conversion { lines.append("conversion: \(conversion)") }
        if let rate { lines.append("rate: \(rate)") }
        if let layout {
            lines.append("dataset: [\(layout.datasets.map(\.quotedYAML).joined(separator: ", "))]")
            lines.append("axes: \(layout.axes == .time ? "[time]" : layout.axes == .timeByChannel ? "[time, channel]" : "[channel, time]")")
            switch layout.sampling {
            case .rate(let rate): lines.append("rate: \(rate)")
            case .from(let path, let unit): lines.append("rate: {from: \(path.quotedYAML), unit: \(unit)}")
            case .timestamps(let path, let unit): lines.append("timestamps: {from: \(path.quotedYAML), unit: \(unit)}")
            }
            lines.append("unit: \(layout.unit)")
            for (key, numbers) in [("gain", layout.gain), ("offset", layout.offset)] {
                switch numbers {
                case .values(let values):
                    lines.append("\(key): " + (values.count == 1 ? "\(values[0])" : "[\(values.map { "\($0)" }.joined(separator: ", "))]"))
                case .from(let path): lines.append("\(key): {from: \(path.quotedYAML)}")
                }
            }
            if let start = layout.start { lines.append("start: \(start.value) s") }
            let channels = [
                layout.names.map { "names: \($0.quotedYAML)" }, layout.positions.map { "positions: {from: \($0.path.quotedYAML), unit: \($0.unit)}" },
            ].compactMap { $0 }
            if !channels.isEmpty { lines.append("channels: {\(channels.joined(separator: ", "))}") }
        }
        if let largestVoltage { lines.append("largest-voltage: \(largestVoltage)") }
        return lines.map { "  \($0)\n" }.joined()
    }
}
