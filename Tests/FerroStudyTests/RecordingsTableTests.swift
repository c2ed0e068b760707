// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroStudy
import Foundation
import Testing

/// Tables of recordings that are read, and those that are refused with their line.
@Suite struct RecordingsTableTests {
    static let groups = """
        ferrospike-study: 1
        groups: {control: {role: control}, isolated: {role: perturbed}, dfo: {role: treated}}
        outcomes: {firing_rate_hz: {scale: log}}
        """
    static let cages = groups + "\nunit-of-analysis: cage"
    static let sessions = """
        ferrospike-study: 1
        design: sessions
        sessions: {before: baseline, after: response}
        groups: {control: {role: control}, isolated: {role: perturbed}}
        outcomes: {firing_rate_hz: {scale: log}}
        """
    static let epochs = """
        ferrospike-study: 1
        design: epochs
        epochs: {saline: {role: control}, drug: {role: perturbed}, wash: {role: treated}}
        outcomes: {firing_rate_hz: {scale: log}}
        """

    private func read(_ rows: String, _ study: String, checkFiles: Bool = false, path: String = "/data/recordings.csv") throws -> [StudyRecording] {
        try RecordingsTable.recordings(
            of: CSVTable(text: rows, path: path), for: StudyDefinition.parse(study, path: "study.yaml"), checkFiles: checkFiles)
    }

