// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

@Suite struct SimulateTests {
    private let recording = """
        ferrospike-recording: 1
        seed: 1
        duration: 2 s
        rate: 25 kHz
        electrodes: {geometry: linear, count: 8, pitch: 50 um}
        neurons: [{count: 8, snr: 10, rate: 10 Hz}]
        """

    @Test func aRecordingIsMadeAndAnotherSeedMakesAnother() throws {
        let scratch = try Scratch()
        let spec = try scratch.write(recording, as: "quiet.yaml")
        let made = try Tool.run("simulate", "recording", spec, "-o", scratch.path("out"))
        #expect(made.code == 0, "\(made.errors)")
        #expect(made.output.hasPrefix(scratch.path("out/quiet.nwb") + ": 8 neurons, "))
        #expect(made.errors.isEmpty)
        let named = try Tool.run("simulate", "recording", spec, "-o", scratch.path("other.nwb"), "--seed", "2")
        #expect(named.code == 0)
        #expect(try Data(contentsOf: scratch["out/quiet.nwb"]) != Data(contentsOf: scratch["other.nwb"]))
        #expect(try Tool.run("inspect", scratch.path("other.nwb")).code == 0)
    }

    @Test func aMistakeIsShownWithACaret() throws {
        let scratch = try Scratch()
        let spec = try scratch.write(recording.replacing("snr: 10", with: "snrr: 10"), as: "s.yaml")
        let finished = try Tool.run("simulate", "recording", spec, "-o", scratch.path("out"))
        #expect(finished.code == 2 && finished.output.isEmpty)
        #expect(finished.errors.contains("s.yaml:6:22: `snrr` is not a known key here"), "\(finished.errors)")
        #expect(!scratch.exists("out"))
    }

    @Test func aCohortIsAStudyThatRuns() throws {
        let scratch = try Scratch()
        let body = recording.split(separator: "\n").dropFirst(2).map { "  " + $0 }.joined(separator: "\n")
        let spec = try scratch.write(
            """
            ferrospike-cohort: 1
            seed: 3
            pipeline: \(Tool.root.appending(path: "pipelines/vhpc-extracellular.yaml").path)
            groups:
              control: {role: control, subjects: 2}
              isolated: {role: perturbed, subjects: 2}
              dfo: {role: treated, restores: 1, subjects: 2}
            perturbation: {rate: x2.0}
            recording:
            \(body)
            """, as: "cohort.yaml")
        let made = try Tool.run("simulate", "cohort", spec, "-o", scratch.path("cohort"))
        #expect(made.code == 0, "\(made.errors)")
        #expect(made.errors.isEmpty)
        let truth = try String(contentsOf: scratch["cohort/truth.csv"], encoding: .utf8)
        #expect(truth.contains("firing_rate_hz,dfo,treated,,0,1,1,normalized"))
        let study = try Tool.run("study", "run", scratch.path("cohort/study.yaml"), "-o", scratch.path("results"))
        #expect(study.code == 0, "\(study.errors)")
        #expect(scratch.exists("results/normalization.csv"))
    }

    @Test func validationEndsWith0Or5() throws {
        let scratch = try Scratch()
        try scratch.write(recording, as: "small.yaml")
        try scratch.write("ferrospike-floors: 1\ntolerance: 0.4 ms\nfixtures: {small: {detectable: 8, recall: 0.9}}\n", as: "floors.yaml")
        let shipped = try String(contentsOf: Tool.root.appending(path: "pipelines/vhpc-extracellular.yaml"), encoding: .utf8)
        let pipeline = try scratch.write(shipped, as: "p.yml")
        let clean = try Tool.run("validate", "--fixtures", scratch.folder.path, "--pipeline", pipeline)
        #expect(clean.code == 0, "\(clean.output)\(clean.errors)")
        #expect(clean.output.contains("every measure keeps its limit"))
        let spoiled = try scratch.write(shipped.replacing("threshold: 5", with: "threshold: 25"), as: "spoiled.yml")
        let finished = try Tool.run("validate", "locally-exclusive", "--fixtures", scratch.folder.path, "--pipeline", spoiled, "--json")
        #expect(finished.code == 5)
        #expect(finished.errors.contains("small: recall of locally-exclusive is 0, floor 0.9"), "\(finished.errors)")
        let json = try JSONSerialization.jsonObject(with: Data(finished.output.utf8)) as? [String: Any]
        #expect(json?["passed"] as? Bool == false)
        #expect(try Tool.run("validate", "spikes", "--fixtures", scratch.folder.path, "--pipeline", pipeline).code == 2)
    }
}
