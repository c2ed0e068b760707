// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings
import FerroSpikes

/// `detect-bursts`: bursts of every unit.
package struct DetectBurstsStage: DeriveStage {
    package static let documentation = StageDocumentation(
        "detect-bursts", .derive, takes: .units, gives: .units,
        "MaxInterval bursts: consecutive short intervals, merged when close, then kept by duration and number of spikes.",
        parameters: [
            StageParameter("method", .choice(["max-interval"]), .standard("max-interval"), "the rule"),
            StageParameter(
                "preset", .choice(MaxIntervalPreset.all.map(\.name)), .standard("hippocampal-complex-spike"),
                "the named set of values that the keys below change one by one"),
            StageParameter("max-start", .duration, .optional, "the longest interval that begins a burst"),
            StageParameter("max-end", .duration, .optional, "the longest interval that continues a burst"),
            StageParameter("min-between", .duration, .optional, "bursts closer than this are merged"),
            StageParameter("min-duration", .duration, .optional, "the shortest burst that is kept"),
            StageParameter("min-spikes", .integer(2...1000), .optional, "the fewest spikes of a burst"),
        ])
    private let detector: MaxIntervalBursts
    private let description: String

    package init(_ parameters: StageParameters) throws {
        let name = try parameters.choice("preset")
        let preset = try MaxIntervalPreset.named(name)
        var values = preset.parameters
        values.maxStart = try parameters.optionalDuration("max-start") ?? values.maxStart
        values.maxEnd = try parameters.optionalDuration("max-end") ?? values.maxEnd
        values.minInterBurst = try parameters.optionalDuration("min-between") ?? values.minInterBurst
        values.minDuration = try parameters.optionalDuration("min-duration") ?? values.minDuration
        values.minSpikes = try parameters.optionalInteger("min-spikes") ?? values.minSpikes
        detector = MaxIntervalBursts(parameters: values)
        let changed = values != preset.parameters ? ", changed" : ""
        description =
            "MaxInterval, preset \(name)\(changed) (\(preset.source)): start <= \(values.maxStart), end <= \(values.maxEnd), "
            + "merged below \(values.minInterBurst), duration >= \(values.minDuration), spikes >= \(values.minSpikes)"
    }

    package func derive(id: String, _ findings: inout Findings) throws {
        for index in findings.units.indices {
            findings.units[index].bursts = detector.bursts(in: findings.units[index].train)
        }
        findings.burstsDescription = description
    }
}
