// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics
import FerroStudy
import Foundation
import Testing

@testable import FerroReport

/// Behaviour, treated controls, doses and mediation in the words of the report.
@Suite struct BesideVerdictsTests {
    static let study = """
        ferrospike-study: 1
        title: Beside the verdicts
        groups:
          gh:   {role: control, label: Housed}
          iso:  {role: perturbed, label: Isolated}
          low:  {role: treated, label: Low dose, target: iron, dose: 3 mg/kg}
          high: {role: treated, label: High dose, target: iron, dose: 10 mg/kg}
          ghd:  {role: treated-control, label: Housed + drug, treatment: high}
        outcomes: {firing_rate_hz: {scale: log, primary: true, equivalence: 0.5 log, label: Firing rate}}
        covariates:
          iron: {label: "Iron <µg/g>"}
          open_arm_s: {label: Time in open arms, behaviour: {scale: linear, equivalence: 14 s}}
        mediation: [{from: iron, through: firing_rate_hz, to: open_arm_s}]
        statistics: {permutations: 500, bootstrap: 500}
        """

    /// - Parameters: mean of the firing (log) and of the behaviour by group.
    private func results(_ firing: [String: Double], _ behaviour: [String: Double], spread: Double = 0.1, behaviourSpread: Double = 5) throws -> StudyResults {
        let names = ["gh", "iso", "low", "high", "ghd"]
        let rows = SampleStudies.rows(
            "firing_rate_hz", names.map { SampleStudies.Cohort(group: $0, mean: firing[$0] ?? 0, spread: spread) })
        let ironNoise: [Double] = [0.3, -0.1, 0.2, 0, -0.4, 0.1, 0.5, -0.2]
        let places: [Double] = [-1, 0.5, 1, -0.5, 0.2, -0.2, 0.8, -0.8]
        let subjects = names.flatMap { group -> [StudyRecording] in
            let (rate, time) = (firing[group] ?? 0, behaviour[group] ?? 0)
            return (0..<8).map { place -> StudyRecording in
                let measures = ["iron": rate + ironNoise[place], "open_arm_s": time + behaviourSpread * places[place]]
                return StudyRecording(name: "\(group)\(place)", file: "f", path: "/f", subject: "\(group)-\(place)", group: group, covariates: measures)
            }
        }
        return try StudyStatistics.results(StudyDefinition.parse(Self.study, path: "/s/study.yaml"), rows: rows, subjects: subjects)
    }

    private let returned = ["gh": 0.0, "iso": 1, "low": 0.5, "high": 0.02, "ghd": 0]
    private let stayed = ["gh": 60.0, "iso": 20, "low": 21, "high": 20, "ghd": 60]

    private func sentences(_ results: StudyResults) throws -> [String] {
        try #require(BehaviourSection(results, StudyWords(results.definition))).sentences
    }

    @Test func firingThatCameBackAloneIsSaid() throws {
        let results = try results(returned, stayed)
        let told = try sentences(results)
        #expect(
            told[1].hasPrefix(
                "High dose: the firing rate returned to normal, while the time in open arms is not shown to have come back. The two came back to different extents"
            ))
        #expect(told[0].contains("Low dose: the firing rate came back in part, while"))
        let html = try StudyReport.html(results)
        for sentence in told { #expect(html.contains(SVG.escaped(sentence))) }
        #expect(html.contains("Iron &lt;µg/g&gt; → firing rate → Time in open arms") && !html.contains("<µg/g>"))
        #expect(html.contains("estimation-open_arm_s.csv"))
    }

    @Test func behaviourThatCameBackAloneIsSaid() throws {
        let told = try sentences(
            results(["gh": 0, "iso": 1, "low": 1, "high": 1, "ghd": 0], ["gh": 60, "iso": 20, "low": 40, "high": 60, "ghd": 60]))
        #expect(told[1].hasPrefix("High dose: the firing rate is not shown to have come back, while the time in open arms returned to normal."))
    }

