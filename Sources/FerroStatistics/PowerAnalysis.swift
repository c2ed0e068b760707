// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Foundation

/// Simulated studies of one outcome with the design and the variance components of a real one, in which every effect is known.
///
/// Values of experimental units are drawn from normal distributions around their group's mean: with variance tau2 + sigma2/m for a unit
/// of m rows, or, within subjects, with the covariance of the differences found. An effect moves the means and leaves the variances, so
/// each simulated study tells by itself from which effect on it finds it, and the smallest detectable effect is a quantile of these.
struct PowerAnalysis {
    let scale: AnalysisScale
    let margin: Double?
    let studies: Int
    let power: Double

    // MARK: Groups

    /// Independent groups.
    ///
    /// - Parameters:
    ///   - deviations: standard deviation of each experimental unit around its group's mean.
    ///   - perturbation: the one found, where it is resolved.
    func between(
        control: [Double], perturbed: [Double], treated: [Double]?, perturbation: Double?, generator: (String) -> SeededGenerator, into row: inout PowerRow
    ) {
        guard control.count >= 2, perturbed.count >= 2 else { return }
        let c = draw(control, generator("control"))
        let p = draw(perturbed, generator("perturbed"))
        let pc = zip(p, c).map { Contrast.between($0, minus: $1, scale: .linear) }
        finish(pc, perturbation, into: &row)
        guard let treated, treated.count >= 2, let assumed = row.assumedPerturbation else { return }
        let t = draw(treated, generator("treated"))
        row.detectableRescue = rescue(pc, zip(p, t).map { Contrast.between($0, minus: $1, scale: .linear) }, assumed)
        row.fullRescueNormalized = margin.map { margin in
            share { study in
                // A full rescue: the treated group has the mean of control.
                let moved = Sample(p[study].values.map { $0 + assumed })
                return isNormalized(
                    pc: .between(moved, minus: c[study], scale: .linear), pt: .between(moved, minus: t[study], scale: .linear),
                    tc: .between(t[study], minus: c[study], scale: .linear), margin)
            }
        }
    }

    private func draw(_ deviations: [Double], _ generator: SeededGenerator) -> [Sample] {
        var generator = generator
        return (0..<studies).map { _ in Sample(deviations.map { $0 * generator.normal() }) }
    }

    // MARK: Within subjects

    /// Differences within experimental units: perturbed minus control, and perturbed minus treated.
    ///
    /// - Parameter count: units to simulate; nil for as many as there are.
    func within(
        under: [Double], over: [Double]?, count: Int? = nil, perturbation: Double?, generator: SeededGenerator, into row: inout PowerRow
    ) {
        let n = count ?? under.count
        guard n >= 2, under.count >= 2, let meanUnder = Sample.mean(under) else { return }
        let over = over ?? under
        let meanOver = Sample.mean(over) ?? 0
        func covariance(_ x: [Double], _ meanX: Double, _ y: [Double], _ meanY: Double) -> Double {
            zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) } / Double(under.count - 1)
        }
        // Cholesky's factor of the two differences' covariance.
        let sd = max(covariance(under, meanUnder, under, meanUnder), 0).squareRoot()
        let slope = sd > 0 ? covariance(under, meanUnder, over, meanOver) / sd : 0
        let rest = max(covariance(over, meanOver, over, meanOver) - slope * slope, 0).squareRoot()
        var generator = generator
        var underDraws: [[Double]] = []
        var overDraws: [[Double]] = []
        for _ in 0..<studies {
            let pairs = (0..<n).map { _ in (generator.normal(), generator.normal()) }
            underDraws.append(pairs.map { sd * $0.0 })
            overDraws.append(pairs.map { slope * $0.0 + rest * $0.1 })
        }
        let nothing = Sample([Double](repeating: 0, count: n))
        let pc = underDraws.map { Contrast.paired(Sample($0), minus: nothing, scale: .linear) }
        finish(pc, perturbation, into: &row)
        guard row.treated != nil, let assumed = row.assumedPerturbation else { return }
        row.detectableRescue = rescue(pc, overDraws.map { Contrast.paired(Sample($0), minus: nothing, scale: .linear) }, assumed)
        row.fullRescueNormalized = margin.map { margin in
            share { study in
                // With the perturbed values as origin: control lies one perturbation below, and the treated as well.
                let control = Sample(underDraws[study].map { -assumed - $0 })
                let treated = Sample(overDraws[study].map { -assumed - $0 })
                return isNormalized(
                    pc: .paired(nothing, minus: control, scale: .linear), pt: .paired(nothing, minus: treated, scale: .linear),
                    tc: .paired(treated, minus: control, scale: .linear), margin)
            }
        }
    }

    // MARK: Detection

    /// From which true effect on a study finds it: an effect moves the interval, whose lower end then passes 0.
    private func threshold(_ contrast: Contrast) -> Double { contrast.low.map { -$0 } ?? .infinity }

    private func finish(_ pc: [Contrast], _ perturbation: Double?, into row: inout PowerRow) {
        row.detectablePerturbation = quantile(pc.map(threshold))
        row.detectableRatio = scale == .log ? row.detectablePerturbation.map { exp($0) } : nil
        row.assumedPerturbation = perturbation.map { abs($0) } ?? row.detectablePerturbation
    }

    /// Both effects point upwards here: the perturbation by `assumed`, the treatment back by a share of it.
    private func rescue(_ pc: [Contrast], _ pt: [Contrast], _ assumed: Double) -> Double? {
        guard assumed > 0 else { return nil }
        let indices = zip(pc, pt).map { threshold($0) < assumed ? max(threshold($1) / assumed, 0) : .infinity }
        return quantile(indices).flatMap { $0 <= 10 ? $0 : nil }
    }

    private func quantile(_ thresholds: [Double]) -> Double? {
        let sorted = thresholds.sorted()
        let place = min(Int((power * Double(sorted.count)).rounded(.up)), sorted.count) - 1
        return place >= 0 && sorted[place].isFinite ? sorted[place] : nil
    }

    private func share(_ holds: (Int) -> Bool) -> Double {
        Double((0..<studies).count(where: holds)) / Double(studies)
    }

    /// The verdict's rule: equivalent, and a rescue index above 0, which is what the two other intervals say.
    private func isNormalized(pc: Contrast, pt: Contrast, tc: Contrast, _ margin: Double) -> Bool {
        threshold(pc) < 0 && threshold(pt) < 0 && margin < abs(pc.estimate ?? 0) && (Equivalence(tc, margin: margin)?.p ?? 1) < 0.05
    }
}
