// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics
import FerroStudy
import Foundation
import Testing

@testable import FerroReport

/// What a report says that its data can and cannot support.
@Suite struct LimitsSectionTests {
    private func limits(_ results: StudyResults) -> (can: String, cannot: String) {
        let section = LimitsSection(results, StudyWords(results.definition))
        return (section.can.joined(separator: "\n"), section.cannot.joined(separator: "\n"))
    }

    @Test func aPerturbationAloneTellsOfNoReturn() throws {
        let (can, cannot) = limits(try SampleStudies.withoutTreatment())
        #expect(can.contains("4 against 4 cages; the smallest permutation p that these numbers can give is 0.029"))
        #expect(cannot.contains("no group is treated, so there is no rescue index"))
        #expect(cannot.contains("Compare Naive with anything: it is described only."))
        #expect(cannot.contains("the smallest group has 4 cages"))
    }

    @Test func theReachOfTheIntervalIsSaid() throws {
        let results = try SampleStudies.everyVerdict()
        let pc = try #require(results.normalization.first).pc
        let reach = exp((try #require(pc.high) - (try #require(pc.low))) / 2)
        #expect(limits(results).can.contains("larger than about a factor of \(Numbers.significant(reach))"))
    }

    @Test func timeIsPartOfEveryDifferenceWithinSubjects() throws {
        let (can, cannot) = limits(try SampleStudies.within())
        #expect(can.contains("7 subjects, each compared with itself"))
        #expect(cannot.contains("Tell the perturbation from time"))
        #expect(!limits(try SampleStudies.sessions()).cannot.contains("from time"))
        #expect(limits(try SampleStudies.sessions()).can.contains("as far as it is the same in Group-housed"))
        #expect(limits(try SampleStudies.sessions()).cannot.contains("units are not followed from one session to the next"))
    }

    @Test func oneSubjectIsDescribedAndNothingMore() throws {
        let text = """
            ferrospike-study: 1
            design: epochs
            epochs: {before: control, drug: perturbed, wash: treated}
            outcomes: {firing_rate_hz: {scale: log}}
            notes: [The slice was cut <late>., Wash took an hour.]
            """
        let rows = [("before", 0.2), ("drug", 1.4), ("wash", 0.4)].flatMap { epoch, mean -> [OutcomeRow] in
            let slice = SampleStudies.Cohort(group: "", mean: mean, spread: 0, subjects: 1)
            return SampleStudies.rows("firing_rate_hz", [slice], epoch: epoch, subject: { _, _ in "slice" })
        }
        let results = try SampleStudies.results(text, rows)
        let (can, cannot) = limits(results)
        #expect(can.contains("Describe by how much the firing rate differs between drug and before") && !can.contains("Tell whether"))
        #expect(cannot.contains("there is one subject, and its 12 units are no subjects"))
        let html = try StudyReport.html(results)
        #expect(html.contains("<li>The slice was cut &lt;late&gt;.</li>") && html.components(separatedBy: "Noted in the study file").count == 2)
        #expect(!(try StudyReport.html(SampleStudies.within())).contains("Noted in the study file"))
    }

    @Test func whoIsMissingIsNamed() throws {
        var results = try SampleStudies.everyVerdict(recordings: true)
        #expect(!limits(results).cannot.contains("Speak for"))
        results.recordings[0].recording.subject = "lost"
        #expect(limits(results).cannot.contains("Speak for lost: without a value of the firing rate, it is in no mean of it."))
    }
}
