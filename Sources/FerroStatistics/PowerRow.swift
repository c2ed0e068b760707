// SPDX-License-Identifier: GPL-3.0-or-later

/// Where the variances of the simulated studies come from; the raw value stands in the `variance_from` column.
package enum VarianceSource: String, Sendable, CaseIterable {
    /// Between and within experimental units, with the cells that each has.
    case mixedModel = "mixed model"
    /// Of the values of the experimental units, where nothing tells the two apart or the comparison is within subjects.
    case units = "units of analysis"
    case none = "none"
}

/// What a study of this design can detect, for one outcome and treated group: a row of `power.csv`. A nil field is undefined.
package struct PowerRow: Sendable, Equatable {
    package var outcome: String
    /// nil in the one row of a study without a treated group.
    package var treated: String?
    package var scale: AnalysisScale
    package var unitOfAnalysis: UnitOfAnalysis
    package var nControl: Int
    package var nPerturbed: Int
    package var nTreated: Int?
    package var source: VarianceSource
    /// Standard deviations between and within experimental units.
    package var betweenSD: Double?
    package var withinSD: Double?
    /// Simulated studies.
    package var studies: Int
    /// Share of studies that shall find the effect.
    package var power: Double
    /// Smallest perturbation that is resolved with this power: the 95 % interval of perturbed minus control lies beyond 0.
    package var detectablePerturbation: Double?
    /// As a ratio, on a log scale.
    package var detectableRatio: Double?
    /// The perturbation that the rescue is measured by: the one found if it is resolved, otherwise the smallest detectable one.
    package var assumedPerturbation: Double?
    /// Smallest rescue index of which something is shown with this power: the perturbation is resolved and the 95 % interval of treated
    /// minus perturbed lies beyond 0 on the side of control. Above 1, not even a full rescue is; nil where no index up to 10 is.
    package var detectableRescue: Double?
    /// Share of studies with a full rescue whose verdict is *normalized*; nil without a margin.
    package var fullRescueNormalized: Double?
}
