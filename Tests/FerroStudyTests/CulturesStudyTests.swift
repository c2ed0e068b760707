// SPDX-License-Identifier: GPL-3.0-or-later
import FerroHDF5
import FerroPipeline
import FerroStatistics
import FerroStudy
import Foundation
import Testing

extension Tag {
    /// Needs the recordings that `FERROSPIKE_REAL_DATA` names.
    @Tag static var realData: Self
}

/// Where published spike lists are, and the studies written for them.
enum RealStudies {
    /// nil where the environment names no recordings.
    static let folder = ProcessInfo.processInfo.environment["FERROSPIKE_REAL_DATA"].flatMap { $0.isEmpty ? nil : $0 + "/spike-lists" }

    static func study(_ name: String) -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return root.path + "/fixtures/studies/\(name).yaml"
    }
}

/// `fixtures/studies/hippocampal-cultures.yaml` on the published spike lists it is written for.
@Suite(.tags(.realData), .enabled(if: RealStudies.folder != nil, "FERROSPIKE_REAL_DATA names no folder of recordings"))
struct CulturesStudyTests {
    /// The change of log rate from day 14 to day 21 of every culture, straight from the counts of the files.
    private func changes(_ recordings: [StudyRecording]) throws -> [String: [Double]] {
        var logRates: [String: [String: [Double]]] = [:]
        var groups: [String: String] = [:]
        for recording in recordings {
            let file = try HDF5File.open(recording.path)
            let counts = try file.dataset("/sCount").read(Double.self)
            let seconds: Double
            if file.exists("/recordingtime") {
                let bounds = try file.dataset("/recordingtime").read(Double.self)
                seconds = bounds[1] - bounds[0]
            } else {
                seconds = try #require(try file.dataset("/summary/duration").read(Double.self).first)
            }
            logRates[recording.subject, default: [:]][recording.session ?? "", default: []] += counts.map { log(($0 == 0 ? 0.5 : $0) / seconds) }
            groups[recording.subject] = recording.group
        }
        var changes: [String: [Double]] = [:]
        for (subject, sessions) in logRates {
            let (before, after) = (try #require(sessions["DIV14"]), try #require(sessions["DIV21"]))
            changes[try #require(groups[subject]), default: []] += [
                after.reduce(0, +) / Double(after.count) - before.reduce(0, +) / Double(before.count)
            ]
        }
        return changes
    }

    @Test func everyRecordingIsDoneAndTheGroupsAreThoseOfTheCounts() async throws {
        let folder = try #require(RealStudies.folder) + "/hippocampal-cultures"
        let scratch = try ScratchFolder()
        var definition = try StudyDefinition.load(RealStudies.study("hippocampal-cultures"))
        definition.recordings = folder + "/recordings.csv"
        let study = try StudyRun(definition, into: scratch.file("out"))
        #expect(study.recordings.count == 46)
        #expect(StudyRun.failure(try await study.process(RunOptions())) == nil)
        let results = try study.gather()

        let changes = try changes(study.recordings)
        #expect(changes.mapValues(\.count) == ["untreated": 6, "apv": 3, "u0126": 3])
        for (group, values) in changes {
            let row = try #require(results.groups.first { $0.outcome == "firing_rate_hz" && $0.group == group })
            #expect(row.n == values.count)
            #expect(abs(try #require(row.mean) - values.reduce(0, +) / Double(values.count)) < 1e-9, "\(group)")
        }
        // No culture was treated to bring firing back, and three against six cannot give less than 1 in 84.
        #expect(results.normalization.allSatisfy { $0.treated == nil && $0.rescueStatus == .noTreatedGroup && $0.verdict == .undetermined })
        #expect(results.normalization.allSatisfy { $0.pc.permutationMinimum == 1.0 / 84 })
    }
}
