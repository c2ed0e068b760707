// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline
import FerroRecordings
import Foundation
import Testing

/// Recordings of every layout, made by h5py and PyNWB with what they hold computed there (fixtures/generators/formats).
///
/// The names of the arguments are the cells of the table in docs/formats.md.
@Suite struct FormatFixtureTests {
    struct Series: Decodable, Sendable {
        let path: String
        let rate_hz: Double
        let microvolts: [[Float]]
        let electrodes: [String]
        let segments: [[Double]]
        let positions: [[Double]]?
    }

    struct Valid: Decodable, Sendable, CustomTestStringConvertible {
        let name: String
        let file: String
        let format: String
        let series: [Series]
        let recording: String?
        let units: [String: [Double]]?
        let observed: [String: [[Double]]]?
        let warnings: [String]
        let allow_external: Bool
        var testDescription: String { name }
    }

    struct Refused: Decodable, Sendable, CustomTestStringConvertible {
        let name: String
        let file: String
        let words: [String]
        let recording: String?
        let allow_external: Bool
        var testDescription: String { name }
    }

    struct Expected: Decodable, Sendable {
        let valid: [Valid]
        let refused: [Refused]
    }

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("fixtures/formats").path
    static let expected: Expected = {
        let json = (try? Data(contentsOf: URL(fileURLWithPath: folder + "/expected.json"))) ?? Data()
        return (try? JSONDecoder().decode(Expected.self, from: json)) ?? Expected(valid: [], refused: [])
    }()

    private func declarations(_ recording: String?, allowsExternal: Bool) throws -> RecordingDeclarations {
        var declared = RecordingDeclarations.none
        if let recording {
            let lines = recording.split(separator: "\n").map { "  \($0)\n" }.joined()
            let pipeline = try Pipeline.parse("ferrospike: 1\nrecording:\n\(lines)stages:\n  - detect-spikes\n")
            declared = pipeline.recording.declared
            // What is resolved says the same.
            #expect(try Pipeline.parse(pipeline.resolvedYAML(series: nil)).recording == pipeline.recording)
        }
        declared.allowsExternal = allowsExternal
        return declared
    }

    private func isRight(_ value: Float, _ wanted: Float) -> Bool { value == wanted || abs(value - wanted) <= wanted.ulp }

    @Test func thereIsEnoughOfEach() {
        #expect(Self.expected.valid.count >= 20)
        #expect(Self.expected.refused.count >= 25)
    }

    @Test(arguments: expected.valid) func everyValidLayoutReadsAsComputed(_ fixture: Valid) throws {
        let declared = try declarations(fixture.recording, allowsExternal: fixture.allow_external)
        let recording = try openRecording(Self.folder + "/" + fixture.file, declared: declared)
        #expect(recording.format.rawValue == fixture.format)
        for wanted in fixture.series {
            let series = try #require(recording.series.first { $0.path == wanted.path }, "\(recording.series.map(\.path)) \(recording.problems)")
            #expect(abs(series.rate.hertz / wanted.rate_hz - 1) < 1e-9)
            #expect(series.frames == wanted.microvolts.count)
            #expect(series.electrodes.map(\.id) == wanted.electrodes)
            #expect(series.segments.map { [$0.frames.lowerBound, $0.frames.count] } == wanted.segments.map { [Int($0[1]), Int($0[2])] })
            for (segment, start) in zip(series.segments, wanted.segments) { #expect(abs(segment.start - start[0]) < 1e-9 * max(1, abs(start[0]))) }
            if let positions = wanted.positions {
                #expect(series.electrodes.map { $0.position.map { [$0.x, $0.y, $0.z] } } == positions)
            }
            let signal = try recording.signal(of: wanted.path)
            let all = Array(series.electrodes.indices)
            let whole = try signal.read(0..<series.frames, columns: all, origin: 0)
            for (frame, row) in wanted.microvolts.enumerated() {
                for column in all where !isRight(whole[frame, column], row[column]) {
                    Issue.record("frame \(frame), column \(column): \(whole[frame, column]) instead of \(row[column])")
                    return
                }
            }
            // Any part, in any order of columns, is a part of the whole.
            for frames in [0..<1, series.frames / 3..<series.frames - 1, 5 % series.frames..<5 % series.frames] {
                for columns in [all, all.reversed(), [all.count - 1]] {
                    let block = try signal.read(frames, columns: columns, origin: 2)
                    for frame in frames {
                        for (channel, column) in columns.enumerated() { #expect(block[frame - 2, channel] == whole[frame, column]) }
                    }
                }
            }
        }
        let inspection = RecordingInspection(recording, declared: declared)
        let refused = Set(inspection.problems.filter { $0.severity == .refusal }.map(\.message))
        #expect(refused.isEmpty)
        for words in fixture.warnings {
            #expect(inspection.problems.contains { $0.severity == .warning && $0.message.contains(words) }, "\(inspection.problems)")
        }
        if let units = fixture.units {
            let table = try recording.units()
            #expect(Set(table.trains.map(\.id)) == Set(units.keys))
            for train in table.trains { #expect(train.times == units[train.id]) }
            #expect(try #require(recording.unitCounts) == (units.count, units.values.reduce(0) { $0 + $1.count }))
            for train in table.trains {
                guard let observed = fixture.observed?[train.id] else { continue }
                #expect(train.observed.count == observed.count)
                for (one, wanted) in zip(train.observed, observed) { #expect(abs(one.start - wanted[0]) < 1e-9 && abs(one.stop - wanted[1]) < 1e-9) }
            }
        }
    }

    @Test(arguments: expected.refused) func everyRefusedLayoutSaysWhy(_ fixture: Refused) throws {
        let path = Self.folder + "/" + fixture.file
        var messages: [String] = []
        do {
            let declared = try declarations(fixture.recording, allowsExternal: fixture.allow_external)
            let recording = try openRecording(path, declared: declared)
            messages = RecordingInspection(recording, declared: declared).problems.filter { $0.severity == .refusal }.map(\.message)
            #expect(messages.allSatisfy { !$0.contains(Self.folder) })
        } catch let error as FerroError {
            // A mistake in the pipeline is shown there; all else names the file.
            #expect(error.kind == .usage || error.kind == .input && error.place?.hasPrefix(path) == true, "\(error)")
            messages = ["\(error)"]
        }
        #expect(messages.contains { message in fixture.words.allSatisfy { message.contains($0) } }, "\(messages)")
    }
}
