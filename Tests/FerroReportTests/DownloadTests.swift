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
            "<a download=\"([^\"]*)\" href=\"data:[^,\"]*;base64,([^\"]*)\" aria-label=\"([^\"]*)\">", as: (Substring, Substring, Substring, Substring).self)
        return try html.matches(of: pattern).map { match in
            let data = try #require(Data(base64Encoded: String(match.output.2)))
            return Link(file: String(match.output.1), label: String(match.output.3), content: try #require(String(data: data, encoding: .utf8)))
        }
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
            let tables = links.filter { $0.file.hasSuffix(".csv") }
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
            }
            #expect(Set(links.map(\.label)).count == links.count, "two links sound the same")
            #expect(html.components(separatedBy: "<a ").count - 1 == links.count, "a link leads elsewhere")
        }
    }

    @Test func namesOfFilesAreHarmless() {
        #expect(FigureDownload.stem(of: "voltage-../../<b> Isolated + Snca ASO: aso\\03") == "voltage-b-isolated-snca-aso-aso-03")
        #expect(FigureDownload.stem(of: "α") == "figure" && FigureDownload.stem(of: String(repeating: "a", count: 300)).count == 80)
    }

    @Test func estimationDataHoldEveryDotAndInterval() throws {
        let results = try SampleStudies.everyVerdict()
        let html = try StudyReport.html(results)
        let link = try #require(try links(html).first { $0.file == "estimation-firing_rate_hz.csv" })
        let table = try CSVTable(text: link.content, path: link.file)
        func rows(_ group: String, _ what: String) -> [CSVTable.Row] { table.rows.filter { $0.fields[0] == group && $0.fields[1] == what } }
        #expect(rows("dfo", "unit").count == 8 * 12 && rows("dfo", "subject").count == 8)
        let row = try #require(results.normalization.first { $0.outcome == "firing_rate_hz" && $0.treated == "dfo" })
        let ratio = try #require(rows("dfo", "ratio to control").first)
        #expect(ratio.fields.suffix(3).compactMap(Double.init) == [row.tc.ratio, row.tc.ratioLow, row.tc.ratioHigh].compactMap { $0 })
        #expect(rows("iso", "ratio to control").count == 1 && rows("iso", "ratio to perturbed").isEmpty)
    }

    /// The table of the figure alone gives the shares that the study reports.
    @Test func distributionDataGiveTheSharesAgain() throws {
        for results in [try SampleStudies.everyVerdict(), try SampleStudies.within(), try SampleStudies.sessions()] {
            let links = try links(try StudyReport.html(results))
            for row in results.distribution {
                let link = try #require(links.first { $0.file == "distribution-\(row.outcome).csv" })
                let table = try CSVTable(text: link.content, path: link.file)
                let ends = try #require(table.rows.first { $0.fields[1] == "control range" }).fields.suffix(2).compactMap(Double.init)
                let treated = try #require(row.treated)
                let units = table.rows.filter { $0.fields[0] == treated && $0.fields[1] == "unit" }
                let shares = Dictionary(grouping: units) { $0.fields[2] }.values.map { own in
                    Double(own.compactMap { Double($0.fields[3]) }.count { $0 >= ends[0] && $0 <= ends[1] }) / Double(own.count)
                }
                let share = try #require(row.treatedShare.share)
                #expect(abs(shares.reduce(0, +) / Double(shares.count) - share) < 1e-9, "\(row.outcome) \(treated)")
            }
        }
    }
}
