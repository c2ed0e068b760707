// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroStatistics
import FerroStudy
import Foundation
import Testing

/// Every table of outcomes that is refused, with the sentence that says so; nothing is written then.
@Suite struct OutcomeRefusalTests {
    struct Refusal: CustomTestStringConvertible, Sendable {
        let name: String
        var study = groups
        /// Replaces lines of the good table, or adds to it.
        var change: @Sendable ([String]) -> [String]
        var kind = FerroError.Kind.input
        var line: Int?
        let words: [String]
        var testDescription: String { name }
    }

    static let groups = """
        ferrospike-study: 1
        groups: {gh: {role: control}, iso: {role: perturbed}, dfo: {role: treated}}
        outcomes:
          firing_rate_hz: {scale: log}
          isi_cv: {scale: linear}
        """
    static let cages = groups + "\nunit-of-analysis: cage\n"
    static let between = groups + "\ndesign: epochs\nepochs: {pre: {role: baseline}, post: {role: response}}\n"
    static let sessions = groups + "\ndesign: sessions\nsessions: {pre: {role: baseline}, post: {role: response}}\n"
    static let within = """
        ferrospike-study: 1
        design: epochs
        epochs: {pre: {role: control}, post: {role: perturbed}}
        outcomes:
          isi_cv: {scale: linear}
        """

    /// Three animals a group, two cells each, both outcomes.
    static let lines: [String] =
        ["recording,subject,cage,group,unit,outcome,value,exposure_s,epoch,session"]
        + ["gh", "iso", "dfo"].flatMap { group in
            (1...3).flatMap { animal in
                ["firing_rate_hz", "isi_cv"].flatMap { outcome in
                    (1...2).flatMap { cell in
                        ["pre", "post"].map { time in
                            "r\(time),\(group)\(animal),k\(group)\(animal),\(group),u\(cell),\(outcome),\(animal).\(cell),600,\(time),\(time)"
                        }
                    }
                }
            }
        }

    static func edit(_ line: Int, _ old: String, _ new: String) -> @Sendable ([String]) -> [String] {
        { lines in
            var lines = lines
            lines[line - 1] = lines[line - 1].replacing(old, with: new)
            return lines
        }
    }

    static func add(_ line: String) -> @Sendable ([String]) -> [String] { { $0 + [line] } }

