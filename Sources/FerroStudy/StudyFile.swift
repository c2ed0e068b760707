// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline
import FerroStatistics
import Foundation

extension StudyDefinition {
    /// Reads a study file; everything in it is checked, and paths in it are taken from its own folder.
    ///
    /// - Throws: `FerroError` (usage) with line, column and caret.
    package static func load(_ path: String) throws -> StudyDefinition {
        try StudyDefinition(root: ConfigDocument.load(path), path: path)
    }

    /// Reads text as if it stood in the file at `path`.
    package static func parse(_ text: String, path: String) throws -> StudyDefinition {
        try StudyDefinition(root: ConfigDocument.parse(text, path: path), path: path)
    }

    private init(root: ConfigNode, path: String) throws {
        let study = try root.mapping(keys: [
            "ferrospike-study", "title", "pipeline", "recordings", "design", "epochs", "sessions", "groups", "unit-of-analysis", "outcomes",
            "statistics", "exclusions", "covariates", "files", "match-units", "notes",
            "mediation",
        ])
        let version = try study.required("ferrospike-study", expected: "a line `ferrospike-study: 1`")
        guard try version.text() == "1" else { throw version.error("version `\(try version.text())` of study files is not known", expected: "1") }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        func file(_ key: String) throws -> String? {
            try study.optional(key).map { URL(fileURLWithPath: try $0.text(), relativeTo: folder).standardizedFileURL.path }
        }
        let design = try study.optional("design").map { try StudyFile.choice($0, StudyDesign.self) } ?? .groups
        let comparison = try StudyFile.comparison(study, design)
        let outcomes = try StudyFile.outcomes(study.required("outcomes"), comparison)
        let covariates = try StudyCovariates.parsed(study.optional("covariates"), design: design)
        self.init(
            title: try study.optional("title")?.text() ?? URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent,
            pipeline: try file("pipeline"), recordings: try file("recordings"), files: try file("files"), design: design, comparison: comparison,
            unitOfAnalysis: try study.optional("unit-of-analysis").map { try StudyFile.choice($0, UnitOfAnalysis.self) } ?? .subject,
            outcomes: outcomes, settings: try StudyFile.settings(study.optional("statistics")),
            exclusions: try study.optional("exclusions").map { try ExclusionFile.criteria($0, outcomes: outcomes.map(\.name)) },
            covariates: covariates,
            mediation: try study.optional("mediation").map { try StudyFile.mediation($0, outcomes: outcomes, covariates: covariates) } ?? [],
            unitMatching: try study.optional("match-units").map { try StudyFile.matching($0, design) } ?? .name,
            notes: try study.optional("notes")?.texts() ?? [], source: path)
    }
}

/// The parts of a study file.
enum StudyFile {
    static func choice<Word: RawRepresentable & CaseIterable>(_ node: ConfigNode, _ type: Word.Type) throws -> Word
    where Word.RawValue == String {
        let text = try node.choice(Word.allCases.map(\.rawValue))
        guard let word = Word(rawValue: text) else { throw node.error("`\(text)` is not a value of \(node.name)") }
        return word
    }

    // MARK: Design

