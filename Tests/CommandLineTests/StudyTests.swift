// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

@Suite struct StudyTests {
    private static let study = """
        ferrospike-study: 1
        pipeline: pipeline.yaml
        recordings: recordings.csv
        groups: {control: {role: control}, isolated: {role: perturbed}, dfo: {role: treated}}
        outcomes:
          firing_rate_hz: {scale: log, primary: true}
          theta_power_uv2: {scale: log}
        """
    private static let pipeline = """
        ferrospike: 1
        stages:
          - bandpass:       {id: ap, low: 300 Hz, high: 6 kHz}
          - detect-spikes:  {method: by-channel, threshold: 5}
          - firing:         {}
          - decimate:       {id: lfp, from: recording, rate: 1250 Hz}
          - power-spectrum: {window: 500 ms}
        """

    /// Two animals in each of three groups, with the file of the last one broken where asked.
    private func makeStudy(brokenFile: Bool = false) throws -> Scratch {
        let scratch = try Scratch()
        try scratch.write(Self.study, as: "study.yaml")
        try scratch.write(Self.pipeline, as: "pipeline.yaml")
        var table = "recording,file,subject,group\n"
        for (index, group) in ["control", "control", "isolated", "isolated", "dfo", "dfo"].enumerated() {
            _ = try scratch.recording("m\(index).nwb", seconds: 2, seed: UInt64(index + 1))
            table += "r\(index),m\(index).nwb,m\(index),\(group)\n"
        }
        if brokenFile { try scratch.write("nothing", as: "m5.nwb") }
        try scratch.write(table, as: "recordings.csv")
        return scratch
    }

    @Test func aStudyEndsInAVerdictAndItsStepsGiveTheSame() throws {
        let scratch = try makeStudy()
        let whole = try Tool.run("study", "run", "study.yaml", "-o", "out", in: scratch.folder)
        #expect(whole.code == 0, "\(whole.errors)")
        #expect(whole.output.contains("6 recordings: 6 done\n"))
        #expect(whole.output.contains("outcome          treated  rescue index (95 % interval)"))
        #expect(whole.output.hasSuffix("out/normalization.csv\nout/report.html\n"))
        #expect(try Tool.run("verify", "out", in: scratch.folder).code == 0)

        #expect(try Tool.run("study", "plan", "study.yaml", "-o", "steps", in: scratch.folder).output.hasSuffix("6 recordings: 6 pending\n"))
        for name in 0..<6 {
            #expect(try Tool.run("study", "run", "study.yaml", "-o", "steps", "--only", "r\(name)", in: scratch.folder).code == 0)
        }
        #expect(try Tool.run("study", "plan", "study.yaml", "-o", "steps", in: scratch.folder).output.hasSuffix("6 recordings: 6 done\n"))
        #expect(try Tool.run("study", "gather", "study.yaml", "-o", "steps", in: scratch.folder).code == 0)
        #expect(try Tool.run("study", "report", "study.yaml", "-o", "steps", in: scratch.folder).code == 0)
        #expect(try Tool.run("study", "stats", "study.yaml", "--table", "out/outcomes.csv", "-o", "alone", in: scratch.folder).code == 0)
        for name in ["outcomes.csv", "groups.csv", "normalization.csv", "report.html"] {
            #expect(try Data(contentsOf: scratch["out/\(name)"]) == Data(contentsOf: scratch["steps/\(name)"]), "\(name)")
        }
        for name in ["groups.csv", "normalization.csv", "distribution.csv"] {
            #expect(try Data(contentsOf: scratch["out/\(name)"]) == Data(contentsOf: scratch["alone/\(name)"]), "\(name)")
        }
    }

