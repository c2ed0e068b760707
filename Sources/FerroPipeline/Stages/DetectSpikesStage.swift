// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings
import FerroSpikes

/// `detect-spikes`: threshold events, per channel or exclusive among near channels.
package struct DetectSpikesStage: GatherStage {
    package static let documentation = StageDocumentation(
        "detect-spikes", .gather, takes: .signal, gives: .units,
        "Extrema beyond a multiple of each channel's noise; one unit per electrode (multi-unit activity).",
        parameters: [
            StageParameter(
                "method", .choice(["by-channel", "locally-exclusive"]), .standard("locally-exclusive"),
                "by-channel: each channel by itself; locally-exclusive: an event counts on the channel where it is largest"),
            StageParameter("threshold", .number(0.1...1000), .standard("5"), "multiple of the noise, median(|x - median|)/0.6745"),
            StageParameter("polarity", .choice(["negative", "positive", "both"]), .standard("negative"), "which extrema count"),
            StageParameter("dead-time", .duration, .standard("1 ms"), "an event is the extremum of this long before and after it"),
            StageParameter("radius", .length, .standard("50 um"), "electrodes this near exclude each other"),
            StageParameter("noise-over", .duration, .standard("10 s"), "how much of the recording, in stretches spread evenly, the noise is taken from"),
            StageParameter("waveform-before", .duration, .standard("1 ms"), "stretch of the mean waveform before the extremum"),
            StageParameter("waveform-after", .duration, .standard("2 ms"), "stretch of the mean waveform after the extremum"),
            StageParameter(
                "excerpt", .duration, .standard("500 ms"),
                "stretch of the signal kept for figures, from the middle of the first segment, of the eight channels with most spikes until then"),
        ])
    private let exclusive: Bool
    private let threshold: Double
    private let polarity: Polarity
    private let deadTime: Seconds
    private let radius: Micrometres
    private let noiseOver: Seconds
    private let before: Seconds
    private let after: Seconds
    private let excerpt: Seconds
    private let place: ConfigPlace

    package init(_ parameters: StageParameters) throws {
        exclusive = try parameters.choice("method") == "locally-exclusive"
        threshold = try parameters.number("threshold")
        polarity =
            switch try parameters.choice("polarity") {
            case "positive": .positive
            case "both": .both
            default: .negative
            }
        deadTime = try parameters.duration("dead-time")
        radius = try parameters.length("radius")
        noiseOver = try parameters.duration("noise-over")
        guard noiseOver.value > 0 else {
            throw parameters.place(of: "noise-over").error("no signal is left to take the noise from", expected: "a duration above zero")
        }
        before = try parameters.duration("waveform-before")
        after = try parameters.duration("waveform-after")
        excerpt = try parameters.duration("excerpt")
        // Held in memory around every spike, and for the figure.
        for (key, value, limit) in [
            ("dead-time", deadTime, 1.0), ("waveform-before", before, 1), ("waveform-after", after, 1), ("excerpt", excerpt, 60),
        ] where value.value > limit {
            throw parameters.place(of: key).error("\(key) is \(value)", expected: "at most \(Seconds(limit))")
        }
        place = parameters.place(of: "radius").fixed
    }

    package func estimator(for stream: StreamFormat, id: String) throws -> (gatherer: any Gatherer, seconds: Double)? {
        (NoiseGatherer(id: id, channels: stream.electrodes.count), noiseOver.value)
    }

    package func gatherer(for stream: StreamFormat, id: String, findings: Findings) throws -> any Gatherer {
        // Not known yet while margins are asked for; a channel without noise has no events.
        let noise = findings.noise[id] ?? Array(repeating: nil, count: stream.electrodes.count)
        let neighbours = exclusive ? try place.locating { try Neighbourhood.within(radius, of: stream.electrodes) } : nil
        let detector = ThresholdDetector(
            threshold: threshold, noise: noise, polarity: polarity,
            deadFrames: stream.rate.frames(in: deadTime), neighbours: neighbours)
        let rule = exclusive ? "locally exclusive within \(radius)" : "by channel"
        return SpikeGatherer(
            detector: detector, stream: stream, before: stream.rate.frames(in: before), after: stream.rate.frames(in: after),
            excerptFrames: stream.rate.frames(in: excerpt), folder: findings.folder,
            description:
                "multi-unit activity per electrode: \(polarity.rawValue) threshold events, \(rule), beyond \(shortest(threshold)) x MAD noise, dead time \(deadTime)"
        )
    }
}
