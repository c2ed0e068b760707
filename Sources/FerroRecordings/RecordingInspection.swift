// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
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

    /// A table of intervals: trials, epochs, invalid times, events.
    package struct Intervals: Codable, Sendable, Equatable {
        package var name: String
        package var count: Int
        /// Time that they cover together.
        package var seconds: Double
    }

    package struct Problem: Codable, Sendable, Equatable {
        package var severity: RecordingProblem.Severity
        package var message: String

        package init(severity: RecordingProblem.Severity, message: String) {
            self.severity = severity
            self.message = message
        }
    }

    package var file: String
    /// nil for a file that cannot be opened.
    package var format: RecordingFormat?
    package var series: [Series]
    package var units: Units?
    package var intervals: [Intervals]
    package var problems: [Problem]

    /// What is said of a file that cannot be opened.
    package init(file: String, refusal: FerroError) {
        self.file = file
        series = []
        intervals = []
        problems = [Problem(severity: .refusal, message: "\(refusal.withoutFile(file))")]
    }

    /// Describes a recording and looks at its samples and spike times.
    ///
    /// - Parameter declared: what the user says about it, for the largest voltage that is meant.
    package init(_ recording: any Recording, declared: RecordingDeclarations = .none) {
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
        let tables = Result { try recording.intervals() }
        intervals = ((try? tables.get()) ?? []).map { table in
            Intervals(name: table.name, count: table.intervals.count, seconds: table.merged.reduce(0) { $0 + $1.duration })
        }
        problems = (recording.problems + RecordingInspection.findings(recording, declared)).map { Problem(severity: $0.severity, message: $0.message) }
    }

    /// Whether something in the file is refused.
    package var isRefused: Bool { problems.contains { $0.severity == .refusal } }

    /// What a look at samples and spike times shows.
    private static func findings(_ recording: any Recording, _ declared: RecordingDeclarations) -> [RecordingProblem] {
        func asProblem(_ error: any Error) -> [RecordingProblem] {
            let error = error as? FerroError ?? .internalError("\(error)")
            return [RecordingProblem(.refusal, "\(error.withoutFile(recording.path))")]
        }
        var found: [RecordingProblem] = []
        do { _ = try recording.intervals() } catch { found += asProblem(error) }
        for series in recording.series {
            do {
                let columns = Array(series.electrodes.indices)
                found += try SignalPlausibility(columns: columns) { try recording.signal(of: series.path) }.problems(meant: declared.largestVoltage)
            } catch { found += asProblem(error) }
        }
        guard recording.unitCounts != nil else { return found }
        do { found += SpikePlausibility.problems(try recording.units().trains) } catch { found += asProblem(error) }
        return found
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(file, forKey: .file)
        try container.encode(format, forKey: .format)
        try container.encode(series, forKey: .series)
        try container.encode(units, forKey: .units)
        try container.encode(intervals, forKey: .intervals)
        try container.encode(problems, forKey: .problems)
    }

    /// The JSON that `inspect --json` prints: indented, keys sorted.
    package func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}
