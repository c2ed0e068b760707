// SPDX-License-Identifier: GPL-3.0-or-later

/// What happens to a zero on a log scale.
package enum ZeroRule: Sendable, Equatable {
    /// Half an event in the time observed: 0.5/exposure for `_hz`, 30/exposure for `_per_min` (half the detection limit,
    /// Hornung and Reed 1990, Appl Occup Environ Hyg 5:46).
    case halfCount
    /// The row is dropped.
    case exclude
    /// A positive number in the outcome's own unit takes its place.
    case replace(Double)
}

/// How the change from baseline to response is expressed.
package enum ChangeMeasure: String, Sendable, CaseIterable {
    case difference
    /// 100 times response over baseline; linear scale only.
    case percent
}

/// One outcome of a study and how it is analysed.
package struct OutcomeDefinition: Sendable, Equatable {
    /// Name with its unit, such as `firing_rate_hz`.
    package var name: String
    package var label: String
    package var scale: AnalysisScale
    package var primary: Bool
    /// Equivalence margin on the analysis scale (natural log units on a log scale), fixed before the data are seen.
    package var margin: Double?
    /// nil where the outcome has no rule: a zero on a log scale is then refused.
    package var zeros: ZeroRule?
    package var change: ChangeMeasure

    package init(
        name: String, label: String? = nil, scale: AnalysisScale, primary: Bool = false, margin: Double? = nil,
        zeros: ZeroRule? = nil, change: ChangeMeasure = .difference
    ) {
        self.name = name
        self.label = label ?? name
        self.scale = scale
        self.primary = primary
        self.margin = margin
        self.zeros = zeros ?? (scale == .log ? OutcomeDefinition.defaultZeros(of: name) : nil)
        self.change = change
    }

    /// Rates count events, so half an event is their default; other outcomes have none.
    package static func defaultZeros(of name: String) -> ZeroRule? {
        halfEvent(of: name) == nil ? nil : .halfCount
    }

    /// Largest absolute value on a linear scale: fourth powers of it are still numbers.
    package static let largestValue = 1e60

    /// Half an event in the outcome's unit times seconds, where its name says that it is a rate.
    package static func halfEvent(of name: String) -> Double? {
        if name.hasSuffix("_hz") { return 0.5 }
        if name.hasSuffix("_per_min") { return 30 }
        return nil
    }
}

/// How the statistics of a study are computed.
package struct StatisticsSettings: Sendable, Equatable {
    /// Seeds every random draw.
    package var seed: UInt64
    /// Random relabellings where the exact test would need more than 200 000.
    package var permutations: Int
    package var bootstrap: Int
    package var multiplicity: Multiplicity

    package init(seed: UInt64 = 1, permutations: Int = 10_000, bootstrap: Int = 10_000, multiplicity: Multiplicity = .holm) {
        self.seed = seed
        self.permutations = permutations
        self.bootstrap = bootstrap
        self.multiplicity = multiplicity
    }
}
