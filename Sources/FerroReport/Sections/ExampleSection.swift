// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings
import FerroStatistics
import FerroStudy
import Foundation

/// For every group one recording to look at: spikes of its units over some seconds, and the voltage they were found in.
struct ExampleSection {
    struct Example {
        let heading: String
        let choice: String
        let raster: String?
        let rasterCaption: String
        let voltage: String?
        let voltageCaption: String
        let note: String?
    }

    let examples: [Example]

    init?(_ chosen: [ExampleChoice.Example], _ results: [String: Result<RecordingResult, FerroError>], _ study: StudyWords, _ choice: ExampleChoice) {
        guard !chosen.isEmpty, let outcome = choice.outcome else { return nil }
        let words = study.outcome(outcome)
        examples = chosen.map { one in
            let name = one.state.recording.name
            let heading = "\(one.condition.label): \(name)"
            // The mean of a recording is a value, also where the study compares changes.
            let values = OutcomeWords(outcome, isChange: false)
            let why =
                "Recording nearest to the \(study.conditionWord)'s mean \(words.inSentence): \(values.value(one.value)) against \(values.value(one.mean)). Subject \(one.state.recording.subject)."
            switch results[name] {
            case .success(let result)?: return ExampleSection.drawn(result, heading, why)
            case .failure(let error)?:
                return Example(
                    heading: heading, choice: why, raster: nil, rasterCaption: "", voltage: nil, voltageCaption: "", note: "Not shown. \(error.description)")
            case nil:
                return Example(
                    heading: heading, choice: why, raster: nil, rasterCaption: "", voltage: nil, voltageCaption: "",
                    note: "Not shown: the recording was not read.")
            }
        }
    }

    private static func drawn(_ result: RecordingResult, _ heading: String, _ why: String) -> Example {
        let voltage = VoltageExcerpt(result)
        let raster = RasterExcerpt(result, showing: voltage?.stretch)
        let isBare = raster == nil && voltage == nil
        return Example(
            heading: heading, choice: why, raster: raster.map { $0.plot(title: "Spikes: \(heading)").drawn().text }, rasterCaption: raster?.caption ?? "",
            voltage: voltage.map { $0.plot(title: "Voltage: \(heading)").drawn().text }, voltageCaption: voltage?.caption ?? "",
            note: isBare ? "This recording holds neither units nor a stretch of voltage." : nil)
    }
}

/// The stretch of spikes that a raster shows: around the middle of the voltage excerpt where there is one, else of the longest
/// observed segment.
struct RasterExcerpt {
    let rows: [RasterPlot.Row]
    let stretch: TimeInterval
    let gaps: [TimeInterval]
    let units: Int
    let bursts: Int?
    /// The part whose voltage is shown as well.
    let highlight: TimeInterval?

    private static let longest = 15.0
    private static let mostRows = 60

    init?(_ result: RecordingResult, showing highlight: TimeInterval? = nil) {
        guard !result.units.isEmpty else { return nil }
        self.highlight = highlight
        let segments = result.segments.isEmpty ? result.units.flatMap(\.train.observed) : result.segments
        // The middle of the excerpt, so that raster and voltage show the same seconds; else the middle of the longest segment.
        let excerpt = result.excerpt.map { TimeInterval(start: $0.start, stop: $0.start + $0.rate.seconds($0.samples.first?.count ?? 0)) }
        let longest = segments.max { $0.duration < $1.duration }
        guard let around = excerpt ?? longest else { return nil }
        let home = segments.first { $0.start <= around.start && $0.stop >= around.stop } ?? longest ?? around
        let middle = (around.start + around.stop) / 2
        let length = min(RasterExcerpt.longest, home.duration)
        guard length > 0 else { return nil }
        let start = max(min(floor(middle - length / 2), home.stop - length), home.start)
        let stretch = TimeInterval(start: start, stop: start + length)
        self.stretch = stretch
        units = result.units.count
        let shown = result.units.prefix(RasterExcerpt.mostRows)
        rows = shown.map { unit in
            RasterPlot.Row(
                name: unit.train.id, spikes: unit.train.times.filter { $0 >= stretch.start && $0 <= stretch.stop },
                bursts: (unit.bursts ?? []).filter { $0.stop >= stretch.start && $0.start <= stretch.stop }
                    .map { TimeInterval(start: $0.start, stop: $0.stop) })
        }
        bursts = result.units.contains { $0.bursts != nil } ? rows.reduce(0) { $0 + $1.bursts.count } : nil
        gaps = zip(segments, segments.dropFirst()).map { TimeInterval(start: $0.stop, stop: $1.start) }
            .filter { $0.duration > 0 && $0.stop > stretch.start && $0.start < stretch.stop }
    }

