// SPDX-License-Identifier: GPL-3.0-or-later

/// Two one-sided t tests of a difference against a margin (Schuirmann 1987, J Pharmacokinet Biopharm 15:657).
package struct Equivalence: Sendable, Equatable {
    /// The larger of the two one-sided p-values.
    package let p: Double
    /// 90 % interval of the difference; it lies inside the margin exactly where p < 0.05.
    package let low: Double
    package let high: Double

    /// nil where the contrast has no degrees of freedom. Requires `margin > 0`.
    package init?(_ contrast: Contrast, margin: Double) {
        guard let estimate = contrast.estimate, let se = contrast.standardError, let df = contrast.degreesOfFreedom else { return nil }
        let t = StudentT(degreesOfFreedom: df)
        p = max(t.upperTail((estimate + margin) / se), t.cdf((estimate - margin) / se))
        let half = t.quantile(0.95) * se
        low = estimate - half
        high = estimate + half
    }
}
