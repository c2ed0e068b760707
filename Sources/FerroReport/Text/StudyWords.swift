// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics
import FerroStudy

/// How a study's groups, outcomes and experimental units are called in sentences.
struct StudyWords: Sendable {
    let definition: StudyDefinition
    let conditions: [Condition]
    let styles: [String: ConditionStyle]
    /// Numbers of the experimental units by name, the same in every figure of a page.
    var unitNumbers: [String: Int] = [:]

    init(_ definition: StudyDefinition) {
        self.definition = definition
        conditions = definition.comparison.conditions
        styles = Palette.styles(of: conditions)
    }

    var isChange: Bool { if case .changes = definition.comparison { true } else { false } }
    var isWithin: Bool { definition.comparison.isWithin }

    func label(of condition: String?) -> String {
        condition.map { name in conditions.first { $0.name == name }?.label ?? name } ?? "—"
    }

    /// The group, epoch or session that a recording belongs to; nil where a change is compared and it is not of the response.
    func condition(of recording: StudyRecording) -> String? {
        let occasion = definition.design == .epochs ? recording.epoch : recording.session
        switch definition.comparison {
        case .groups: return recording.group
        case .within: return occasion
        case .changes(_, let occasions): return occasions.first { $0.name == occasion }?.role == .response ? recording.group : nil
        }
    }

    func label(of role: Role) -> String { conditions.first { $0.role == role }?.label ?? role.rawValue }

    func style(of condition: String) -> ConditionStyle { styles[condition] ?? .plain }

    func outcome(_ definition: OutcomeDefinition) -> OutcomeWords { OutcomeWords(definition, isChange: isChange) }

    func outcome(named name: String) -> OutcomeWords {
        outcome(definition.outcomes.first { $0.name == name } ?? OutcomeDefinition(name: name, scale: .linear))
    }

    /// `subject` or `cage`.
    var unit: String { definition.unitOfAnalysis.rawValue }
    func units(_ count: Int) -> String { Numbers.counted(count, unit, unit + "s") }

    /// Rows behind an experimental unit, counted.
    func cells(_ count: Int) -> String {
        isChange
            ? definition.design == .epochs ? Numbers.counted(count, "change of a unit", "changes of units") : Numbers.counted(count, "row", "rows")
            : Numbers.counted(count, "unit", "units")
    }

    /// What the nested bootstrap draws, level by level.
    var resampled: String {
        let rows = isChange && definition.design == .epochs ? "changes of their units" : isChange || isWithin ? "their rows" : "their units"
        return (definition.unitOfAnalysis == .cage ? "cages, then their subjects, then " : "subjects, then ") + rows
    }

    /// What the conditions are: groups, or epochs or sessions of the same subjects.
    var conditionWord: String { isWithin ? (definition.design == .epochs ? "epoch" : "session") : "group" }

    /// The comparison in a sentence without its full stop.
    var design: String {
        switch definition.comparison {
        case .groups: "Values are compared between groups of subjects"
        case .changes(_, let occasions):
            "The change from \(name(of: .baseline, in: occasions)) to \(name(of: .response, in: occasions)) is compared between groups of subjects"
                + (definition.design == .epochs ? ", every unit against its own baseline" : "")
        case .within: "Every \(unit) is compared with itself over \(conditionWord)s"
        }
    }

    private func name(of role: OccasionRole, in occasions: [Occasion]) -> String {
        "“\(occasions.first { $0.role == role }?.label ?? role.rawValue)”"
    }

    var multiplicity: String {
        switch definition.settings.multiplicity {
        case .holm: "Holm"
        case .bh: "Benjamini-Hochberg"
        case .none: "not adjusted"
        }
    }

    func role(_ role: Role) -> String {
        switch role {
        case .control: "control"
        case .perturbed: "perturbed"
        case .treated: "treated"
        case .treatedControl: "treated control"
        case .other: "described only"
        }
    }
}