    static func comparison(_ study: ConfigMapping, _ design: StudyDesign) throws -> Comparison {
        for other in [StudyDesign.epochs, .sessions] where other != design {
            if let node = study.optional(other.rawValue) {
                throw node.error(
                    "`\(other.rawValue)` is described and the design is `\(design.rawValue)`",
                    advice: "write `design: \(other.rawValue)` or leave `\(other.rawValue)` out")
            }
        }
        guard design != .groups else { return .groups(try conditions(try study.required("groups"))) }

        let node = try study.required(design.rawValue, expected: "`\(design.rawValue): {name: {role: baseline}, …}`")
        let roles = try node.mapping().entries.map { try roleText($0.value) }
        let isChange = roles.contains { ["baseline", "response"].contains($0) }
        if isChange, let mixed = roles.first(where: { ["control", "perturbed", "treated"].contains($0) }) {
            throw node.error(
                "the roles baseline and response do not go together with `\(mixed)`",
                expected: "baseline and response (changes compared between groups), or control, perturbed and treated (within subjects)")
        }
        guard isChange else {
            if let groups = study.optional("groups") {
                throw groups.error(
                    "the \(design.rawValue) are compared within subjects, where there are no groups",
                    advice: "leave `groups` out, or give the \(design.rawValue) the roles baseline and response")
            }
            return .within(try conditions(node, isWithin: true))
        }
        let occasions = try node.mapping().entries.map { key, value in
            let fields = try described(value, keys: ["role", "label"])
            return Occasion(name: key.name, role: try self.choice(fields.role, OccasionRole.self), label: try fields.label?.text())
        }
        for role in [OccasionRole.baseline, .response] {
            let count = occasions.count { $0.role == role }
            guard count == 1 else {
                throw node.error(
                    "\(count == 0 ? "none" : "\(count)") of the \(design.rawValue) \(count == 0 ? "has" : "have") the role \(role.rawValue)",
                    expected: "exactly one")
            }
        }
        return .changes(try conditions(try study.required("groups")), occasions: occasions)
    }

    private static func conditions(_ node: ConfigNode, isWithin: Bool = false) throws -> [Condition] {
        let entries = try node.mapping().entries
        let conditions = try entries.map { key, value in
            let fields = try described(value, keys: isWithin ? ["role", "label", "target"] : ["role", "label", "target", "dose", "treatment"])
            let role = try choice(fields.role, Role.self)
            if isWithin, role == .treatedControl {
                throw fields.role.error("within subjects there are no treated controls", expected: "control, perturbed, treated or other")
            }
            let others = value.isScalar ? nil : try value.mapping()
            return Condition(
                name: key.name, role: role, label: try fields.label?.text(), target: try fields.target?.text(),
                dose: try others?.optional("dose").map { try dose($0, role) }, treatment: try others?.optional("treatment")?.text())
        }
        for (entry, condition) in zip(entries, conditions) { try checkTreatment(entry.value, condition, conditions) }
        for role in [Role.control, .perturbed] {
            let count = conditions.count { $0.role == role }
            guard count == 1 else {
                throw node.error("\(node.name) has \(count == 0 ? "no" : "\(count)") `role: \(role.rawValue)`", expected: "exactly one")
            }
        }
        return conditions
    }

    /// `10 mg/kg`, or a bare number.
    private static func dose(_ node: ConfigNode, _ role: Role) throws -> Dose {
        guard role == .treated else { throw node.error("a dose is that of a treated group", advice: "leave `dose` out: without a treatment it is 0") }
        let text = try node.text()
        guard let (number, unit) = numberAndUnit(text), number > 0 else {
            throw node.error("`\(text)` is not a dose", expected: "a positive number, with its unit if it has one, such as `10 mg/kg`")
        }
        return Dose(value: number, unit: unit)
    }

    /// Doses of one target must follow each other, and treated controls must name what they were given.
    private static func checkTreatment(_ node: ConfigNode, _ condition: Condition, _ all: [Condition]) throws {
        if let dose = condition.dose {
            for other in all where other.name != condition.name && other.target == condition.target {
                guard let second = other.dose else { continue }
                if second.unit != dose.unit {
                    throw node.error(
                        "the doses of `\(condition.name)` and `\(other.name)` have different units", expected: "one unit for all doses of a target")
                }
                if second.value == dose.value {
                    throw node.error("`\(condition.name)` and `\(other.name)` have the same dose", expected: "different doses, or different targets")
                }
            }
        }
        let treated = all.filter { $0.role == .treated }.map(\.name)
        switch (condition.role, condition.treatment) {
        case (.treatedControl, nil):
            throw node.error("`\(condition.name)` does not say what it was given", expected: "`treatment:` with one of \(treated.joined(separator: ", "))")
        case (.treatedControl, let name?) where !treated.contains(name):
            throw node.error("`\(name)` is not a treated group", expected: "one of \(treated.joined(separator: ", "))")
        case (.treatedControl, _), (_, nil): return
        case (_, _?):
            throw node.error("only treated controls name the group whose treatment they share", advice: "leave `treatment` out")
        }
    }

