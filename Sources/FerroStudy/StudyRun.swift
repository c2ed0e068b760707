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
    private let pipeline: Pipeline

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
        for (index, recording) in chosen.enumerated() {
            let directory = folder.directory(of: recording)
            let run = RecordingRun(pipeline: pipeline, options: numbered(options, index + 1, of: chosen.count))
            var gathered: GatheredRecording?
            var result: Result<RecordingRun.Outcome, FerroError>
            do {
                let outcome = try await run.run(file: recording.path, name: recording.folderName, directory: directory)
                gathered = try GatheredRecording(recording, manifest: outcome.manifest, directory: directory)
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

    private func choose(_ names: [String]) throws -> [StudyRecording] {
        let known = recordings.map(\.folderName)
        if let unknown = names.first(where: { !known.contains($0) }) {
            throw FerroError.usage(
                "the study has no recording `\(unknown)`", at: definition.recordings,
                advice: nearestWord(to: unknown, among: known).map { "did you mean `\($0)`?" } ?? "`ferrospike study plan` lists them")
        }
        return names.isEmpty ? recordings : recordings.filter { names.contains($0.folderName) }
    }

    private func refuseUnmeasured(_ measured: Set<String>) throws {
        guard let outcome = definition.outcomes.first(where: { !measured.contains($0.name) }) else { return }
        let names = measured.sorted()
        throw FerroError.usage(
            "the outcome `\(outcome.name)` is not measured by the pipeline", at: definition.source, expected: "one of \(names.joined(separator: ", "))",
            advice: nearestWord(to: outcome.name, among: names).map { "did you mean `\($0)`?" } ?? "add the stage that measures it to the pipeline")
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

    private func numbered(_ options: RunOptions, _ position: Int, of count: Int) -> RunOptions {
        guard let progress = options.progress else { return options }
        var numbered = options
        numbered.progress = { report in
            var report = report
            report.recording += " (\(position) of \(count))"
            progress(report)
        }
        return numbered
    }

    // MARK: Gather

    /// Reads what the recordings' folders hold, writes `outcomes.csv`, computes the statistics and writes their tables.
    ///
    /// Only finished results of this study's pipeline count. A recording whose last run failed counts again once its folder holds
    /// finished results of its file.
    ///
    /// - Throws: `FerroError`: input where no recording is done or the statistics are refused, usage for a study that does not fit.
    package func gather() throws -> StudyResults {
        try withCatalog { catalog in
            let known = try catalog.states()
            let configured = Set(definition.outcomes.map(\.name))
            var states: [StudyRecordingState] = []
            var rows: [OutcomeRow] = []
            var table = OutcomeTable.header(of: definition.design)
            for recording in recordings {
                try Interruption.check()
                // After a failure the folder may hold results of an earlier content of the file, so the file itself is read.
                let before = known[recording.folderName]
                let (state, gathered) = state(of: recording, known: before, readingInput: before?.status == .failed)
                try catalog.write(state, gathered)
                if let gathered {
                    if let measured = gathered.measured { try refuseUnmeasured(measured) }
                    for row in gathered.outcomes { OutcomeTable.append(row, to: &table, design: definition.design) }
                    rows += gathered.outcomes.filter { configured.contains($0.outcome) }
                }
                states.append(state)
            }
            // Nothing that is older than the outcomes stays beside them.
            try catalog.replaceStatistics([], [], warnings: [])
            try folder.removeDerived()
            guard states.contains(where: { $0.status == .done }) else { throw nothingDone(states) }
            try table.write(to: folder.outcomes)
            let results = try results(states, rows)
            try StudyStatistics.write(results.groups, results.normalization, into: folder.path)
            try catalog.replaceStatistics(results.groups, results.normalization, warnings: StudySummary.warnings(results))
            return results
        }
    }

    /// How far a recording has come, by its folder first and by what the catalog knew second.
    private func state(
        of recording: StudyRecording, known: (status: RecordingStatus, message: String?)?, readingInput: Bool
    ) -> (StudyRecordingState, GatheredRecording?) {
        let directory = folder.directory(of: recording)
        var state = StudyRecordingState(recording: recording, status: .pending, directory: directory)
        switch RecordingRun(pipeline: pipeline).standing(of: directory, file: recording.path, readingInput: readingInput) {
        case .finished(let manifest):
            do {
                let gathered = try GatheredRecording(recording, manifest: manifest, directory: directory)
                state.status = .done
                return (state, gathered)
            } catch {
                state.message = (error as? FerroError)?.sentence ?? "\(error)"
            }
        case .outdated(let reason): state.message = reason
        case .absent: break
        }
        if known?.status == .failed {
            state.status = .failed
            state.message = known?.message
        }
        return (state, nil)
    }

    private func nothingDone(_ states: [StudyRecordingState]) -> FerroError {
        let failed = states.filter { $0.status == .failed }
        guard failed.isEmpty else {
            return FerroError(
                .input, "no recording is done, so there is nothing to compare", at: folder.path,
                excerpt: StudySummary.list(failed.map { "\($0.recording.folderName): \($0.message ?? "failed")" }))
        }
        return FerroError.input("no recording is done, so there is nothing to compare", at: folder.path, advice: "run `ferrospike study run` first")
    }

    // MARK: Results again

    /// What a report needs, from `outcomes.csv` and the catalog as they are.
    ///
    /// - Throws: `FerroError` (input) where the study was not gathered.
    package func results() throws -> StudyResults {
        guard FileManager.default.fileExists(atPath: folder.outcomes) else {
            throw FerroError.input("the study is not gathered yet", at: folder.outcomes, advice: "run `ferrospike study gather` first")
        }
        let rows = try OutcomeTable.read(folder.outcomes, for: definition)
        return try withCatalog { catalog in
            let known = try catalog.states()
            let states = recordings.map { recording in
                let state = known[recording.folderName] ?? (.pending, nil)
                return StudyRecordingState(
                    recording: recording, status: state.status, message: state.message, directory: folder.directory(of: recording))
            }
            return try results(states, rows)
        }
    }

    private func results(_ states: [StudyRecordingState], _ rows: [OutcomeRow]) throws -> StudyResults {
        let computed = try StudyStatistics.placed(at: folder.outcomes) { try StudyStatistics.compute(definition, rows: rows) }
        let configured = Set(definition.outcomes.map(\.name))
        return StudyResults(
            definition: definition, recordings: states, outcomes: rows.filter { configured.contains($0.outcome) }, groups: computed.groups,
            normalization: computed.normalization)
    }

    // MARK: Catalog

    private func openCatalog() throws -> StudyCatalog {
        let catalog = try StudyCatalog(folder)
        try catalog.list(recordings, of: definition)
        return catalog
    }

    private func withCatalog<Value>(_ body: (StudyCatalog) throws -> Value) throws -> Value {
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
