// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

extension Contrast {
    /// `first` minus `second`, two independent groups of any variances (Welch 1947, Biometrika 34:28).
    ///
    /// With fewer than two values in a group only the estimate is given; without variance, the estimate and a standard error of 0.
    package static func between(_ first: Sample, minus second: Sample, scale: AnalysisScale) -> Contrast {
        var contrast = Contrast()
        guard let one = first.mean, let two = second.mean else { return contrast }
        contrast.estimate = one - two
        if let v1 = first.meanVariance, let v2 = second.meanVariance {
            let se = (v1 + v2).squareRoot()
            let df = (v1 + v2) * (v1 + v2) / (v1 * v1 / Double(first.n - 1) + v2 * v2 / Double(second.n - 1))
            contrast.infer(se, df, magnitude: max(first.magnitude, second.magnitude))
        }
        contrast.exponentiate(on: scale)
        return contrast
    }

    /// `first` minus `second`, the same experimental units in the same order: a one-sample t test of their differences.
    package static func paired(_ first: Sample, minus second: Sample, scale: AnalysisScale) -> Contrast {
        var contrast = Contrast()
        let differences = zip(first.values, second.values).map { $0 - $1 }
        guard let mean = Sample.mean(differences) else { return contrast }
        contrast.estimate = mean
        if differences.count >= 2 {
            let n = Double(differences.count)
            let squares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            contrast.infer((squares / (n - 1) / n).squareRoot(), n - 1, magnitude: max(first.magnitude, second.magnitude))
        }
        contrast.exponentiate(on: scale)
        return contrast
    }

    mutating func infer(_ se: Double, _ df: Double, magnitude: Double) {
        guard let estimate else { return }
        guard !Sample.isNoise(se, beside: magnitude) else {
            standardError = 0
            return
        }
        let t = StudentT(degreesOfFreedom: df)
        let half = t.quantile(0.975) * se
        standardError = se
        degreesOfFreedom = df
        low = estimate - half
        high = estimate + half
        welchP = t.twoSided(estimate / se)
    }

    mutating func exponentiate(on scale: AnalysisScale) {
        guard scale == .log else { return }
        ratio = estimate.map { exp($0) }
        ratioLow = low.map { exp($0) }
        ratioHigh = high.map { exp($0) }
    }

    /// Without variance there is an estimate and nothing to judge it by.
    package var hasNoVariance: Bool { standardError == 0 }
}