    @Test func bothThatCameBackAreNoContrast() throws {
        let told = try sentences(results(returned, ["gh": 60, "iso": 20, "low": 40, "high": 60, "ghd": 60]))
        #expect(told[1] == "High dose: the firing rate returned to normal, and the time in open arms returned to normal.")
    }

    /// A difference between shown and not shown is none by itself, and what cannot be judged is not set against what can.
    @Test func oneShownAndOneNotIsNoDifferenceByItself() throws {
        var firing = NormalizationRow(outcome: "f", treated: "t", design: .groups, scale: .log, unitOfAnalysis: .subject)
        var behaviour = firing
        func told() -> String {
            BehaviourWords(firing: firing, behaviour: behaviour, firingName: "rate", behaviourName: "time", treatment: "T", control: "C").sentence
        }
        (firing.rescue, firing.fiellerLow, firing.fiellerHigh, firing.verdict, firing.rescueStatus) = (0.4, 0.1, 0.7, .partial, .defined)
        (behaviour.rescue, behaviour.fiellerLow, behaviour.fiellerHigh, behaviour.verdict, behaviour.rescueStatus) = (0.3, -0.1, 0.8, .noEvidence, .defined)
        #expect(told().contains("does not show that they differ") && told().contains("while"))
        (behaviour.rescue, behaviour.verdict, behaviour.rescueStatus) = (nil, .undetermined, .perturbationNotResolved)
        #expect(told() == "T: the rate came back in part, and the time cannot be judged (undefined: the perturbation is not resolved).")
    }

    @Test func whatATreatmentDoesToAnyoneIsNoRescue() throws {
        func sentence(_ firing: [String: Double]) throws -> String {
            let results = try results(firing, stayed)
            return TreatedControlWords(row: try #require(results.interactions.first), study: StudyWords(results.definition)).sentence
        }
        #expect(try sentence(["gh": 0, "iso": 1, "low": 1, "high": 0.2, "ghd": -0.8]).contains("may be what the treatment does to anyone"))
        #expect(
            try sentence(["gh": 0, "iso": 1, "low": 1, "high": 0, "ghd": 0]).contains("No effect of the treatment on the firing rate of controls is shown"))
        #expect(try sentence(["gh": 0, "iso": 1, "low": 1, "high": 0, "ghd": 0]).contains("it does more or less than in controls"))
        #expect(try sentence(["gh": 0, "iso": 1, "low": 1, "high": 0, "ghd": -0.5]).contains("of controls as well"))
    }

    @Test func dosesAreTold() throws {
        func sentence(_ firing: [String: Double]) throws -> String {
            let results = try results(firing, stayed)
            return DoseSection.sentence(try #require(results.trends.first), StudyWords(results.definition))
        }
        #expect(try sentence(returned).hasPrefix("The firing rate falls with the dose, towards Housed: "))
        #expect(try sentence(["gh": 0, "iso": 1, "low": 1, "high": 1.6]).hasPrefix("The firing rate rises with the dose, away from Housed: "))
        #expect(try sentence(["gh": 0, "iso": 1, "low": 0.2, "high": 1]).hasPrefix("No trend of the firing rate over the doses is shown"))
        let html = try StudyReport.html(results(returned, stayed))
        #expect(html.contains("Isolated (n = 8), Low dose (n = 8), High dose (n = 8)") && html.contains("Satterthwaite FE (1946)"))
    }

    @Test func aPathBetweenGroupsAloneIsSaidAsSuch() throws {
        let results = try results(returned, ["gh": 60, "iso": 20, "low": 40, "high": 60, "ghd": 60])
        let section = try #require(MediationSection(results, StudyWords(results.definition)))
        #expect(section.paths[0].sentence.hasPrefix("Over all subjects the interval of ab leaves out 0, within groups it does not"))
        #expect(section.caveats.count == 6 && section.paths[0].lines.map(\.n) == [40, 40])
    }

    @Test func aStudyWithoutThemHasNoSuchParts() throws {
        let html = try StudyReport.html(SampleStudies.everyVerdict())
        for part in ["Behaviour beside firing", "Treated controls</h2>", "Doses</h2>", "Mediation</h2>"] { #expect(!html.contains(part)) }
    }
}
