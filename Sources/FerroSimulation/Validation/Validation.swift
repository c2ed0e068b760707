// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
package import FerroPipeline
import FerroRecordings
import FerroSpikes
import Foundation

/// Runs a pipeline's detectors on simulated recordings and compares what they find with the truth.
///
/// Each description of the folder is simulated when its turn comes and taken away again. Spikes are scored by `SpikeScore`. Burst detectors
/// are given the true spike trains, so that their score says nothing about spike detection.
package struct Validation: Sendable {
    private let pipeline: Pipeline
    private let detectors: [PlannedStage]
    private let fixtures: [(name: String, path: String)]
    private let floors: ValidationFloors
    private let options: RunOptions

    /// - Parameters:
    ///   - folder: descriptions of recordings and `floors.yaml`, or the folder above it where that stands in `validation`.
    ///   - pipelinePath: nil takes `pipelines/vhpc-extracellular.yaml` beside the fixtures.
    ///   - names: detectors by stage, id or method; none takes all of the pipeline.
    /// - Throws: `FerroError` (usage) for what is missing or contradicts itself.
    package init(fixtures folder: String, pipeline pipelinePath: String?, detectors names: [String], options: RunOptions = RunOptions()) throws {
        let folder = try Validation.folder(folder)
        let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
            .filter { $0.hasSuffix(".yaml") && $0 != ValidationFloors.fileName }.sorted()
        guard !files.isEmpty else {
            throw FerroError.usage("there are no descriptions of recordings", at: folder, expected: "files such as isolated-snr-8.yaml")
        }
        fixtures = files.map { (String($0.dropLast(5)), folder + "/" + $0) }
        floors = try ValidationFloors.load(folder + "/" + ValidationFloors.fileName, fixtures: fixtures.map(\.name))
        pipeline = try Pipeline.load(pipelinePath ?? Validation.shippedPipeline(near: folder)).withAllElectrodes()
        detectors = try Validation.choose(names, in: pipeline)
        self.options = options
    }

    package func run() async throws -> ValidationReport {
        var report = ValidationReport(pipeline: pipeline.path, rows: [])
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("ferrospike-validation-\(UUID().uuidString)").path
        do { try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true) } catch {
            throw FerroError.input("the temporary folder cannot be written", at: scratch, advice: "set TMPDIR to a folder that you may write to")
        }
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        do {
            for fixture in fixtures { report.rows += try await rows(of: fixture, in: scratch) }
        } catch let error as FerroError where error.kind == .interrupted {
            throw FerroError(.interrupted, "interrupted; run the same command again")
        }
        return report
    }

    /// Makes a recording, scores every detector on it and takes it away again.
    private func rows(of fixture: (name: String, path: String), in scratch: String) async throws -> [ValidationReport.Row] {
        try Interruption.check()
        let path = scratch + "/" + fixture.name + ".nwb"
        let made: SimulatedRecording
        do {
            made = try simulateRecording(spec: RecordingSpec.load(fixture.path), to: path, name: fixture.name)
        } catch let error as FerroError {
            throw error.place == nil ? error.inside(fixture.path) : error
        }
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await score(fixture.name, path, made.truth)
    }

    private func score(_ fixture: String, _ path: String, _ truth: GroundTruth) async throws -> [ValidationReport.Row] {
        var rows: [ValidationReport.Row] = []
        for detector in detectors {
            let setting = { (key: String) in detector.resolved.first { $0.key == key }?.value }
            let floor = floors.fixtures[fixture]
            var row = ValidationReport.Row(
                fixture: fixture, stage: detector.name, id: detector.id, method: setting("method") ?? detector.name,
                limits: floor?.limits ?? [:])
            if detector.kind == .gather {
                let outcome = try await RecordingAnalysis(pipeline: pipeline, recording: openRecording(path), name: fixture, options: options).run()
                let deadTime = try setting("dead-time").map { try parseQuantity($0, as: Seconds.self) } ?? Seconds(0)
                let score = SpikeScore(detectable: floor?.detectable ?? 0, deadTime: deadTime, tolerance: floors.tolerance)
                row.spikes = score.comparison(of: outcome.findings.units.map(\.train), with: truth)
            } else {
                row.bursts = try bursts(of: detector, in: truth)
            }
            rows.append(row)
        }
        return rows
    }

    private func bursts(of detector: PlannedStage, in truth: GroundTruth) throws -> BurstComparison {
        var findings = Findings(electrodes: [], segments: truth.units.first?.train.observed ?? [])
        findings.units = truth.units.map { UnitResult(train: $0.train) }
        if let stage = detector.stage as? any DeriveStage { try stage.derive(id: detector.id, &findings) }
        return BurstComparison(
            summing: zip(truth.units, findings.units).map { unit, found in
                BurstComparison(
                    detected: found.bursts?.map(\.spikes) ?? [], expected: unit.bursts.map(\.spikes), spikes: unit.train.times.count)
            })
    }

    // MARK: What is validated

    private static func folder(_ given: String) throws -> String {
        let candidates = [given, given + "/validation"]
        guard let found = candidates.first(where: { FileManager.default.fileExists(atPath: $0 + "/" + ValidationFloors.fileName) }) else {
            let exists = FileManager.default.fileExists(atPath: given)
            throw FerroError.usage(
                exists ? "there is no \(ValidationFloors.fileName) in the folder" : "there is no such folder", at: given,
                expected: "a folder of descriptions of recordings and a \(ValidationFloors.fileName), such as fixtures/validation")
        }
        return found
    }

    private static func shippedPipeline(near folder: String) throws -> String {
        let name = "pipelines/vhpc-extracellular.yaml"
        var ancestor = URL(fileURLWithPath: folder).standardizedFileURL
        for _ in 0..<3 {
            ancestor = ancestor.deletingLastPathComponent()
            let path = ancestor.appendingPathComponent(name).path
            if FileManager.default.fileExists(atPath: path) { return path }
        }
        throw FerroError.usage("there is no \(name) above the folder", at: folder, advice: "name a pipeline with --pipeline")
    }

    /// The stages that detect something, or those of them that were asked for.
    private static func choose(_ names: [String], in pipeline: Pipeline) throws -> [PlannedStage] {
        let all = pipeline.stages.filter { [DetectSpikesStage.documentation.name, DetectBurstsStage.documentation.name].contains($0.name) }
        guard !all.isEmpty else {
            throw FerroError.usage("the pipeline detects nothing", at: pipeline.path, expected: "detect-spikes or detect-bursts among its stages")
        }
        func words(_ stage: PlannedStage) -> [String] { [stage.name, stage.id] + stage.resolved.filter { $0.key == "method" }.map(\.value) }
        let known = all.flatMap(words)
        for name in names where !known.contains(name) {
            let distinct = known.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
            throw FerroError.usage(
                "`\(name)` is not a detector of the pipeline", at: pipeline.path, expected: "one of \(distinct.joined(separator: ", "))",
                advice: nearestWord(to: name, among: distinct).map { "did you mean `\($0)`?" } ?? "set the method in a pipeline and name it with --pipeline")
        }
        return names.isEmpty ? all : all.filter { stage in words(stage).contains(where: names.contains) }
    }
}
