// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// What became of the fit of a mixed model; the raw value stands in the `lmm_status` column.
package enum MixedModelStatus: String, Sendable, CaseIterable {
    case ok
    /// The variance between clusters is estimated as 0.
    case singular
    /// One row in every cluster, or no more clusters than fixed effects.
    case notIdentifiable = "not identifiable"
    /// The rows of every cluster are equal.
    case noVariance = "no variance"
}

/// A fixed effect of a mixed model with its t test.
package struct MixedEffect: Sendable, Equatable {
    package var estimate: Double
    package var standardError: Double
    /// Satterthwaite's degrees of freedom as such; nil where the deviance has no curvature to take them from.
    package var satterthwaite: Double?
    /// What the test uses: at most clusters minus fixed effects.
    package var degreesOfFreedom: Double
    /// Two-sided.
    package var p: Double
}

/// The random-intercept model y_ij = mu_group + b_i + e_ij by restricted maximum likelihood (Patterson and Thompson 1971,
/// Biometrika 58:545), with Satterthwaite's degrees of freedom (Fai and Cornelius 1996; Kuznetsova et al. 2017, J Stat Softw 82(13)).
///
/// Goals, in this order: the optimum itself rather than where an optimiser stopped; no difference to lme4 where that converges; speed.
///
/// With one random intercept the covariance of a cluster of m rows is sigma2 I + tau2 J, and everything follows from the mean and the
/// sum of squares of each cluster. With D = sigma2 + m tau2 and w = m/D,
///
///     -2 log L = sum (m-1) log sigma2 + sum log D + W/sigma2 + sum_groups [log S + Q],
///     S = sum w,  mu = sum w ybar / S,  Q = sum w (ybar - mu)^2,  W = sum of squares within clusters
///
/// up to a constant. For a ratio lambda = tau2/sigma2 the best sigma2 is (W + Q)/(rows - groups) with w = m/(1 + m lambda), so the
/// deviance is a function of lambda alone; its derivative is followed over all of [0, infinity) and each minimum is found by
/// bisection. Gradient and Hessian in (tau2, sigma2) are exact.
package struct MixedModel: Sendable {
    package let status: MixedModelStatus
    /// Variance between clusters; nil where the model is not fitted.
    package let tau2: Double?
    /// Variance within clusters.
    package let sigma2: Double?
    /// Share of the variance that lies between clusters.
    package let icc: Double?
    /// Factor by which clustering inflates the variance of a mean of rows (Kish 1965).
    package let designEffect: Double?
    private let groups: [[Cluster]]
    /// Computed in this unit, a power of two, so that no power of a variance leaves the range of numbers.
    private let unit: Double
    private let rows: Int
    private let scaled: (tau2: Double, sigma2: Double)?
    private let inverseHessian: Symmetric?

    /// What a cluster contributes: its rows, their mean, and how far they lie from it.
    private struct Cluster {
        let m: Double
        let mean: Double
        let squares: Double

        /// nil of no rows.
        init?(_ rows: [Double], unit: Double) {
            let scaled = rows.map { $0 / unit }
            guard let mean = Sample.mean(scaled) else { return nil }
            m = Double(scaled.count)
            self.mean = mean
            squares = scaled.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        }
    }

    private struct Symmetric {
        var tau: Double
        var mixed: Double
        var sigma: Double
    }

    /// A ratio tau2/sigma2 below this counts as 0.
    static let singularRatio = 1e-6

    /// - Parameter values: rows of clusters of groups. A group without clusters is no fixed effect; a cluster has at least one row.
    package init(_ values: [[[Double]]]) {
        let magnitude = values.joined().joined().reduce(0) { max($0, abs($1)) }
        let unit = magnitude > 0 ? magnitude.binade : 1
        self.unit = unit
        let groups = values.map { group in group.compactMap { Cluster($0, unit: unit) } }
        self.groups = groups
        let clusters = groups.flatMap { $0 }
        rows = values.reduce(0) { $0 + $1.reduce(0) { $0 + $1.count } }
        let effects = groups.count { !$0.isEmpty }
        let within = clusters.reduce(0) { $0 + $1.squares }
        var fitted: (tau2: Double, sigma2: Double)?
        if rows == clusters.count || clusters.count <= effects {
            status = .notIdentifiable
        } else if Sample.isNoise((within / Double(rows - clusters.count)).squareRoot(), beside: magnitude / unit) {
            status = .noVariance
        } else {
            let profile = Profile(groups: groups, rows: rows, effects: effects, within: within)
            let lambda = profile.minimum()
            status = lambda < MixedModel.singularRatio ? .singular : .ok
            let ratio = status == .singular ? 0 : lambda
            let sigma2 = profile.sigma2(ratio)
            fitted = (ratio * sigma2, sigma2)
        }
        scaled = fitted
        tau2 = fitted.map { $0.tau2 * unit * unit }
        sigma2 = fitted.map { $0.sigma2 * unit * unit }
        icc = fitted.map { $0.tau2 / ($0.tau2 + $0.sigma2) }
        let sum = clusters.reduce(0) { $0 + $1.m }
        let squares = clusters.reduce(0) { $0 + $1.m * $1.m }
        designEffect = icc.map { 1 + (squares / sum - 1) * $0 }
        inverseHessian = fitted.flatMap { $0.tau2 > 0 ? MixedModel.inverseHessian(groups, within, $0.tau2, $0.sigma2) : nil }
    }

    // MARK: Effects

    /// Effect of one group minus that of another; nil where one has no clusters or the model is not fitted.
    package func difference(_ first: Int, minus second: Int) -> MixedEffect? {
        effect([(first, 1), (second, -1)])
    }

    /// Mean of one group; nil where it has no clusters or the model is not fitted.
    package func mean(of group: Int) -> MixedEffect? { effect([(group, 1)]) }

    private func effect(_ weights: [(group: Int, weight: Double)]) -> MixedEffect? {
        guard let (tau2, sigma2) = scaled, weights.allSatisfy({ !groups[$0.group].isEmpty }) else { return nil }
        var estimate = 0.0
        var variance = 0.0
        // Gradient of the variance in (tau2, sigma2): S falls by w^2 and w^2/m.
        var byTau = 0.0
        var bySigma = 0.0
        for (group, weight) in weights {
            let (precision, mean) = MixedModel.generalizedMean(groups[group], tau2, sigma2)
            estimate += weight * mean
            let part = weight * weight / precision
            variance += part
            for cluster in groups[group] {
                let w = cluster.m / (sigma2 + cluster.m * tau2)
                byTau += part / precision * w * w
                bySigma += part / precision * w * w / cluster.m
            }
        }
        let effects = groups.count { !$0.isEmpty }
        let cap = Double(groups.reduce(0) { $0 + $1.count } - effects)
        var satterthwaite: Double?
        if tau2 == 0 {
            satterthwaite = Double(rows - effects)
        } else if let inverseHessian {
            // Var of the variance parameters is twice the inverse Hessian of the deviance.
            let uncertainty =
                2
                * (byTau * byTau * inverseHessian.tau + 2 * byTau * bySigma * inverseHessian.mixed
                    + bySigma * bySigma * inverseHessian.sigma)
            let df = 2 * variance * variance / uncertainty
            satterthwaite = df.isFinite && df > 0 ? df : nil
        }
        let df = min(satterthwaite ?? cap, cap)
        let se = variance.squareRoot()
        return MixedEffect(
            estimate: estimate * unit, standardError: se * unit, satterthwaite: satterthwaite, degreesOfFreedom: df,
            p: StudentT(degreesOfFreedom: df).twoSided(estimate / se))
    }

    /// Weights and the weighted mean of a group.
    private static func generalizedMean(_ clusters: [Cluster], _ tau2: Double, _ sigma2: Double) -> (precision: Double, mean: Double) {
        // Around the first mean, so that a large offset costs no digits.
        let origin = clusters.first?.mean ?? 0
        var precision = 0.0
        var sum = 0.0
        for cluster in clusters {
            let w = cluster.m / (sigma2 + cluster.m * tau2)
            precision += w
            sum += w * (cluster.mean - origin)
        }
        return (precision, origin + sum / precision)
    }

    // MARK: Curvature

    /// Inverse of the Hessian of -2 log L in (tau2, sigma2); nil where it is not positive definite.
    ///
    /// With r = ybar - mu: d2 Q = sum w_ab r^2 - 2 (sum w_a r)(sum w_b r)/S, and w = m/D gives
    /// w_t = -m^2/D^2, w_s = -m/D^2, w_tt = 2 m^3/D^3, w_ts = 2 m^2/D^3, w_ss = 2 m/D^3.
    private static func inverseHessian(_ groups: [[Cluster]], _ within: Double, _ tau2: Double, _ sigma2: Double) -> Symmetric? {
        var hessian = Symmetric(tau: 0, mixed: 0, sigma: 2 * within / (sigma2 * sigma2 * sigma2))
        for clusters in groups where !clusters.isEmpty {
            let (precision, mean) = generalizedMean(clusters, tau2, sigma2)
            var slope = (tau: 0.0, sigma: 0.0)
            var residual = (tau: 0.0, sigma: 0.0)
            var bend = Symmetric(tau: 0, mixed: 0, sigma: 0)
            for cluster in clusters {
                let m = cluster.m
                let d = sigma2 + m * tau2
                let r = cluster.mean - mean
                hessian.tau -= m * m / (d * d)
                hessian.mixed -= m / (d * d)
                hessian.sigma -= 1 / (d * d) + (m - 1) / (sigma2 * sigma2)
                let wTau = -m * m / (d * d)
                let wSigma = -m / (d * d)
                slope.tau += wTau
                slope.sigma += wSigma
                residual.tau += wTau * r
                residual.sigma += wSigma * r
                let second = 2 * m / (d * d * d)
                let weight = 1 / precision + r * r
                bend.tau += second * m * m * weight
                bend.mixed += second * m * weight
                bend.sigma += second * weight
            }
            hessian.tau += bend.tau - slope.tau * slope.tau / (precision * precision) - 2 * residual.tau * residual.tau / precision
            hessian.mixed += bend.mixed - slope.tau * slope.sigma / (precision * precision) - 2 * residual.tau * residual.sigma / precision
            hessian.sigma += bend.sigma - slope.sigma * slope.sigma / (precision * precision) - 2 * residual.sigma * residual.sigma / precision
        }
        let determinant = hessian.tau * hessian.sigma - hessian.mixed * hessian.mixed
        guard determinant > 0, hessian.tau > 0, determinant.isFinite else { return nil }
        return Symmetric(tau: hessian.sigma / determinant, mixed: -hessian.mixed / determinant, sigma: hessian.tau / determinant)
    }

    // MARK: Profile

    /// The deviance as a function of lambda = tau2/sigma2.
    private struct Profile {
        let groups: [[Cluster]]
        let rows: Int
        let effects: Int
        let within: Double

        private var freedom: Double { Double(rows - effects) }

        /// Sums over clusters at one lambda, with w = m/(1 + m lambda).
        private struct Sums {
            /// Q, and -dQ/dlambda = sum w^2 r^2.
            var spread = 0.0
            var spreadFall = 0.0
            /// sum log(1 + m lambda) + sum over groups of log S, and its derivative.
            var logs = 0.0
            var logsRise = 0.0
        }

        private func sums(_ lambda: Double) -> Sums {
            var sums = Sums()
            for clusters in groups where !clusters.isEmpty {
                let (precision, mean) = MixedModel.generalizedMean(clusters, lambda, 1)
                var squared = 0.0
                for cluster in clusters {
                    let w = cluster.m / (1 + cluster.m * lambda)
                    let r = cluster.mean - mean
                    sums.spread += w * r * r
                    sums.spreadFall += w * w * r * r
                    sums.logs += log1p(cluster.m * lambda)
                    sums.logsRise += w
                    squared += w * w
                }
                sums.logs += log(precision)
                sums.logsRise -= squared / precision
            }
            return sums
        }

        func sigma2(_ lambda: Double) -> Double { (within + sums(lambda).spread) / freedom }

        private func deviance(_ lambda: Double) -> Double {
            let sums = sums(lambda)
            return freedom * log(within + sums.spread) + sums.logs
        }

        private func slope(_ lambda: Double) -> Double {
            let sums = sums(lambda)
            return sums.logsRise - freedom * sums.spreadFall / (within + sums.spread)
        }

        /// The lambda with the least deviance: 0, or one of the places where the derivative turns from falling to rising.
        func minimum() -> Double {
            // Beyond this the deviance rises as (clusters - groups) log lambda.
            let clusters = groups.reduce(0) { $0 + $1.count }
            let far = groups.reduce(0.0) { sum, clusters in
                let mean = Sample.mean(clusters.map(\.mean)) ?? 0
                return sum + clusters.reduce(0) { $0 + ($1.mean - mean) * ($1.mean - mean) }
            }
            let last = 1e3 * (1 + freedom * far / (within * Double(clusters - effects)))
            var best = 0.0
            var least = deviance(0)
            var low = 1e-8
            var lowSlope = slope(low)
            while low < last {
                let high = low * 1.5
                let highSlope = slope(high)
                if lowSlope < 0, highSlope >= 0 {
                    let candidate = root(low, high)
                    let value = deviance(candidate)
                    if value < least {
                        least = value
                        best = candidate
                    }
                }
                low = high
                lowSlope = highSlope
            }
            return best
        }

        private func root(_ low: Double, _ high: Double) -> Double {
            var low = low
            var high = high
            while high - low > 1e-15 * high {
                let middle = 0.5 * (low + high)
                if middle <= low || middle >= high { break }
                if slope(middle) < 0 { low = middle } else { high = middle }
            }
            return 0.5 * (low + high)
        }
    }
}
