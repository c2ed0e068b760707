// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline
import FerroStatistics
import Foundation

/// From the recordings' folders to the tables of the study.
extension StudyRun {
    /// Reads what the recordings' folders hold, writes `outcomes.csv`, computes the statistics and writes their tables.
    ///
    /// Only finished results of this study's pipeline count. A recording whose last run failed counts again once its folder holds
    /// finished results of its file.
    ///
    /// - Throws: `FerroError`: input where no recording is done or the statistics are refused, usage for a study that does not fit.
    package func gather() throws -> StudyResults {
        try withCatalog { catalog in
            let known = try catalog.states()
            let needed = definition.names
            var states: [StudyRecordingState] = []
            var rows: [OutcomeRow] = []
            var table = OutcomeTable.header(of: definition.design)
            var constancy = UnitConstancy()
            for recording in recordings {
                try Interruption.check()
                // Unless the catalog saw these results of this file, the folder may hold those of another: the file itself is read.
                let before = known[recording.folderName]
                let (state, gathered) = state(of: recording, known: before, readingInput: before?.status != .done)
                try catalog.write(state, gathered)
                if let gathered {
                    if definition.unitMatching == .name { try constancy.admit(gathered, in: folder) }
                    if let measured = gathered.measured { try refuseUnmeasured(measured) }
                    for row in gathered.outcomes { OutcomeTable.append(row, to: &table, design: definition.design) }
                    rows += gathered.outcomes.filter { needed.contains($0.outcome) }
                }
                states.append(state)
            }
            // Nothing that is older than the outcomes stays beside them.
            try catalog.replaceStatistics(StudyTables.blank, warnings: [])
            try folder.removeDerived()
            guard states.contains(where: { $0.status == .done }) else { throw nothingDone(states) }
            try table.write(to: folder.outcomes)
            let results = try results(states, rows)
            try conclude(results, catalog)
            return results
        }
    }

    /// How far a recording has come, by its folder first and by what the catalog knew second.
    func state(
        of recording: StudyRecording, known: (status: RecordingStatus, message: String?)?, readingInput: Bool
    ) -> (StudyRecordingState, GatheredRecording?) {
        let directory = folder.directory(of: recording)
        var state = StudyRecordingState(recording: recording, status: .pending, directory: directory)
        let pipeline = recording.stretch.map { self.pipeline.within($0) } ?? self.pipeline
        switch RecordingRun(pipeline: pipeline).standing(of: directory, file: recording.path, readingInput: readingInput) {
        case .finished(let manifest):
            do {
                let gathered = try GatheredRecording(recording, manifest: manifest, directory: directory, matching: matching)
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

    /// What a report needs, from `outcomes.csv` and the catalog as they are; writes the statistics' tables as `gather` does.
    ///
    /// - Throws: `FerroError` (input) where the study was not gathered, or has changed since.
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
            try refuseChanged(rows, states)
            let results = try results(states, rows)
            try conclude(results, catalog)
            return results
        }
    }

    /// Every row must be of a recording that is done, with the subject and group that the table of recordings gives it now.
    private func refuseChanged(_ rows: [OutcomeRow], _ states: [StudyRecordingState]) throws {
        let done = states.filter { $0.status == .done }.map(\.recording)
        let byName = Dictionary(done.map { ([$0.name, $0.epoch ?? ""], $0) }, uniquingKeysWith: { first, _ in first })
        for row in rows {
            let recording = byName[[row.recording, row.epoch ?? ""]]
            guard let recording, recording.subject == row.subject, recording.group == row.group, recording.cage == row.cage,
                definition.design != .sessions || recording.session == row.session
            else {
                throw FerroError.input(
                    "the row is of `\(row.recording)` as it was when the study was gathered, and the study has changed since", at: row.place,
                    advice: "run `ferrospike study gather` again")
            }
        }
    }

    private func conclude(_ results: StudyResults, _ catalog: StudyCatalog) throws {
        try StudyStatistics.write(results, into: folder.path)
        try catalog.replaceStatistics(StudyTables.filled(results), warnings: StudySummary.warnings(results))
    }

    private func results(_ states: [StudyRecordingState], _ rows: [OutcomeRow]) throws -> StudyResults {
        try StudyStatistics.placed(at: folder.outcomes) { try StudyStatistics.results(definition, rows: rows, recordings: states, subjects: recordings) }
    }
}
