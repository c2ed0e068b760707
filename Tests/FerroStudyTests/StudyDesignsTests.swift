// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroStatistics
import FerroStudy
import Foundation
import Testing

/// Doses, treated controls, behaviours and mediation from the study file to the tables.
@Suite struct StudyDesignsTests {
    static let study = """
        ferrospike-study: 1
        recordings: recordings.csv
        groups:
          gh:   {role: control}
          iso:  {role: perturbed}
          low:  {role: treated, target: iron, dose: 3 mg/kg}
          high: {role: treated, target: iron, dose: 10 mg/kg}
          ghd:  {role: treated-control, treatment: high}
        outcomes: {firing_rate_hz: {scale: log, primary: true, equivalence: 0.4 log}}
        covariates:
          iron_ug_per_g: {label: Iron}
          open_arm_s: {label: Time in open arms, behaviour: {scale: linear, equivalence: 12 s}}
        mediation: [{from: iron_ug_per_g, through: firing_rate_hz, to: open_arm_s}]
        statistics: {permutations: 2000, bootstrap: 500}
        """

    /// Six animals a group with one unit each; rate, iron and time in open arms of animal i of a group are known.
    private func made(_ study: String = study, openArm: (String, Int) -> String = { "\(openArm($0, $1))" }) throws -> ScratchFolder {
        let folder = try ScratchFolder()
        var outcomes = "recording,subject,cage,group,unit,outcome,value,exposure_s\n"
        var recordings = "recording,file,subject,cage,group,iron_ug_per_g,open_arm_s\n"
        for group in ["gh", "iso", "low", "high", "ghd"] {
            for animal in 0..<6 {
                let name = "\(group)\(animal)"
                outcomes += "r-\(name),\(name),k-\(name),\(group),1,firing_rate_hz,\(exp(Self.logRate(group, animal))),600\n"
                recordings +=
                    "r-\(name),none.h5,\(name),k-\(name),\(group),\(3 * Self.logRate(group, animal) + 0.1 * Double(animal % 2)),\(openArm(group, animal))\n"
            }
        }
        try folder.write(outcomes, as: "outcomes.csv")
        try folder.write(recordings, as: "recordings.csv")
        try folder.write(study, as: "study.yaml")
        return folder
    }

    static let middle = ["gh": 0.0, "iso": 1.2, "low": 0.6, "high": 0.0, "ghd": -0.5]
    static func logRate(_ group: String, _ animal: Int) -> Double { (middle[group] ?? 0) + 0.05 * (Double(animal) - 2.5) }
    static func openArm(_ group: String, _ animal: Int) -> Double { 60 - 30 * (group == "gh" || group == "ghd" ? 0 : 1) + 2 * (Double((animal * 2) % 5) - 2) }

    private func run(_ folder: ScratchFolder) throws -> StudyResults {
        try StudyStatistics.run(StudyDefinition.load(folder.file("study.yaml")), table: folder.file("outcomes.csv"), into: folder.file("out"))
    }

    @Test func everyTableIsWrittenWithItsNumbers() throws {
        let folder = try made()
        let results = try run(folder)
        let trend = try CSVTable(path: folder.file("out/trend.csv"))
        #expect(trend.rows.map { $0.fields[3] } == ["iso < low < high"])
        #expect(trend.rows.first?.fields.last == "towards control")
        let slope = try #require(results.trends.first).slope
        #expect(abs(try #require(slope.estimate) + 0.6) < 1e-9 && (slope.high ?? 1) < 0)
        let interaction = try #require(results.interactions.first)
        #expect(interaction.treated == "high" && interaction.treatedControl == "ghd")
        #expect(abs(try #require(interaction.inControls.estimate) + 0.5) < 1e-9)
        #expect(abs(try #require(interaction.difference.estimate) + 0.7) < 1e-9)
        #expect(try CSVTable(path: folder.file("out/interaction.csv")).rows.count == 1)
        // Firing came back under the high dose and behaviour did not.
        #expect(results.normalization.map(\.verdict) == [.partial, .normalized])
        #expect(results.behaviour.map(\.verdict) == [.noEvidence, .noEvidence])
        let behaviour = try CSVTable(path: folder.file("out/behaviour.csv"))
        #expect(behaviour.columns == StatisticsTables.normalizationColumns && behaviour.rows.map { $0.fields[1] } == ["low", "high"])
        #expect(results.mediation.map(\.n) == [30, 30] && results.mediation.first?.effects?.onMediator.value ?? 0 > 0.25)
        #expect(try CSVTable(path: folder.file("out/mediation.csv")).rows.map { $0.fields[3] } == ["all", "within groups"])
    }

