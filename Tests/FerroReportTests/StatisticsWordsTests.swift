// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics
import FerroStudy
import Foundation
import Testing

@testable import FerroReport

/// Mixed model, bootstrap and distributions as a reader meets them.
@Suite struct StatisticsWordsTests {
    @Test func theMixedModelStandsWithItsNumbers() throws {
        let results = try SampleStudies.everyVerdict()
        let html = try StudyReport.html(results)
        let study = StudyWords(results.definition)
        for row in results.normalization {
            let words = MixedModelWords(row: row, study: study)
            #expect(html.contains(SVG.escaped(words.sentence)))
            let lines = words.lines([("a", row.pc), ("b", row.tp), ("c", row.tc)])
            #expect(lines.count == 3)
            for line in lines {
                #expect(html.contains("<td>\(SVG.escaped(line.estimate))</td><td>\(line.degreesOfFreedom)</td><td>\(SVG.escaped(line.p))</td>"))
            }
        }
        let fitted = try #require(results.normalization.first { $0.mixedStatus == .ok })
        #expect(MixedModelWords(row: fitted, study: study).sentence.contains("ICC"))
    }

    @Test func whereNoMixedModelIsFittedTheReasonStands() throws {
        let html = try StudyReport.html(try SampleStudies.sessions())
        #expect(html.contains("No mixed model: with one row for every subject"))
        #expect(!html.contains("contrasts mixed"))
    }

    @Test func bothIntervalsOfAnIndexStandTogether() throws {
        let results = try SampleStudies.everyVerdict()
        let html = try StudyReport.html(results)
        let study = StudyWords(results.definition)
        let defined = results.normalization.filter { $0.rescue != nil }
        #expect(!defined.isEmpty)
        for row in defined {
            let text = try #require(MixedModelWords(row: row, study: study).intervals)
            #expect(html.contains(SVG.escaped(text)) && text.contains(Numbers.index(row.rescue, row.fiellerLow, row.fiellerHigh)))
        }
        for row in results.normalization where row.rescue == nil { #expect(MixedModelWords(row: row, study: study).intervals == nil) }
        var few = try #require(defined.first)
        few.nTreated = 5
        #expect(MixedModelWords(row: few, study: study).intervals?.contains("too narrow") == true)
    }

    /// A treatment that silences one half of the units and excites the other brings the mean back and nothing else.
    @Test func aMeanThatReturnedWithoutItsUnitsIsSaid() throws {
        let text = """
            ferrospike-study: 1
            groups: {gh: control, iso: perturbed, mix: treated}
            outcomes: {firing_rate_hz: {scale: log, equivalence: 0.3 log}}
            """
        func rows(_ group: String, _ middle: Double, apart: Double) -> [OutcomeRow] {
            (0..<8).flatMap { animal in
                (0..<12).map { cell in
                    let side = cell % 2 == 0 ? apart : -apart
                    let y = middle + 0.04 * Double(animal - 4) + side + 0.01 * Double(cell - 6)
                    return OutcomeRow(
                        recording: "\(group)\(animal)", subject: "\(group)\(animal)", group: group, unit: "\(cell)", outcome: "firing_rate_hz", value: exp(y),
                        exposure: 600)
                }
            }
        }
        let results = try SampleStudies.results(text, rows("gh", 0, apart: 0.05) + rows("iso", 1, apart: 0.05) + rows("mix", 0, apart: 1.2))
        #expect(results.normalization.first?.verdict == .normalized)
        let html = try StudyReport.html(results)
        #expect(html.contains("The mean returned to normal, the distribution did not"))
        #expect(html.contains("0\u{A0}% of the units lie in that range"))
    }

    @Test func methodsCiteWhatTheyUse() throws {
        let html = try StudyReport.html(try SampleStudies.everyVerdict())
        for work in ["Patterson HD", "Fai AH-T", "Kuznetsova A", "Kish L", "Davison AC", "Fieller EC", "Hasler M", "Holm S", "Phipson B", "Schuirmann DJ"] {
            #expect(html.contains(work), "\(work)")
        }
        #expect(!html.contains("Benjamini Y") && html.contains("10\u{202F}000 draws of a nested bootstrap") && html.contains("Ho J, Tumkaya T"))
        let within = MethodsText(study: StudyWords(try SampleStudies.within().definition))
        #expect(!within.references.contains { $0.hasPrefix("Hasler") || $0.hasPrefix("Welch") })
    }

    @Test func roundingUpKeepsTheDigits() {
        #expect(Numbers.significant(0.0000999900009999, digits: 2) == "0.00010" && Numbers.significant(9.996) == "10.0")
        #expect(Axis(kind: .linear, from: 0, to: 100, start: 0, end: 1).ticks(4).map(\.label) == ["0", "25", "50", "75", "100"])
        #expect(Axis(kind: .linear, from: 0, to: 1, start: 0, end: 1).ticks(4).map(\.label) == ["0.00", "0.25", "0.50", "0.75", "1.00"])
    }
}