    func plot(title: String) -> RasterPlot { RasterPlot(rows: rows, stretch: stretch, gaps: gaps, highlight: highlight, title: title) }

    var caption: String {
        let spikes = rows.reduce(0) { $0 + $1.spikes.count }
        var text =
            "Spikes of \(rows.count < units ? "the first \(rows.count) of \(units)" : "all \(units)") units over \(Numbers.significant(stretch.duration)) s (\(Numbers.counted(spikes, "spike", "spikes")))"
        if let bursts { text += "; \(Numbers.counted(bursts, "burst", "bursts")), coloured and underlined" }
        return text + "."
    }
}

/// The part of the stored excerpt that is drawn: the window with most spikes, on the electrodes with most.
struct VoltageExcerpt {
    let traces: [VoltagePlot.Trace]
    let rate: SampleRate
    let start: Double
    let seconds: Double

    private static let window = 0.4
    private static let mostTraces = 3

    init?(_ result: RecordingResult) {
        guard let excerpt = result.excerpt, let frames = excerpt.samples.map(\.count).min(), frames > 1 else { return nil }
        let rate = excerpt.rate
        // Frames of the spikes inside the excerpt, electrode by electrode.
        let spikes = excerpt.electrodes.map { electrode in
            result.units.filter { $0.train.electrode == electrode }.flatMap(\.train.times)
                .map { Int((($0 - excerpt.start) * rate.hertz).rounded()) }.filter { (0..<frames).contains($0) }.sorted()
        }
        let length = min(frames, rate.frames(in: Seconds(VoltageExcerpt.window)))
        let first = VoltageExcerpt.fullest(spikes.flatMap { $0 }.sorted(), length: length, frames: frames)
        let range = first..<first + length
        let counts = spikes.map { $0.count(where: range.contains) }
        let order = counts.indices.filter { excerpt.samples.indices.contains($0) }
            .sorted { (counts[$1], $0) < (counts[$0], $1) }.prefix(VoltageExcerpt.mostTraces).sorted()
        traces = order.map { index in
            let electrode = excerpt.electrodes[index]
            let name = result.electrodes.indices.contains(electrode) ? result.electrodes[electrode].id : "\(electrode)"
            return VoltagePlot.Trace(
                name: name, samples: Array(excerpt.samples[index][range]), spikes: spikes[index].filter(range.contains).map { $0 - first })
        }
        guard !traces.isEmpty else { return nil }
        self.rate = rate
        start = excerpt.start + rate.seconds(first)
        seconds = rate.seconds(length)
    }

    /// First frame of the window with most spikes, the earliest of equals; a quarter of a window stays before its first spike.
    private static func fullest(_ spikes: [Int], length: Int, frames: Int) -> Int {
        var best = (count: 0, first: 0)
        var last = 0
        for (index, spike) in spikes.enumerated() {
            while last < spikes.count, spikes[last] < spike + length * 3 / 4 { last += 1 }
            if last - index > best.count { best = (last - index, spike - length / 4) }
        }
        return min(max(best.first, 0), frames - length)
    }

    var stretch: TimeInterval { TimeInterval(start: start, stop: start + seconds) }

    func plot(title: String) -> VoltagePlot { VoltagePlot(traces: traces, rate: rate, title: title) }

    var caption: String {
        let spikes = traces.reduce(0) { $0 + $1.spikes.count }
        return
            "Voltage as the detector saw it, from \(Numbers.significant(start, digits: 4)) s, where spikes of the stored excerpt are most frequent, on the \(traces.count == 1 ? "electrode" : "\(traces.count) electrodes") with most of them; triangles: \(Numbers.counted(spikes, "detected spike", "detected spikes"))."
    }
}