    @Test func readsRowsAndFindsFilesFromItsFolder() throws {
        let read = try read("note,recording,file,subject,cage,group,session\nx,r1,raw/r1.h5,m1,c1,control,\ny,r2,/far/r2.h5,m2,,dfo,s1\n", Self.groups)
        #expect(
            read == [
                StudyRecording(name: "r1", file: "raw/r1.h5", path: "/data/raw/r1.h5", subject: "m1", cage: "c1", group: "control"),
                StudyRecording(name: "r2", file: "/far/r2.h5", path: "/far/r2.h5", subject: "m2", group: "dfo", session: "s1"),
            ])
    }

    @Test func epochsOfOnePreparationShareARecording() throws {
        let read = try read("recording,file,subject,epoch\nslice1,a.h5,m1,saline\nslice1,b.h5,m1,drug\nslice1,c.h5,m1,wash\n", Self.epochs)
        #expect(read.map(\.folderName) == ["slice1-saline", "slice1-drug", "slice1-wash"])
        #expect(read.allSatisfy { $0.group.isEmpty && $0.name == "slice1" })
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let name: String
        let study: String
        let rows: String
        let line: Int?
        let words: [String]
        var testDescription: String { name }
    }

    static let refusals = [
        Refusal(
            name: "unknown group", study: groups, rows: "recording,file,subject,group\nr1,a,m1,control\nr2,b,m2,isolatd\n", line: 3,
            words: ["group `isolatd` is not listed", "control, isolated, dfo", "did you mean `isolated`?"]),
        Refusal(name: "empty group", study: groups, rows: "recording,file,subject,group\nr1,a,m1,\n", line: 2, words: ["the group is empty"]),
        Refusal(name: "no group column", study: groups, rows: "recording,file,subject\nr1,a,m1\n", line: nil, words: ["column `group` is missing"]),
        Refusal(
            name: "subject in two groups", study: groups, rows: "recording,file,subject,group\nr1,a,m1,control\nr2,b,m1,dfo\n", line: 3,
            words: ["subject `m1` is in two groups", "`dfo` here and `control` on line 2"]),
        Refusal(name: "empty subject", study: groups, rows: "recording,file,subject,group\nr1,a,,control\n", line: 2, words: ["subject of `r1` is empty"]),
        Refusal(name: "empty file", study: groups, rows: "recording,file,subject,group\nr1,,m1,control\n", line: 2, words: ["file of `r1` is empty"]),
        Refusal(
            name: "recording twice", study: groups, rows: "recording,file,subject,group\nr1,a,m1,control\nR1,b,m2,dfo\n", line: 3,
            words: ["recording `R1` is on line 2 already"]),
        Refusal(
            name: "slash in a name", study: groups, rows: "recording,file,subject,group\nday1/r1,a,m1,control\n", line: 2,
            words: ["`day1/r1` cannot be the name of a folder"]),
        Refusal(name: "parent folder", study: groups, rows: "recording,file,subject,group\n..,a,m1,control\n", line: 2, words: ["`..` cannot be"]),
        Refusal(name: "empty name", study: groups, rows: "recording,file,subject,group\n,a,m1,control\n", line: 2, words: ["recording is empty"]),
        Refusal(
            name: "name of a result", study: groups, rows: "recording,file,subject,group\noutcomes.csv,a,m1,control\n", line: 2,
            words: ["has the name of a file of the study's results"]),
        Refusal(name: "no rows", study: groups, rows: "recording,file,subject,group\n", line: nil, words: ["lists no recordings"]),
        Refusal(name: "semicolons", study: groups, rows: "recording;file;subject;group\nr1;a;m1;control\n", line: 1, words: ["semicolons", "commas"]),
        Refusal(
            name: "unknown session", study: sessions, rows: "recording,file,subject,group,session\nr1,a,m1,control,befor\n", line: 2,
            words: ["session `befor` is not listed", "did you mean `before`?"]),
        Refusal(
            name: "no session column", study: sessions, rows: "recording,file,subject,group\nr1,a,m1,control\n", line: nil,
            words: ["column `session` is missing"]),
        Refusal(
            name: "cage missing", study: cages, rows: "recording,file,subject,cage,group\nr1,a,m1,c1,control\nr2,b,m2,,control\n", line: 3,
            words: ["subject `m2` has no cage"]),
        Refusal(
            name: "no cage column", study: cages, rows: "recording,file,subject,group\nr1,a,m1,control\n", line: nil, words: ["column `cage` is missing"]),
        Refusal(
            name: "cage of two groups", study: cages, rows: "recording,file,subject,cage,group\nr1,a,m1,c1,control\nr2,b,m2,c1,dfo\n", line: 3,
            words: ["cage `c1` holds two groups", "`dfo` here and `control` on line 2"]),
        Refusal(
            name: "subject in two cages", study: cages, rows: "recording,file,subject,cage,group\nr1,a,m1,c1,control\nr2,b,m1,c2,control\n", line: 3,
            words: ["subject `m1` is in two cages"]),
        Refusal(
            name: "epoch twice", study: epochs, rows: "recording,file,subject,epoch\nr1,a,m1,drug\nr1,b,m1,drug\n", line: 3,
            words: ["recording `r1` with epoch `drug` is on line 2 already"]),
        Refusal(
            name: "epochs of two subjects", study: epochs, rows: "recording,file,subject,epoch\nr1,a,m1,saline\nr1,b,m2,drug\n", line: 3,
            words: ["of subject `m2` here and of `m1` on line 2"]),
        Refusal(
            name: "unknown epoch", study: epochs, rows: "recording,file,subject,epoch\nr1,a,m1,drugg\n", line: 2,
            words: ["epoch `drugg` is not listed", "did you mean `drug`?"]),
    ]

    @Test(arguments: refusals)
    func refuses(_ one: Refusal) throws {
        let error = try #require(throws: FerroError.self) { try read(one.rows, one.study) }
        #expect(error.kind == .input)
        let place = "/data/recordings.csv" + (one.line.map { ": line \($0)" } ?? "")
        #expect(error.place == place)
        for words in one.words { #expect(error.description.contains(words), "\(error)") }
    }

    @Test func namesAMissingFileWithThePathTried() throws {
        let error = try #require(throws: FerroError.self) {
            try read("recording,file,subject,group\nr1,raw/a.h5,m1,control\n", Self.groups, checkFiles: true, path: "/nowhere/recordings.csv")
        }
        #expect(error.kind == .input)
        #expect(error.description.hasPrefix("/nowhere/recordings.csv: line 2: there is no file `raw/a.h5` (looked for at /nowhere/raw/a.h5)"))
    }

    @Test func listsFiveMissingFilesAndCountsTheRest() throws {
        let rows = (1...7).map { "r\($0),f\($0).h5,m\($0),control\n" }.joined()
        let error = try #require(throws: FerroError.self) {
            try read("recording,file,subject,group\n" + rows, Self.groups, checkFiles: true, path: "/nowhere/recordings.csv")
        }
        #expect(error.description.contains("7 files are missing"))
        #expect(error.description.contains("line 6: `f5.h5`"))
        #expect(!error.description.contains("f6.h5"))
        #expect(error.description.hasSuffix("and 2 more"))
    }

    @Test func aTableSavedWithAByteOrderMarkIsRead() throws {
        let folder = try ScratchFolder()
        try Data("\u{FEFF}recording,file,subject,group\nr1,a,m1,control\n".utf8).write(to: URL(fileURLWithPath: folder.file("recordings.csv")))
        let read = try RecordingsTable.read(
            folder.file("recordings.csv"), for: StudyDefinition.parse(Self.groups, path: "study.yaml"), checkFiles: false)
        #expect(read.map(\.name) == ["r1"])
    }
}