    /// `name: {role: …, label: …}`, or `name: role` in short.
    private static func described(_ node: ConfigNode, keys: [String]) throws -> (role: ConfigNode, label: ConfigNode?, target: ConfigNode?) {
        guard !node.isScalar || node.isNull else { return (node, nil, nil) }
        let fields = try node.mapping(keys: keys)
        return (try fields.required("role"), fields.optional("label"), fields.optional("target"))
    }

    private static func roleText(_ node: ConfigNode) throws -> String {
        try (node.isScalar && !node.isNull ? node : node.mapping().required("role")).text()
    }

    static func matching(_ node: ConfigNode, _ design: StudyDesign) throws -> UnitMatching {
        guard design == .epochs else {
            throw node.error("units are matched over epochs, and the design is `\(design.rawValue)`", advice: "leave `match-units` out")
        }
        return try choice(node, UnitMatching.self)
    }

    // MARK: Outcomes

    static func outcomes(_ node: ConfigNode, _ comparison: Comparison) throws -> [OutcomeDefinition] {
        let entries = try node.mapping().entries
        guard !entries.isEmpty else { throw node.error("the study has no outcome", expected: "such as `firing_rate_hz: {scale: log}`") }
        return try entries.map { key, value in
            let fields = try value.mapping(keys: ["scale", "primary", "equivalence", "zeros", "change", "label"])
            let scale = try scale(fields)
            let change = try fields.optional("change").map { try self.change($0, scale, comparison) } ?? .difference
            return OutcomeDefinition(
                name: key.name, label: try fields.optional("label")?.text(), scale: scale, primary: try fields.optional("primary")?.bool() ?? false,
                margin: try fields.optional("equivalence").map { try margin($0, key.name, scale, change) },
                zeros: try fields.optional("zeros").map { try zeros($0, key.name, scale) }, change: change)
        }
    }

    private static func scale(_ fields: ConfigMapping) throws -> AnalysisScale {
        try choice(fields.required("scale", expected: "`scale: log` or `scale: linear`"), AnalysisScale.self)
    }

    /// A measure of the subject that is judged as an outcome is: `{scale: linear, equivalence: 20 s}`.
    static func behaviour(_ node: ConfigNode, name: String, label: String?) throws -> OutcomeDefinition {
        let fields = try node.mapping(keys: ["scale", "equivalence", "zeros"])
        let scale = try scale(fields)
        return OutcomeDefinition(
            name: name, label: label, scale: scale, margin: try fields.optional("equivalence").map { try margin($0, name, scale, .difference) },
            zeros: try fields.optional("zeros").map { try zeros($0, name, scale) })
    }

    /// `[{from: iron_ug_per_g, through: firing_rate_hz, to: open_arm_s}]`.
    static func mediation(_ node: ConfigNode, outcomes: [OutcomeDefinition], covariates: [Covariate]) throws -> [MediationPath] {
        try node.sequence().map { item in
            let fields = try item.mapping(keys: ["from", "through", "to"])
            func name(_ key: String, _ known: [String]) throws -> String {
                let node = try fields.required(key, expected: "`\(key)`, one of \(known.joined(separator: ", "))")
                return try node.choice(known)
            }
            let path = MediationPath(
                from: try name("from", covariates.map(\.name)), through: try name("through", outcomes.map(\.name)), to: try name("to", covariates.map(\.name)))
            guard path.from != path.to else { throw item.error("the path leads from `\(path.from)` to itself", expected: "two different covariates") }
            return path
        }
    }

