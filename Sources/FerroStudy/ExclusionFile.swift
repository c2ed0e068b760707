// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline
import FerroStatistics

/// The part `exclusions:` of a study file.
///
/// ```yaml
/// exclusions:
///   minimum-exposure: 60 s
///   minimum-spikes: 50
///   measures: {isi_cv: {max: 3}, presence_ratio: {min: 0.9}}
///   outcomes: [firing_rate_hz, isi_cv]
/// ```
enum ExclusionFile {
    static func criteria(_ node: ConfigNode, outcomes known: [String]) throws -> ExclusionCriteria {
        let fields = try node.mapping(keys: ["minimum-exposure", "minimum-spikes", "measures", "outcomes"])
        var criteria = ExclusionCriteria()
        if let node = fields.optional("minimum-exposure") {
            let seconds = try node.quantity(Seconds.self).value
            guard seconds > 0 else { throw node.error("the minimum exposure is \(try node.text())", expected: "a positive time") }
            criteria.minimumExposure = seconds
        }
        if let spikes = try fields.optional("minimum-spikes")?.integer(in: 1...Int.max) {
            criteria.bounds.append(ExclusionCriteria.Bound(measure: "spike_count", least: Double(spikes)))
        }
        for (key, value) in try fields.optional("measures")?.mapping().entries ?? [] {
            guard !criteria.measures.contains(key.name) else {
                throw key.error("`\(key.name)` has a criterion already", advice: "write both limits in one place: {min: …, max: …}")
            }
            criteria.bounds.append(try bound(key.name, value))
        }
        guard criteria.minimumExposure != nil || !criteria.bounds.isEmpty else {
            throw node.error("there is no criterion to exclude by", expected: "minimum-exposure, minimum-spikes or measures")
        }
        criteria.outcomes = try fields.optional("outcomes").map { try outcomes($0, known) }
        return criteria
    }

    private static func bound(_ name: String, _ node: ConfigNode) throws -> ExclusionCriteria.Bound {
        let limits = try node.mapping(keys: ["min", "max"])
        let bound = ExclusionCriteria.Bound(measure: name, least: try limits.optional("min")?.number(), most: try limits.optional("max")?.number())
        guard bound.least != nil || bound.most != nil else { throw node.error("`\(name)` has no limit", expected: "such as {min: 0.9}") }
        if let least = bound.least, let most = bound.most, least > most {
            throw node.error("the least \(name) is above the most", expected: "min below max")
        }
        return bound
    }

    private static func outcomes(_ node: ConfigNode, _ known: [String]) throws -> Set<String> {
        let items = try node.sequence()
        guard !items.isEmpty else { throw node.error("the list of outcomes is empty", advice: "leave `outcomes` out to hold all of them to the criteria") }
        return Set(
            try items.map { item in
                let name = try item.text()
                guard known.contains(name) else {
                    throw item.error(
                        "`\(name)` is not an outcome of the study", expected: "one of \(known.joined(separator: ", "))",
                        advice: nearestWord(to: name, among: known).map { "did you mean `\($0)`?" })
                }
                return name
            })
    }
}
