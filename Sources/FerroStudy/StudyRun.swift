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
        package var recording: StudyRecording
        package var directory: String
        /// `pending`: to run; `done`: `--resume` would keep it; `failed`: it failed and is to run again.
        package var status: RecordingStatus
        /// Why it failed, or what is different from the results that are there.
        package var message: String?
    }

    /// Says what is done and what is to run, and lists the recordings in the catalog. Inputs of finished recordings are read to see
    /// whether they are the same.
    package func plan() throws -> [Planned] {
        try withCatalog { catalog in
            let known = try catalog.states()
            let run = RecordingRun(pipeline: pipeline)
            return try recordings.map { recording in
                try Interruption.check()
                let planned = plan(recording, known[recording.folderName], run)
                if planned.status != known[recording.folderName]?.status || planned.message != known[recording.folderName]?.message {
                    if planned.status == .done, let gathered = try? gathered(recording) {
                        try catalog.replace(gathered)
                    } else {
                        try catalog.mark(recording, planned.status, message: planned.message)
                    }
                }
                return planned
            }
        }
    }

    private func plan(_ recording: StudyRecording, _ known: (status: RecordingStatus, message: String?)?, _ run: RecordingRun) -> Planned {
        let directory = folder.directory(of: recording)
        var planned = Planned(recording: recording, directory: directory, status: .pending)
        switch run.standing(of: directory, file: recording.path, readingInput: true) {
        case .finished: planned.status = .done
        case .outdated(let reason): planned.message = reason
        case .absent: break
        }
        if planned.status == .pending, known?.status == .failed {
            planned.status = .failed
            planned.message = known?.message
        }
        return planned
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
            var result: Result<RecordingRun.Outcome, FerroError>
            do {
                let outcome = try await run.run(file: recording.path, name: recording.folderName, directory: directory)
                let gathered = try GatheredRecording(recording, manifest: outcome.manifest, directory: directory)
                try catalog.replace(gathered)
                result = .success(outcome)
                if !isChecked, let measured = gathered.measured {
                    try refuseUnmeasured(measured)
                    isChecked = true
                }
            } catch let error as FerroError where isOfOneRecording(error) {
                try catalog.mark(recording, .failed, message: error.sentence)
                result = .failure(error)
            }
            reports.append(Report(recording: recording, directory: directory, result: result))
            report(reports[index])
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

    /// Errors of the study as a whole stop it, those of a recording do not.
    private func isOfOneRecording(_ error: FerroError) -> Bool {
        error.kind != .interrupted && error.place?.hasPrefix(folder.catalog) != true && error.place != definition.source
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
            var states: [StudyRecordingState] = []
            var rows: [OutcomeRow] = []
            for recording in recordings {
                try Interruption.check()
                let (state, gathered) = state(of: recording, known: known[recording.folderName])
                if let gathered {
                    try catalog.replace(gathered)
                    rows += gathered.outcomes
                } else {
                    try catalog.mark(recording, state.status, message: state.message)
                }
                states.append(state)
            }
            guard states.contains(where: { $0.status == .done }) else { throw nothingDone(states) }
            try OutcomeTable.text(rows, design: definition.design).write(to: folder.outcomes)
            let results = try results(states, rows)
            try StudyStatistics.write(results.groups, results.normalization, into: folder.path)
            try catalog.replaceStatistics(results.groups, results.normalization, warnings: StudySummary.warnings(results))
            return results
        }
    }

    private func state(
        of recording: StudyRecording, known: (status: RecordingStatus, message: String?)?
    ) -> (StudyRecordingState, GatheredRecording?) {
        let directory = folder.directory(of: recording)
        var state = StudyRecordingState(recording: recording, status: .pending, directory: directory)
        // After a failure the folder may hold results of an earlier content of the file, so the file itself is read.
        let standing = RecordingRun(pipeline: pipeline).standing(of: directory, file: recording.path, readingInput: known?.status == .failed)
        switch standing {
        case .finished(let manifest):
            do {
                let gathered = try GatheredRecording(recording, manifest: manifest, directory: directory)
                state.status = .done
                return (state, gathered)
            } catch {
                state.status = .failed
                state.message = (error as? FerroError)?.sentence ?? "\(error)"
            }
        case .outdated(let reason): state.message = reason + "; run it again"
        case .absent: state.message = "not run yet"
        }
        if known?.status == .failed {
            state.status = .failed
            state.message = known?.message ?? state.message
        }
        return (state, nil)
    }

    private func gathered(_ recording: StudyRecording) throws -> GatheredRecording {
        let directory = folder.directory(of: recording)
        return try GatheredRecording(recording, manifest: Manifest.read(from: directory), directory: directory)
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
