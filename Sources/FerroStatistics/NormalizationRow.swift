// SPDX-License-Identifier: GPL-3.0-or-later

/// How a permutation p-value was computed.
package enum PermutationKind: String, Sendable {
    case exact
    case monteCarlo = "monte-carlo"
}

/// One difference of means on the analysis scale with its tests; a nil field is undefined.
package struct Contrast: Sendable, Equatable {
    package var estimate: Double?
    package var standardError: Double?
    /// Welch-Satterthwaite degrees of freedom, or n-1 within subjects.
    package var degreesOfFreedom: Double?
    /// 95 % interval.
    package var low: Double?
    package var high: Double?
    /// Two-sided.
    package var welchP: Double?
    /// Ratios of geometric means: the estimate and its interval exponentiated; log scale only.
    package var ratio: Double?
    package var ratioLow: Double?
    package var ratioHigh: Double?
    package var permutationP: Double?
    /// The smallest p-value that the design can give.
    package var permutationMinimum: Double?
    package var permutationKind: PermutationKind?
    /// The permutation p-value after the study's multiplicity correction.
    package var adjustedP: Double?
    /// The same difference by the random-intercept mixed model.
    package var mixed: MixedEffect?
    /// The same difference in the draws of the nested bootstrap; nil below two experimental units in a group.
    package var bootstrap: BootstrapDistribution?

    package init() {}

    package static let undefined = Contrast()
}

/// One outcome and one treated group: a row of `normalization.csv`. A nil field is undefined and empty in the table.
package struct NormalizationRow: Sendable, Equatable {
    package var outcome: String
    /// nil in the one row of a study without a treated group.
    package var treated: String?
    package var design: StudyDesign
    package var scale: AnalysisScale
    package var unitOfAnalysis: UnitOfAnalysis
    /// Experimental units.
    package var nControl: Int
    package var nPerturbed: Int
    package var nTreated: Int?
    /// Rows behind them: cells, changes of cells, or rows of the sessions used.
    package var unitsControl: Int
    package var unitsPerturbed: Int
    package var unitsTreated: Int?
    /// Means of the experimental units on the analysis scale.
    package var meanControl: Double?
    package var meanPerturbed: Double?
    package var meanTreated: Double?
    /// Perturbed minus control.
    package var pc: Contrast
    /// Treated minus perturbed.
    package var tp: Contrast
    /// Treated minus control.
    package var tc: Contrast
    /// Share of the variance that lies between clusters in the mixed model of the outcome.
    package var icc: Double?
    /// Factor by which clustering inflates the variance of a mean of rows.
    package var designEffect: Double?
    package var mixedStatus: MixedModelStatus
    /// Rescue index (perturbed - treated)/(perturbed - control): 0 no rescue, 1 full, above 1 over-correction.
    package var rescue: Double?
    package var rescueStatus: RescueStatus
    /// Below 1 exactly where the 95 % interval of `pc` excludes 0.
    package var fiellerG: Double?
    package var fiellerLow: Double?
    package var fiellerHigh: Double?
    /// 95 % percentile interval of the nested bootstrap: a check beside Fieller's interval, never in the verdict.
    package var bootstrapLow: Double?
    package var bootstrapHigh: Double?
    /// Equivalence margin on the analysis scale.
    package var tostMargin: Double?
    package var tostP: Double?
    /// 90 % interval of `tc`.
    package var tostLow: Double?
    package var tostHigh: Double?
    package var verdict: Verdict
    /// Ascending by code.
    package var warnings: [StatisticsWarning]

    package init(outcome: String, treated: String?, design: StudyDesign, scale: AnalysisScale, unitOfAnalysis: UnitOfAnalysis) {
        self.outcome = outcome
        self.treated = treated
        self.design = design
        self.scale = scale
        self.unitOfAnalysis = unitOfAnalysis
        nControl = 0
        nPerturbed = 0
        unitsControl = 0
        unitsPerturbed = 0
        pc = .undefined
        tp = .undefined
        tc = .undefined
        mixedStatus = .notIdentifiable
        rescueStatus = .noTreatedGroup
        verdict = .undetermined
        warnings = []
    }
}
