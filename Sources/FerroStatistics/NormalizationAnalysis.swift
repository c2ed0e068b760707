// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// The statistics of a study: from a table of outcomes to the rows of `groups.csv` and `normalization.csv`.
///
/// The experimental unit is the subject or the cage, never the cell: cells are averaged before anything is compared.
package struct NormalizationAnalysis: Sendable {
    private let rules: TableRules
    private let settings: StatisticsSettings
    private let control: Int
    private let perturbed: Int
    private let treated: [Int]

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

    /// Checks the table and computes every row; the order of the table's rows has no influence.
    ///
    /// - Throws: `FerroError`: input for a table that is refused, naming line or subject; usage for a zero without a rule.
    package func run(_ rows: [OutcomeRow]) throws -> (groups: [GroupRow], normalization: [NormalizationRow]) {
        let tables = try rules.admit(rows)
        var groups: [GroupRow] = []
        var normalization: [NormalizationRow] = []
        for (outcome, table) in zip(rules.outcomes, tables) {
            let samples = AnalysisValues.samples(of: table, outcome: outcome, rules: rules)
            groups += samples.map { groupRow(outcome, $0) }
            let pc = contrast(samples[perturbed], minus: samples[control], outcome)
            if treated.isEmpty {
                normalization.append(row(outcome, samples[control], samples[perturbed], nil, pc: pc))
            }
            for index in treated {
                normalization.append(row(outcome, samples[control], samples[perturbed], samples[index], pc: pc))
            }
        }
        adjust(&normalization)
        return (groups, normalization)
    }

    private func groupRow(_ outcome: OutcomeDefinition, _ sample: ConditionSample) -> GroupRow {
        GroupRow(
            outcome: outcome.name, group: sample.condition.name, role: sample.condition.role, n: sample.sample.n, units: sample.units,
            mean: sample.sample.mean, sd: sample.sample.sd, sem: sample.sample.sem,
            points: zip(sample.names, sample.sample.values).map { GroupPoint(name: $0, value: $1) })
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

    private func row(
        _ outcome: OutcomeDefinition, _ control: ConditionSample, _ perturbed: ConditionSample, _ treated: ConditionSample?, pc: Contrast
    ) -> NormalizationRow {
        var row = NormalizationRow(
            outcome: outcome.name, treated: treated?.condition.name, design: rules.design, scale: outcome.scale,
            unitOfAnalysis: rules.unitOfAnalysis)
        row.nControl = control.sample.n
        row.nPerturbed = perturbed.sample.n
        row.nTreated = treated?.sample.n
        row.unitsControl = control.units
        row.unitsPerturbed = perturbed.units
        row.unitsTreated = treated?.units
        row.meanControl = control.sample.mean
        row.meanPerturbed = perturbed.sample.mean
        row.meanTreated = treated?.sample.mean
        row.pc = pc
        if let treated {
            row.tp = contrast(treated, minus: perturbed, outcome)
            row.tc = contrast(treated, minus: control, outcome)
        }
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
        let perturbation = pc.estimate.map { abs($0) }
        let withinPerturbation = outcome.margin.flatMap { margin in perturbation.map { margin < $0 } }
        row.verdict = Verdict(
            low: row.fiellerLow, high: row.fiellerHigh,
            equivalent: withinPerturbation == true && (equivalence?.p).map { $0 < 0.05 } == true)
        row.warnings = warnings(row, [control, perturbed] + (treated.map { [$0] } ?? []), marginExceeds: withinPerturbation == false)
        return row
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
private func stableHash(_ texts: [String]) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for text in texts {
        for byte in Array(text.utf8) + [0] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
    return hash
}
