// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// The door of the analysis: what a table must satisfy before a number is computed from it.
struct TableRules {
    let design: StudyDesign
    let comparison: Comparison
    let unitOfAnalysis: UnitOfAnalysis
    let outcomes: [OutcomeDefinition]

    /// Rows of each configured outcome, in an order that depends on their content only.
    ///
    /// - Throws: `FerroError`: input for a table that is refused, naming line or subject; usage for a zero that the study has no rule for.
    func admit(_ rows: [OutcomeRow]) throws -> [[OutcomeRow]] {
        let positions = Dictionary(uniqueKeysWithValues: outcomes.enumerated().map { ($1.name, $0) })
        var admitted = [[OutcomeRow]](repeating: [], count: outcomes.count)
        var seen: [RowKey: String] = [:]
        var groupOfSubject: [String: String] = [:]
        var cageOfSubject: [String: String] = [:]
        var groupOfCage: [String: String] = [:]
        for row in rows {
            guard let position = positions[row.outcome] else { continue }
            guard !row.subject.isEmpty else { throw refusal("the subject is empty", row) }
            try checkNames(row)
            try checkValue(row, outcomes[position])
            if !comparison.isWithin {
                let group = groupOfSubject[row.subject] ?? row.group
                guard group == row.group else {
                    throw refusal(
                        "the subject `\(row.subject)` is in two groups, `\(group)` and `\(row.group)`", row,
                        expected: "one group for every subject")
                }
                groupOfSubject[row.subject] = group
            }
            if unitOfAnalysis == .cage {
                try checkCage(row, &cageOfSubject, &groupOfCage)
            }
            let key = RowKey(row, occasion: occasion(of: row))
            if let first = seen.updateValue(row.place, forKey: key) {
                // `table.csv: line 6`: the file stands before the sentence already.
                let earlier = first.split(separator: ": ").last.map(String.init) ?? "another"
                throw refusal(
                    "the row repeats \(earlier): recording `\(row.recording)`, subject `\(row.subject)`, unit `\(row.unit)`, outcome `\(row.outcome)`"
                        + (occasion(of: row).map { ", \(occasionWord) `\($0)`" } ?? ""), row)
            }
            admitted[position].append(row)
        }
        for (outcome, own) in zip(outcomes, admitted) where own.isEmpty {
            let present = Set(rows.map(\.outcome)).sorted()
            throw FerroError.input(
                "the outcome `\(outcome.name)` of the study is not in the table", expected: "at least one row of it",
                advice: present.isEmpty ? "the table has no rows" : "the table has \(present.joined(separator: ", "))")
        }
        return admitted.map { rows in
            rows.map { (key: RowKey($0, occasion: occasion(of: $0)), row: $0) }.sorted { $0.key < $1.key }.map(\.row)
        }
    }

    /// Epoch or session of a row where the design has them.
    func occasion(of row: OutcomeRow) -> String? {
        switch design {
        case .groups: nil
        case .epochs: row.epoch ?? ""
        case .sessions: row.session ?? ""
        }
    }

    private var occasionWord: String { design == .epochs ? "epoch" : "session" }

    private func checkNames(_ row: OutcomeRow) throws {
        func check(_ name: String, _ word: String, _ known: [String]) throws {
            guard !known.contains(name) else { return }
            let near = nearestWord(to: name, among: known).map { "did you mean `\($0)`?" }
            throw refusal(
                name.isEmpty ? "the \(word) is empty" : "the \(word) `\(name)` is not listed in the study", row,
                expected: "one of \(known.joined(separator: ", "))", advice: near)
        }
        if !comparison.isWithin {
            try check(row.group, "group", comparison.conditions.map(\.name))
        }
        if let occasion = occasion(of: row) {
            switch comparison {
            case .changes(_, let occasions): try check(occasion, occasionWord, occasions.map(\.name))
            case .within(let conditions): try check(occasion, occasionWord, conditions.map(\.name))
            case .groups: break
            }
        }
    }

    private func checkValue(_ row: OutcomeRow, _ outcome: OutcomeDefinition) throws {
        guard let value = row.value else { return }
        guard value.isFinite else { throw refusal("the value of `\(outcome.name)` is not finite", row, expected: "a number, or nothing where it is missing") }
        guard outcome.scale == .log else {
            guard abs(value) <= OutcomeDefinition.largestValue else {
                throw refusal("`\(outcome.name)` is \(value), which no measurement gives", row, expected: "at most 1e60 in size")
            }
            return
        }
        guard value >= 0 else {
            throw refusal("`\(outcome.name)` is \(value), and a negative value has no logarithm", row, advice: "give the outcome `scale: linear`")
        }
        guard value == 0 else { return }
        switch outcome.zeros {
        case .halfCount where !((row.exposure ?? 0) > 0):
            throw refusal(
                "`\(outcome.name)` is 0 and its time of observation is unknown, so half an event in that time cannot be computed", row,
                expected: "a positive exposure_s", advice: "or give the outcome `zeros: exclude` or a number")
        case .halfCount where OutcomeDefinition.halfEvent(of: outcome.name) == nil, nil:
            throw FerroError.usage(
                "`\(outcome.name)` is 0 in the table, which has no logarithm, and the study does not say what to do with zeros", at: row.place,
                expected: "`zeros: exclude` or `zeros: <number>` for this outcome", advice: "or give it `scale: linear`")
        default:
            return
        }
    }

    private func checkCage(_ row: OutcomeRow, _ cageOfSubject: inout [String: String], _ groupOfCage: inout [String: String]) throws {
        guard let cage = row.cage, !cage.isEmpty else {
            throw refusal("the subject `\(row.subject)` has no cage", row, expected: "a cage on every row, since the unit of analysis is the cage")
        }
        let known = cageOfSubject[row.subject] ?? cage
        guard known == cage else {
            throw refusal("the subject `\(row.subject)` is in two cages, `\(known)` and `\(cage)`", row, expected: "one cage for every subject")
        }
        cageOfSubject[row.subject] = cage
        if !comparison.isWithin {
            let group = groupOfCage[cage] ?? row.group
            guard group == row.group else {
                throw refusal(
                    "the cage `\(cage)` holds two groups, `\(group)` and `\(row.group)`", row,
                    expected: "one group in every cage, since the unit of analysis is the cage")
            }
            groupOfCage[cage] = group
        }
    }

    private func refusal(_ what: String, _ row: OutcomeRow, expected: String? = nil, advice: String? = nil) -> FerroError {
        FerroError.input(what, at: row.place.isEmpty ? nil : row.place, expected: expected, advice: advice)
    }
}

/// What makes a row one of its kind, in the order rows are analysed in.
private struct RowKey: Hashable, Comparable {
    let subject: String
    let recording: String
    let unit: String
    let outcome: String
    let occasion: String

    init(_ row: OutcomeRow, occasion: String?) {
        subject = row.subject
        recording = row.recording
        unit = row.unit
        outcome = row.outcome
        self.occasion = occasion ?? ""
    }

    static func < (left: RowKey, right: RowKey) -> Bool {
        (left.subject, left.recording, left.unit, left.outcome, left.occasion)
            < (right.subject, right.recording, right.unit, right.outcome, right.occasion)
    }
}
