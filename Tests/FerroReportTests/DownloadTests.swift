// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics
import FerroStudy
import Foundation
import FoundationXML
import Testing

@testable import FerroReport

@Suite struct DownloadTests {
    private struct Link {
        var file: String
        var label: String
        var content: String
    }

    /// What a reader gets who follows every link of a page.
    private func links(_ html: String) throws -> [Link] {
        let pattern = try Regex(
            "<a download=\"([^\"]*)\" href=\"data:([^,\"]*),([^\"]*)\" aria-label=\"([^\"]*)\">",
            as: (Substring, Substring, Substring, Substring, Substring).self)
        return try html.matches(of: pattern).map { match in
            Link(file: String(match.output.1), label: String(match.output.4), content: try content(match.output.2, match.output.3))
        }
    }

    private func content(_ type: Substring, _ coded: Substring) throws -> String {
        guard type.hasSuffix(";base64") else { return try #require(String(coded).removingPercentEncoding) }
        let data = try #require(Data(base64Encoded: String(coded)))
        return try #require(String(data: data, encoding: .utf8))
    }

    @Test(arguments: ["a,b\n1.5,2\n", "<g d=\"M1 2\">#%&'`|é</g>", "", String(repeating: "<", count: 50), String(repeating: "1.25,", count: 50)])
    func everyTextComesBackFromItsAddress(_ text: String) throws {
        let link = FigureDownload.link(text, type: "text/csv;charset=utf-8")
        let parts = link.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
        #expect(try content(parts[0], parts[1]) == text)
        #expect(link.utf8.allSatisfy { !"\"<>& #\n".utf8.contains($0) } && link.utf8.count <= 40 + (text.utf8.count + 2) / 3 * 4)
    }

    private func figures(_ html: String) -> [String] {
        html.components(separatedBy: "<svg").dropFirst().compactMap { part in part.range(of: "</svg>").map { "<svg" + part[..<$0.upperBound] } }
    }

    @Test func everyFigureCanBeKeptWithItsData() throws {
        let results = try SampleStudies.everyVerdict(recordings: true, in: "/nowhere")
        for html in [
            try StudyReport.html(results, evidence: SampleRecordings.evidence), try StudyReport.html(try SampleStudies.within()),
            try StudyReport.html(try SampleStudies.sessions()), try StudyReport.html(try SampleStudies.withoutTreatment()),
            try StudyReport.html(try SampleStudies.awkward(), evidence: SampleRecordings.evidence),
        ] {
            let links = try links(html)
            let drawings = links.filter { $0.file.hasSuffix(".svg") }
            let tables = links.filter { $0.file.hasSuffix(".csv") && !$0.file.hasSuffix("-units.csv") }
            let figures = figures(html)
            #expect(figures.count >= 2)
            #expect(drawings.count == figures.count && tables.count == figures.count)
            for (drawing, figure) in zip(drawings, figures) {
                #expect(drawing.content.contains(figure), "\(drawing.file) is not the figure that is shown")
                #expect(XMLParser(data: Data(drawing.content.utf8)).parse(), "\(drawing.file)")
            }
            for table in tables {
                let read = try CSVTable(text: table.content, path: table.file)
                #expect(!read.rows.isEmpty, "\(table.file)")
                #expect(read.rows.allSatisfy { $0.fields.allSatisfy { !["nan", "inf", "-inf"].contains($0) && !$0.hasPrefix("Optional") } }, "\(table.file)")
            }
            #expect(Set(links.map(\.label)).count == links.count, "two links sound the same")
            #expect(html.components(separatedBy: "<a ").count - 1 == links.count, "a link leads elsewhere")
        }
    }

    /// Sixty recordings of sixty units with twelve outcomes, and an example with its voltage for every group.
    @Test func aLargeStudyStaysSmall() throws {
        let groups = ["gh", "iso", "a", "b", "c"]
        let outcomes = (1...12).map { "measure\($0)_hz" }
        let text = """
            ferrospike-study: 1
            groups: {gh: control, iso: perturbed, a: treated, b: treated, c: treated}
            outcomes: {\(outcomes.map { "\($0): {scale: log, equivalence: 0.3 log}" }.joined(separator: ", "))}
            statistics: {permutations: 50, bootstrap: 1000}
            """
        let rows = outcomes.flatMap { outcome in
            SampleStudies.rows(outcome, groups.map { SampleStudies.Cohort(group: $0, mean: $0 == "iso" ? 1 : 0, spread: 0.2, subjects: 12, cells: 60) })
        }
        let results = try SampleStudies.results(text, rows, recordings: SampleStudies.states(of: rows, in: "/nowhere"))
        let html = try StudyReport.html(results, evidence: SampleRecordings.evidence)
        if let folder = ProcessInfo.processInfo.environment["FERROSPIKE_REPORT_OUT"] {
            try Data(html.utf8).write(to: URL(fileURLWithPath: "\(folder)/large.html"))
        }
        #expect(try links(html).count { $0.file.hasPrefix("voltage") && $0.file.hasSuffix(".csv") } == 5)
        #expect(html.utf8.count < 5_000_000, "\(html.utf8.count)")
    }

    @Test func namesOfFilesAreHarmless() {
        #expect(FigureDownload.stem(of: "voltage-../../<b> Isolated + Snca ASO: aso\\03") == "voltage-b-isolated-snca-aso-aso-03")
        #expect(FigureDownload.stem(of: "α") == "figure" && FigureDownload.stem(of: String(repeating: "a", count: 300)).count == 80)
    }

    @Test func estimationDataHoldEveryDotAndInterval() throws {
        let results = try SampleStudies.everyVerdict()
        let html = try StudyReport.html(results)
        let links = try links(html)
        let link = try #require(links.first { $0.file == "estimation-firing_rate_hz.csv" })
        let table = try CSVTable(text: link.content, path: link.file)
        func rows(_ group: String, _ what: String) -> [CSVTable.Row] { table.rows.filter { $0.fields[0] == group && $0.fields[1] == what } }
        #expect(rows("dfo", "unit").isEmpty && rows("dfo", "subject").count == 8)
        let units = try CSVTable(text: try #require(links.first { $0.file == "distribution-firing_rate_hz-units.csv" }).content, path: "units.csv")
        #expect(units.columns.count == 5 * 8 && units.rows.count == 12 && units.columns.contains("dfo/dfo-3"))
        let expected = results.outcomes.filter { $0.outcome == "firing_rate_hz" }.compactMap(\.value).sorted()
        let written = units.rows.flatMap(\.fields).compactMap { Double($0) }.sorted()
        #expect(written.count == expected.count && zip(written, expected).allSatisfy { abs($0 - $1) < 1e-7 * $1 })
        let row = try #require(results.normalization.first { $0.outcome == "firing_rate_hz" && $0.treated == "dfo" })
        let ratio = try #require(rows("dfo", "ratio to control").first)
        #expect(ratio.fields[3...5].compactMap(Double.init) == [row.tc.ratio, row.tc.ratioLow, row.tc.ratioHigh].compactMap { $0 })
        #expect(rows("iso", "ratio to control").count == 1 && rows("iso", "ratio to perturbed").isEmpty)
        let draws = try #require(row.tc.bootstrap)
        let interval = try #require(rows("dfo", "bootstrap interval to control").first)
        #expect(interval.fields[4...5].compactMap(Double.init) == [exp(draws.low), exp(draws.high)])
        let shape = rows("dfo", "draws to control")
        #expect(shape.count == draws.densities.count)
        for (row, (index, density)) in zip(shape, draws.densities.enumerated()) {
            let (place, written) = (try #require(Double(row.fields[3])), try #require(Double(row.fields[6])))
            #expect(abs(log(place) - draws.place(index)) < 1e-4 && abs(written - density) <= 1e-3 * density)
        }
        #expect(rows("dfo", "draws to perturbed").count == draws.densities.count && rows("gh", "draws to control").isEmpty)
    }

    /// The tables of the figure alone give the shares that the study reports.
    @Test func distributionDataGiveTheSharesAgain() throws {
        for results in [try SampleStudies.everyVerdict(), try SampleStudies.within(), try SampleStudies.sessions()] {
            let links = try links(try StudyReport.html(results))
            for row in results.distribution {
                let link = try #require(links.first { $0.file == "distribution-\(row.outcome).csv" })
                let table = try CSVTable(text: link.content, path: link.file)
                let ends = try #require(table.rows.first { $0.fields[1] == "control range" }).fields.suffix(2).compactMap(Double.init)
                let treated = try #require(row.treated)
                let file = try #require(links.first { $0.file == "distribution-\(row.outcome)-units.csv" })
                let units = try CSVTable(text: file.content, path: file.file)
                let shares = units.columns.indices.filter { units.columns[$0].hasPrefix(treated + "/") }.map { column in
                    let own = units.rows.compactMap { Double($0.fields[column]) }
                    return Double(own.count { $0 >= ends[0] && $0 <= ends[1] }) / Double(own.count)
                }
                let share = try #require(row.treatedShare.share)
                #expect(abs(shares.reduce(0, +) / Double(shares.count) - share) < 1e-9, "\(row.outcome) \(treated)")
            }
        }
    }
}
