// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
package import FerroPipeline
import FerroStatistics
import Foundation

/// A study from its table of recordings to its results, in steps: plan, process, gather. Each leaves the catalog in order, so that
/// a step can be repeated, and a run that was stopped can go on.
package struct StudyRun: Sendable {
    package let definition: StudyDefinition
    package let recordings: [StudyRecording]
    package let folder: StudyFolder
    let pipeline: Pipeline

    /// Reads and checks everything but the recordings themselves, then tries whether `directory` can be written.
    ///
    /// - Parameter checkFiles: whether a recording's file that is missing is refused.
    /// - Throws: `FerroError`: usage for a study without pipeline or recordings, input for a table that is refused.
    package init(_ definition: StudyDefinition, into directory: String, checkFiles: Bool = true) throws {
        guard let pipelinePath = definition.pipeline else {
            throw FerroError.usage("the study names no pipeline", at: definition.source, expected: "a line such as `pipeline: pipeline.yaml`")
        }
        guard let table = definition.recordings else {
            throw FerroError.usage(
                "the study names no recordings", at: definition.source, expected: "a line such as `recordings: recordings.csv`",
                advice: "or give the table with --recordings")
        }
        self.definition = definition
        pipeline = try Pipeline.load(pipelinePath)
        recordings = try RecordingsTable.read(table, for: definition, checkFiles: checkFiles)
        folder = StudyFolder(directory)
        try BatchRun.prepare(directory)
    }

    // MARK: Plan

    /// A recording with what a run would do about it.
    package struct Planned: Sendable {
        package enum Standing: String, Sendable {
            /// To run.
            case pending
            /// Finished with the same input, pipeline and version: `--resume` keeps it.
            case done
            /// Finished once, with something different: to run again.
            case changed
            /// The last run failed: to run again.
            case failed
        }

        package var recording: StudyRecording
        package var directory: String
        package var standing: Standing
        /// What is different, or why it failed.
        package var message: String?
    }

    /// Says what is done and what is to run, and brings the catalog up to date. Inputs of finished recordings are read to see whether
    /// they are the same.
    package func plan() throws -> [Planned] {
        try withCatalog { catalog in
            let known = try catalog.states()
            return try recordings.map { recording in
                try Interruption.check()
                let (state, gathered) = state(of: recording, known: known[recording.folderName], readingInput: true)
                try catalog.write(state, gathered)
                let standing: Planned.Standing =
                    switch state.status {
                    case .done: .done
                    case .failed: .failed
                    case .pending: state.message == nil ? .pending : .changed
                    }
                return Planned(recording: recording, directory: state.directory, standing: standing, message: state.message)
            }
        }
    }

    // MARK: Process

    /// A recording that was just dealt with.
    package struct Report: Sendable {
        package var recording: StudyRecording
        package var directory: String
        package var result: Result<RecordingRun.Outcome, FerroError>
    }

    /// Runs the pipeline over every recording, in the order of the table. One that fails is noted and the others go on.
    ///
    /// - Parameters:
    ///   - only: folder names of the recordings to run; all of them where it is empty.
    ///   - report: is told of each recording when it is through.
    /// - Throws: `FerroError`: interrupted when the process was asked to stop (what was finished is kept), usage where the pipeline does
    ///   not measure what the study asks for (after the first recording), input where the catalog cannot be written.
    package func process(_ options: RunOptions, only: [String] = [], report: (Report) -> Void = { _ in }) async throws -> [Report] {
        let chosen = try choose(only)
        let catalog = try openCatalog()
        var reports: [Report] = []
        var isChecked = false
        let runner = RecordingRunner(pipeline: pipeline, options: options)
        for (index, recording) in chosen.enumerated() {
            let directory = folder.directory(of: recording)
            var gathered: GatheredRecording?
            var result: Result<RecordingRun.Outcome, FerroError>
            do {
                let outcome = try await runner.run(
                    file: recording.path, name: recording.folderName, directory: directory, stretch: recording.stretch,
                    progress: numbered(options, index + 1, of: chosen.count))
                gathered = try GatheredRecording(recording, manifest: outcome.manifest, directory: directory, matching: matching)
                result = .success(outcome)
            } catch let error as FerroError where error.kind != .interrupted {
                result = .failure(error)
            }
            if let gathered {
                try catalog.replace(gathered)
                if !isChecked, let measured = gathered.measured {
                    try refuseUnmeasured(measured)
                    isChecked = true
                }
            } else if case .failure(let error) = result {
                try catalog.mark(recording, .failed, message: error.sentence)
            }
            let latest = Report(recording: recording, directory: directory, result: result)
            report(latest)
            reports.append(latest)
        }
        try catalog.close()
        return reports
    }

    /// How units are matched over files; nil where they are not.
    var matching: UnitMatching? { definition.design == .epochs ? definition.unitMatching : nil }

    private func choose(_ names: [String]) throws -> [StudyRecording] {
        let known = recordings.map(\.folderName)
        if let unknown = names.first(where: { !known.contains($0) }) {
            throw FerroError.usage(
                "the study has no recording `\(unknown)`", at: definition.recordings,
                advice: nearestWord(to: unknown, among: known).map { "did you mean `\($0)`?" } ?? "`ferrospike study plan` lists them")
        }
        return names.isEmpty ? recordings : recordings.filter { names.contains($0.folderName) }
    }

    func refuseUnmeasured(_ measured: Set<String>) throws {
        let outcome = definition.outcomes.map(\.name).first { !measured.contains($0) }
        let measure = definition.exclusions?.bounds.map(\.measure).first { !measured.contains($0) }
        guard let missing = outcome ?? measure else { return }
        let names = measured.sorted()
        throw FerroError.usage(
            outcome == nil
                ? "`\(missing)`, which the study excludes units by, is not measured by the pipeline"
                : "the outcome `\(missing)` is not measured by the pipeline",
            at: definition.source, expected: "one of \(names.joined(separator: ", "))",
            advice: nearestWord(to: missing, among: names).map { "did you mean `\($0)`?" } ?? "add the stage that measures it to the pipeline")
    }

    /// What a run ends with where recordings failed: the first failure's kind where nothing is done, else that some failed.
    package static func failure(_ reports: [Report]) -> FerroError? {
        let failures = reports.compactMap { report -> (name: String, error: FerroError)? in
            if case .failure(let error) = report.result { (report.recording.folderName, error) } else { nil }
        }
        guard let first = failures.first else { return nil }
        let list = StudySummary.list(failures.map { "\($0.name): \($0.error.sentence)" })
        guard failures.count < reports.count else {
            return FerroError(first.error.kind, "all \(failures.count) recordings failed, so there is nothing to compare", excerpt: list)
        }
        return FerroError(.partial, "\(failures.count) of \(reports.count) recordings failed; the rest are done", excerpt: list)
    }

    private func numbered(_ options: RunOptions, _ position: Int, of count: Int) -> (@Sendable (RunProgress) -> Void)? {
        guard let progress = options.progress else { return nil }
        return { report in
            var report = report
            report.recording += " (\(position) of \(count))"
            progress(report)
        }
    }

    // MARK: Catalog

    private func openCatalog() throws -> StudyCatalog {
        let catalog = try StudyCatalog(folder)
        try catalog.list(recordings, of: definition)
        return catalog
    }

    func withCatalog<Value>(_ body: (StudyCatalog) throws -> Value) throws -> Value {
        let catalog = try openCatalog()
        let value = try body(catalog)
        try catalog.close()
        return value
    }
}

extension FerroError {
    /// Without the excerpt, which needs lines of its own.
    var sentence: String {
        var copy = self
        copy.excerpt = nil
        return copy.description
    }
}
