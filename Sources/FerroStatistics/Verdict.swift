// SPDX-License-Identifier: GPL-3.0-or-later

/// What the study says of one outcome and one treatment: the first rule that holds.
///
/// Intervals decide, neither the permutation p (which cannot reach 0.05 at three against three) nor the adjusted p.
package enum Verdict: String, Sendable, CaseIterable {
    /// Equivalent to control within the margin, and some rescue is shown.
    case normalized
    /// The rescue index is above 1.
    case overCorrected = "over-corrected"
    /// Between 0 and 1.
    case partial
    /// Above 0, but partial and full rescue are not told apart.
    case extentUnresolved = "rescued, extent unresolved"
    /// The interval reaches 0 and stays below 1.
    case noEvidence = "no evidence"
    case undetermined

    /// - Parameters:
    ///   - low, high: the Fieller limits of the rescue index, nil where it is undefined.
    ///   - equivalent: shown equivalent to control within a margin smaller than the perturbation.
    package init(low: Double?, high: Double?, equivalent: Bool) {
        guard let low, let high else {
            self = .undetermined
            return
        }
        if low > 0 {
            if equivalent {
                self = .normalized
            } else if low > 1 {
                self = .overCorrected
            } else {
                self = high < 1 ? .partial : .extentUnresolved
            }
        } else {
            self = high < 1 ? .noEvidence : .undetermined
        }
    }
}

/// Whether the rescue index exists and, if not, why.
package enum RescueStatus: String, Sendable, CaseIterable {
    case defined
    case noTreatedGroup = "undefined: no treated group"
    case fewSubjects = "undefined: a group has fewer than two subjects"
    case fewCages = "undefined: a group has fewer than two cages"
    case perturbationNotResolved = "undefined: the perturbation is not resolved"
    case noVariance = "undefined: no variance"
}

/// What a reader of a row has to know; the raw value is the code in the `warnings` column.
package enum StatisticsWarning: String, Sendable, CaseIterable, Comparable {
    case cagesFewerThanSubjects = "cages-fewer-than-subjects"
    case fewSubjects = "few-subjects"
    case marginExceedsPerturbation = "margin-exceeds-perturbation"
    case missingValues = "missing-values"
    case noMargin = "no-margin"
    case permutationFloor = "permutation-floor"
    case singleCage = "single-cage"
    case singularFit = "singular-fit"
    case unequalExposure = "unequal-exposure"
    case zeroBaseline = "zero-baseline"
    case zeroVariance = "zero-variance"
    case zerosExcluded = "zeros-excluded"
    case zerosReplaced = "zeros-replaced"

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// The code as a sentence for a report.
    package var sentence: String {
        switch self {
        case .cagesFewerThanSubjects: "Subjects share cages, so the subjects of a group may not be independent; consider the cage as unit of analysis."
        case .fewSubjects: "A group has fewer than six experimental units."
        case .marginExceedsPerturbation: "The equivalence margin is not smaller than the perturbation, so the perturbed group itself could pass as equivalent."
        case .missingValues: "Rows, units or subjects with a missing value were dropped."
        case .noMargin: "No equivalence margin was fixed beforehand, so equivalence to control cannot be shown."
        case .permutationFloor: "With so few experimental units the smallest permutation p-value that can occur is above 0.05."
        case .singleCage: "All subjects of a group come from one cage, so group and cage are confounded."
        case .singularFit:
            "The mixed model finds no variance between experimental units, so by itself it would take cells for independent; its degrees of freedom are held to those between experimental units."
        case .unequalExposure: "The longest observation lasts more than twice the shortest."
        case .zeroBaseline: "Units or subjects with a baseline of zero were dropped, since a percentage of zero is undefined."
        case .zeroVariance: "A contrast has no variance, so it has no interval and no test."
        case .zerosExcluded: "Zeros were dropped, as the study asks."
        case .zerosReplaced: "Zeros were replaced before taking logarithms."
        }
    }
}
