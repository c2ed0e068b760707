// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// One stage of a pipeline with what it reads from.
package struct PlannedStage: Sendable {
    package let name: String
    package let id: String
    package let kind: StageKind
    package let takes: StageProduct?
    package let gives: StageProduct
    /// Index of the stage it reads from; nil for the recording itself.
    package let from: Int?
    /// Every parameter in canonical form, defaults included.
    package let resolved: [(key: String, value: String)]
    package let stage: any Stage
    let place: ConfigPlace
}

/// Reads the list of stages and joins each to the one it reads from.
enum StageChain {
    static func read(_ node: ConfigNode) throws -> [PlannedStage] {
        let entries = try node.sequence()
        guard !entries.isEmpty else { throw node.error("there are no stages", expected: "at least one stage") }
        var planned: [PlannedStage] = []
        for entry in entries { planned.append(try stage(entry, after: planned)) }
        let sources = planned.filter { $0.gives == .units && $0.kind != .derive }
        if sources.count > 1, let second = sources.last {
            throw second.place.error(
                "a second stage, `\(second.name)`, makes units", expected: "one of detect-spikes and import-units in a pipeline")
        }
        return planned
    }

    private static func stage(_ entry: ConfigNode, after planned: [PlannedStage]) throws -> PlannedStage {
        // `- firing` and `- firing: {…}` are both a stage.
        let nameNode: ConfigNode
        let settings: ConfigNode?
        if entry.isScalar {
            (nameNode, settings) = (entry, nil)
        } else {
            let entries = try entry.named("a stage").mapping().entries
            guard entries.count == 1, let only = entries.first else {
                throw entry.error("a stage has \(entries.count) names", expected: "one stage an entry, such as `- bandpass: {low: 300 Hz, high: 6 kHz}`")
            }
            (nameNode, settings) = (only.key, only.value.isNull ? nil : only.value)
        }
        let name = try nameNode.text()
        guard let type = StageCatalog.stage(named: name) else {
            throw nameNode.error(
                "`\(name)` is not a stage", expected: "one of \(StageCatalog.names.joined(separator: ", "))",
                advice: nearestWord(to: name, among: StageCatalog.names).map { "did you mean `\($0)`?" })
        }
        let documentation = type.documentation
        let common = documentation.takes == nil ? ["id"] : ["id", "from"]
        let mapping = try settings?.named("`\(name)`").mapping(keys: common + documentation.parameters.map(\.key))
        let id = try mapping?.optional("id").map { try identifier($0, among: planned) } ?? freshIdentifier(name, among: planned)
        let from = try source(of: documentation, given: mapping?.optional("from"), at: nameNode, among: planned)
        let parameters = try StageParameters(documentation, mapping, node: nameNode)
        return PlannedStage(
            name: name, id: id, kind: documentation.kind, takes: documentation.takes, gives: documentation.gives, from: from,
            resolved: parameters.resolved, stage: try type.init(parameters), place: nameNode.fixed)
    }

    private static func identifier(_ node: ConfigNode, among planned: [PlannedStage]) throws -> String {
        let id = try node.text()
        guard id != "recording", id.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }), !id.isEmpty else {
            throw node.error("`\(id)` cannot be an id", expected: "letters, digits, - and _, and not `recording`")
        }
        guard !planned.contains(where: { $0.id == id }) else { throw node.error("two stages have the id `\(id)`", advice: "give one of them another") }
        return id
    }

    private static func freshIdentifier(_ name: String, among planned: [PlannedStage]) -> String {
        let taken = Set(planned.map(\.id))
        if !taken.contains(name) { return name }
        var number = 2
        while taken.contains("\(name)-\(number)") { number += 1 }
        return "\(name)-\(number)"
    }

    /// The stage that `from:` names, else the one before; it has to give what this stage takes.
    private static func source(
        of documentation: StageDocumentation, given: ConfigNode?, at place: ConfigNode, among planned: [PlannedStage]
    ) throws -> Int? {
        guard let wanted = documentation.takes else { return nil }
        if let given {
            let id = try given.text()
            if id == "recording" {
                guard wanted == .signal else { throw given.error("the recording gives a signal, and `\(documentation.name)` takes \(wanted.rawValue)") }
                return nil
            }
            guard let index = planned.firstIndex(where: { $0.id == id }) else {
                let known = ["recording"] + planned.map(\.id)
                throw given.error(
                    "no stage before this one has the id `\(id)`", expected: "one of \(known.joined(separator: ", "))",
                    advice: nearestWord(to: id, among: known).map { "did you mean `\($0)`?" })
            }
            guard planned[index].gives == wanted else {
                throw given.error("`\(id)` gives \(planned[index].gives.rawValue), and `\(documentation.name)` takes \(wanted.rawValue)")
            }
            return index
        }
        guard let before = planned.last else {
            guard wanted == .signal else {
                throw place.error(
                    "`\(documentation.name)` takes \(wanted.rawValue), and no stage stands before it",
                    expected: "detect-spikes or import-units before it")
            }
            return nil
        }
        guard before.gives == wanted else {
            let candidates = (wanted == .signal ? ["recording"] : []) + planned.filter { $0.gives == wanted }.map(\.id)
            throw place.error(
                "`\(documentation.name)` takes \(wanted.rawValue), and `\(before.id)` before it gives \(before.gives.rawValue)",
                advice: candidates.isEmpty
                    ? "put a stage that gives \(wanted.rawValue) before it"
                    : "write `from:` with one of \(candidates.joined(separator: ", "))")
        }
        return planned.count - 1
    }
}

extension ConfigPlace {
    func error(_ what: String, expected: String? = nil, advice: String? = nil) -> FerroError {
        document.error(what, line: line, column: column, expected: expected, advice: advice)
    }
}
