// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
package import FerroStatistics
import Foundation

/// What a study of a cohort should find of one outcome and one group.
package struct CohortTruth: Sendable, Equatable {
    package var outcome: String
    package var group: String
    package var role: Role
    package var target: String?
    /// Group minus control in natural log units.
    package var logDifference: Double
    /// (perturbed - group)/(perturbed - control) of the truth; nil without a perturbation of this outcome.
    package var restored: Double?
    /// nil for control and perturbed.
    package var verdict: Verdict?
}

extension CohortSpec {
    /// The truth of every outcome and group, in the order of the file.
    ///
    /// It is the truth of the neurons. Threshold events of an electrode follow the rate closely; their bursts also count neighbours that
    /// fire within a burst's limits of each other, so that a burst rate measured without sorting lies above the neurons' own.
    package var truth: [CohortTruth] {
        [("firing_rate_hz", RecordingSpec.meanLogRate, equivalence), ("burst_rate_per_min", RecordingSpec.meanLogBurstRate, nil)]
            .flatMap { outcome, value, margin in truth(of: outcome, value, margin: margin) }
    }

    private func truth(of outcome: String, _ value: (RecordingSpec) -> () -> Double?, margin: Double?) -> [CohortTruth] {
        let values = groups.map { value(typical($0))() }
        guard let control = groups.firstIndex(where: { $0.condition.role == .control }).flatMap({ values[$0] }),
            let perturbed = groups.firstIndex(where: { $0.condition.role == .perturbed }).flatMap({ values[$0] })
        else { return [] }
        return zip(groups, values).compactMap { group, value in
            guard let value else { return nil }
            let effect = perturbed - control
            let restored = abs(effect) > 1e-12 ? (perturbed - value) / effect : nil
            return CohortTruth(
                outcome: outcome, group: group.condition.name, role: group.condition.role, target: group.condition.target,
                logDifference: value - control, restored: restored,
                verdict: group.condition.role == .treated ? verdict(restored, difference: value - control, effect: effect, margin: margin) : nil)
        }
    }

    /// The verdict of a study large enough to tell: the rule of the verdict with intervals that have shrunk to the truth.
    private func verdict(_ restored: Double?, difference: Double, effect: Double, margin: Double?) -> Verdict {
        guard let restored else { return .undetermined }
        let rounding = 1e-9
        if restored < rounding { return .noEvidence }
        if let margin, abs(difference) < margin, margin < abs(effect) { return .normalized }
        if abs(restored - 1) < rounding { return .extentUnresolved }
        return restored > 1 ? .overCorrected : .partial
    }
}

extension RecordingSpec {
    /// Mean over the neurons of the natural logarithm of the rate in spikes per second; nil without firing neurons.
    func meanLogRate() -> Double? {
        mean(of: neurons.filter { $0.rate.value > 0 }.map { log($0.rate.value) })
    }

    /// Mean over the bursting neurons of the natural logarithm of the bursts per minute; nil without any.
    func meanLogBurstRate() -> Double? {
        mean(
            of: neurons.compactMap { neuron in
                guard let bursting = neuron.bursting, bursting.fraction > 0, neuron.rate.value > 0 else { return nil }
                let spikesPerEvent = 1 + bursting.fraction * (bursting.meanSpikes - 1)
                return log(60 * neuron.rate.value / spikesPerEvent * bursting.fraction)
            })
    }

    private func mean(of values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}
