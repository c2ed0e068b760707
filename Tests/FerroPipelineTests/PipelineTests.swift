// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline
import Testing

@Suite("Pipelines")
struct PipelineTests {
    private func stages(_ lines: String...) -> String {
        "ferrospike: 1\nstages:\n" + lines.map { "  - \($0)\n" }.joined()
    }

    @Test("a stage reads from the stage before it unless `from` names another")
    func chain() throws {
        let pipeline = try Pipeline.parse(
            stages(
                "bandpass: {id: ap, low: 300 Hz, high: 6 kHz}", "detect-spikes: {}", "firing", "decimate: {from: recording, rate: 1250 Hz}",
                "power-spectrum: {}"))
        #expect(pipeline.stages.map(\.from) == [nil, 0, 1, nil, 3])
        #expect(pipeline.stages.map(\.id) == ["ap", "detect-spikes", "firing", "decimate", "power-spectrum"])
    }

    @Test("the resolved pipeline writes every default out and reads back as itself")
    func resolved() throws {
        let pipeline = try Pipeline.parse(
            "ferrospike: 1\nrecording: {electrodes: {location: [vCA1, \"a \\\"b\\\"\"]}}\n"
                + "stages: [{bandpass: {low: 300 Hz, high: 6 kHz}}, {detect-spikes: {}}, {detect-bursts: {min-spikes: 4}}]")
        let text = pipeline.resolvedYAML(series: "/acquisition/Raw")
        for expected in ["low: 300 Hz", "high: 6 kHz", "order: 3", "phase: zero", "threshold: 5", "dead-time: 1 ms", "min-spikes: 4", "from: bandpass"] {
            #expect(text.contains(expected))
        }
        let again = try Pipeline.parse(text)
        #expect(again.resolvedYAML(series: nil) == text)
        #expect(again.recording.electrodes.location == ["vCA1", "a \"b\""])
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var stage: String
        var place: String
        var says: String
        var testDescription: String { stage }
    }

    @Test(
        "what cannot be is refused at its place",
        arguments: [
            Refusal(stage: "bandpas: {low: 300 Hz, high: 6 kHz}", place: "3:5", says: "did you mean `bandpass`"),
            Refusal(stage: "bandpass: {low: 300, high: 6 kHz}", place: "3:21", says: "has no unit"),
            Refusal(stage: "bandpass: {low: 300 Hz, hihg: 6 kHz}", place: "3:29", says: "did you mean `high`"),
            Refusal(stage: "bandpass: {low: 300 Hz}", place: "3:5", says: "needs `high`"),
            Refusal(stage: "bandpass: {low: 6 kHz, high: 300 Hz}", place: "3:21", says: "low edge below the high edge"),
            Refusal(stage: "bandpass: {low: 300 ms, high: 6 kHz}", place: "3:21", says: "not a unit of a frequency"),
            Refusal(stage: "bandpass: {low: 300 Hz, high: 6 kHz, order: 0}", place: "3:49", says: "from 1 to 12"),
            Refusal(stage: "bandpass: {low: 300 Hz, high: 6 kHz, phase: zro}", place: "3:49", says: "did you mean `zero`"),
            Refusal(stage: "detect-spikes: {dead-time: -1 ms}", place: "3:32", says: "zero or more"),
            Refusal(stage: "detect-spikes: {dead-time: 1e300 s}", place: "3:32", says: "at most 1000000 s"),
            Refusal(stage: "detect-spikes: {waveform-before: 2 s}", place: "3:38", says: "at most 1 s"),
            Refusal(stage: "power-spectrum: {window: 1 h}", place: "3:30", says: "at most 600 s"),
            Refusal(stage: "decimate: {rate: 1e-9 Hz}", place: "3:22", says: "at least 0.001 Hz"),
            Refusal(stage: "detect-bursts: {}", place: "3:5", says: "no stage stands before it"),
            Refusal(stage: "detect-spikes: {from: nowhere}", place: "3:27", says: "no stage before this one has the id"),
            Refusal(stage: "power-spectrum: {bands: {theta: [12 Hz, 4 Hz]}}", place: "3:37", says: "below its high edge"),
        ])
    func refused(_ refusal: Refusal) {
        let error = #expect(throws: FerroError.self) { try Pipeline.parse(stages(refusal.stage)) }
        #expect(error?.kind == .usage)
        #expect(error?.place == "pipeline.yaml:\(refusal.place)")
        #expect(error?.description.contains(refusal.says) == true)
        #expect(error?.excerpt?.contains("^") == true)
    }

    @Test("a broken chain says what to write")
    func brokenChain() {
        let error = #expect(throws: FerroError.self) {
            try Pipeline.parse(stages("bandpass: {id: ap, low: 300 Hz, high: 6 kHz}", "detect-spikes: {}", "power-spectrum: {}"))
        }
        #expect(error?.place == "pipeline.yaml:5:5")
        #expect(error?.advice == "write `from:` with one of recording, ap")
    }

    @Test("every stage documents its parameters, and its defaults are values it accepts")
    func documentation() throws {
        for type in StageCatalog.all {
            let text = StageSchema.text(type.documentation)
            for parameter in type.documentation.parameters {
                #expect(text.contains(parameter.key))
                #expect(!parameter.meaning.isEmpty)
            }
            #expect(try StageSchema.json(type.documentation).contains("additionalProperties"))
        }
        #expect(try StageSchema.json(nil).contains("detect-spikes"))
        #expect(Set(StageCatalog.names).count == StageCatalog.all.count)
    }
}
