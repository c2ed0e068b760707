// SPDX-License-Identifier: GPL-3.0-or-later

extension Contrast {
    /// The sum of weights times group means, for independent groups of any variances; degrees of freedom after Welch and Satterthwaite
    /// (Satterthwaite 1946, Biometrics Bull 2:110). With weights 1 and -1 it is `between`.
    ///
    /// With an empty group nothing is given; with fewer than two values in one, the estimate alone.
    package static func combination(_ samples: [Sample], weights: [Double], scale: AnalysisScale) -> Contrast {
        var contrast = Contrast()
        let means = samples.compactMap(\.mean)
        guard means.count == samples.count, samples.count == weights.count, !samples.isEmpty else { return contrast }
        contrast.estimate = zip(weights, means).reduce(0) { $0 + $1.0 * $1.1 }
        let variances = zip(weights, samples).compactMap { weight, sample in sample.meanVariance.map { weight * weight * $0 } }
        if variances.count == samples.count {
            let variance = variances.reduce(0, +)
            let df = variance * variance / zip(variances, samples).reduce(0) { $0 + $1.0 * $1.0 / Double($1.1.n - 1) }
            let magnitude = zip(weights, samples).map { abs($0) * $1.magnitude }.max() ?? 0
            contrast.infer(variance.squareRoot(), df, magnitude: magnitude)
        }
        contrast.exponentiate(on: scale)
        return contrast
    }
}
