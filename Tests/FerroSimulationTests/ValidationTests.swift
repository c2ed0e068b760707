// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline
import FerroSimulation
import FerroSpikes
import Foundation
import Testing

@Suite struct ValidationTests {
    private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// A folder with one small description and the floors of it.
    private func fixtures(_ limits: String = "precision: 0.9, recall: 0.9, f1: 0.95") throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let spec = """
            ferrospike-recording: 1
            seed: 1
            duration: 3 s
            rate: 30 kHz
            electrodes: {geometry: linear, count: 8, pitch: 60 um}
            neurons: [{count: 8, snr: 8, rate: 20 Hz, bursting: {fraction: 0.3}}]
            background: {noise: 6 uV}
            """
        try Data(spec.utf8).write(to: URL(fileURLWithPath: folder.path("small.yaml")))
        try Data("ferrospike-floors: 1\ntolerance: 0.4 ms\nfixtures:\n  small: {detectable: 8, \(limits)}\n".utf8)
            .write(to: URL(fileURLWithPath: folder.path("floors.yaml")))
        return folder
    }

    private func pipeline(threshold: String, in folder: TemporaryFolder) throws -> String {
        let text = try String(contentsOfFile: root + "/pipelines/vhpc-extracellular.yaml", encoding: .utf8)
        let changed = text.replacing("threshold: 5", with: "threshold: \(threshold)")
        try FileManager.default.createDirectory(atPath: folder.path("pipelines"), withIntermediateDirectories: true)
        let path = folder.path("pipelines/changed.yaml")
        try Data(changed.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test func theShippedPipelineKeepsItsFloors() async throws {
        let report = try await Validation(fixtures: root + "/fixtures", pipeline: nil, detectors: []).run()
        #expect(report.failure == nil, "\(report.failure?.description ?? "")")
        let spikes = report.rows.filter { $0.spikes != nil }
        #expect(spikes.count >= 6 && spikes.count * 2 == report.rows.count)
        // The promise: neurons of a signal-to-noise ratio of 8 and more are found with an F1 of at least 0.95.
        for row in spikes where row.fixture != "isolated-snr-5" { #expect((row[.f1] ?? 0) >= 0.95, "\(row.fixture)") }
        #expect(report.text.contains("every measure keeps its limit"))
    }

    @Test func aSpoiledThresholdFallsBelowItsFloor() async throws {
        let folder = try fixtures()
        let clean = try await Validation(fixtures: folder.path, pipeline: pipeline(threshold: "5", in: folder), detectors: ["detect-spikes"]).run()
        #expect(clean.failure == nil, "\(clean.text)")
        let report = try await Validation(fixtures: folder.path, pipeline: pipeline(threshold: "25", in: folder), detectors: []).run()
        let failure = try #require(report.failure)
        #expect(failure.kind == .validation && failure.exitCode == 5)
        #expect(failure.description.contains("small: recall of locally-exclusive is 0, floor 0.9"), "\(failure)")
        #expect(report.text.contains("!"))
        #expect(try report.json().contains("\"passed\" : false"))
    }

    @Test func burstsAreScoredOnTheTrueTrains() async throws {
        let folder = try fixtures("burst-spikes-found: 0.99, other-spikes-taken: 0.01")
        // A threshold that finds no spike leaves the score of the burst detector as it is.
        let rows = try await [pipeline(threshold: "5", in: folder), pipeline(threshold: "500", in: folder)].asyncMap {
            try await Validation(fixtures: folder.path, pipeline: $0, detectors: ["max-interval"]).run().rows
        }
        #expect(rows[0].count == 1 && rows[0][0].bursts == rows[1][0].bursts)
        let row = rows[0][0]
        #expect((row.bursts?.trueBurstSpikes ?? 0) > 100)
        #expect(row[.burstSpikesFound] == 1 && row.holds(.burstSpikesFound))
        // At 20 Hz single spikes come within 9 ms of each other by chance, so the ceiling of 1 % breaks.
        #expect((row[.otherSpikesTaken] ?? 0) > 0.01 && !row.holds(.otherSpikesTaken))
    }

    @Test func theScoreDoesNotDependOnWorkers() async throws {
        let folder = try fixtures()
        let path = try pipeline(threshold: "5", in: folder)
        let reports = try await [1, 3].asyncMap { workers in
            var options = RunOptions()
            options.workers = workers
            return try await Validation(fixtures: folder.path, pipeline: path, detectors: [], options: options).run().json()
        }
        #expect(reports[0] == reports[1])
    }

    @Test(arguments: [
        ("max-intervall", "did you mean `max-interval`"), ("by-channel", "not a detector of the pipeline"), ("firing", "not a detector"),
    ])
    func unknownDetectorsAreRefused(name: String, word: String) throws {
        let error = try #require(throws: FerroError.self) { try Validation(fixtures: root + "/fixtures", pipeline: nil, detectors: [name]) }
        #expect(error.kind == .usage && error.description.contains(word), "\(error)")
    }

    @Test func aMeasureWithoutAValueBreaksItsLimit() throws {
        let nothing = SpikeComparison(detected: [], expected: [1], tolerance: Seconds(0.001))
        var row = ValidationReport.Row(
            fixture: "f", stage: "detect-spikes", id: "detect-spikes", method: "by-channel", limits: [.precision: 0.1, .timingError: 1], spikes: nothing)
        #expect(!row.holds(.precision) && !row.holds(.timingError) && row.holds(.recall))
        row.limits = [:]
        #expect(row.holds(.precision))
        #expect(ValidationReport(pipeline: "p", rows: [row]).failure == nil)
    }

    @Test(arguments: [
        ("ferrospike-floors: 1\ntolerance: 0.4 ms\nfixtures: {a: {detectable: 8, f2: 1}}", "3:31", "`f1`"),
        ("ferrospike-floors: 1\ntolerance: 0.4\nfixtures: {a: {detectable: 8}}", "2:12", "no unit"),
        ("ferrospike-floors: 1\ntolerance: 0.4 ms\nfixtures: {a: {detectable: 8}, aa: {detectable: 8}}", "3:32", "not a known key"),
        ("ferrospike-floors: 1\ntolerance: 0.4 ms\nfixtures: {}", "3:11", "`a` has no floors"),
        ("ferrospike-floors: 1\ntolerance: 0.4 ms\nfixtures: {a: {detectable: 8, f1: 95}}", "3:35", "share"),
        ("ferrospike-floors: 1\ntolerance: 0.4 ms\nfixtures: {a: {f1: 0.9}}", "3:15", "`detectable` is missing"),
    ])
    func mistakesInTheFloorsAreRefusedAtTheirPlace(text: String, place: String, word: String) throws {
        let error = try #require(throws: FerroError.self) { try ValidationFloors.parse(text, fixtures: ["a"]) }
        #expect(error.place == "floors.yaml:\(place)", "\(error)")
        #expect(error.description.contains(word), "\(error)")
    }

    @Test func aFolderWithoutFloorsIsRefused() throws {
        let folder = try TemporaryFolder()
        let error = try #require(throws: FerroError.self) { try Validation(fixtures: folder.path, pipeline: nil, detectors: []) }
        #expect(error.kind == .usage && error.description.contains("floors.yaml"))
    }
}

extension Array {
    /// One after the other.
    fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async throws -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