    /// Treated controls are described and enter no contrast that a study without them has.
    @Test func treatedControlsChangeNothingElse() throws {
        let with = try run(made())
        let lines = Self.study.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let without = lines.map { $0.contains("treated-control") ? "  ghd:  {role: other}" : $0 }.joined(separator: "\n")
        let plain = try run(made(without))
        #expect(with.normalization == plain.normalization && plain.interactions.isEmpty && plain.trends == with.trends)
    }

    @Test func tablesOfAnEarlierStudyAreRemoved() throws {
        let folder = try made()
        _ = try run(folder)
        try folder.write(
            """
            ferrospike-study: 1
            groups: {gh: control, iso: perturbed, low: treated, high: treated, ghd: other}
            outcomes: {firing_rate_hz: {scale: log}}
            """, as: "study.yaml")
        _ = try run(folder)
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.file("out")).sorted()
        #expect(left == ["distribution.csv", "groups.csv", "normalization.csv"])
    }

    /// A subject has its value on any of its rows, and one without a value is left out.
    @Test func aMissingBehaviourIsNoZero() throws {
        let results = try run(made(openArm: { $0 == "gh" && $1 < 2 ? "NA" : "\(Self.openArm($0, $1))" }))
        #expect(results.behaviour.first?.nControl == 4 && results.behaviour.first?.warnings.contains(.missingValues) == true)
        let folder = try made()
        let table = try folder.text("recordings.csv")
        let blank = table.replacing("r-gh0,none.h5,gh0,k-gh0,gh,", with: "r0-gh0,none.h5,gh0,k-gh0,gh,,\nr-gh0,none.h5,gh0,k-gh0,gh,")
        try folder.write(blank, as: "recordings.csv")
        #expect(try run(folder).behaviour.first?.nControl == 6)
    }

    static let refusals: [(old: String, new: String, words: String)] = [
        ("role: perturbed}", "role: perturbed, dose: 1 mg/kg}", "a dose is that of a treated group"),
        ("dose: 3 mg/kg", "dose: 3 g/kg", "have different units"),
        ("dose: 3 mg/kg", "dose: 10 mg/kg", "have the same dose"),
        ("dose: 3 mg/kg", "dose: much", "`much` is not a dose"),
        ("dose: 3 mg/kg", "dose: -3 mg/kg", "is not a dose"),
        (", treatment: high", "", "`ghd` does not say what it was given"),
        ("treatment: high", "treatment: iso", "`iso` is not a treated group"),
        ("target: iron, dose: 3 mg/kg", "treatment: high", "only treated controls name"),
        ("equivalence: 12 s", "equivalence: 12 ms", "is not an equivalence margin of `open_arm_s`"),
        ("behaviour: {scale: linear, equivalence: 12 s}", "behaviour: {equivalence: 12 s}", "scale"),
        ("from: iron_ug_per_g", "from: iron", "iron_ug_per_g"),
        ("through: firing_rate_hz", "through: firing", "firing_rate_hz"),
        ("to: open_arm_s", "to: iron_ug_per_g", "from `iron_ug_per_g` to itself"),
    ]

    @Test(arguments: refusals) func aMistakeIsRefusedWithItsPlace(old: String, new: String, words: String) throws {
        let changed = Self.study.replacing(old, with: new, maxReplacements: 1)
        #expect(changed != Self.study)
        let error = try #require(throws: FerroError.self) { try StudyDefinition.parse(changed, path: "study.yaml") }
        #expect(error.kind == .usage && error.place?.hasPrefix("study.yaml:") == true && error.description.contains(words), "\(error)")
    }

    @Test func withinSubjectsThereAreNoTreatedControls() throws {
        let text = """
            ferrospike-study: 1
            design: epochs
            epochs: {a: control, b: perturbed, c: treated-control}
            outcomes: {isi_cv: {scale: linear}}
            """
        let error = try #require(throws: FerroError.self) { try StudyDefinition.parse(text, path: "study.yaml") }
        #expect(error.description.contains("within subjects there are no treated controls"))
    }
}
