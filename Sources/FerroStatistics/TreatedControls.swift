// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// A treatment in controls beside the same treatment in perturbed animals (2 × 2): a row of `interaction.csv`.
package struct InteractionRow: Sendable, Equatable {
    package var outcome: String
    package var scale: AnalysisScale
    package var treated: String
    package var treatedControl: String
    package var nTreatedControl: Int
    package var meanTreatedControl: Double?
    /// What the treatment does without the perturbation: treated controls minus control.
    package var inControls: Contrast
    /// What it does under the perturbation: treated minus perturbed.
    package var inPerturbed: Contrast
    /// The second minus the first: what it does under the perturbation beyond what it does anyway. There is no exact permutation test of an
    /// interaction, so this has Welch's test alone.
    package var difference: Contrast
}

package enum TreatedControls {
    /// - Parameter groups: rows of `groups.csv` with their experimental units.
    package static func rows(
        _ groups: [GroupRow], conditions: [Condition], outcomes: [OutcomeDefinition], settings: StatisticsSettings
    ) -> [InteractionRow] {
        guard let control = conditions.first(where: { $0.role == .control }), let perturbed = conditions.first(where: { $0.role == .perturbed }) else {
            return []
        }
        return outcomes.flatMap { outcome in
            conditions.filter { $0.role == .treatedControl }.compactMap { condition -> InteractionRow? in
                guard let treated = condition.treatment else { return nil }
                func sample(_ name: String) -> Sample {
                    Sample(groups.first { $0.outcome == outcome.name && $0.group == name }?.points.map(\.value) ?? [])
                }
                let (c, p, t, d) = (sample(control.name), sample(perturbed.name), sample(treated), sample(condition.name))
                func compare(_ first: Sample, _ second: Sample, _ names: [String]) -> Contrast {
                    var contrast = Contrast.between(first, minus: second, scale: outcome.scale)
                    let test = PermutationTest(
                        first, second, draws: settings.permutations,
                        generator: SeededGenerator(seed: settings.seed, stream: stableHash([outcome.name] + names)))
                    contrast.permutationP = test?.p
                    contrast.permutationMinimum = test?.minimum
                    contrast.permutationKind = test?.kind
                    return contrast
                }
                return InteractionRow(
                    outcome: outcome.name, scale: outcome.scale, treated: treated, treatedControl: condition.name, nTreatedControl: d.n,
                    meanTreatedControl: d.mean, inControls: compare(d, c, [condition.name, control.name]),
                    inPerturbed: compare(t, p, [treated, perturbed.name]),
                    difference: .combination([t, p, d, c], weights: [1, -1, -1, 1], scale: outcome.scale))
            }
        }
    }
}
