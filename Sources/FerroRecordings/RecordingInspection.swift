// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
package import Foundation

/// What `ferrospike inspect` says about a file; as JSON, every key is present and what is unknown is `null`.
package struct RecordingInspection: Codable, Sendable, Equatable {
    package struct Series: Codable, Sendable, Equatable {
        package var path: String
        package var kind: SeriesKind
        package var rateHz: Double
        package var channels: Int
        package var frames: Int
        package var unit = "uV"
        package var segments: [Stretch]
        package var electrodes: [Site]
        package var storage: StorageFacts

        enum CodingKeys: String, CodingKey {
            case path, kind, channels, frames, unit, segments, electrodes, storage
            case rateHz = "rate_hz"
        }
    }

    /// A gap-free stretch of a series.
    package struct Stretch: Codable, Sendable, Equatable {
        package var startS: Double
        package var firstFrame: Int
        package var frames: Int

        enum CodingKeys: String, CodingKey {
            case frames
            case startS = "start_s"
            case firstFrame = "first_frame"
        }
    }

    package struct Site: Codable, Sendable, Equatable {
        package var id: String
        package var location: String?
        package var group: String?

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(id, forKey: .id)
            // Not `encodeIfPresent`: the keys stay, with null.
            try container.encode(location, forKey: .location)
            try container.encode(group, forKey: .group)
        }
    }

    package struct StorageFacts: Codable, Sendable, Equatable {
        package var layout: Storage.Layout
        package var filters: [String]
    }

    package struct Units: Codable, Sendable, Equatable {
        package var count: Int
        package var spikes: Int
    }

    package struct Problem: Codable, Sendable, Equatable {
        package var severity: RecordingProblem.Severity
        package var message: String
    }

    package var file: String
    package var format: RecordingFormat
    package var series: [Series]
    package var units: Units?
    package var problems: [Problem]

    package init(_ recording: any Recording) {
        file = recording.path
        format = recording.format
        series = recording.series.map { series in
            Series(
                path: series.path, kind: series.kind, rateHz: series.rate.hertz, channels: series.electrodes.count, frames: series.frames,
                segments: series.segments.map { Stretch(startS: $0.start, firstFrame: $0.frames.lowerBound, frames: $0.frames.count) },
                electrodes: series.electrodes.map { Site(id: $0.id, location: $0.location, group: $0.group) },
                storage: StorageFacts(layout: series.storage.layout, filters: series.storage.filters))
        }
        units = recording.unitCounts.map { Units(count: $0.units, spikes: $0.spikes) }
        problems = recording.problems.map { Problem(severity: $0.severity, message: $0.message) }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(file, forKey: .file)
        try container.encode(format, forKey: .format)
        try container.encode(series, forKey: .series)
        try container.encode(units, forKey: .units)
        try container.encode(problems, forKey: .problems)
    }

    /// The JSON that `inspect --json` prints: indented, keys sorted.
    package func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}
