// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// The cells behind the means: do the treated ones lie where control cells lie?
///
/// A treatment can bring back the mean and leave two populations, or the reverse. Experimental units weigh equally here as well, and
/// their labels, not the cells', are permuted.
struct DistributionView {
    let samples: [ConditionSample]
    let control: Int
    let perturbed: Int
    let isWithin: Bool
    let outcome: OutcomeDefinition
    let unitOfAnalysis: UnitOfAnalysis
    let draws: Int
    /// Generator of a test by a name of its own.
    let generator: (String) -> SeededGenerator

    /// One row per treated group, or one without.
    func rows(treated: [Int]) -> [DistributionRow] {
        let cells = samples.map { $0.units.map(\.cells) }
        let range = DistributionView.centralRange(of: cells[control])
        let others = DistributionView.sharesOfOthers(cells[control])
        func shares(_ index: Int) -> ShareInRange {
            guard let range else { return .undefined }
            return ShareInRange(cells[index].map { DistributionView.share(of: $0, in: range) })
        }
        let pc = contrast(perturbed, minus: control, cells)
        let perturbedShare = shares(perturbed)
        let choices: [Int?] = treated.isEmpty ? [nil] : treated.map { $0 }
        return choices.map { index in
            DistributionRow(
                outcome: outcome.name, treated: index.map { samples[$0].condition.name }, scale: outcome.scale, unitOfAnalysis: unitOfAnalysis,
                controlLow: range?.lowerBound, controlHigh: range?.upperBound, control: others, perturbed: perturbedShare,
                treatedShare: index.map(shares) ?? .undefined, pc: pc,
                tp: index.map { contrast($0, minus: perturbed, cells) } ?? .undefined,
                tc: index.map { contrast($0, minus: control, cells) } ?? .undefined)
        }
    }

    private func contrast(_ first: Int, minus second: Int, _ cells: [[[Double]]]) -> DistributionContrast {
        let generator = generator("\(samples[first].condition.name)\u{0}\(samples[second].condition.name)")
        return DistributionContrast(
            isWithin
                ? DistanceTest(paired: cells[first], cells[second], draws: draws, generator: generator)
                : DistanceTest(cells[first], cells[second], draws: draws, generator: generator))
    }

    /// 2.5 and 97.5 % quantiles of cells, units weighing equally: the first value that this share of the weight does not exceed.
    static func centralRange(of units: [[Double]]) -> ClosedRange<Double>? {
        let cells = units.flatMap { own in own.map { (value: $0, weight: 1 / Double(own.count * units.count)) } }.sorted { $0.value < $1.value }
        guard let last = cells.last else { return nil }
        func quantile(_ q: Double) -> Double {
            var sum = 0.0
            // The weights add up to 1 with rounding; a cell that completes the share counts.
            for cell in cells {
                sum += cell.weight
                if sum >= q - 1e-12 { return cell.value }
            }
            return last.value
        }
        return quantile(0.025)...quantile(0.975)
    }

    /// Share of each unit's cells inside the range of all other units; undefined below three units.
    static func sharesOfOthers(_ units: [[Double]]) -> ShareInRange {
        guard units.count >= 3 else { return .undefined }
        return ShareInRange(
            units.indices.compactMap { index in
                var others = units
                let own = others.remove(at: index)
                return centralRange(of: others).map { share(of: own, in: $0) }
            })
    }

    static func share(of cells: [Double], in range: ClosedRange<Double>) -> Double {
        Double(cells.count { range.contains($0) }) / Double(cells.count)
    }
}

extension ExperimentalUnit {
    /// All cells of the unit; the change of a subject where sessions are compared, whose cells are not matched.
    var cells: [Double] {
        subjects.flatMap { subject in
            if case .cells(let cells) = subject.rows { cells } else { subject.value.map { [$0] } ?? [] }
        }
    }
}
