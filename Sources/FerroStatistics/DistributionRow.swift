// SPDX-License-Identifier: GPL-3.0-or-later

/// How far two groups' cells are apart as distributions.
package struct DistributionContrast: Sendable, Equatable {
    /// Wasserstein's distance of order 1 on the analysis scale.
    package var distance: Double?
    package var permutationP: Double?
    package var permutationMinimum: Double?
    package var permutationKind: PermutationKind?

    package static let undefined = DistributionContrast()

    init() {}

    init(_ test: DistanceTest?) {
        distance = test?.distance
        permutationP = test?.p
        permutationMinimum = test?.minimum
        permutationKind = test?.kind
    }
}

/// Share of the cells of a group that lie in the control range: mean over experimental units with its 95 % interval.
package struct ShareInRange: Sendable, Equatable {
    package var share: Double?
    package var low: Double?
    package var high: Double?

    package static let undefined = ShareInRange()

    private init() {}

    /// Student's interval of the units' shares, kept within 0 and 1; none where there are fewer than two or all agree.
    package init(_ shares: [Double]) {
        let sample = Sample(shares)
        share = sample.mean
        guard let mean = sample.mean, let sem = sample.sem, sem > 0 else { return }
        let half = StudentT(degreesOfFreedom: Double(sample.n - 1)).quantile(0.975) * sem
        low = max(mean - half, 0)
        high = min(mean + half, 1)
    }
}

/// One outcome and one treated group as distributions of cells: a row of `distribution.csv`. A nil field is undefined.
package struct DistributionRow: Sendable, Equatable {
    package var outcome: String
    /// nil in the one row of a study without a treated group.
    package var treated: String?
    package var scale: AnalysisScale
    package var unitOfAnalysis: UnitOfAnalysis
    /// Central 95 % of the control cells on the analysis scale.
    package var controlLow: Double?
    package var controlHigh: Double?
    /// Each control unit against the range of the other control units: what one more control animal would show.
    package var control: ShareInRange
    package var perturbed: ShareInRange
    package var treatedShare: ShareInRange
    /// Perturbed against control.
    package var pc: DistributionContrast
    /// Treated against perturbed.
    package var tp: DistributionContrast
    /// Treated against control.
    package var tc: DistributionContrast
}
