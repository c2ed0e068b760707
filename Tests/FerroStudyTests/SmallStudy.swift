// SPDX-License-Identifier: GPL-3.0-or-later
import FerroPipeline
import FerroStudy
import Foundation

/// Nine cultures in three groups with known rates, as spike lists in a folder of their own.
struct SmallStudy {
    let folder: ScratchFolder
    /// Rates of the two units of each subject.
    static let rates: [(subject: String, group: String, rates: [Double])] = [
        ("c1", "control", [1, 2]), ("c2", "control", [1.1, 2.2]), ("c3", "control", [0.9, 1.9]),
        ("p1", "isolated", [4, 8]), ("p2", "isolated", [4.4, 8.8]), ("p3", "isolated", [3.6, 7.6]),
        ("t1", "dfo", [1, 2.1]), ("t2", "dfo", [1.2, 2.2]), ("t3", "dfo", [0.95, 1.9]),
    ]

    static let groups = """
        groups: {control: {role: control}, isolated: {role: perturbed}, dfo: {role: treated}}
        """

    init(design: String = groups, outcomes: String = "{firing_rate_hz: {scale: log, primary: true}, isi_cv: {scale: linear}}") throws {
        folder = try ScratchFolder()
        try folder.write("ferrospike: 1\nstages:\n  - import-units\n  - firing\n", as: "pipeline.yaml")
        try folder.write(
            """
            ferrospike-study: 1
            pipeline: pipeline.yaml
            recordings: recordings.csv
            \(design)
            outcomes: \(outcomes)
            """, as: "study.yaml")
    }

    /// Three groups of three subjects, one recording each.
    static func ofThreeGroups() throws -> SmallStudy {
        let study = try SmallStudy()
        var table = "recording,file,subject,group\n"
        for one in rates {
            try study.folder.writeSpikeList("\(one.subject).h5", rates: one.rates)
            table += "rec-\(one.subject),\(one.subject).h5,\(one.subject),\(one.group)\n"
        }
        try study.folder.write(table, as: "recordings.csv")
        return study
    }

    var output: StudyFolder { StudyFolder(folder.file("out")) }

    func open(checkFiles: Bool = true) throws -> StudyRun {
        try StudyRun(StudyDefinition.load(folder.file("study.yaml")), into: output.path, checkFiles: checkFiles)
    }

    func process(resume: Bool = false) async throws -> [StudyRun.Report] {
        var options = RunOptions()
        options.resume = resume
        return try await open().process(options)
    }

    /// Everything that `study run` does before the report.
    func run(resume: Bool = false) async throws -> StudyResults {
        _ = try await process(resume: resume)
        return try open().gather()
    }

    /// Makes a file that is no HDF5.
    func spoil(_ name: String) throws { try folder.write("no recording at all", as: name) }
}
