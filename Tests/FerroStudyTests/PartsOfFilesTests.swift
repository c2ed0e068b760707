// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5
import FerroPipeline
import FerroStatistics
import FerroStudy
import Foundation
import Testing

/// Epochs inside one file: rows of the table of recordings that say which seconds they are.
@Suite struct PartsOfFilesTests {
    static let epochs = """
        design: epochs
        epochs: {saline: {role: control}, drug: {role: perturbed}, wash: {role: treated}}
        """

    /// Units that fire evenly, at other rates in every 100 s of a file of 300 s.
    private func writeSpikeList(_ folder: ScratchFolder, _ name: String, _ rates: [[Double]]) throws {
        let trains = rates.map { unit -> [Double] in
            var times: [Double] = []
            for (part, rate) in unit.enumerated() {
                for spike in 0..<Int(rate * 100) { times.append(100 * Double(part) + (Double(spike) + 0.5) / rate) }
            }
            return times
        }
        let file = try HDF5File.create(folder.file(name))
        let root = try file.root
        try root.write("spikes", trains.flatMap { $0 })
        try root.write("sCount", trains.map { Int64($0.count) })
        try root.write("names", strings: rates.indices.map { "u\($0)" })
        try root.write("recordingtime", [0.0, 300])
        try file.close()
    }

    private func study(_ lines: (String) -> [String] = Self.parts) throws -> SmallStudy {
        let study = try SmallStudy(design: Self.epochs, outcomes: "{firing_rate_hz: {scale: log, primary: true}}")
        var table = "recording,file,subject,epoch,start_s,stop_s\n"
        for (subject, drug) in [("m1", 4.0), ("m2", 8), ("m3", 16)] {
            try writeSpikeList(study.folder, "\(subject).h5", [[2, 2 * drug, 4], [1, drug, 2]])
            table += lines(subject).joined(separator: "\n") + "\n"
        }
        try study.folder.write(table, as: "recordings.csv")
        return study
    }

    private static func parts(_ subject: String) -> [String] {
        [("saline", 0, 100), ("drug", 100, 200), ("wash", 200, 300)].map { "slice-\(subject),\(subject).h5,\(subject),\($0),\($1),\($2)" }
    }

    @Test func everyUnitIsHeldAgainstItselfInsideOneFile() async throws {
        let study = try study()
        let results = try await study.run()
        let row = try #require(results.normalization.first)
        #expect((row.nControl, row.unitsControl) == (3, 6))
        let drug = log(512.0) / 3
        #expect(abs(try #require(row.pc.estimate) - drug) < 1e-9)
        #expect(abs(try #require(row.rescue) - (drug - log(2)) / drug) < 1e-9)
        #expect(results.outcomes.allSatisfy { $0.exposure == 100 })
        // Three parts of one file are what the table says they are, and nothing to be warned of.
        #expect(StudySummary.warnings(results).isEmpty)
        let resolved = try String(contentsOfFile: study.output.path + "/slice-m1-drug/pipeline.yaml", encoding: .utf8)
        #expect(resolved.contains("  between: [100 s, 200 s]\n"))
        #expect(try Pipeline.parse(resolved).resolvedYAML(series: nil) == resolved)
    }

    /// Another part of the file is another result.
    @Test func aPartThatMovedIsRunAgain() async throws {
        let study = try study()
        _ = try await study.run()
        #expect(try study.open().plan().allSatisfy { $0.standing == .done })
        let table = try study.folder.text("recordings.csv").replacing("m1,drug,100,200", with: "m1,drug,110,200")
        try study.folder.write(table, as: "recordings.csv")
        #expect(try study.open().plan().filter { $0.standing == .changed }.map(\.recording.folderName) == ["slice-m1-drug"])
        let results = try await study.run(resume: true)
        #expect(results.outcomes.first { $0.recording == "slice-m1" && $0.epoch == "drug" }?.exposure == 90)
    }

    /// A row without a part is the whole file.
    @Test func aRowWithoutAPartIsTheWholeFile() async throws {
        let study = try study { subject in Array(Self.parts(subject).prefix(2)) + ["slice-\(subject),\(subject).h5,\(subject),wash,,"] }
        let results = try await study.run()
        #expect(results.outcomes.filter { $0.epoch == "wash" }.allSatisfy { $0.exposure == 300 })
    }

    @Test func aPartOutsideTheRecordingFailsAlone() async throws {
        let study = try study { subject in Self.parts(subject).map { subject == "m2" ? $0.replacing("200,300", with: "400,500") : $0 } }
        let reports = try await study.process()
        let error = try #require(StudyRun.failure(reports))
        #expect(error.kind == .partial && error.description.contains("slice-m2-wash") && error.description.contains("outside of what was observed"))
    }

    static let refusals: [(old: String, new: String, words: String)] = [
        ("100,200", "150,120", "start_s is 150 and stop_s 120"), ("100,200", "100,", "start_s and stop_s are not both given"),
        ("100,200", "99,200", "share seconds of `m1.h5`"), ("100,200", "soon,200", "`soon` in column `start_s`"),
        ("stop_s", "end_s", "stop_s"),
    ]

    @Test(arguments: refusals) func aPartThatCannotBeIsRefused(old: String, new: String, words: String) throws {
        let study = try study()
        let table = try study.folder.text("recordings.csv").replacing(old, with: new, maxReplacements: 1)
        try study.folder.write(table, as: "recordings.csv")
        let error = try #require(throws: FerroError.self) { try study.open() }
        #expect(error.kind == .input && error.description.contains(words) && error.place?.contains("recordings.csv") == true, "\(error)")
    }
}
