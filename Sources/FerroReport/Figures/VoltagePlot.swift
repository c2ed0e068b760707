// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// A stretch of the filtered voltage of some electrodes with the detected spikes marked, read off scale bars.
///
/// A pixel column that holds many samples shows their smallest and largest, so that no spike is lost.
struct VoltagePlot {
    struct Trace {
        var name: String
        /// Microvolts.
        var samples: [Float]
        /// Frames of detected spikes, counted from the first sample.
        var spikes: [Int]
    }

    var traces: [Trace]
    var rate: SampleRate
    var title: String

    private static let width = 1000.0
    private static let left = 70.0
    private static let right = 74.0
    private static let top = 10.0
    private static let row = 76.0

    func drawn() -> SVG {
        let frames = traces.map(\.samples.count).max() ?? 0
        var low: Float = 0
        var high: Float = 0
        for trace in traces {
            for value in trace.samples where value.isFinite {
                low = min(low, value)
                high = max(high, value)
            }
        }
        let peak = max(high, -low, 1)
        // One scale for every trace, the widest of which fills its row.
        let scale = Self.row * 0.84 / Double(max(high - low, 1))
        let across = Self.width - Self.left - Self.right
        var parts: [SVG] = []
        var marks = PathData()
        for (index, trace) in traces.enumerated() {
            let middle = Self.top + Self.row * Double(index) + Double(high) * scale
            let line = line(trace.samples, frames: frames, middle: middle, scale: scale, across: across)
            parts.append(line.drawn(stroke: "#333333", width: 0.7, join: "round"))
            parts.append(
                .label(TextLayout.fitted(trace.name, to: Self.left - 12, size: 11), Self.left - 8, middle + 4, anchor: .end, size: 11, fill: Palette.soft))
            for spike in trace.spikes where frames > 1 {
                let x = Self.left + across * Double(spike) / Double(frames - 1)
                let value = trace.samples.indices.contains(spike) ? Double(trace.samples[spike]) : 0
                // Below a negative peak, above a positive one, pointing at it.
                let sign = value <= 0 ? 1.0 : -1.0
                let y = middle - value * scale + sign * 4
                marks.move(x, y)
                marks.line(x - 3.2, y + sign * 6.5)
                marks.line(x + 3.2, y + sign * 6.5)
                marks.close()
            }
        }
        parts.append(.label("Electrodes", 16, Self.top + Self.row * Double(traces.count) / 2, anchor: .middle, turned: true))
        if !marks.isEmpty { parts.append(.path(marks.text, fill: Palette.spike)) }
        let bottom = Self.top + Self.row * Double(traces.count) + 6
        parts += scaleBars(peak: Double(peak), scale: scale, across: across, seconds: rate.seconds(max(frames - 1, 1)), bottom: bottom)
        let spikes = traces.reduce(0) { $0 + $1.spikes.count }
        return .figure(
            width: Self.width, height: bottom + 26, title: title,
            description:
                "Filtered voltage of \(Numbers.counted(traces.count, "electrode", "electrodes")) over \(duration(rate.seconds(frames))), largest value "
                + "\(Numbers.significant(Double(peak))) µV, with \(Numbers.counted(spikes, "detected spike", "detected spikes")).", parts)
    }

    private func line(_ samples: [Float], frames: Int, middle: Double, scale: Double, across: Double) -> TenthsPath {
        var path = TenthsPath()
        func y(_ value: Float) -> Double { middle - (value.isFinite ? Double(value) : 0) * scale }
        let perColumn = Double(frames) / across
        guard perColumn > 2 else {
            for (index, value) in samples.enumerated() {
                let x = Self.left + across * Double(index) / Double(max(frames - 1, 1))
                if index == 0 { path.move(x, y(value)) } else { path.line(x, y(value)) }
            }
            return path
        }
        for column in 0..<Int(across) {
            let first = Int(Double(column) * perColumn)
            let last = min(Int(Double(column + 1) * perColumn), samples.count)
            guard first < last else { break }
            let part = samples[first..<last]
            guard let low = part.min(), let high = part.max(), let lowAt = part.firstIndex(of: low), let highAt = part.firstIndex(of: high)
            else { continue }
            let x = Self.left + Double(column)
            for value in lowAt <= highAt ? [low, high] : [high, low] {
                if path.isEmpty { path.move(x, y(value)) } else { path.line(x, y(value)) }
            }
        }
        return path
    }

    private func scaleBars(peak: Double, scale: Double, across: Double, seconds: Double, bottom: Double) -> [SVG] {
        let voltage = round125(peak * 0.7)
        let time = round125(seconds * 0.12)
        let height = voltage * scale
        let length = across * time / seconds
        let x = Self.width - Self.right + 14
        return [
            .line(x, bottom - height, x, bottom, stroke: Palette.ink, width: 2),
            .label("\(Numbers.significant(voltage, digits: 2)) µV", x + 6, bottom - height / 2 + 4, size: 11),
            .line(x - length, bottom, x, bottom, stroke: Palette.ink, width: 2),
            .label(duration(time), x - length / 2, bottom + 16, anchor: .middle, size: 11),
        ]
    }

    private func duration(_ seconds: Double) -> String {
        seconds < 1 ? "\(Numbers.significant(seconds * 1000, digits: 2)) ms" : "\(Numbers.significant(seconds, digits: 2)) s"
    }

    /// The largest 1, 2 or 5 times a power of ten that is not above the value.
    private func round125(_ value: Double) -> Double {
        guard value > 0, value.isFinite else { return 1 }
        var power = 1.0
        while power > value { power /= 10 }
        while power * 10 <= value { power *= 10 }
        return power * (value >= 5 * power ? 5 : value >= 2 * power ? 2 : 1)
    }
}
