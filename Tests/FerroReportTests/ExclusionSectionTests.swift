// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics
import FerroStudy
import Foundation
import Testing

@testable import FerroReport

@Suite struct ExclusionSectionTests {
    private func results(_ exclusions: String) throws -> StudyResults {
        let text = """
            ferrospike-study: 1
            groups: {gh: {role: control, label: "<b>Housed & fed"}, iso: {role: perturbed}, dfo: {role: treated}}
            outcomes: {firing_rate_hz: {scale: log}}
            \(exclusions)
            """
        func cohort(_ group: String, _ mean: Double) -> SampleStudies.Cohort { SampleStudies.Cohort(group: group, mean: mean, spread: 0.2, subjects: 6) }
        return try SampleStudies.results(text, SampleStudies.rows("firing_rate_hz", [cohort("gh", 0), cohort("iso", 1), cohort("dfo", 0.2)]))
    }

    @Test func theFlowOfEveryGroupIsDrawnAndCounted() throws {
        let results = try results("exclusions: {minimum-exposure: 10 min, measures: {firing_rate_hz: {min: 1}}}")
        let flow = try #require(results.exclusions)
        #expect(flow.excluded > 0)
        let html = try StudyReport.html(results)
        #expect(html.contains("<h2 id=\"exclusions\">") && html.contains("decided without looking at their group"))
        for group in flow.groups {
            for step in group.steps { #expect(html.contains(">\(Numbers.counted(step.unitsLeft, "unit", "units"))</text>")) }
        }
        for criterion in ["exposure_s &gt;= 600", "firing_rate_hz &gt;= 1"] { #expect(html.contains("\(criterion)</text>")) }
        #expect(!html.contains("<b>Housed") && html.contains("exclusions.csv"))
    }

    /// A criterion on the rate itself takes more units from the group whose rates are lower: a reader must know.
    @Test func unequalExclusionIsSaid() throws {
        #expect(try StudyReport.html(results("exclusions: {measures: {firing_rate_hz: {min: 1}}}")).contains("excluding by it changes the comparison"))
        #expect(!(try StudyReport.html(results("exclusions: {minimum-exposure: 1 min}"))).contains("excluding by it changes the comparison"))
    }

    @Test func aStudyWithoutCriteriaHasNoSuchPart() throws {
        #expect(!(try StudyReport.html(results(""))).contains("Exclusions</h2>"))
    }
}
