// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
import FerroPipeline

/// A number by which a detector is judged.
package enum ValidationMeasure: String, Sendable, CaseIterable {
    case precision, recall, f1
    /// Mean of detected minus true time without its sign, milliseconds.
    case timingError = "timing-error"
    /// Standard deviation of detected minus true time, milliseconds.
    case timingSpread = "timing-sd"
    /// Share of the spikes of true bursts that lie in a detected burst.
    case burstSpikesFound = "burst-spikes-found"
    /// Share of the other spikes that lie in a detected burst.
    case otherSpikesTaken = "other-spikes-taken"

    /// Whether small is good: the limit is then a ceiling.
    package var isCeiling: Bool { [.timingError, .timingSpread, .otherSpikesTaken].contains(self) }
    var isDuration: Bool { [.timingError, .timingSpread].contains(self) }

    static let ofSpikes: [ValidationMeasure] = [.precision, .recall, .f1, .timingError, .timingSpread]
    static let ofBursts: [ValidationMeasure] = [.burstSpikesFound, .otherSpikesTaken]

    /// `0.953`, or `0.012 ms`.
    package func text(_ value: Double?) -> String {
        guard let value else { return "none" }
        let thousandths = (value * 1000).rounded() / 1000
        return isDuration ? "\(shortest(thousandths)) ms" : shortest(thousandths)
    }
}

/// What detectors have to reach on each fixture: `floors.yaml` beside the descriptions.
///
/// ```yaml
/// ferrospike-floors: 1
/// tolerance: 0.4 ms
/// fixtures:
///   isolated-snr-8: {detectable: 8, precision: 0.95, recall: 0.95, f1: 0.95, timing-error: 0.05 ms}
/// ```
package struct ValidationFloors: Sendable, Equatable {
    package struct Fixture: Sendable, Equatable {
        /// Least signal-to-noise ratio of a neuron whose spikes have to be found.
        package var detectable: Double
        package var limits: [ValidationMeasure: Double]
    }

    /// Largest distance in time of an event from its spike.
    package var tolerance: Seconds
    package var fixtures: [String: Fixture]

    static let fileName = "floors.yaml"

    /// - Throws: `FerroError` (usage) with line, column and caret; also for a fixture that is not among `known`.
    package static func load(_ path: String, fixtures known: [String]) throws -> ValidationFloors {
        try ValidationFloors(ConfigDocument.load(path), known)
    }

    package static func parse(_ text: String, path: String = fileName, fixtures known: [String]) throws -> ValidationFloors {
        try ValidationFloors(ConfigDocument.parse(text, path: path), known)
    }

    private init(_ root: ConfigNode, _ known: [String]) throws {
        let keys = try root.mapping(keys: ["ferrospike-floors", "tolerance", "fixtures"])
        try RecordingSpecFile.checkVersion(of: "floors", "ferrospike-floors", in: keys)
        let toleranceNode = try keys.required("tolerance", expected: "such as `tolerance: 0.4 ms`")
        tolerance = try toleranceNode.quantity()
        guard tolerance.value > 0, tolerance.value < 0.1 else { throw toleranceNode.error("the tolerance is \(tolerance)", expected: "above 0, below 100 ms") }
        fixtures = [:]
        let list = try keys.required("fixtures")
        for (key, value) in try list.mapping(keys: known).entries { fixtures[key.name] = try ValidationFloors.fixture(value) }
        if let forgotten = known.first(where: { fixtures[$0] == nil }) {
            throw list.error("`\(forgotten)` has no floors", expected: "an entry for every description in the folder")
        }
    }

    private static func fixture(_ node: ConfigNode) throws -> Fixture {
        let keys = try node.mapping(keys: ["detectable"] + ValidationMeasure.allCases.map(\.rawValue))
        var fixture = Fixture(
            detectable: try keys.required("detectable", expected: "the least signal-to-noise ratio that has to be found, such as `detectable: 8`").number(),
            limits: [:])
        for measure in ValidationMeasure.allCases {
            guard let limit = keys.optional(measure.rawValue) else { continue }
            if measure.isDuration {
                fixture.limits[measure] = try limit.quantity(Seconds.self).value * 1e3
            } else {
                let value = try limit.number()
                guard (0...1).contains(value) else { throw limit.error("\(limit.name) is \(shortest(value))", expected: "a share from 0 to 1") }
                fixture.limits[measure] = value
            }
        }
        return fixture
    }
}
