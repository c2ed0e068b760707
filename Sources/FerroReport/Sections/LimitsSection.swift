// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics
import FerroStudy
import Foundation

/// What the data of a study can support and what they cannot, read from its design and its numbers, before anyone reads a verdict.
struct LimitsSection {
    let can: [String]
    let cannot: [String]
    /// In the words of the study file.
    let notes: [String]
    let hasNotes: Bool
    let hasCannot: Bool

    init(_ results: StudyResults, _ study: StudyWords) {
        let limits = StudyLimits(results: results, study: study)
        can = limits.can
        cannot = limits.cannot
        hasCannot = !cannot.isEmpty
        notes = results.definition.notes
        hasNotes = !notes.isEmpty
    }
}

/// The sentences; what concerns an outcome is told of the first primary one.
private struct StudyLimits {
    let results: StudyResults
    let study: StudyWords

    private var definition: StudyDefinition { results.definition }
    private var lead: OutcomeDefinition? { definition.outcomes.first { $0.primary } ?? definition.outcomes.first }
    private var rows: [NormalizationRow] { results.normalization.filter { $0.outcome == lead?.name } }
    private var control: String { study.label(of: .control) }
    private var perturbed: String { study.label(of: .perturbed) }
    private var compared: [Condition] { study.conditions.filter(\.role.isContrasted) }
    private var treated: [Condition] { study.conditions.filter { $0.role == .treated } }
    private var words: OutcomeWords? { lead.map(study.outcome) }

    private func group(_ name: String) -> GroupRow? { results.groups.first { $0.outcome == lead?.name && $0.group == name } }

    // MARK: Can

    var can: [String] { [comparison, resolution, rescue, arm].compactMap { $0 } }

    private var comparison: String? {
        guard let row = rows.first, let words else { return nil }
        let what = study.isChange ? "the change of the \(words.inSentence)" : "the \(words.inSentence)"
        guard min(row.nControl, row.nPerturbed) >= 2 else {
            guard row.pc.estimate != nil else { return nil }
            return
                "Describe by how much \(what) differs between \(perturbed) and \(control) in what was recorded: \(words.contrast(row.pc))."
        }
        let numbers =
            study.isWithin
            ? "\(study.units(row.nControl)), each compared with itself" : "\(row.nPerturbed) against \(study.units(row.nControl))"
        let floor = row.pc.permutationMinimum.map { "; the smallest permutation p that these numbers can give is \(Numbers.significant($0, digits: 2))" } ?? ""
        return "Tell whether \(what) differs between \(perturbed) and \(control): \(numbers)\(floor)."
    }

    private var resolution: String? {
        guard let row = rows.first, let words, let low = row.pc.low, let high = row.pc.high else { return nil }
        let half = (high - low) / 2
        let reach = words.isLog ? "a factor of \(Numbers.significant(exp(half)))" : words.withUnit(Numbers.significant(half))
        return
            "Tell a perturbation of the \(words.inSentence) from none where it is larger than about \(reach), the reach of its 95 % interval to either side; a smaller one would mostly be missed."
    }

    private var rescue: String? {
        guard !treated.isEmpty else { return nil }
        let defined = results.normalization.filter { $0.rescueStatus == .defined }
        guard !defined.isEmpty else { return nil }
        let all = results.normalization.count
        let rest = defined.count == all ? "every outcome" : "\(defined.count) of \(all) outcomes and treatments"
        return "Say how much of the perturbation a treatment took back, with an interval, for \(rest)."
    }

    private var arm: String? {
        guard study.isChange else { return nil }
        return
            "Take out what changes in every \(study.unit) between baseline and response, such as age and drift, as far as it is the same in \(control), which was recorded at the same \(definition.design.rawValue)."
    }

    // MARK: Cannot

    var cannot: [String] {
        [noTreatment, single, floor, few, order, unresolved, cells, cages, margins, described, dropped].compactMap { $0 }
    }

    private var noTreatment: String? {
        treated.isEmpty ? "Say whether firing came back: no \(study.conditionWord) is treated, so there is no rescue index and no verdict." : nil
    }

