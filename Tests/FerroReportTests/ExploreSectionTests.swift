// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5
import FerroStatistics
import FerroStudy
import Foundation
import Testing

@testable import FerroReport

@Suite struct ExploreSectionTests {
    private struct Index: Decodable {
        struct Outcome: Decodable {
            let title: String
            let file: String
            let absent: [String: [Int]]
            let unnamed: [String]
        }
        struct Members: Decodable {
            let recording: String
            let subject: String?
            let session: String?
            let units: [String]
        }
        struct Column: Decodable {
            let name: String
            let group: Int
            let subject: Int
            let members: [Members]
        }
        struct Colour: Decodable {
            let title: String
            let texts: [String?]?
            let numbers: [Double?]?
        }
        let outcomes: [Outcome]
        let subjects: [String]
        let columns: [Column]
        let colours: [Colour]
    }

    private func html(_ results: StudyResults) throws -> String { try StudyReport.html(results, evidence: .fromFiles, charts: SampleCharts.library()) }

    private func indexText(_ html: String) throws -> String {
        let start = try #require(html.range(of: "id=\"explore-index\">"))
        let end = try #require(html[start.upperBound...].range(of: "</script>"))
        return String(html[start.upperBound..<end.lowerBound])
    }

    private func index(_ html: String) throws -> Index { try JSONDecoder().decode(Index.self, from: Data(indexText(html).utf8)) }

    /// A cell as the page puts it together: values from the file, names from the index.
    private struct Cell {
        var subject: String
        var recording: String?
        var unit: String?
        var value: Double
    }

