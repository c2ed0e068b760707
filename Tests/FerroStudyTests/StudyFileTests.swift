// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroStatistics
import FerroStudy
import Testing

/// What a study file may say of design and statistics, and what it may not.
@Suite struct StudyFileTests {
    static let groups = "groups: {gh: {role: control}, iso: {role: perturbed}, dfo: {role: treated}}"
    static let outcomes = "outcomes: {isi_cv: {scale: linear}}"

    private func parse(_ lines: [String]) throws -> StudyDefinition {
        try StudyDefinition.parse((["ferrospike-study: 1"] + lines).joined(separator: "\n") + "\n", path: "study.yaml")
    }

    static func outcome(_ options: String, _ name: String = "isi_cv") -> [String] { [groups, "outcomes:", "  \(name): {\(options)}"] }

    struct Refusal: CustomTestStringConvertible, Sendable {
        let name: String
        let lines: [String]
        /// `line:column`.
        let place: String
        let words: [String]
        var testDescription: String { name }
    }

    static let refusals: [Refusal] = [
        Refusal(
            name: "no control", lines: ["groups: {gh: {role: other}, iso: {role: perturbed}}", outcomes], place: "2:9",
            words: ["`groups` has no `role: control`", "exactly one"]),
        Refusal(
            name: "two perturbed", lines: ["groups: {gh: {role: control}, a: {role: perturbed}, b: {role: perturbed}}", outcomes], place: "2:9",
            words: ["`groups` has 2 `role: perturbed`"]),
        Refusal(name: "no such role", lines: ["groups: {gh: {role: controll}}", outcomes], place: "2:21", words: ["controll", "control"]),
        Refusal(name: "no groups", lines: [outcomes], place: "1:1", words: ["groups"]),
        Refusal(name: "no outcomes", lines: [groups], place: "1:1", words: ["outcomes"]),
        Refusal(
            name: "epochs without the design", lines: [groups, outcomes, "epochs: {a: {role: baseline}}"], place: "4:9",
            words: ["`epochs` is described and the design is `groups`", "design: epochs"]),
        Refusal(
            name: "roles of two kinds", lines: [groups, outcomes, "design: epochs", "epochs: {a: {role: baseline}, b: {role: perturbed}}"], place: "5:9",
            words: ["baseline and response do not go together with `perturbed`"]),
        Refusal(
            name: "two baselines", lines: [groups, outcomes, "design: sessions", "sessions: {a: {role: baseline}, b: {role: baseline}}"], place: "5:11",
            words: ["2 of the sessions have the role baseline"]),
        Refusal(
            name: "groups within subjects", lines: [groups, outcomes, "design: epochs", "epochs: {a: {role: control}, b: {role: perturbed}}"], place: "2:9",
            words: ["the epochs are compared within subjects, where there are no groups"]),
        Refusal(name: "margin without unit on a log scale", lines: outcome("scale: log, equivalence: 0.3"), place: "4:37", words: ["`0.3 log`"]),
        Refusal(
            name: "margin in another unit", lines: outcome("scale: linear, equivalence: 2 ms", "rate_hz"), place: "4:41", words: ["`2 ms`", "`0.3 Hz`"]),
        Refusal(
            name: "margin with a unit the name does not tell", lines: outcome("scale: linear, equivalence: 2 ms"), place: "4:40",
            words: ["a bare number"]),
        Refusal(name: "margin of zero", lines: outcome("scale: linear, equivalence: 0"), place: "4:40", words: ["the equivalence margin is 0", "positive"]),
        Refusal(
            name: "percent of a log scale",
            lines: outcome("scale: log, change: percent") + ["design: epochs", "epochs: {a: {role: baseline}, b: {role: response}}"], place: "4:32",
            words: ["a percentage of change is analysed on the linear scale"]),
        Refusal(
            name: "change of nothing", lines: outcome("scale: linear, change: percent"), place: "4:35", words: ["the design has no baseline and response"]),
        Refusal(
            name: "margin of a percentage",
            lines: outcome("scale: linear, change: percent, equivalence: 3 Hz", "rate_hz")
                + ["design: epochs", "epochs: {a: {role: baseline}, b: {role: response}}"], place: "4:58", words: ["`0.3 %`"]),
        Refusal(name: "zeros on a linear scale", lines: outcome("scale: linear, zeros: exclude"), place: "4:34", words: ["need no rule"]),
        Refusal(name: "half a count of no rate", lines: outcome("scale: log, zeros: half-count"), place: "4:31", words: ["is no rate of events"]),
        Refusal(name: "zeros become zero", lines: outcome("scale: log, zeros: 0"), place: "4:31", words: ["is not a rule for zeros"]),
        Refusal(
            name: "no such correction", lines: [groups, outcomes, "statistics: {multiplicity: bonferroni}"], place: "4:28", words: ["bonferroni", "holm"]),
        Refusal(name: "no draws", lines: [groups, outcomes, "statistics: {bootstrap: 0}"], place: "4:25", words: ["0"]),
        Refusal(name: "unit of analysis", lines: [groups, outcomes, "unit-of-analysis: cell"], place: "4:19", words: ["cell", "subject", "cage"]),
    ]

    @Test(arguments: refusals)
    func refuses(_ one: Refusal) throws {
        let error = try #require(throws: FerroError.self) { try parse(one.lines) }
        #expect(error.kind == .usage)
        #expect(error.place == "study.yaml:\(one.place)", "\(error)")
        for word in one.words { #expect(error.description.contains(word), "\(error)") }
    }

    /// Units of margins follow from the scale and the name.
    @Test(
        arguments: [
            ("isi_cv", "0.2", 0.2), ("rate_hz", "1.5 Hz", 1.5), ("burst_rate_per_min", "3 /min", 3), ("length_s", "2 s", 2), ("latency_ms", "2ms", 2),
            ("amplitude_uv", "9 uV", 9), ("amplitude_uv", "9 µV", 9), ("depth_mv", "1e-1 mV", 0.1), ("share_pct", "5 %", 5),
        ] as [(String, String, Double)])
    func marginsInTheirUnit(_ name: String, _ text: String, _ value: Double) throws {
        let definition = try parse(Self.outcome("scale: linear, equivalence: \(text)", name))
        #expect(definition.outcomes[0].margin == value)
        let log = try parse(Self.outcome("scale: log, equivalence: 0.3 log", name))
        #expect(log.outcomes[0].margin == 0.3)
    }

    @Test func zeroRules() throws {
        func rule(_ name: String, _ options: String) throws -> ZeroRule? { try parse(Self.outcome(options, name)).outcomes[0].zeros }
        #expect(try rule("rate_hz", "scale: log") == .halfCount)
        #expect(try rule("burst_rate_per_min", "scale: log, zeros: half-count") == .halfCount)
        #expect(try rule("isi_cv", "scale: log") == nil)
        #expect(try rule("rate_hz", "scale: linear") == nil)
        #expect(try rule("rate_hz", "scale: log, zeros: exclude") == .exclude)
        #expect(try rule("isi_cv", "scale: log, zeros: 0.01") == .replace(0.01))
        #expect(try rule("rate_hz", "scale: log, zeros: 0.01 Hz") == .replace(0.01))
    }
}