    private static func change(_ node: ConfigNode, _ scale: AnalysisScale, _ comparison: Comparison) throws -> ChangeMeasure {
        let change = try choice(node, ChangeMeasure.self)
        guard case .changes = comparison else {
            throw node.error("there is no change to express: the design has no baseline and response", advice: "leave `change` out")
        }
        if change == .percent, scale == .log {
            throw node.error("a percentage of change is analysed on the linear scale", advice: "write `scale: linear` or leave `change` out")
        }
        return change
    }

    private static func margin(_ node: ConfigNode, _ name: String, _ scale: AnalysisScale, _ change: ChangeMeasure) throws -> Double {
        let units = scale == .log ? ["log"] : change == .percent ? ["%"] : units(of: name)
        let example = units.first.map { "`0.3 \($0)`" } ?? "a bare number, since the name of the outcome tells no unit"
        let text = try node.text()
        guard let (number, unit) = numberAndUnit(text), units.isEmpty ? unit.isEmpty : units.contains(unit) else {
            throw node.error("`\(text)` is not an equivalence margin of `\(name)` on the \(scale.rawValue) scale", expected: "such as \(example)")
        }
        guard number > 0 else { throw node.error("the equivalence margin is \(text)", expected: "a positive one") }
        return number
    }

    private static func zeros(_ node: ConfigNode, _ name: String, _ scale: AnalysisScale) throws -> ZeroRule {
        guard scale == .log else {
            throw node.error("zeros need no rule on the linear scale", advice: "leave `zeros` out")
        }
        let text = try node.text()
        switch text {
        case "exclude":
            return .exclude
        case "half-count":
            guard OutcomeDefinition.halfEvent(of: name) != nil else {
                throw node.error(
                    "`\(name)` is no rate of events, so half an event means nothing for it", expected: "`exclude` or a positive number",
                    advice: "names of rates end in _hz or _per_min")
            }
            return .halfCount
        default:
            guard let (number, unit) = numberAndUnit(text), unit.isEmpty || units(of: name).contains(unit), number > 0 else {
                throw node.error("`\(text)` is not a rule for zeros", expected: "half-count, exclude or a positive number in the unit of the outcome")
            }
            return .replace(number)
        }
    }

    /// Ways to write the unit that the name of an outcome ends with; none where it ends with no unit known here.
    private static func units(of name: String) -> [String] {
        let known = [
            ("_hz", ["Hz"]), ("_per_min", ["/min"]), ("_ms", ["ms"]), ("_s", ["s"]), ("_uv", ["uV", "µV", "μV"]), ("_mv", ["mV"]), ("_pct", ["%"]),
        ]
        return known.first { name.hasSuffix($0.0) }?.1 ?? []
    }

    private static func numberAndUnit(_ text: String) -> (Double, String)? {
        let compact = text.filter { $0 != " " }
        let numeral = compact.prefix { "+-0123456789.eE".contains($0) }
        guard let number = Double(numeral), number.isFinite else { return nil }
        return (number, String(compact.dropFirst(numeral.count)))
    }

    // MARK: Settings

    static func settings(_ node: ConfigNode?) throws -> StatisticsSettings {
        var settings = StatisticsSettings()
        guard let fields = try node?.mapping(keys: ["seed", "permutations", "bootstrap", "multiplicity"]) else { return settings }
        if let seed = try fields.optional("seed")?.integer(in: 0...Int.max) { settings.seed = UInt64(seed) }
        if let draws = try fields.optional("permutations")?.integer(in: 1...Int.max) { settings.permutations = draws }
        if let draws = try fields.optional("bootstrap")?.integer(in: 1...Int.max) { settings.bootstrap = draws }
        if let node = fields.optional("multiplicity") { settings.multiplicity = try choice(node, Multiplicity.self) }
        return settings
    }
}