    private func cells(_ html: String, _ outcome: String) throws -> [Cell] {
        let index = try index(html)
        let described = try #require(index.outcomes.first { $0.file == "distribution-\(outcome)-units.csv" })
        let link = try #require(html.firstMatch(of: try Regex("download=\"\(described.file)\" href=\"data:[^,]*,([^\"]*)\"", as: (Substring, Substring).self)))
        let table = try CSVTable(text: try #require(String(link.output.1).removingPercentEncoding), path: described.file)
        return try table.columns.enumerated().flatMap { at, name -> [Cell] in
            let column = try #require(index.columns.first { $0.name == name })
            let values = table.rows.map { $0.fields[at] }.filter { !$0.isEmpty }
            let absent = Set(described.absent[name] ?? [])
            let names = column.members.flatMap { of in of.units.map { (of, $0) } }.enumerated().filter { !absent.contains($0.offset) }.map(\.element)
            let hasNames = !described.unnamed.contains(name)
            #expect(!hasNames || names.count == values.count, "\(outcome) \(name)")
            return try values.enumerated().map { place, text in
                let own = hasNames ? names[place] : nil
                return Cell(
                    subject: own?.0.subject ?? index.subjects[column.subject], recording: own?.0.recording, unit: own?.1, value: try #require(Double(text)))
            }
        }
    }

    /// Every value that was analysed is there under its own name.
    @Test func everyCellHasItsOwnName() throws {
        let text = """
            ferrospike-study: 1
            groups: {gh: control, iso: perturbed, dfo: treated}
            outcomes: {firing_rate_hz: {scale: log}, isi_cv: {scale: linear}}
            statistics: {permutations: 50, bootstrap: 50}
            """
        let cohorts = ["gh", "iso", "dfo"].map { SampleStudies.Cohort(group: $0, mean: 1, spread: 0.3, subjects: 4, cells: 11) }
        var rows = SampleStudies.rows("firing_rate_hz", cohorts) + SampleStudies.rows("isi_cv", cohorts, log: false)
        // Silent units, missing values and units that only one outcome has; and ties.
        for index in rows.indices {
            if index % 7 == 0 { rows[index].value = rows[index].outcome == "isi_cv" ? nil : 0 }
            if index % 5 == 0 { rows[index].value = 2 }
        }
        rows.removeAll { $0.outcome == "isi_cv" && $0.unit == "u4" }
        let results = try SampleStudies.results(text, rows.reversed())
        let html = try html(results)
        for outcome in ["firing_rate_hz", "isi_cv"] {
            let found = try cells(html, outcome)
            let expected = results.outcomes.filter { $0.outcome == outcome && $0.value != nil }
            #expect(found.count == expected.count)
            for cell in found {
                let row = try #require(expected.first { $0.subject == cell.subject && $0.recording == cell.recording && $0.unit == cell.unit })
                // Half an event in the time observed stands for zero.
                let value = row.value == 0 ? 0.5 / (try #require(row.exposure)) : try #require(row.value)
                #expect(abs(cell.value - value) < 1e-6 * abs(value), "\(outcome) \(cell)")
            }
        }
    }

    @Test func epochsAndCagesHaveNamesToo() throws {
        let within = try SampleStudies.within()
        let page = try html(within)
        for cell in try cells(page, "firing_rate_hz") {
            let rows = within.outcomes.filter { $0.subject == cell.subject && $0.recording == cell.recording && $0.unit == cell.unit }
            #expect(rows.count == 3 && rows.contains { abs(($0.value ?? 0) - cell.value) < 1e-6 * cell.value })
        }
        let caged = try SampleStudies.withoutTreatment()
        for cell in try cells(try html(caged), "theta_power_uv2") {
            #expect(caged.outcomes.contains { $0.subject == cell.subject && $0.unit == cell.unit && abs(($0.value ?? 0) - cell.value) < 1e-6 * cell.value })
        }
        // A change between sessions is of no single unit.
        let sessions = try html(try SampleStudies.sessions())
        #expect(try cells(sessions, "firing_rate_hz").allSatisfy { $0.unit == nil && $0.value > 0 })
    }

    @Test func coloursComeFromTheTables() throws {
        var results = try SampleStudies.everyVerdict()
        results.outcomes = results.outcomes.map { row in
            var row = row
            row.cage = row.subject.hasSuffix("1") ? "shared" : row.cage
            return row
        }
        let index = try index(html(results))
        let cage = try #require(index.colours.first { $0.title == "Cage" }?.texts)
        #expect(zip(index.subjects, cage).allSatisfy { $1 == ($0.hasSuffix("1") ? "shared" : "cage-\($0)") })
        #expect(index.columns.count == 40 && index.columns.allSatisfy { $0.name.hasSuffix("/" + index.subjects[$0.subject]) })
    }

    @Test func covariatesColourTheirSubjects() throws {
        let text = """
            ferrospike-study: 1
            groups: {gh: control, iso: perturbed}
            outcomes: {firing_rate_hz: {scale: log}}
            covariates: {iron_ug: {label: Iron}, open_arm_s: {label: Time in open arms}}
            statistics: {permutations: 50, bootstrap: 50}
            """
        let rows = SampleStudies.rows("firing_rate_hz", ["gh", "iso"].map { SampleStudies.Cohort(group: $0, mean: 1, spread: 0.3, subjects: 4, cells: 3) })
        let subjects = rows.map { row in
            StudyRecording(
                name: row.recording, file: "f", path: "/f", subject: row.subject, group: row.group,
                covariates: row.subject == "gh-2" ? ["iron_ug": 7] : ["iron_ug": row.subject.hasSuffix("1") ? 1.5 : 2, "open_arm_s": 30])
        }
        let results = try StudyStatistics.results(StudyDefinition.parse(text, path: "/s/study.yaml"), rows: rows, subjects: subjects)
        let index = try index(html(results))
        #expect(index.colours.map(\.title) == ["Iron", "Time in open arms (s)"])
        for (place, subject) in index.subjects.enumerated() {
            #expect(index.colours[0].numbers?[place] == (subject == "gh-2" ? 7 : subject.hasSuffix("1") ? 1.5 : 2))
            #expect(index.colours[1].numbers?[place] == (subject == "gh-2" ? nil : 30), "missing is not zero")
        }
    }

    /// Names that would end a script, or begin a comment in it, come back whole and do neither.
    @Test func namesCannotLeaveTheirScript() throws {
        let text = """
            ferrospike-study: 1
            groups: {a: {role: control, label: "</script><script>alert(1)</script>"}, b: {role: perturbed, label: "<!-- -->"}}
            outcomes: {firing_rate_hz: {scale: log, label: "</SCRIPT> & \\"rate\\""}}
            statistics: {permutations: 50, bootstrap: 50}
            """
        let rows = SampleStudies.rows(
            "firing_rate_hz", ["a", "b"].map { SampleStudies.Cohort(group: $0, mean: 1, spread: 0.3, subjects: 3, cells: 3) }
        ) { "</script><img src=x onerror=alert(2)>\($0.group)<!--\($1),\"q\"" }
        let html = try html(try SampleStudies.results(text, rows))
        #expect(html.components(separatedBy: "<script").count - 1 == 3 && html.components(separatedBy: "</script").count - 1 == 3)
        #expect(!html.lowercased().contains("<img") && !html.contains("</SCRIPT>"))
        let text2 = try indexText(html)
        #expect(!text2.contains("<") && !text2.contains(">") && !text2.contains("&"))
        let index = try index(html)
        #expect(index.subjects.contains("</script><img src=x onerror=alert(2)>a<!--0,\"q\""))
        #expect(try cells(html, "firing_rate_hz").count == 18)
        #expect(index.outcomes[0].title.contains("</SCRIPT> & \"rate\""))
    }

    @Test func thePageIsWholeWithoutALibrary() throws {
        let results = try SampleStudies.everyVerdict()
        let without = try StudyReport.html(results, evidence: .fromFiles, charts: SampleCharts.none)
        let with = try html(results)
        #expect(!without.contains("<script") && !without.contains("id=\"explore\"") && without.contains("default-src 'none'"))
        #expect(without.contains("left out: `vega-util.min.js` cannot be read; install libjs-vega, then write the report again"))
        #expect(!without.contains("/nowhere"))
        #expect(with.contains("Vega 5.1, licence BSD-3-Clause") && with.contains("Copyright &lt;someone&gt;"))
        #expect(with.components(separatedBy: "<svg").count == without.components(separatedBy: "<svg").count)
        // Until the script has drawn it, the part is not shown.
        #expect(with.contains("<section id=\"explore\" aria-labelledby=\"explore-heading\" hidden>"))
    }

    @Test func everyMarkOfAnExperimentalUnitIsFound() throws {
        let results = try SampleStudies.everyVerdict()
        let html = try html(results)
        let index = try index(html)
        let number = try #require(index.subjects.firstIndex(of: "dfo-3"))
        // In the estimation plot of each of the three outcomes, with its name.
        let marks = html.components(separatedBy: "<path data-s='\(number)'").dropFirst()
        #expect(marks.count == 3 && marks.allSatisfy { $0.prefix(200).contains("<title>dfo-3: ") })
    }

    // MARK: The library

    @Test func modulesAreJoinedInTheirOrder() throws {
        let folder = try SampleCharts.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let library = try ChartLibrary(folder: folder, version: nil)
        #expect(library.name == "Vega")
        let script = try ChartLibrary.script(of: folder)
        let packed = Array(try #require(Data(base64Encoded: library.packed)))
        var unpacked = [UInt8](repeating: 0, count: script.utf8.count)
        #expect(packed.withUnsafeBytes { from in unpacked.withUnsafeMutableBytes { inflateChunk(from, into: $0) } } && unpacked == Array(script.utf8))
        var rest = Substring(script)
        for module in ChartLibrary.modules {
            let place = try #require(rest.range(of: "name=\"vega-\(module)\";\n" + SampleCharts.text(of: module)), "\(module)")
            rest = rest[place.upperBound...]
        }
        #expect(rest.contains("ferrospikeCharts"))
    }

    @Test func aMissingModuleIsNamedWithWhatToInstall() throws {
        let folder = try SampleCharts.folder(without: "parser")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        do throws(FerroError) {
            _ = try ChartLibrary(folder: folder, version: nil)
            Issue.record("a library without its parser is taken")
        } catch {
            #expect(
                error.what.contains("vega-parser.min.js") && error.advice?.contains("libjs-vega") == true && error.advice?.contains("FERROSPIKE_VEGA") == true)
        }
    }

    @Test func theVersionIsThatOfThePackage() {
        let status =
            "Package: libjs-util\nVersion: 1.2\n\nPackage: libjs-vega\nStatus: install ok installed\nVersion: 5.22.1+ds+~3.1.0-4\nDepends: x\n\nPackage: z\nVersion: 9\n"
        #expect(ChartLibrary.debianVersion(inStatus: status) == "5.22.1")
        #expect(ChartLibrary.debianVersion(inStatus: "Package: libjs-vega\nStatus: x\n\nPackage: z\nVersion: 9\n") == nil)
        #expect(ChartLibrary.debianVersion(inStatus: nil) == nil && ChartLibrary.debianVersion(inStatus: "Package: a\nVersion: 1\n") == nil)
    }
}
