// SPDX-License-Identifier: GPL-3.0-or-later

/// The mixed models of one outcome: one of all groups, or, over the epochs of the same units, one for every contrast.
///
/// The random intercept is the experimental unit: the subject with its cells as rows, or the cage with its subjects' means. Sessions
/// give one value per subject, so nothing tells the variance between subjects from the one within: the model is not identifiable.
struct OutcomeMixedModels {
    private enum Fit {
        case none
        /// Groups in the order of `indices`.
        case shared(MixedModel, indices: [Int])
        case differences([ConditionSample])
    }

    private let fit: Fit

    /// - Parameter indices: control, perturbed and every treatment among the samples.
    init(_ samples: [ConditionSample], indices: [Int], rules: TableRules) {
        switch (rules.comparison.isWithin, rules.design) {
        case (_, .sessions): fit = .none
        case (true, _): fit = .differences(samples)
        case (false, _): fit = .shared(MixedModel(indices.map { samples[$0].units.map(\.observations) }), indices: indices)
        }
    }

    /// The model that a contrast belongs to and its effect, first minus second.
    func contrast(_ first: Int, minus second: Int) -> (status: MixedModelStatus, icc: Double?, designEffect: Double?, effect: MixedEffect?) {
        switch fit {
        case .none:
            return (.notIdentifiable, nil, nil, nil)
        case .shared(let model, let indices):
            guard let one = indices.firstIndex(of: first), let two = indices.firstIndex(of: second) else {
                return (model.status, model.icc, model.designEffect, nil)
            }
            return (model.status, model.icc, model.designEffect, model.difference(one, minus: two))
        case .differences(let samples):
            let clusters = zip(samples[first].units, samples[second].units).map { $0.differences(minus: $1) }
            let model = MixedModel([clusters])
            return (model.status, model.icc, model.designEffect, model.mean(of: 0))
        }
    }
}

extension ExperimentalUnit {
    /// Rows of the cluster that the unit is: cells of a subject, or means of the subjects of a cage.
    var observations: [Double] {
        if kind == .subject, case .cells(let cells) = subjects.first?.rows { cells } else { subjects.compactMap(\.value) }
    }

    /// Observations of the same unit seen twice, its cells in the same order.
    func differences(minus other: ExperimentalUnit) -> [Double] {
        let paired = zip(subjects, other.subjects).map { one, two -> SubjectRows in
            guard case .cells(let first) = one.rows, case .cells(let second) = two.rows else { return one }
            return SubjectRows(subject: one.subject, cage: one.cage, rows: .cells(zip(first, second).map { $0 - $1 }))
        }
        return ExperimentalUnit(kind: kind, name: name, subjects: paired).observations
    }
}
