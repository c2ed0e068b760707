// SPDX-License-Identifier: GPL-3.0-or-later

/// The rescue index R = (P - T)/(P - C) of three means with its Fieller interval: 0 no rescue, 1 full, above 1 over-correction.
///
/// R is the retained-effect ratio of three-arm trials (Pigeot et al. 2003, doi:10.1002/sim.1450; unequal variances: Hasler, Vonk
/// and Hothorn 2008). A hypothetical ratio r belongs to the interval where a - r b, with a = P - T and b = P - C, is not
/// significantly different from 0 (Fieller 1954). The degrees of freedom belong to r, so that r = 0, r = 1 and r -> infinity are
/// exactly the Welch tests of T - P, T - C and P - C, and the interval never contradicts the three contrasts.
package struct RescueIndex: Sendable, Equatable {
    package var status: RescueStatus
    /// Below 1 exactly where the 95 % interval of P - C excludes 0. Where it is not, the set is unbounded and R is not given.
    package var g: Double?
    package var value: Double?
    package var low: Double?
    package var high: Double?

    private init(_ status: RescueStatus, g: Double? = nil) {
        self.status = status
        self.g = g
    }

    package static func undefined(_ status: RescueStatus) -> RescueIndex { RescueIndex(status) }

    /// Three independent groups. Requires at least two values in each.
    package static func between(control: Sample, perturbed: Sample, treated: Sample) -> RescueIndex {
        guard let meanC = control.mean, let meanP = perturbed.mean, let meanT = treated.mean,
            let vC = control.meanVariance, let vP = perturbed.meanVariance, let vT = treated.meanVariance
        else { return RescueIndex(.fewSubjects) }
        let a = meanP - meanT
        let b = meanP - meanC
        let magnitude = max(control.magnitude, perturbed.magnitude, treated.magnitude)
        let (nC, nP, nT) = (Double(control.n - 1), Double(perturbed.n - 1), Double(treated.n - 1))

        func variance(_ r: Double) -> Double { (1 - r) * (1 - r) * vP + r * r * vC + vT }
        func freedom(_ r: Double) -> Double {
            let p = (1 - r) * (1 - r) * vP
            let c = r * r * vC
            return variance(r) * variance(r) / (p * p / nP + c * c / nC + vT * vT / nT)
        }
        /// Whether a - r b differs from 0. By its p-value, which is a tail of t, several times cheaper than the quantile.
        func isRefuted(_ r: Double) -> Bool {
            let v = variance(r)
            let distance = abs(a - r * b)
            return v > 0 ? StudentT(degreesOfFreedom: freedom(r)).twoSided(distance / v.squareRoot()) < 0.05 : distance > 0
        }

        guard !Sample.isNoise(abs(b), beside: magnitude) else { return RescueIndex(.perturbationNotResolved) }
        var g = 0.0
        if vP + vC > 0 {
            let df = (vP + vC) * (vP + vC) / (vP * vP / nP + vC * vC / nC)
            let t = StudentT(degreesOfFreedom: df).quantile(0.975)
            g = t * t * (vP + vC) / (b * b)
        }
        guard g < 1 else { return RescueIndex(.perturbationNotResolved, g: g.isFinite ? g : nil) }
        let ratio = a / b
        let spread = variance(ratio).squareRoot()
        guard !Sample.isNoise(spread, beside: magnitude) else { return RescueIndex(.noVariance, g: g) }
        let step = 0.02 * spread / abs(b)
        guard let low = edge(from: ratio, step: -step, isRefuted), let high = edge(from: ratio, step: step, isRefuted) else {
            return RescueIndex(.perturbationNotResolved, g: g)
        }
        var index = RescueIndex(.defined, g: g)
        index.value = ratio
        index.low = low
        index.high = high
        return index
    }

    /// The end of the connected part around `start`: steps that grow by 5 % until a refuted ratio, then bisection to 1e-12.
    private static func edge(from start: Double, step: Double, _ isRefuted: (Double) -> Bool) -> Double? {
        var inside = start
        var step = step
        var outside = start + step
        while !isRefuted(outside) {
            inside = outside
            step *= 1.05
            outside += step
            if !outside.isFinite { return nil }
        }
        while abs(outside - inside) > 1e-13 * max(1, abs(inside)) {
            let middle = 0.5 * (inside + outside)
            if middle == inside || middle == outside { break }
            if isRefuted(middle) { outside = middle } else { inside = middle }
        }
        return 0.5 * (inside + outside)
    }

    /// The same experimental units under three conditions, in the same order. Requires at least two.
    package static func within(control: Sample, perturbed: Sample, treated: Sample) -> RescueIndex {
        let over = zip(perturbed.values, treated.values).map { $0 - $1 }
        let under = zip(perturbed.values, control.values).map { $0 - $1 }
        guard over.count >= 2, let a = Sample.mean(over), let b = Sample.mean(under) else { return RescueIndex(.fewSubjects) }
        let n = Double(over.count)
        let magnitude = max(control.magnitude, perturbed.magnitude, treated.magnitude)
        func covariance(_ x: [Double], _ meanX: Double, _ y: [Double], _ meanY: Double) -> Double {
            zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) } / (n - 1) / n
        }
        let vAA = covariance(over, a, over, a)
        let vAB = covariance(over, a, under, b)
        var vBB = covariance(under, b, under, b)
        if Sample.isNoise(vBB.squareRoot(), beside: magnitude) { vBB = 0 }
        guard !Sample.isNoise(abs(b), beside: magnitude) else { return RescueIndex(.perturbationNotResolved) }
        let t = StudentT(degreesOfFreedom: n - 1).quantile(0.975)
        let q = t * t
        let g = q * vBB / (b * b)
        guard g < 1 else { return RescueIndex(.perturbationNotResolved, g: g.isFinite ? g : nil) }
        let ratio = a / b
        let variance = vAA - 2 * ratio * vAB + ratio * ratio * vBB
        guard variance > 0, !Sample.isNoise(variance.squareRoot(), beside: magnitude) else { return RescueIndex(.noVariance, g: g) }
        // The ends solve (a - r b)^2 = q (vAA - 2 r vAB + r^2 vBB).
        let A = b * b - q * vBB
        let B = a * b - q * vAB
        let D = a * a - q * vAA
        let root = max(B * B - A * D, 0).squareRoot()
        var index = RescueIndex(.defined, g: g)
        index.value = ratio
        index.low = (B - root) / A
        index.high = (B + root) / A
        return index
    }
}
