// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline
import FerroStatistics
import FerroStudy
import Foundation

/// What the simulation of a cohort wrote.
package struct SimulatedCohort: Sendable {
    /// The study file, which `ferrospike study run` takes.
    package var study: String
    package var recordings: Int
    package var spikes: Int
    /// Samples that did not fit into 16 bits.
    package var saturated: Int

    /// `out/study.yaml: 40 recordings, 312000 spikes; truth in truth.csv`.
    package var text: String {
        "\(study): \(recordings) recordings, \(spikes) spikes"
            + (saturated > 0 ? "; \(saturated) samples did not fit into 16 bits" : "") + "; truth.csv says what the study should find"
    }
}

/// Simulates every animal of a cohort and writes a study of them into `directory`: `recordings/<subject>.nwb`, `recordings.csv`,
/// `pipeline.yaml` (a copy), `truth.csv` and, last of all, `study.yaml`.
///
/// Equal descriptions make equal bytes, whatever the number of workers.
/// - Parameters:
///   - workers: animals simulated at once; 0 takes one per processor.
///   - progress: called after each animal with how many are done.
/// - Throws: `FerroError` (usage) for a description that contradicts itself, (input) where the folder cannot be written.
@discardableResult
package func simulateCohort(
    _ spec: CohortSpec, into directory: String, workers: Int = 0, progress: (@Sendable (_ done: Int, _ of: Int) -> Void)? = nil
) async throws -> SimulatedCohort {
    try spec.check()
    let pipeline = try Pipeline.load(spec.pipeline)
    let files = try CohortFiles(directory)
    let subjects = spec.subjects
    var cohort = SimulatedCohort(study: files.path("study.yaml"), recordings: subjects.count, spikes: 0, saturated: 0)
    var done = 0
    do {
        try await runInOrder(subjects, workers: workers > 0 ? workers : ProcessInfo.processInfo.activeProcessorCount) { subject in
            do {
                let made = try simulateRecording(spec: subject.recording, to: files.recording(subject.name), name: subject.name)
                return (spikes: made.truth.units.reduce(0) { $0 + $1.frames.count }, saturated: made.saturated)
            } catch let error as FerroError {
                throw error.inside(subject.name)
            }
        } deliver: { _, made in
            cohort.spikes += made.spikes
            cohort.saturated += made.saturated
            done += 1
            progress?(done, subjects.count)
        }
    } catch let error as FerroError where error.kind == .interrupted {
        throw FerroError(.interrupted, "interrupted; nothing of the study stands yet, run the same command again")
    }
    try spec.truthTable.write(to: files.path("truth.csv"))
    try spec.recordingsTable(subjects).write(to: files.path("recordings.csv"))
    try files.copy(spec.pipeline, as: "pipeline.yaml")
    try files.write(spec.studyFile(withBursts: pipeline.stages.contains { $0.name == "detect-bursts" }), as: "study.yaml")
    return cohort
}

/// The folder of a cohort.
private struct CohortFiles: Sendable {
    let directory: String

    /// Makes the folders; a study of an earlier cohort is taken away first, so that what stands there when all is done is of this one.
    init(_ directory: String) throws {
        self.directory = directory
        do {
            try FileManager.default.createDirectory(atPath: directory + "/recordings", withIntermediateDirectories: true)
            if FileManager.default.fileExists(atPath: path("study.yaml")) { try FileManager.default.removeItem(atPath: path("study.yaml")) }
        } catch {
            throw FerroError.input(
                "the output folder cannot be written", at: directory, expected: "a folder that you may write to", advice: "choose another with -o")
        }
    }

    func path(_ name: String) -> String { directory + "/" + name }
    func recording(_ subject: String) -> String { path("recordings/\(subject).nwb") }

    func write(_ text: String, as name: String) throws {
        do { try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)), options: .atomic) } catch {
            throw FerroError.input("the file cannot be written", at: path(name), expected: "space and the right to write")
        }
    }

    func copy(_ source: String, as name: String) throws {
        guard let data = FileManager.default.contents(atPath: source) else { throw FerroError.usage("the file cannot be read", at: source) }
        try write(String(decoding: data, as: UTF8.self), as: name)
    }
}

extension CohortSpec {
    fileprivate func recordingsTable(_ subjects: [CohortSubject]) -> CSVText {
        var table = CSVText(columns: ["recording", "file", "subject", "cage", "group", "session"])
        for subject in subjects {
            table.append([subject.name, "recordings/\(subject.name).nwb", subject.name, subject.cage, subject.group, "1"])
        }
        return table
    }

    fileprivate var truthTable: CSVText {
        var table = CSVText(columns: [
            "outcome", "group", "role", "target", "true_log_difference", "true_ratio", "restored_fraction", "expected_verdict",
        ])
        for row in truth {
            table.append([
                row.outcome, row.group, row.role.rawValue, row.target ?? "", CSVText.number(row.logDifference),
                CSVText.number(exp(row.logDifference)), CSVText.number(row.restored), row.verdict?.rawValue ?? "",
            ])
        }
        return table
    }

    /// The study as `ferrospike study run` takes it.
    func studyFile(withBursts: Bool) -> String {
        var text = """
            # Simulated animals; truth.csv says what the study should find.
            ferrospike-study: 1
            title: \(quoted(title))
            pipeline: pipeline.yaml
            recordings: recordings.csv
            groups:

            """
        for group in groups {
            let target = group.condition.target.map { ", target: \(quoted($0))" } ?? ""
            text += "  \(quoted(group.condition.name)): {role: \(group.condition.role.rawValue), label: \(quoted(group.condition.label))\(target)}\n"
        }
        text += """
            unit-of-analysis: subject
            outcomes:
              firing_rate_hz: {scale: log, primary: true, equivalence: \(shortest(equivalence)) log, label: Firing rate (Hz)}

            """
        if withBursts { text += "  burst_rate_per_min: {scale: log, label: Bursts per minute}\n" }
        text +=
            "statistics: {seed: \(statistics.seed), permutations: \(statistics.permutations), bootstrap: \(statistics.bootstrap), "
            + "multiplicity: \(statistics.multiplicity.rawValue)}\n"
        return text
    }

    /// Double-quoted, so that no text can be taken for YAML.
    private func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n") + "\""
    }
}
