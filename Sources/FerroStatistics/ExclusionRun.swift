// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

extension ExclusionCriteria {
    private struct UnitKey: Hashable {
        let recording: String
        let subject: String
        let unit: String
        let occasion: String

        init(_ row: OutcomeRow, _ design: StudyDesign) {
            recording = row.recording
            subject = row.subject
            unit = row.unit
            occasion = design == .epochs ? row.epoch ?? "" : design == .sessions ? row.session ?? "" : ""
        }
    }

    /// The rows that stay, and the count of those that go.
    ///
    /// - Parameters:
    ///   - rows: of the table, in any order; rows of measures among them.
    ///   - outcomes: names of the study's outcomes.
    ///   - condition: the group (within subjects, the epoch or session) that a row is counted under. It has no say in the decision.
    /// - Throws: `FerroError` (input) where a measure is not in the table, or no row of an outcome is left.
    package func applied(
        to rows: [OutcomeRow], outcomes: [String], design: StudyDesign, conditions: [String], condition: (OutcomeRow) -> String
    ) throws -> (rows: [OutcomeRow], flow: ExclusionFlow) {
        let guarded = self.outcomes ?? Set(outcomes)
        let present = Set(rows.map(\.outcome))
        for measure in bounds.map(\.measure) where !present.contains(measure) {
            throw FerroError.input(
                "`\(measure)`, which the study excludes units by, is not in the table", expected: "a row of it for every unit",
                advice: nearestWord(to: measure, among: present.sorted()).map { "did you mean `\($0)`?" })
        }
        var observations: [UnitKey: Observation] = [:]
        var homes: [UnitKey: String] = [:]
        for row in rows {
            let key = UnitKey(row, design)
            if guarded.contains(row.outcome) {
                homes[key] = condition(row)
                if let exposure = row.exposure { observations[key, default: Observation()].exposures.append(exposure) }
            }
            if measures.contains(row.outcome), let value = row.value {
                observations[key, default: Observation()].measures[row.outcome, default: []].append(value)
            }
        }
        let failures = homes.keys.reduce(into: [UnitKey: (criterion: Int, isMissing: Bool)]()) { failures, key in
            failures[key] = failure(of: observations[key] ?? Observation())
        }
        let kept = rows.filter { !guarded.contains($0.outcome) || failures[UnitKey($0, design)] == nil }
        for outcome in outcomes where present.contains(outcome) && !kept.contains(where: { $0.outcome == outcome }) {
            throw FerroError.input(
                "the exclusion criteria leave no unit of `\(outcome)`", expected: "units with \(texts.joined(separator: ", "))",
                advice: "criteria that guard other measures need `outcomes:` under `exclusions:`")
        }
        let groups = conditions.map { name -> ExclusionFlow.Group in
            let own = homes.filter { $0.value == name }.map(\.key)
            let steps = texts.indices.map { criterion -> ExclusionFlow.Step in
                let out = own.filter { failures[$0]?.criterion == criterion }
                let left = own.filter { failures[$0].map { $0.criterion > criterion } ?? true }
                return ExclusionFlow.Step(
                    excluded: out.count, missing: out.count { failures[$0]?.isMissing == true }, unitsLeft: left.count,
                    subjectsLeft: Set(left.map(\.subject)).count)
            }
            return ExclusionFlow.Group(name: name, units: own.count, subjects: Set(own.map(\.subject)).count, steps: steps)
        }
        return (kept, ExclusionFlow(criteria: texts, groups: groups))
    }
}
