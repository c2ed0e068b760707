// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline
import FerroStatistics
import Foundation

extension CohortSpec {
    /// Reads a description of a cohort; the pipeline's path is taken from its own folder.
    ///
    /// - Throws: `FerroError` (usage) with line, column and caret.
    package static func load(_ path: String) throws -> CohortSpec {
        try CohortSpecFile.cohort(ConfigDocument.load(path), path: path)
    }

    /// Reads text as if it stood in the file at `path`.
    package static func parse(_ text: String, path: String = "cohort.yaml") throws -> CohortSpec {
        try CohortSpecFile.cohort(ConfigDocument.parse(text, path: path), path: path)
    }
}

/// The parts of a description of a cohort.
private enum CohortSpecFile {
    static func cohort(_ root: ConfigNode, path: String) throws -> CohortSpec {
        let keys = try root.mapping(keys: [
            "ferrospike-cohort", "title", "seed", "pipeline", "groups", "perturbation", "between", "equivalence", "statistics", "recording",
        ])
        try RecordingSpecFile.checkVersion(of: "cohorts", "ferrospike-cohort", in: keys)
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        let pipeline = try keys.required("pipeline", expected: "the file of the pipeline that the study runs").text()
        let groupsNode = try keys.required("groups", expected: "`groups: {control: {role: control, subjects: 8}, …}`")
        let perturbationNode = try keys.required("perturbation", expected: "such as `perturbation: {rate: x2.0}`")
        var spec = CohortSpec(
            title: try keys.optional("title")?.text() ?? "Simulated cohort",
            seed: UInt64(try keys.required("seed", expected: "a whole number such as `seed: 1`").integer(in: 0...Int.max)),
            pipeline: URL(fileURLWithPath: pipeline, relativeTo: folder).standardizedFileURL.path,
            groups: try groups(groupsNode), perturbation: try perturbation(perturbationNode),
            recording: try RecordingSpecFile.template(keys.required("recording", expected: "a recording without seed and subject")))
        if let between = keys.optional("between") {
            let fields = try between.mapping(keys: ["subjects", "cages"])
            if let spread = fields.optional("subjects") { spec.subjectSpread = try spread.logarithm(upTo: 2) }
            if let spread = fields.optional("cages") { spec.cageSpread = try spread.logarithm(upTo: 2) }
        }
        if let margin = keys.optional("equivalence") {
            spec.equivalence = try margin.logarithm()
            guard spec.equivalence > 0 else { throw margin.error("the equivalence margin is \(try margin.text())", expected: "a positive one") }
        }
        if let statistics = keys.optional("statistics") { spec.statistics = try settings(statistics) }
        try checkEffects(perturbationNode, spec)
        try perturbationNode.placing { try spec.check() }
        return spec
    }

    // MARK: Groups

    private static func groups(_ node: ConfigNode) throws -> [CohortSpec.Group] {
        let groups = try node.mapping().entries.map { key, value in try group(key, value) }
        for role in [Role.control, .perturbed] {
            let count = groups.count { $0.condition.role == role }
            guard count == 1 else {
                throw node.error("\(node.name) has \(count == 0 ? "no" : "\(count)") `role: \(role.rawValue)`", expected: "exactly one")
            }
        }
        return groups
    }

    private static func group(_ key: ConfigNode, _ value: ConfigNode) throws -> CohortSpec.Group {
        guard !key.name.isEmpty, key.name.allSatisfy({ ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") && $0.isASCII }) else {
            throw key.error("`\(key.name)` cannot name a group, since files are named after it", expected: "letters a to z, digits, - and _")
        }
        let fields = try value.mapping(keys: ["role", "label", "target", "restores", "subjects", "subjects-per-cage"])
        let roleNode = try fields.required("role", expected: "control, perturbed or treated")
        let role = Role(rawValue: try roleNode.choice([Role.control, .perturbed, .treated].map(\.rawValue))) ?? .other
        var group = CohortSpec.Group(
            Condition(
                name: key.name, role: role, label: try fields.optional("label")?.text(), target: try fields.optional("target")?.text()),
            subjects: try fields.required("subjects", expected: "how many animals, such as `subjects: 8`").integer(in: 1...999))
        if let shared = fields.optional("subjects-per-cage") { group.subjectsPerCage = try shared.integer(in: 1...999) }
        if let restores = fields.optional("restores") {
            guard role == .treated else {
                throw restores.error("only a treatment restores anything, and `\(key.name)` is \(role.rawValue)", advice: "leave `restores` out")
            }
            group.restores = try restores.number()
            guard (-2...3).contains(group.restores) else {
                throw restores.error("\(restores.name) is \(try restores.text())", expected: "0 (nothing) to 1 (all), at most 3")
            }
        } else if role == .treated {
            throw value.error("`restores` is missing in \(value.name)", expected: "the part that the treatment undoes, from `restores: 0` to `restores: 1`")
        }
        return group
    }

    // MARK: Effects

    private static func perturbation(_ node: ConfigNode) throws -> CohortSpec.Perturbation {
        let fields = try node.mapping(keys: ["rate", "bursting", "theta"])
        return CohortSpec.Perturbation(
            rate: try fields.optional("rate")?.factor() ?? 1, bursting: try fields.optional("bursting")?.factor() ?? 1,
            theta: try fields.optional("theta")?.factor() ?? 1)
    }

    /// An effect on something the template does not have would be no effect at all.
    private static func checkEffects(_ node: ConfigNode, _ spec: CohortSpec) throws {
        let fields = try node.mapping()
        if spec.recording.neurons.isEmpty, let given = fields.optional("rate") {
            throw given.error("the recording has no neurons whose rate could change", advice: "describe neurons in `recording`")
        }
        if !spec.recording.neurons.contains(where: { ($0.bursting?.fraction ?? 0) > 0 }), let given = fields.optional("bursting") {
            throw given.error("no neuron of the recording bursts", advice: "give neurons `bursting`, or leave this out")
        }
        if spec.recording.background.theta == nil, let given = fields.optional("theta") {
            throw given.error("the background of the recording has no theta rhythm", advice: "describe `theta` in `background`, or leave this out")
        }
    }

    private static func settings(_ node: ConfigNode) throws -> StatisticsSettings {
        var settings = StatisticsSettings()
        let fields = try node.mapping(keys: ["seed", "permutations", "bootstrap", "multiplicity"])
        if let seed = try fields.optional("seed")?.integer(in: 0...Int.max) { settings.seed = UInt64(seed) }
        if let draws = try fields.optional("permutations")?.integer(in: 1...Int.max) { settings.permutations = draws }
        if let draws = try fields.optional("bootstrap")?.integer(in: 1...Int.max) { settings.bootstrap = draws }
        if let node = fields.optional("multiplicity") { settings.multiplicity = try node.word(Multiplicity.self) }
        return settings
    }
}
