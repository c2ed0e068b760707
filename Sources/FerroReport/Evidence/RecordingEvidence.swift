// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline
import FerroRecordings
import FerroStudy
import Foundation

/// Reads the folders of finished recordings. A folder that cannot be read costs a figure or a cell of a table and leaves a note,
/// never the report.
struct RecordingEvidence: Sendable {
    /// Gives `result.nwb` at a path.
    let readResult: @Sendable (String) throws -> RecordingResult

    static let fromFiles = RecordingEvidence { path in
        guard FileManager.default.fileExists(atPath: path) else { throw FerroError.input("the file is not there") }
        return try readRecordingResult(path)
    }

    func manifest(of state: StudyRecordingState) -> Result<Manifest, FerroError> {
        attempt(state, "manifest.json") { try Manifest.read(from: state.directory) }
    }

    func result(of state: StudyRecordingState) -> Result<RecordingResult, FerroError> {
        attempt(state, "result.nwb") { try readResult(state.directory + "/result.nwb") }
    }

    func pipeline(of state: StudyRecordingState) -> String? {
        FileManager.default.contents(atPath: state.directory + "/pipeline.yaml").map { String(decoding: $0, as: UTF8.self) }
    }

    /// Errors name the recording and the file, not where on this machine they lie: a report travels.
    private func attempt<Value>(_ state: StudyRecordingState, _ file: String, _ body: () throws -> Value) -> Result<Value, FerroError> {
        do { return .success(try body()) } catch let error as FerroError {
            var told = error
            told.place = nil
            told.what = told.what.replacing(state.directory + "/", with: "")
            return .failure(told.inside("\(state.recording.folderName)/\(file)"))
        } catch {
            return .failure(FerroError.input("the file cannot be read", at: "\(state.recording.folderName)/\(file)"))
        }
    }
}
