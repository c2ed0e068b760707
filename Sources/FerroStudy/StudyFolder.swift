// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Foundation

/// The folder of a study's results: one folder a recording, and beside them the catalog, the tables and the report.
package struct StudyFolder: Sendable, Equatable {
    package let path: String

    package init(_ path: String) {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        self.path = path
    }

    package var catalog: String { path + "/study.sqlite" }
    package var outcomes: String { path + "/outcomes.csv" }
    package var groups: String { path + "/groups.csv" }
    package var normalization: String { path + "/normalization.csv" }
    package var distribution: String { path + "/distribution.csv" }
    package var power: String { path + "/power.csv" }
    package var report: String { path + "/report.html" }

    /// One of the tables of the statistics.
    package func table(_ name: String) -> String { path + "/\(name).csv" }

    /// Names that no recording may have, in small letters.
    static let ownNames: Set<String> = Set(
        ["study.sqlite", "study.sqlite-wal", "study.sqlite-shm", "study.sqlite-journal", "outcomes.csv", "power.csv", "report.html"]
            + StudyTables.names.map { "\($0).csv" })

    /// Removes what is made from the recordings' results.
    func removeDerived() throws {
        for path in [outcomes, power, report] + StudyTables.names.map(table) { try StudyFolder.remove(path) }
    }

    /// Removes a file of an earlier run where there is one.
    static func remove(_ path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { return }
        do { try FileManager.default.removeItem(atPath: path) } catch {
            throw FerroError.input("the file of an earlier run cannot be removed", at: path, advice: "check the output folder")
        }
    }

    package func directory(of recording: StudyRecording) -> String { path + "/" + recording.folderName }
}

extension StudyRecording {
    /// Name of the folder of its results. Files of one preparation under several conditions share their name and differ in epoch.
    package var folderName: String { epoch.map { "\(name)-\($0)" } ?? name }
}