    private var single: String? {
        let alone = compared.filter { (group($0.name)?.n ?? 0) == 1 }
        guard let first = alone.first, let row = group(first.name) else { return nil }
        let names =
            study.isWithin
            ? "there is one \(study.unit)" : "\(alone.map(\.label).joined(separator: " and ")) \(alone.count == 1 ? "has" : "have") one \(study.unit) each"
        return
            "Show that any of it would be seen in another \(study.unit): \(names), and its \(study.cells(row.units)) are no \(study.unit)s. What is given is a description of it, without interval, p-value or verdict."
    }

    private var floor: String? {
        guard let row = rows.first, let least = row.pc.permutationMinimum, least > 0.05, min(row.nControl, row.nPerturbed) >= 2 else { return nil }
        return
            "Reach p < 0.05 by permutation, whatever the data: the smallest p that the number of \(study.unit)s can give is \(Numbers.significant(least, digits: 2))."
    }

    private var few: String? {
        let counts = compared.compactMap { group($0.name)?.n }
        guard let least = counts.min(), 2..<6 ~= least else { return nil }
        return
            "Support fine distinctions: the smallest \(study.conditionWord) has \(study.units(least)), so that intervals rest on the assumption that \(study.unit)s differ as a normal distribution does, which so few cannot show."
    }

    private var order: String? {
        guard study.isWithin else { return nil }
        return
            "Tell the perturbation from time: the \(study.conditionWord)s of a \(study.unit) follow each other, and no \(study.unit) was recorded as long without the perturbation. Growth, run-down and the order of the \(study.conditionWord)s are part of every difference."
    }

    private var unresolved: String? {
        guard !treated.isEmpty, rows.contains(where: { $0.rescueStatus == .perturbationNotResolved }), let words else { return nil }
        return "Say whether the \(words.inSentence) came back: no perturbation of it is resolved, so there is nothing to measure a return by."
    }

    private var cells: String? {
        definition.design == .sessions
            ? "Say which units changed: units are not followed from one session to the next, only the means of \(study.unit)s are." : nil
    }

    private var cages: String? {
        guard definition.unitOfAnalysis == .subject, !study.isWithin else { return nil }
        let housed = results.recordings.isEmpty ? results.outcomes.contains { $0.cage != nil } : results.recordings.contains { $0.recording.cage != nil }
        if rows.contains(where: { $0.warnings.contains(.cagesFewerThanSubjects) }) {
            return
                "Account for what cage mates share: subjects of one cage count as independent, which the cage as unit of analysis would not let them."
        }
        return housed
            ? nil
            : "Account for what subjects share: the table names no cages (litters, platings, days), so subjects that have one in common count as independent."
    }

    private var margins: String? {
        guard !treated.isEmpty else { return nil }
        let without = definition.outcomes.filter { $0.margin == nil }.map { study.outcome($0).inSentence }
        guard !without.isEmpty else { return nil }
        return "Show that the \(without.joined(separator: ", ")) became equal to \(control): no equivalence margin was fixed beforehand."
    }

    private var described: String? {
        let others = study.conditions.filter { $0.role == .other }.map(\.label)
        return others.isEmpty
            ? nil : "Compare \(others.joined(separator: ", ")) with anything: \(others.count == 1 ? "it is" : "they are") described only."
    }

    /// Subjects of the table that no mean of the first primary outcome holds.
    private var dropped: String? {
        guard definition.unitOfAnalysis == .subject else { return nil }
        let counted = Set(results.groups.filter { $0.outcome == lead?.name }.flatMap { $0.points.map(\.name) })
        var seen: Set<String> = []
        let names = results.recordings.map(\.recording.subject).filter { seen.insert($0).inserted && !counted.contains($0) }
        guard !names.isEmpty, let words else { return nil }
        let list = names.count <= 8 ? names.joined(separator: ", ") : names.prefix(8).joined(separator: ", ") + " and \(names.count - 8) more"
        return
            "Speak for \(list): without \(definition.design == .groups ? "a value" : "a value in every \(definition.design == .epochs ? "epoch" : "session") that is compared") of the \(words.inSentence), \(names.count == 1 ? "it is" : "they are") in no mean of it."
    }
}