    /// From the table of a gathered study or from any other, the same numbers.
    @Test func powerOfAStudy() throws {
        let scratch = try makeStudy()
        #expect(try Tool.run("study", "run", "study.yaml", "-o", "out", in: scratch.folder).code == 0)
        let gathered = try Tool.run("study", "power", "study.yaml", "-o", "out", "--simulations", "200", in: scratch.folder)
        #expect(gathered.code == 0, "\(gathered.errors)")
        #expect(gathered.output.hasPrefix("outcome"))
        #expect(gathered.output.hasSuffix("out/power.csv\n"))
        let table = try Tool.run("study", "power", "study.yaml", "--table", "out/outcomes.csv", "--simulations", "200", in: scratch.folder)
        #expect(gathered.output == table.output + "out/power.csv\n")
        let json = try Tool.run("study", "power", "study.yaml", "-o", "out", "--simulations", "200", "--json", in: scratch.folder)
        let document = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: [[String: Any]]])
        #expect(document["power"]?.isEmpty == false)
        let next = try Tool.run("study", "power", "study.yaml", "--table", "out/outcomes.csv", "--n", "12", "--simulations", "200", in: scratch.folder)
        #expect(next.output.contains("12, 12, 12"))
        #expect(try Tool.run("study", "power", "study.yaml", "-o", "out", "--n", "1", in: scratch.folder).code == 2)
        let nothing = try Tool.run("study", "power", "study.yaml", in: scratch.folder)
        #expect(nothing.code == 2)
        #expect(nothing.errors.contains("there is no table"))
        #expect(try Tool.run("study", "power", "study.yaml", "-o", "out", "--power", "1.2", in: scratch.folder).code == 2)
        #expect(try Tool.run("study", "power", "study.yaml", "-o", "empty", in: scratch.folder).code == 3)
    }

    @Test func aBrokenFileEndsWithFourAndTheRestIsDone() throws {
        let scratch = try makeStudy(brokenFile: true)
        let finished = try Tool.run("study", "run", "study.yaml", "-o", "out", in: scratch.folder)
        #expect(finished.code == 4)
        #expect(finished.output.contains("6 recordings: 5 done, 1 failed\n"))
        #expect(finished.errors.contains("1 of 6 recordings failed; the rest are done\n  r5: "))
        #expect(scratch.exists("out/normalization.csv") && scratch.exists("out/report.html") && !scratch.exists("out/r5"))

        let json = try Tool.run("study", "gather", "study.yaml", "-o", "out", "--json", in: scratch.folder)
        #expect(json.code == 0)
        let document = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        let recordings = try #require(document["recordings"] as? [[String: Any]])
        #expect(recordings.map { $0["status"] as? String } == ["done", "done", "done", "done", "done", "failed"])
        #expect((recordings.last?["message"] as? String)?.contains("m5.nwb") == true)
        #expect((document["verdicts"] as? [Any])?.count == 2)
    }

    @Test func aRefusedTableEndsWithThreeAndNothingIsMade() throws {
        let scratch = try makeStudy()
        try scratch.write("recording,file,subject,group\nr0,m0.nwb,m0,control\nr1,m9.nwb,m1,isolated\n", as: "other.csv")
        let finished = try Tool.run("study", "run", "study.yaml", "-o", "out", "--recordings", "other.csv", in: scratch.folder)
        #expect(finished.code == 3)
        #expect(finished.errors.contains("other.csv: line 3: there is no file `m9.nwb`"))
        #expect(!scratch.exists("out"))
        #expect(try Tool.run("study", "run", "study.yaml", in: scratch.folder).code == 2)
    }

    @Test func aStudyThatIsStoppedGoesOn() throws {
        let scratch = try makeStudy()
        try Tool.run("study", "run", "study.yaml", "-o", "whole", in: scratch.folder)
        let log = try Scratch()
        let process = try Tool.start(["study", "run", "study.yaml", "-o", "out"], in: scratch.folder, writingTo: log)
        while process.isRunning, !scratch.exists("out/r0/manifest.json") { usleep(2000) }
        process.interrupt()
        process.waitUntilExit()
        #expect(process.terminationStatus == 75)
        #expect(!scratch.exists("out/normalization.csv"))
        let resumed = try Tool.run("study", "run", "study.yaml", "-o", "out", "--resume", in: scratch.folder)
        #expect(resumed.code == 0, "\(resumed.errors)")
        #expect(resumed.output.contains("kept"))
        for name in ["outcomes.csv", "groups.csv", "normalization.csv", "report.html"] {
            #expect(try Data(contentsOf: scratch["out/\(name)"]) == Data(contentsOf: scratch["whole/\(name)"]), "\(name)")
        }
    }
}
