// SPDX-License-Identifier: GPL-3.0-or-later

/// How a study compares: between groups of animals, or over epochs of a recording, or over sessions of a subject.
package enum StudyDesign: String, Sendable, CaseIterable {
    case groups, epochs, sessions
}

/// What a group (or, in a comparison within subjects, an epoch or session) stands for.
package enum Role: String, Sendable, CaseIterable {
    case control, perturbed, treated
    /// Control that was given a treatment: what the treatment does without the perturbation.
    case treatedControl = "treated-control"
    /// Described in `groups.csv`, compared with nothing.
    case other

    /// Whether it has a place in the contrasts of `normalization.csv`.
    package var isContrasted: Bool { [.control, .perturbed, .treated].contains(self) }
}

/// What an epoch or session stands for where the *change* is compared between groups.
package enum OccasionRole: String, Sendable, CaseIterable {
    case baseline, response
    /// Rows are read and not used.
    case other
}

/// The scale outcomes are analysed on; `log` is the natural logarithm.
package enum AnalysisScale: String, Sendable, CaseIterable {
    case linear, log
}

/// The experimental unit: what `n` counts.
package enum UnitOfAnalysis: String, Sendable, CaseIterable {
    case subject, cage

    var plural: String { self == .subject ? "subjects" : "cages" }
}

/// Correction of permutation p-values over a family of outcomes.
package enum Multiplicity: String, Sendable, CaseIterable {
    /// Holm 1979: family-wise error.
    case holm
    /// Benjamini and Hochberg 1995: false discovery rate.
    case bh
    case none
}

/// A named group, epoch or session with its role.
package struct Condition: Sendable, Equatable {
    package var name: String
    package var role: Role
    /// What figures call it; the name where the study gives none.
    package var label: String
    /// What a treatment acts on, such as `iron`.
    package var target: String?
    /// Of a treated group in a series of doses.
    package var dose: Dose?
    /// The treated group whose treatment these controls were given.
    package var treatment: String?

    package init(name: String, role: Role, label: String? = nil, target: String? = nil, dose: Dose? = nil, treatment: String? = nil) {
        self.name = name
        self.role = role
        self.label = label ?? name
        self.target = target
        self.dose = dose
        self.treatment = treatment
    }
}

/// An epoch or session of a comparison of changes.
package struct Occasion: Sendable, Equatable {
    package var name: String
    package var role: OccasionRole
    package var label: String

    package init(name: String, role: OccasionRole, label: String? = nil) {
        self.name = name
        self.role = role
        self.label = label ?? name
    }
}

/// What is compared with what.
package enum Comparison: Sendable, Equatable {
    /// Values of groups of subjects.
    case groups([Condition])
    /// Changes from baseline to response, between groups of subjects.
    case changes([Condition], occasions: [Occasion])
    /// Values of the same subjects under several epochs or sessions.
    case within([Condition])

    /// Groups, or the epochs or sessions of a comparison within subjects, in the order of the study file.
    package var conditions: [Condition] {
        switch self {
        case .groups(let conditions), .changes(let conditions, _), .within(let conditions): conditions
        }
    }

    package var isWithin: Bool {
        if case .within = self { true } else { false }
    }
}
