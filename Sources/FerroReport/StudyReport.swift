// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
package import FerroStudy
import Foundation
import Mustache

/// The report of a study: one HTML file that needs nothing beside itself, the verdicts first. Where the machine has the charting library, a
/// copy of it is in the page, for the interactive figure.
///
/// The same results give the same bytes: no date, no folder of this machine, no random place of a dot.
///
/// ```swift
/// try StudyReport.write(results, to: "out/report.html")
/// ```
package enum StudyReport {
    /// Puts the report in place by renaming a finished file; a reader never sees half of it.
    ///
    /// A recording whose folder cannot be read costs its figure and leaves a note in the report.
    ///
    /// - Throws: `FerroError` (input) where the folder cannot be made or written.
    package static func write(_ results: StudyResults, to path: String) throws {
        let page = try html(results)
        let url = URL(fileURLWithPath: path)
        do {
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(page.utf8).write(to: url, options: .atomic)
        } catch {
            throw FerroError.input("the report cannot be written: \(error.localizedDescription)", at: path, advice: "check the output folder")
        }
    }

    package static func html(_ results: StudyResults) throws -> String {
        try html(results, evidence: .fromFiles)
    }

    /// - Parameter charts: the library of the interactive figure, or why there is none; the page is whole without it.
    static func html(
        _ results: StudyResults, evidence: RecordingEvidence, charts: Result<ChartLibrary, FerroError> = ChartLibrary.installed()
    ) throws -> String {
        let library: MustacheLibrary
        do {
            library = MustacheLibrary(templates: [
                "page": try MustacheTemplate(string: PageTemplate.text), "figure": try MustacheTemplate(string: PageTemplate.figure),
                "downloads": try MustacheTemplate(string: PageTemplate.downloads),
            ])
        } catch {
            throw FerroError.internalError("the template of the report cannot be read: \(error)")
        }
        guard let page = library.render(ReportPage(results, evidence: evidence, charts: charts), withTemplate: "page") else {
            throw FerroError.internalError("the template of the report cannot be rendered")
        }
        return page
    }
}