    static let refusals: [Refusal] = [
        Refusal(name: "group not listed", change: edit(4, ",gh,", ",ghh,"), line: 4, words: ["group `ghh` is not listed", "did you mean `gh`?"]),
        Refusal(name: "group empty", change: edit(4, ",gh,", ",,"), line: 4, words: ["the group is empty", "one of gh, iso, dfo"]),
        Refusal(name: "subject empty", change: edit(4, ",gh1,", ",,"), line: 4, words: ["the subject is empty"]),
        Refusal(
            name: "epoch not listed", study: between, change: edit(4, ",pre,", ",prae,"), line: 4, words: ["epoch `prae` is not listed", "did you mean `pre`?"]),
        Refusal(name: "epoch not listed, within", study: within, change: edit(7, ",post,", ",,"), line: 7, words: ["the epoch is empty"]),
        Refusal(
            name: "session not listed", study: sessions, change: edit(4, "pre,pre", "pre,later"), line: 4, words: ["session `later` is not listed"]),
        Refusal(
            name: "subject in two groups", change: add("r9,gh1,k,iso,u9,isi_cv,1,600,,"), line: 74,
            words: ["subject `gh1` is in two groups, `gh` and `iso`"]),
        Refusal(
            name: "row twice", change: { $0 + [$0[5]] }, line: 74,
            words: ["the row repeats line 6", "recording `rpre`, subject `gh1`, unit `u1`, outcome `isi_cv`"]),
        Refusal(
            name: "row twice in an epoch", study: between, change: { $0 + [$0[5]] }, line: 74, words: ["the row repeats line 6", "epoch `pre`"]),
        Refusal(name: "row twice in a session", study: sessions, change: { $0 + [$0[6]] }, line: 74, words: ["session `post`"]),
        Refusal(name: "infinite value", change: edit(6, ",1.1,", ",inf,"), line: 6, words: ["`isi_cv` is not finite"]),
        Refusal(name: "a value that nothing has", change: edit(6, ",1.1,", ",-1e61,"), line: 6, words: ["`isi_cv` is -1e+61, which no measurement gives"]),
        Refusal(
            name: "text in a number column", change: edit(6, ",1.1,", ",high,"), line: 6, words: ["`high` in column `value` is not a number"]),
        Refusal(
            name: "negative on a log scale", change: edit(4, ",1.2,", ",-1.2,"), line: 4,
            words: ["`firing_rate_hz` is -1.2, and a negative value has no logarithm", "scale: linear"]),
        Refusal(
            name: "zero without time observed", change: edit(4, ",1.2,600", ",0,"), line: 4,
            words: ["`firing_rate_hz` is 0 and its time of observation is unknown", "a positive exposure_s"]),
        Refusal(
            name: "zero in no time", change: edit(4, ",1.2,600", ",0,0"), line: 4, words: ["its time of observation is unknown"]),
        Refusal(name: "negative time", change: edit(4, ",1.2,600", ",1.2,-5"), line: 4, words: ["an exposure of -5 s is impossible"]),
        Refusal(
            name: "zero without a rule", study: groups.replacing("isi_cv: {scale: linear}", with: "isi_cv: {scale: log}"),
            change: edit(6, ",1.1,", ",0,"), kind: .usage, line: 6,
            words: ["`isi_cv` is 0 in the table, which has no logarithm", "`zeros: exclude` or `zeros: <number>`"]),
        Refusal(
            name: "cage empty", study: cages, change: edit(4, "kgh1", ""), line: 4, words: ["subject `gh1` has no cage", "the unit of analysis is the cage"]),
        Refusal(
            name: "cage of two groups", study: cages, change: { $0.map { $0.replacing("kiso1", with: "kgh1") } }, line: 26,
            words: ["cage `kgh1` holds two groups, `gh` and `iso`"]),
        Refusal(
            name: "subject in two cages", study: cages, change: edit(5, "kgh1", "kgh9"), line: 5,
            words: ["subject `gh1` is in two cages, `kgh1` and `kgh9`"]),
        Refusal(
            name: "outcome absent", change: { $0.map { $0.replacing("isi_cv", with: "cv2") } },
            words: ["the outcome `isi_cv` of the study is not in the table", "the table has cv2, firing_rate_hz"]),
        Refusal(name: "no rows", change: { [$0[0]] }, words: ["is not in the table", "the table has no rows"]),
        Refusal(name: "no column", change: { $0.map { $0.replacing("outcome", with: "measure") } }, words: ["outcome"]),
        Refusal(
            name: "no epochs", study: between, change: { $0.map { $0.replacing("epoch", with: "time") } }, words: ["epoch"]),
    ]

