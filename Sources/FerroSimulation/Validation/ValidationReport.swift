// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
package import FerroSpikes
import Foundation

/// What a validation found: one row per fixture and detector.
package struct ValidationReport: Sendable {
    package struct Row: Sendable {
        package var fixture: String
        /// Name and id of the stage.
        package var stage: String
        package var id: String
        package var method: String
        package var limits: [ValidationMeasure: Double]
        /// Of a spike detector.
        package var spikes: SpikeComparison?
        /// Of a burst detector.
        package var bursts: BurstComparison?

        package init(
            fixture: String, stage: String, id: String, method: String, limits: [ValidationMeasure: Double], spikes: SpikeComparison? = nil,
            bursts: BurstComparison? = nil
        ) {
            self.fixture = fixture
            self.stage = stage
            self.id = id
            self.method = method
            self.limits = limits
            self.spikes = spikes
            self.bursts = bursts
        }

        package var measures: [ValidationMeasure] { spikes != nil ? ValidationMeasure.ofSpikes : ValidationMeasure.ofBursts }

        /// nil where there is nothing to compute it from.
        package subscript(measure: ValidationMeasure) -> Double? {
            switch measure {
            case .precision: spikes?.precision
            case .recall: spikes?.recall
            case .f1: spikes?.f1
            case .timingError: spikes?.meanErrorMs.map(abs)
            case .timingSpread: spikes?.sdErrorMs
            case .burstSpikesFound: bursts?.burstSpikesFound
            case .otherSpikesTaken: bursts?.otherSpikesTaken
            }
        }

        /// Whether a measure keeps its limit; a measure that has one and no value does not.
        package func holds(_ measure: ValidationMeasure) -> Bool {
            guard let limit = limits[measure] else { return true }
            guard let value = self[measure] else { return false }
            return measure.isCeiling ? value <= limit : value >= limit
        }
    }

    package var pipeline: String
    package var rows: [Row]

    package init(pipeline: String, rows: [Row]) {
        self.pipeline = pipeline
        self.rows = rows
    }

    package var failures: [(row: Row, measure: ValidationMeasure)] {
        rows.flatMap { row in row.measures.filter { !row.holds($0) }.map { (row, $0) } }
    }

    /// Says what is below its floor; nil where nothing is.
    package var failure: FerroError? {
        let lines = failures.map { row, measure in
            let limit = row.limits[measure].map { measure.text($0) } ?? ""
            return "\(row.fixture): \(measure.rawValue) of \(row.method) is \(measure.text(row[measure])), \(measure.isCeiling ? "ceiling" : "floor") \(limit)"
        }
        guard !lines.isEmpty else { return nil }
        return FerroError(
            .validation, "\(lines.count) measure\(lines.count > 1 ? "s are" : " is") not good enough", at: pipeline, excerpt: lines.joined(separator: "\n"))
    }

    // MARK: Text

    /// A table for each detector; a value that breaks its limit is followed by `!`.
    package var text: String {
        var seen: [String] = []
        for row in rows where !seen.contains(row.id) { seen.append(row.id) }
        return seen.map { id in
            let own = rows.filter { $0.id == id }
            let measures = own.first?.measures ?? []
            let isSpikes = own.first?.spikes != nil
            var lines = [["fixture"] + (isSpikes ? ["true", "detected"] : ["burst spikes", "other spikes"]) + measures.map(\.rawValue)]
            for row in own {
                let counts = row.spikes.map { [$0.expected, $0.detected] } ?? row.bursts.map { [$0.trueBurstSpikes, $0.otherSpikes] } ?? []
                lines.append(
                    [row.fixture] + counts.map(String.init)
                        + measures.map { (row[$0] == nil && row.holds($0) ? "-" : $0.text(row[$0])) + (row.holds($0) ? "" : " !") })
            }
            let title = own.first.map { "\($0.stage), \($0.method)" } ?? ""
            return title + "\n" + aligned(lines)
        }.joined(separator: "\n") + "\n" + (failures.isEmpty ? "every measure keeps its limit\n" : "")
    }

    private func aligned(_ lines: [[String]]) -> String {
        let widths = (lines.first ?? []).indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            let padded = zip(line, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }.joined(separator: "  ")
            return "  " + padded.trimmingCharacters(in: .whitespaces) + "\n"
        }.joined()
    }

    // MARK: JSON

    package func json() throws -> String {
        let entries = rows.flatMap { row in
            row.measures.compactMap { measure -> Entry? in
                guard row[measure] != nil || row.limits[measure] != nil else { return nil }
                return Entry(
                    fixture: row.fixture, detector: row.stage, method: row.method, measure: measure.rawValue, unit: measure.isDuration ? "ms" : "1",
                    value: row[measure], limit: row.limits[measure], limit_kind: measure.isCeiling ? "ceiling" : "floor", passed: row.holds(measure))
            }
        }
        let counts = rows.map { row in
            Counts(
                fixture: row.fixture, detector: row.stage, method: row.method, true_spikes: row.spikes?.expected, detected_spikes: row.spikes?.detected,
                matched_spikes: row.spikes?.matched, true_burst_spikes: row.bursts?.trueBurstSpikes, other_spikes: row.bursts?.otherSpikes)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let document = Document(pipeline: URL(fileURLWithPath: pipeline).lastPathComponent, passed: failures.isEmpty, counts: counts, measures: entries)
        return String(decoding: try encoder.encode(document), as: UTF8.self)
    }

    private struct Document: Encodable {
        var pipeline: String
        var passed: Bool
        var counts: [Counts]
        var measures: [Entry]
    }

    private struct Counts: Encodable {
        var fixture: String
        var detector: String
        var method: String
        var true_spikes: Int?
        var detected_spikes: Int?
        var matched_spikes: Int?
        var true_burst_spikes: Int?
        var other_spikes: Int?
    }

    private struct Entry: Encodable {
        var fixture: String
        var detector: String
        var method: String
        var measure: String
        var unit: String
        var value: Double?
        var limit: Double?
        var limit_kind: String
        var passed: Bool
    }
}
