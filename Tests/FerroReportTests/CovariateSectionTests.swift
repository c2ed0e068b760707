// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics
import FerroStudy
import Foundation
import Testing

@testable import FerroReport

@Suite struct CovariateSectionTests {
    /// Iron of a subject by its group and place; rates rise with the place inside every group.
    private func html(_ iron: (String, Int) -> Double) throws -> String {
        let text = """
            ferrospike-study: 1
            groups: {gh: {role: control, label: Housed}, iso: perturbed, dfo: treated}
            outcomes: {firing_rate_hz: {scale: log, label: Firing rate}}
            covariates: {iron: {label: "iron <µg/g> & more"}}
            """
        func cohort(_ group: String, _ mean: Double) -> SampleStudies.Cohort { SampleStudies.Cohort(group: group, mean: mean, spread: 0.2) }
        let rows = SampleStudies.rows("firing_rate_hz", [cohort("gh", 0), cohort("iso", 1), cohort("dfo", 0.2)])
        let subjects = ["gh", "iso", "dfo"].flatMap { group in
            (0..<8).map { place in
                StudyRecording(
                    name: "\(group)\(place)", file: "f", path: "/f", subject: "\(group)-\(place)", group: group, covariates: ["iron": iron(group, place)])
            }
        }
        return try StudyReport.html(
            StudyStatistics.results(StudyDefinition.parse(text, path: "/s/study.yaml"), rows: rows, subjects: subjects))
    }

    @Test func associationsWithinGroupsAreSaidAsSuch() throws {
        let page = try html { Double($1) + ($0 == "iso" ? 20 : 0) }
        #expect(page.contains("Within groups, subjects with more iron &lt;µg/g&gt; &amp; more have a higher firing rate"))
        #expect(!page.contains("<µg/g>") && page.contains("covariate-firing_rate_hz-iron.csv"))
        #expect(page.contains("Spearman&#39;s rank correlation of subjects"))
    }

    @Test func aDifferenceBetweenGroupsIsNotTakenForOne() throws {
        let scrambled = [3, 6, 0, 5, 1, 7, 2, 4]
        let page = try html { Double(scrambled[$1]) + ($0 == "iso" ? 50 : $0 == "dfo" ? 10 : 0) }
        #expect(page.contains("but within groups no association is shown") && page.contains("the groups differ in both"))
    }

    @Test func nothingIsMadeOfNoVariation() throws {
        #expect(try html { _, _ in 4 }.contains("No association can be computed"))
    }

    @Test func aStudyWithoutCovariatesHasNoSuchPart() throws {
        #expect(!(try StudyReport.html(SampleStudies.everyVerdict())).contains("Covariates</h2>"))
    }
}