    @Test(arguments: refusals)
    func refuses(_ one: Refusal) throws {
        let folder = try ScratchFolder()
        let table = folder.file("outcomes.csv")
        try folder.write(one.change(Self.lines).joined(separator: "\n") + "\n", as: "outcomes.csv")
        let definition = try StudyDefinition.parse(one.study, path: folder.file("study.yaml"))
        let error = try #require(throws: FerroError.self) {
            try StudyStatistics.run(definition, table: table, into: folder.file("results"))
        }
        #expect(error.kind == one.kind)
        if let line = one.line { #expect(error.place?.hasSuffix("outcomes.csv: line \(line)") == true, "\(error)") }
        #expect(error.place?.contains("outcomes.csv") == true)
        for word in one.words { #expect(error.description.contains(word), "\(error)") }
        #expect(!FileManager.default.fileExists(atPath: folder.file("results")))
    }

    /// The table that the refused ones differ from is good, in every design.
    @Test(arguments: [groups, cages, between, sessions, within])
    func theGoodTableIsTaken(_ study: String) throws {
        let folder = try ScratchFolder()
        var lines = Self.lines
        // Within, the same recording gives both epochs.
        if study == Self.within { lines = lines.map { $0.replacing("rpre", with: "r").replacing("rpost", with: "r") } }
        try folder.write(lines.joined(separator: "\n") + "\n", as: "outcomes.csv")
        let definition = try StudyDefinition.parse(study, path: folder.file("study.yaml"))
        try StudyStatistics.run(definition, table: folder.file("outcomes.csv"), into: folder.file("results"))
        let written = try CSVTable(path: folder.file("results/normalization.csv"))
        #expect(written.columns == StatisticsTables.normalizationColumns)
        #expect(written.rows.count == definition.outcomes.count)
        #expect(written.rows.allSatisfy { $0.fields.allSatisfy { !["nan", "inf", "-inf"].contains($0.lowercased()) } })
    }

    /// Rows of outcomes that the study does not name are nobody's business, whatever stands in them.
    @Test func otherOutcomesAreIgnored() throws {
        let folder = try ScratchFolder()
        let strange = ["r,gh1,k,nowhere,u,other,text,-1,,", "r,,,,,other,inf,,,", "r,gh1,k,iso,u,other,-3,,,"]
        try folder.write((Self.lines + strange).joined(separator: "\n") + "\n", as: "outcomes.csv")
        let definition = try StudyDefinition.parse(Self.groups, path: folder.file("study.yaml"))
        let results = try StudyStatistics.run(definition, table: folder.file("outcomes.csv"), into: folder.file("results"))
        #expect(results.outcomes.count == Self.lines.count - 1)
    }

    /// Equal to control as a group can be: without a margin fixed beforehand it is not called normal, and the row says why.
    @Test func withoutAMarginNothingIsNormalized() throws {
        func row(_ outcome: String) throws -> NormalizationRow {
            let folder = try ScratchFolder()
            var lines = ["recording,subject,cage,group,unit,outcome,value,exposure_s"]
            for (group, mean) in [("gh", 1.0), ("iso", 3), ("dfo", 1)] {
                for animal in 0..<8 { lines.append("r,\(group)\(animal),,\(group),u,isi_cv,\(mean + 0.05 * Double(animal)),60") }
            }
            try folder.write(lines.joined(separator: "\n") + "\n", as: "outcomes.csv")
            let study = "ferrospike-study: 1\ngroups: {gh: control, iso: perturbed, dfo: treated}\noutcomes: {isi_cv: \(outcome)}\n"
            let definition = try StudyDefinition.parse(study, path: folder.file("study.yaml"))
            return try #require(try StudyStatistics.run(definition, table: folder.file("outcomes.csv"), into: folder.file("results")).normalization.first)
        }
        let without = try row("{scale: linear}")
        #expect(without.verdict == .extentUnresolved && without.tostP == nil && without.tostMargin == nil && without.warnings.contains(.noMargin))
        #expect(StatisticsWarning.noMargin.sentence.hasPrefix("No equivalence margin was fixed beforehand"))
        let with = try row("{scale: linear, equivalence: 0.3}")
        #expect(with.verdict == .normalized && !with.warnings.contains(.noMargin))
    }

    /// A treated group of one animal is no reason to refuse a study: its row says what is missing.
    @Test func oneTreatedSubjectIsUndetermined() throws {
        let lines = Self.lines.filter { !$0.contains(",dfo2,") && !$0.contains(",dfo3,") }
        let folder = try ScratchFolder()
        try folder.write(lines.joined(separator: "\n") + "\n", as: "outcomes.csv")
        let definition = try StudyDefinition.parse(Self.groups, path: folder.file("study.yaml"))
        let results = try StudyStatistics.run(definition, table: folder.file("outcomes.csv"), into: folder.file("results"))
        for row in results.normalization {
            #expect(row.verdict == .undetermined)
            #expect(row.rescueStatus == .fewSubjects)
            #expect(row.tc.estimate != nil && row.tc.low == nil && row.tostP == nil && row.bootstrapLow == nil)
        }
    }
}
