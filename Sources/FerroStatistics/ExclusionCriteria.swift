// SPDX-License-Identifier: GPL-3.0-or-later

/// Which units a study leaves out, declared beforehand: by the time observed and by bounds on what was measured of the unit itself.
///
/// A unit is judged by its `Observation`, which names no group, no subject and no outcome: the decision is blind by construction.
package struct ExclusionCriteria: Sendable, Equatable {
    /// Bounds on one measure, both included.
    package struct Bound: Sendable, Equatable {
        package var measure: String
        package var least: Double?
        package var most: Double?

        package init(measure: String, least: Double? = nil, most: Double? = nil) {
            self.measure = measure
            self.least = least
            self.most = most
        }
    }

    /// Seconds that a unit must have been observed.
    package var minimumExposure: Double?
    package var bounds: [Bound]
    /// Outcomes whose rows are held to the criteria; nil for every outcome of the study.
    package var outcomes: Set<String>?

    package init(minimumExposure: Double? = nil, bounds: [Bound] = [], outcomes: Set<String>? = nil) {
        self.minimumExposure = minimumExposure
        self.bounds = bounds
        self.outcomes = outcomes
    }

    /// Names of the measures that the criteria look at.
    package var measures: Set<String> { Set(bounds.map(\.measure)) }

    /// Each criterion as text, in the order in which they are applied: `exposure_s >= 60`.
    package var texts: [String] {
        (minimumExposure.map { ["exposure_s >= \(ExclusionCriteria.text($0))"] } ?? [])
            + bounds.map { bound in
                switch (bound.least, bound.most) {
                case (let least?, let most?): "\(ExclusionCriteria.text(least)) <= \(bound.measure) <= \(ExclusionCriteria.text(most))"
                case (let least?, nil): "\(bound.measure) >= \(ExclusionCriteria.text(least))"
                case (nil, let most?): "\(bound.measure) <= \(ExclusionCriteria.text(most))"
                case (nil, nil): bound.measure
                }
            }
    }

    private static func text(_ value: Double) -> String {
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// What is known of a unit. An empty list is a measure that the unit lacks.
    struct Observation {
        var exposures: [Double] = []
        var measures: [String: [Double]] = [:]
    }

    /// The first criterion that a unit does not meet, and whether it fails for want of a value; nil where it meets all.
    ///
    /// What was not measured is not met: it is neither taken for zero nor for good.
    func failure(of observation: Observation) -> (criterion: Int, isMissing: Bool)? {
        var criterion = 0
        if let minimumExposure {
            guard let shortest = observation.exposures.min() else { return (criterion, true) }
            if shortest < minimumExposure { return (criterion, false) }
            criterion += 1
        }
        for bound in bounds {
            let values = observation.measures[bound.measure] ?? []
            if values.isEmpty { return (criterion, true) }
            let isWithin = values.allSatisfy { $0 >= bound.least ?? -.infinity && $0 <= bound.most ?? .infinity }
            if !isWithin { return (criterion, false) }
            criterion += 1
        }
        return nil
    }
}

/// How many units of every group each criterion left out.
package struct ExclusionFlow: Sendable, Equatable {
    package struct Step: Sendable, Equatable {
        /// Units that this criterion left out, of those that the criteria before it left in.
        package var excluded: Int
        /// Of these, units that lack the value.
        package var missing: Int
        package var unitsLeft: Int
        package var subjectsLeft: Int
    }

    package struct Group: Sendable, Equatable {
        package var name: String
        package var units: Int
        package var subjects: Int
        /// Parallel to `criteria`.
        package var steps: [Step]
    }

    package var criteria: [String]
    package var groups: [Group]

    package init(criteria: [String], groups: [Group]) {
        self.criteria = criteria
        self.groups = groups
    }

    package var units: Int { groups.reduce(0) { $0 + $1.units } }
    package var excluded: Int { groups.reduce(0) { $0 + $1.steps.reduce(0) { $0 + $1.excluded } } }
}
