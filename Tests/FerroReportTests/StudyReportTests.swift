// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings
import FerroStatistics
import FerroStudy
import Foundation
import Testing

@testable import FerroReport

@Suite struct StudyReportTests {
    /// Kept for the eye where FERROSPIKE_REPORT_OUT names a folder.
    private func page(_ results: StudyResults, _ name: String, evidence: RecordingEvidence = .fromFiles) throws -> String {
        let html = try StudyReport.html(results, evidence: evidence, charts: SampleCharts.none)
        if let folder = ProcessInfo.processInfo.environment["FERROSPIKE_REPORT_OUT"] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data(html.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name).html"))
        }
        return html
    }

    private func completeStudy() throws -> (results: StudyResults, folder: String) {
        let names = try SampleStudies.everyVerdict(recordings: true).recordings.map(\.recording.name)
        let folder = try SampleRecordings.folder(for: names)
        return (try SampleStudies.everyVerdict(recordings: true, in: folder), folder)
    }

    @Test func showsEveryVerdictWithItsSentence() throws {
        let results = try SampleStudies.everyVerdict()
        #expect(Set(results.normalization.map(\.verdict)) == Set(Verdict.allCases))
        let html = try page(results, "stats-only")
        let study = StudyWords(results.definition)
        for row in results.normalization {
            let sentences = VerdictSentences(row: row, study: study)
            #expect(html.contains(SVG.escaped(sentences.verdict)), "\(row.outcome) \(row.treated ?? "")")
            #expect(html.contains(SVG.escaped(sentences.perturbation)))
            for warning in row.warnings { #expect(html.contains(SVG.escaped(warning.sentence))) }
        }
        for verdict in Verdict.allCases { #expect(html.contains(SVG.escaped(verdict.rule))) }
    }

    @Test func needsNothingBesideItself() throws {
        let (results, folder) = try completeStudy()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let html = try page(results, "complete", evidence: SampleRecordings.evidence)
        let page = html.replacing("xmlns='http://www.w3.org/2000/svg'", with: "").replacing("xmlns=%27http://www.w3.org/2000/svg%27", with: "")
        // Addresses that hold their own content are the only ones.
        let links = page.components(separatedBy: "href=")
        #expect(links.dropFirst().allSatisfy { $0.hasPrefix("\"data:image/svg+xml") || $0.hasPrefix("\"data:text/csv;charset=utf-8") })
        for forbidden in ["http:", "https:", "src=", "url(", "@import", "<script", "<link"] {
            #expect(!page.contains(forbidden), "\(forbidden)")
        }
        #expect(!html.contains(folder), "a folder of this machine is named")
        #expect(html.utf8.count < 2_500_000)
    }

    @Test func showsRecordingsWithTheirFigures() throws {
        let (results, folder) = try completeStudy()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let html = try StudyReport.html(results, evidence: SampleRecordings.evidence)
        for part in [
            "Spikes: Group-housed: rec-gh-", "Voltage: Isolated + vehicle: rec-iso-", "Mean power spectrum", "theta", "bandpass: {id: ap", "a flat channel",
            "51\u{202F}234",
        ] {
            let isShown = html.contains(part)
            #expect(isShown, "\(part)")
        }
    }

    @Test func isTheSameForTheSameResults() throws {
        let (results, folder) = try completeStudy()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try StudyReport.html(results, evidence: SampleRecordings.evidence)
        let second = try StudyReport.html(results, evidence: SampleRecordings.evidence)
        #expect(first == second)
    }

    @Test func givesNoNumberWhereTheRescueIsUndefined() throws {
        let results = try SampleStudies.everyVerdict()
        let html = try StudyReport.html(results, evidence: .fromFiles)
        let row = try #require(results.normalization.first { $0.rescueStatus == .perturbationNotResolved })
        let sentence = VerdictSentences(row: row, study: StudyWords(results.definition)).verdict
        #expect(html.contains("undefined: the perturbation is not resolved"))
        #expect(!sentence.contains("["), "\(sentence)")
    }

    @Test func takesNoNameForMarkup() throws {
        let html = try page(try SampleStudies.awkward(), "awkward")
        #expect(!html.contains("<script"), "without a charting library the page has no script")
        #expect(!html.contains("<i>") && !html.contains("<b>") && !html.contains("<none>"))
        #expect(html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"))
        #expect(html.contains("{{with}} braces"))
    }

    @Test func tellsOfEveryFailure() throws {
        let results = try SampleStudies.awkward()
        let html = try StudyReport.html(results, evidence: .fromFiles)
        let failure = try #require(results.failures.first)
        #expect(html.contains("2 recordings of \(results.recordings.count) are not in the statistics: 1 failed, 1 pending"))
        #expect(html.contains("the dataset has no unit") && html.contains("it was not run yet"))
        #expect(!html.contains(SVG.escaped(failure.recording.path)), "a path of this machine is named")
    }

    @Test func survivesMissingResults() throws {
        let results = try SampleStudies.everyVerdict(recordings: true, in: "/nowhere/at/all")
        let html = try StudyReport.html(results)
        #expect(html.contains("result.nwb"))
        #expect(html.contains("Not shown."))
        #expect(!html.contains("/nowhere"))
    }

    @Test func leavesOutRecordingsWhereThereAreNone() throws {
        let html = try StudyReport.html(try SampleStudies.everyVerdict())
        #expect(!html.contains("Example recordings") && !html.contains("Input files"))
        #expect(html.contains("no recordings belong to this report"))
    }

    @Test func givesNoVerdictWithoutATreatedGroup() throws {
        let html = try page(try SampleStudies.withoutTreatment(), "perturbation")
        #expect(html.contains("no treated group"))
        #expect(!html.contains("Rescue indices") && !html.contains("How a verdict is reached") && !html.contains("class=\"badge"))
        #expect(html.contains("Theta power (µV²)</text>"), "the unit stands once on the axis")
        #expect(html.contains("The experimental unit is the cage"))
    }

    @Test func showsChangesAndPairs() throws {
        let sessions = try page(try SampleStudies.sessions(), "sessions")
        #expect(sessions.contains("response ÷ baseline") && sessions.contains("% of baseline"))
        let within = try page(try SampleStudies.within(), "within")
        #expect(within.contains("Marks joined by lines: subjects."))
    }

    /// Captions explain a figure once, and speak of intervals only where there are some.
    @Test func captionsSayWhatIsThere() throws {
        let many = try StudyReport.html(try SampleStudies.everyVerdict(), evidence: .fromFiles, charts: SampleCharts.none)
        #expect(many.components(separatedBy: "draws of the nested bootstrap (subjects, then their units;").count == 3, "once for ratios, once for differences")
        #expect(many.contains("Marks and intervals as for the firing rate. Band: equivalence to Group-housed."))
        let text = """
            ferrospike-study: 1
            design: epochs
            epochs: {before: {role: control}, drug: {role: perturbed}, wash: {role: treated}}
            outcomes: {firing_rate_hz: {scale: log}}
            statistics: {permutations: 50, bootstrap: 50}
            """
        let rows = ["before", "drug", "wash"].flatMap { epoch in
            SampleStudies.rows("firing_rate_hz", [SampleStudies.Cohort(group: "", mean: 1, spread: 0, subjects: 1)], epoch: epoch) { _, _ in "only" }
        }
        let one = try StudyReport.html(try SampleStudies.results(text, rows), evidence: .fromFiles, charts: SampleCharts.none)
        #expect(one.contains("Bar: geometric mean of the subjects, without an interval") && one.contains("Below: ratios, without intervals,"))
        #expect(!one.contains("of the nested bootstrap (") && !one.contains("Rescue indices</h3>"), "there is no draw and no index")
    }

    @Test func tellsOfNoMarginOnlyWhereOneCouldServe() throws {
        let sentence = SVG.escaped(StatisticsWarning.noMargin.sentence)
        let without = try SampleStudies.withoutTreatment()
        #expect(without.normalization.allSatisfy { $0.warnings.contains(.noMargin) })
        #expect(!(try StudyReport.html(without, evidence: .fromFiles, charts: SampleCharts.none)).contains(sentence))
        #expect(try StudyReport.html(try SampleStudies.awkward(), evidence: .fromFiles, charts: SampleCharts.none).contains(sentence))
    }

    @Test func printsNumbersThatCanBeRead() throws {
        let (results, folder) = try completeStudy()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let files = try Regex("href=\"data:[^\"]*\"")
        for page in [
            try StudyReport.html(results, evidence: SampleRecordings.evidence, charts: SampleCharts.none),
            try StudyReport.html(try SampleStudies.awkward(), evidence: .fromFiles, charts: SampleCharts.none),
        ] {
            // What stands in the files of figures is for programs.
            let html = page.replacing(files, with: "")
            let long = try Regex("[0-9]\\.[0-9]{9,}")
            let found = html.firstMatch(of: long).map { String(html[$0.range]) }
            #expect(found == nil)
            for word in [">nan", ">inf", "nan,", "Optional(", "e-0", "e-1"] {
                #expect(!html.contains(word), "\(word)")
            }
        }
    }

    @Test func writesAWholeFile() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ferro-report-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("out/report.html").path
        let results = try SampleStudies.everyVerdict()
        try StudyReport.write(results, to: path)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == StudyReport.html(results))
        #expect(throws: FerroError.self) { try StudyReport.write(results, to: path + "/below/report.html") }
    }
}
