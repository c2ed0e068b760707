// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// The statistics of a study: from a table of outcomes to the rows of `groups.csv`, `normalization.csv` and `distribution.csv`.
///
/// The experimental unit is the subject or the cage, never the cell: cells are averaged before anything is compared.
package struct NormalizationAnalysis: Sendable {
    let rules: TableRules
    let settings: StatisticsSettings
    let control: Int
    let perturbed: Int
    let treated: [Int]

    /// - Throws: `FerroError` (usage) unless exactly one condition is control and exactly one perturbed, and where a name stands twice.
    package init(
        design: StudyDesign, comparison: Comparison, unitOfAnalysis: UnitOfAnalysis, outcomes: [OutcomeDefinition],
        settings: StatisticsSettings
    ) throws {
        let conditions = comparison.conditions
        for names in [conditions.map(\.name), outcomes.map(\.name)] {
            if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
                throw FerroError.usage("the study names `\(twice)` twice", advice: "keep one of them")
            }
        }
        func only(_ role: Role) throws -> Int {
            let found = conditions.indices.filter { conditions[$0].role == role }
            guard found.count == 1 else {
                throw FerroError.usage(
                    "the study has \(found.isEmpty ? "no" : "\(found.count)") \(role.rawValue) condition\(found.count > 1 ? "s" : "")",
                    expected: "exactly one with `role: \(role.rawValue)`")
            }
            return found[0]
        }
        control = try only(.control)
        perturbed = try only(.perturbed)
        treated = conditions.indices.filter { conditions[$0].role == .treated }
        rules = TableRules(design: design, comparison: comparison, unitOfAnalysis: unitOfAnalysis, outcomes: outcomes)
        self.settings = settings
    }

    /// Checks the table and computes every row; neither the order of the table's rows nor the number of workers has an influence.
    ///
    /// - Parameter workers: outcomes computed at once; nil for one a processor.
    /// - Throws: `FerroError`: input for a table that is refused, naming line or subject; usage for a zero without a rule.
    package func run(
        _ rows: [OutcomeRow], workers: Int? = nil
    ) throws -> (groups: [GroupRow], normalization: [NormalizationRow], distribution: [DistributionRow]) {
        let tables = try rules.admit(rows)
        let computed = concurrentMap(Array(zip(rules.outcomes, tables)), workers: workers) { outcome, table in
            let samples = AnalysisValues.samples(of: table, outcome: outcome, rules: rules)
            return (
                groups: samples.map { groupRow(outcome, $0) }, normalization: normalizationRows(outcome, samples),
                distribution: distributionRows(outcome, samples)
            )
        }
        var normalization = computed.flatMap(\.normalization)
        adjust(&normalization)
        return (computed.flatMap(\.groups), normalization, computed.flatMap(\.distribution))
    }

    /// The rows of one outcome, not yet adjusted for the others.
    private func normalizationRows(_ outcome: OutcomeDefinition, _ samples: [ConditionSample]) -> [NormalizationRow] {
        let models = OutcomeMixedModels(samples, indices: [control, perturbed] + treated, rules: rules)
        func compare(_ first: Int, minus second: Int) -> (contrast: Contrast, status: MixedModelStatus, icc: Double?, designEffect: Double?) {
            var contrast = contrast(samples[first], minus: samples[second], outcome)
            let model = models.contrast(first, minus: second)
            contrast.mixed = model.effect
            return (contrast, model.status, model.icc, model.designEffect)
        }
        let pc = compare(perturbed, minus: control)
        let choices: [Int?] = treated.isEmpty ? [nil] : treated.map { $0 }
        var rows = choices.map { index in
            var row = described(outcome, samples[control], samples[perturbed], index.map { samples[$0] })
            row.pc = pc.contrast
            row.mixedStatus = pc.status
            row.icc = pc.icc
            row.designEffect = pc.designEffect
            if let index {
                row.tp = compare(index, minus: perturbed).contrast
                row.tc = compare(index, minus: control).contrast
            }
            judge(&row, outcome, samples[control], samples[perturbed], index.map { samples[$0] })
            return row
        }
        addBootstrap(to: &rows, outcome, samples)
        return rows
    }

    private func distributionRows(_ outcome: OutcomeDefinition, _ samples: [ConditionSample]) -> [DistributionRow] {
        DistributionView(
            samples: samples, control: control, perturbed: perturbed, isWithin: rules.comparison.isWithin, outcome: outcome,
            unitOfAnalysis: rules.unitOfAnalysis, draws: min(settings.permutations, DistanceTest.mostDraws)
        ) { SeededGenerator(seed: settings.seed, stream: stableHash([outcome.name, $0, "distance"])) }
        .rows(treated: treated)
    }

    private func groupRow(_ outcome: OutcomeDefinition, _ sample: ConditionSample) -> GroupRow {
        GroupRow(
            outcome: outcome.name, group: sample.condition.name, role: sample.condition.role, n: sample.sample.n, units: sample.rows,
            mean: sample.sample.mean, sd: sample.sample.sd, sem: sample.sample.sem,
            points: zip(sample.units, sample.sample.values).map { GroupPoint(name: $0.name, value: $1, cells: $0.cells) })
    }

    private func contrast(_ first: ConditionSample, minus second: ConditionSample, _ outcome: OutcomeDefinition) -> Contrast {
        let generator = SeededGenerator(
            seed: settings.seed, stream: stableHash([outcome.name, first.condition.name, second.condition.name]))
        var contrast: Contrast
        let test: PermutationTest?
        if rules.comparison.isWithin {
            contrast = .paired(first.sample, minus: second.sample, scale: outcome.scale)
            let differences = zip(first.sample.values, second.sample.values).map { $0 - $1 }
            test = PermutationTest(differences: differences, draws: settings.permutations, generator: generator)
        } else {
            contrast = .between(first.sample, minus: second.sample, scale: outcome.scale)
            test = PermutationTest(first.sample, second.sample, draws: settings.permutations, generator: generator)
        }
        contrast.permutationP = test?.p
        contrast.permutationMinimum = test?.minimum
        contrast.permutationKind = test?.kind
        return contrast
    }

    private func described(
        _ outcome: OutcomeDefinition, _ control: ConditionSample, _ perturbed: ConditionSample, _ treated: ConditionSample?
    ) -> NormalizationRow {
        var row = NormalizationRow(
            outcome: outcome.name, treated: treated?.condition.name, design: rules.design, scale: outcome.scale,
            unitOfAnalysis: rules.unitOfAnalysis)
        row.nControl = control.sample.n
        row.nPerturbed = perturbed.sample.n
        row.nTreated = treated?.sample.n
        row.unitsControl = control.rows
        row.unitsPerturbed = perturbed.rows
        row.unitsTreated = treated?.rows
        row.meanControl = control.sample.mean
        row.meanPerturbed = perturbed.sample.mean
        row.meanTreated = treated?.sample.mean
        return row
    }

    /// Rescue index, equivalence, verdict and warnings of a row whose contrasts are computed.
    private func judge(
        _ row: inout NormalizationRow, _ outcome: OutcomeDefinition, _ control: ConditionSample, _ perturbed: ConditionSample, _ treated: ConditionSample?
    ) {
        let index = rescue(control, perturbed, treated)
        row.rescue = index.value
        row.rescueStatus = index.status
        row.fiellerG = index.g
        row.fiellerLow = index.low
        row.fiellerHigh = index.high
        row.tostMargin = outcome.margin
        let equivalence = outcome.margin.flatMap { Equivalence(row.tc, margin: $0) }
        row.tostP = equivalence?.p
        row.tostLow = equivalence?.low
        row.tostHigh = equivalence?.high
        let perturbation = row.pc.estimate.map { abs($0) }
        let withinPerturbation = outcome.margin.flatMap { margin in perturbation.map { margin < $0 } }
        row.verdict = Verdict(
            low: row.fiellerLow, high: row.fiellerHigh,
            equivalent: withinPerturbation == true && (equivalence?.p).map { $0 < 0.05 } == true)
        row.warnings = warnings(row, [control, perturbed] + (treated.map { [$0] } ?? []), marginExceeds: withinPerturbation == false)
    }

    /// Draws of means are made once for all rows of an outcome, in groups of at least two experimental units: with one there is no
    /// difference between animals to draw from.
    private func addBootstrap(to rows: inout [NormalizationRow], _ outcome: OutcomeDefinition, _ samples: [ConditionSample]) {
        let indices = [control, perturbed] + treated
        func generator(_ name: String) -> SeededGenerator {
            SeededGenerator(seed: settings.seed, stream: stableHash([outcome.name, name, "bootstrap"]))
        }
        let means: [[Double]]
        if rules.comparison.isWithin {
            guard samples[control].sample.n >= 2 else { return }
            means = NestedBootstrap(conditions: indices.map { samples[$0].units }, isMatched: rules.design == .epochs)
                .means(draws: settings.bootstrap, generator: generator(""))
        } else {
            means = indices.map { index in
                guard samples[index].sample.n >= 2 else { return [] }
                return NestedBootstrap(samples[index].units)
                    .means(draws: settings.bootstrap, generator: generator(samples[index].condition.name))[0]
            }
        }
        func differences(_ first: Int, minus second: Int) -> BootstrapDistribution? {
            BootstrapDistribution(zip(means[first], means[second]).map { $0 - $1 })
        }
        let pc = differences(1, minus: 0)
        for position in rows.indices {
            rows[position].pc.bootstrap = pc
            guard rows[position].treated != nil else { continue }
            rows[position].tp.bootstrap = differences(position + 2, minus: 1)
            rows[position].tc.bootstrap = differences(position + 2, minus: 0)
            guard rows[position].rescueStatus == .defined else { continue }
            let interval = BootstrapInterval(control: means[0], perturbed: means[1], treated: means[position + 2])
            rows[position].bootstrapLow = interval?.low
            rows[position].bootstrapHigh = interval?.high
        }
    }

    private func rescue(_ control: ConditionSample, _ perturbed: ConditionSample, _ treated: ConditionSample?) -> RescueIndex {
        guard let treated else { return .undefined(.noTreatedGroup) }
        guard min(control.sample.n, perturbed.sample.n, treated.sample.n) >= 2 else {
            return .undefined(rules.unitOfAnalysis == .cage ? .fewCages : .fewSubjects)
        }
        return rules.comparison.isWithin
            ? .within(control: control.sample, perturbed: perturbed.sample, treated: treated.sample)
            : .between(control: control.sample, perturbed: perturbed.sample, treated: treated.sample)
    }

    private func warnings(_ row: NormalizationRow, _ samples: [ConditionSample], marginExceeds: Bool) -> [StatisticsWarning] {
        var found: Set<StatisticsWarning> = []
        let contrasts = [row.pc, row.tp, row.tc]
        if samples.contains(where: { $0.sample.n < 6 }) { found.insert(.fewSubjects) }
        if contrasts.contains(where: { ($0.permutationMinimum ?? 0) > 0.05 }) { found.insert(.permutationFloor) }
        if contrasts.contains(where: \.hasNoVariance) { found.insert(.zeroVariance) }
        if row.mixedStatus == .singular { found.insert(.singularFit) }
        for sample in samples {
            if let cages = sample.cages {
                if rules.unitOfAnalysis == .subject, cages < sample.subjects { found.insert(.cagesFewerThanSubjects) }
                if cages == 1, sample.subjects >= 2 { found.insert(.singleCage) }
            }
            if sample.facts.missing { found.insert(.missingValues) }
            if sample.facts.zerosExcluded { found.insert(.zerosExcluded) }
            if sample.facts.zerosReplaced { found.insert(.zerosReplaced) }
            if sample.facts.zeroBaseline { found.insert(.zeroBaseline) }
        }
        if let shortest = samples.compactMap(\.facts.shortestExposure).min(), let longest = samples.compactMap(\.facts.longestExposure).max(),
            longest > 2 * shortest
        {
            found.insert(.unequalExposure)
        }
        if row.tostMargin == nil { found.insert(.noMargin) }
        if marginExceeds { found.insert(.marginExceedsPerturbation) }
        return found.sorted()
    }

    /// Primary outcomes and the others are separate families (ICH E9: a primary outcome does not pay for secondary ones); within
    /// each, one family per contrast. The perturbation counts once per outcome, each treatment of an outcome once.
    private func adjust(_ rows: inout [NormalizationRow]) {
        let primary = Set(rules.outcomes.filter(\.primary).map(\.name))
        for wanted in [true, false] {
            let members = rows.indices.filter { primary.contains(rows[$0].outcome) == wanted }
            let firsts = members.filter { index in !members.contains { $0 < index && rows[$0].outcome == rows[index].outcome } }
            adjust(&rows, firsts, \.pc)
            adjust(&rows, members, \.tp)
            adjust(&rows, members, \.tc)
            for index in members {
                if let first = firsts.first(where: { rows[$0].outcome == rows[index].outcome }) {
                    rows[index].pc.adjustedP = rows[first].pc.adjustedP
                }
            }
        }
    }

    private func adjust(
        _ rows: inout [NormalizationRow], _ indices: [Int], _ contrast: WritableKeyPath<NormalizationRow, Contrast>
    ) {
        let defined = indices.filter { rows[$0][keyPath: contrast].permutationP != nil }
        let adjusted = settings.multiplicity.adjusted(defined.compactMap { rows[$0][keyPath: contrast].permutationP })
        for (index, p) in zip(defined, adjusted) { rows[index][keyPath: contrast].adjustedP = p }
    }
}

/// FNV-1a over the texts, each closed by a zero byte: the same number on every machine and in every run.
func stableHash(_ texts: [String]) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for text in texts {
        for byte in Array(text.utf8) + [0] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
    return hash
}
