// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

@Suite struct UsageTests {
    @Test(arguments: [
        (["inspect"], "Missing expected argument"),
        (["inspect", "a.nwb", "--series", "/acquisition/ElectricalSeries"], "--series and --samples go together"),
        (["inspect", "a.nwb", "--series", "/a", "--samples", "9:1"], "`9:1` is not a range of frames"),
        (["analyse"], "Unexpected argument"),
        (["run", "missing.yaml", "a.nwb", "-o", "out"], "missing.yaml: there is no such file"),
        (["run", "pipelines/spike-list.yaml", "a.nwb", "-o", "out", "--memory", "2"], "`2` has no unit"),
        (["run", "pipelines/spike-list.yaml", "a.nwb", "-o", "out", "--workers=-1"], "--workers is -1"),
        (["run", "pipelines/spike-list.yaml", "x/a.nwb", "y/a.nwb", "-o", "out"], "would both stand in out/a"),
        (["run", "pipelines/spike-list.yaml", "a.nwb", "b.nwb", "a.h5", "-o", "out"], "`a.nwb` and `a.h5` would both stand in out/a"),
        (["run", "pipelines/spike-list.yaml", "Rat.nwb", "rat.nwb", "-o", "out"], "would both stand in out/Rat"),
        (["stages", "bandpas"], "did you mean `bandpass`?"),
    ])
    func wrongUsageIsASentenceAndExitCode2(arguments: [String], sentence: String) throws {
        let finished = try Tool.run(arguments, in: Tool.root)
        #expect(finished.code == 2)
        #expect(finished.errors.contains(sentence), "\(finished.errors)")
        #expect(finished.output.isEmpty)
    }

    @Test func helpAndVersionAreNoErrors() throws {
        let help = try Tool.run("--help")
        #expect(help.code == 0)
        for command in ["inspect", "run", "stages", "verify"] { #expect(help.output.contains(command)) }
        #expect(try Tool.run("--version").code == 0)
    }

    @Test func stagesListThemselvesAsTextAndAsSchema() throws {
        let overview = try Tool.run("stages")
        #expect(overview.code == 0)
        #expect(overview.output.contains("detect-spikes"))
        let one = try Tool.run("stages", "detect-spikes")
        #expect(one.output.contains("dead-time  (default 1 ms)"))
        let schema = try JSONSerialization.jsonObject(with: Data(try Tool.run("stages", "--schema").output.utf8)) as? [String: Any]
        #expect(schema?["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
    }

    @Test func aBrokenPipelineIsShownWithACaretBeforeAnythingIsRead() throws {
        let scratch = try Scratch()
        let pipeline = try scratch.write("ferrospike: 1\nstages:\n  - bandpass: {low: 300, high: 6 kHz}\n", as: "p.yaml")
        let finished = try Tool.run("run", pipeline, "not-there.nwb", "-o", scratch.path("out"))
        #expect(finished.code == 2)
        #expect(finished.errors.contains("p.yaml:3:21: `300` has no unit"))
        #expect(finished.errors.contains("                        ^"))
        #expect(!scratch.exists("out"))
    }
}
