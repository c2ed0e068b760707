// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

extension NormalizationAnalysis {
    /// What a study of this design and these variances could detect, one row per outcome and treated group.
    ///
    /// The table is checked as for `run`. Power at the effect found is not given: it says no more than the effect's p-value does.
    ///
    /// - Parameters:
    ///   - studies: simulated studies a row.
    ///   - power: share of them that shall find the effect.
    ///   - number: units of analysis in every group, each with the harmonic mean of the cells that the group's units have; nil for the table's.
    /// - Throws: `FerroError` as `run`.
    package func detectableEffects(_ rows: [OutcomeRow], studies: Int = 4000, power: Double = 0.8, number: Int? = nil, workers: Int? = nil) throws -> [PowerRow]
    {
        let tables = try rules.admit(rows)
        return concurrentMap(Array(zip(rules.outcomes, tables)), workers: workers) { outcome, table in
            let samples = AnalysisValues.samples(of: table, outcome: outcome, rules: rules)
            let analysis = PowerAnalysis(scale: outcome.scale, margin: outcome.margin, studies: studies, power: power)
            let choices: [Int?] = treated.isEmpty ? [nil] : treated.map { $0 }
            return choices.map { powerRow(outcome, samples, $0, number, analysis) }
        }.flatMap { $0 }
    }

    private func powerRow(_ outcome: OutcomeDefinition, _ samples: [ConditionSample], _ index: Int?, _ number: Int?, _ analysis: PowerAnalysis) -> PowerRow {
        let (c, p) = (samples[control].sample, samples[perturbed].sample)
        let t = index.map { samples[$0].sample }
        var row = PowerRow(
            outcome: outcome.name, treated: index.map { samples[$0].condition.name }, scale: outcome.scale, unitOfAnalysis: rules.unitOfAnalysis,
            nControl: number ?? c.n, nPerturbed: number ?? p.n,
            nTreated: t.map { number ?? $0.n }, source: .none, studies: analysis.studies, power: analysis.power)
        // Control and perturbed are drawn alike for every treated group, so that rows of one outcome agree.
        func generator(_ name: String) -> SeededGenerator {
            SeededGenerator(seed: settings.seed, stream: stableHash([outcome.name, name, "power"]))
        }
        let pc = rules.comparison.isWithin ? Contrast.paired(p, minus: c, scale: .linear) : .between(p, minus: c, scale: .linear)
        let isResolved = pc.low.map { $0 > 0 } == true || pc.high.map { $0 < 0 } == true
        let found = isResolved ? pc.estimate : nil
        if rules.comparison.isWithin {
            let under = zip(p.values, c.values).map { $0 - $1 }
            let over = t.map { t in zip(p.values, t.values).map { $0 - $1 } }
            guard let sd = Sample(under).sd, sd > 0 else { return row }
            row.source = .units
            row.betweenSD = sd
            analysis.within(under: under, over: over, count: number, perturbation: found, generator: generator("within"), into: &row)
            return row
        }
        let used = [control, perturbed] + (index.map { [$0] } ?? [])
        guard let deviations = deviations(samples, used, number, &row) else { return row }
        analysis.between(
            control: deviations[0], perturbed: deviations[1], treated: index.map { _ in deviations[2] }, perturbation: found,
            generator: generator, into: &row)
        return row
    }

    /// Standard deviation of every experimental unit around its group's mean; nil where nothing varies.
    private func deviations(_ samples: [ConditionSample], _ used: [Int], _ number: Int?, _ row: inout PowerRow) -> [[Double]]? {
        let all = [control, perturbed] + treated
        let model = rules.design == .sessions ? nil : MixedModel(all.map { samples[$0].units.map(\.observations) })
        if let tau2 = model?.tau2, let sigma2 = model?.sigma2 {
            row.source = .mixedModel
            row.betweenSD = tau2.squareRoot()
            row.withinSD = sigma2.squareRoot()
            return used.map { index in
                let variances = samples[index].units.map { tau2 + sigma2 / Double($0.observations.count) }
                guard let number else { return variances.map { $0.squareRoot() } }
                // The mean of these is tau2 plus sigma2 over the harmonic mean of the cells.
                return Sample.mean(variances).map { [Double](repeating: $0.squareRoot(), count: number) } ?? []
            }
        }
        let groups = all.map { samples[$0].sample }
        let freedom = groups.reduce(0) { $0 + max($1.n - 1, 0) }
        let squares = groups.reduce(0) { sum, sample in sum + (sample.sd.map { $0 * $0 * Double(sample.n - 1) } ?? 0) }
        guard freedom > 0, squares > 0 else { return nil }
        row.source = .units
        let sd = (squares / Double(freedom)).squareRoot()
        row.betweenSD = sd
        return used.map { [Double](repeating: sd, count: number ?? samples[$0].units.count) }
    }
}
