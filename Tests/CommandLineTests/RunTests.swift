// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

@Suite struct RunTests {
    private static let pipeline = """
        ferrospike: 1
        stages:
          - bandpass:         {id: ap, low: 300 Hz, high: 6 kHz, order: 3, phase: zero}
          - common-reference: {operator: mean, scope: group}
          - detect-spikes:    {method: locally-exclusive, threshold: 5}
          - detect-bursts:    {}
          - firing:           {}
          - decimate:         {id: lfp, from: recording, rate: 1250 Hz}
          - power-spectrum:   {window: 250 ms}
        """
    private static let files = ["bands.csv", "bursts.csv", "manifest.json", "pipeline.yaml", "result.nwb", "spectra.csv", "units.csv"]

    @Test func aRunLeavesACompleteFolderThatVerifies() throws {
        let scratch = try Scratch()
        let pipeline = try scratch.write(Self.pipeline, as: "p.yaml")
        let finished = try Tool.run("run", pipeline, try scratch.recording("a.nwb"), "-o", scratch.path("out"))
        #expect(finished.code == 0, "\(finished.errors)")
        #expect(finished.output.contains("a: 8 units"))
        #expect(finished.errors.isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path("out")) == ["a"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path("out/a")).sorted() == Self.files)
        let units = try String(contentsOf: scratch["out/a/units.csv"], encoding: .utf8).split(separator: "\n")
        #expect(units.count == 9)
        #expect(units[0].hasPrefix("unit_id,electrode,location,group,observed_s,spike_count,firing_rate_hz,isi_cv,"))
        let manifest = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: scratch["out/a/manifest.json"])) as? [String: Any])
        #expect((manifest["spikes"] as? Int ?? 0) > 40)
        #expect((manifest["gaps"] as? [Any])?.count == 1)
        #expect(!(try String(contentsOf: scratch["out/a/manifest.json"], encoding: .utf8)).contains(scratch.folder.path))

        #expect(try Tool.run("verify", scratch.path("out")).code == 0)
        try Data("x".utf8).write(to: scratch["out/a/units.csv"])
        let changed = try Tool.run("verify", scratch.path("out"))
        #expect(changed.code == 4)
        #expect(changed.output.contains("a: units.csv has changed"))
    }

    @Test func theResolvedPipelineGivesTheSameResult() throws {
        let scratch = try Scratch()
        let pipeline = try scratch.write(Self.pipeline, as: "p.yaml")
        let file = try scratch.recording("a.nwb")
        try Tool.run("run", pipeline, file, "-o", scratch.path("first"))
        #expect(try Tool.run("run", scratch.path("first/a/pipeline.yaml"), file, "-o", scratch.path("second")).code == 0)
        for name in Self.files where name != "manifest.json" {
            #expect(try Data(contentsOf: scratch["first/a/\(name)"]) == Data(contentsOf: scratch["second/a/\(name)"]), "\(name)")
        }
    }

    @Test func howItIsComputedChangesNoByte() throws {
        let scratch = try Scratch()
        let pipeline = try scratch.write(Self.pipeline, as: "p.yaml")
        let file = try scratch.recording("a.nwb", seconds: 3)
        let ways = [["--workers", "1"], ["--workers", "2"], ["--workers", "3", "--blocks-per-read", "4"], ["--workers", "2", "--memory", "150 MB"]]
        for (index, way) in ways.enumerated() {
            #expect(try Tool.run(["run", pipeline, file, "-o", scratch.path("\(index)")] + way).code == 0)
        }
        for index in ways.indices.dropFirst() {
            for name in Self.files where name != "manifest.json" {
                #expect(try Data(contentsOf: scratch["0/a/\(name)"]) == Data(contentsOf: scratch["\(index)/a/\(name)"]), "\(name) with \(ways[index])")
            }
        }
    }

    @Test func oneBadFileDoesNotStopTheRest() throws {
        let scratch = try Scratch()
        let pipeline = try scratch.write(Self.pipeline, as: "p.yaml")
        let bad = try scratch.write("not HDF5", as: "bad.nwb")
        let finished = try Tool.run("run", pipeline, bad, try scratch.recording("good.nwb"), "-o", scratch.path("out"), "--json")
        #expect(finished.code == 4)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path("out")) == ["good"])
        let json = try #require(try JSONSerialization.jsonObject(with: Data(finished.output.utf8)) as? [String: Any])
        let recordings = try #require(json["recordings"] as? [[String: Any]])
        #expect(recordings.map { $0["status"] as? String } == ["failed", "done"])
        #expect((recordings[0]["message"] as? String)?.contains("bad.nwb") == true)

        let alone = try Tool.run("run", pipeline, bad, "-o", scratch.path("out"))
        #expect(alone.code == 3)
        #expect(alone.errors.contains(bad))
    }

    @Test func aPipelineThatDoesNotFitTheRecordingNamesBoth() throws {
        let scratch = try Scratch()
        let pipeline = try scratch.write("ferrospike: 1\nstages:\n  - highpass: {cutoff: 20 kHz}\n  - detect-spikes: {}\n", as: "p.yaml")
        let finished = try Tool.run("run", pipeline, try scratch.recording("a.nwb"), "-o", scratch.path("out"))
        #expect(finished.code == 2)
        #expect(finished.errors.contains("p.yaml:3:24"))
        #expect(finished.errors.contains("a.nwb"))
        #expect(!scratch.exists("out/a"))
    }

    @Test func resumeKeepsWhatIsFinishedAndRepeatsWhatIsNot() throws {
        let scratch = try Scratch()
        let pipeline = try scratch.write(Self.pipeline, as: "p.yaml")
        let arguments = ["run", pipeline, try scratch.recording("a.nwb"), try scratch.recording("b.nwb", seed: 2), "-o", scratch.path("out"), "--resume"]
        try Tool.run(arguments)
        let written = try Data(contentsOf: scratch["out/a/manifest.json"])
        try FileManager.default.removeItem(at: scratch["out/b/bursts.csv"])
        let again = try Tool.run(arguments)
        #expect(again.code == 0)
        #expect(again.output.contains("a: ") && again.output.contains("kept"))
        #expect(try Data(contentsOf: scratch["out/a/manifest.json"]) == written)
        #expect(scratch.exists("out/b/bursts.csv"))
    }

    @Test func whatHasNoManifestIsNotFinished() throws {
        let scratch = try Scratch()
        let pipeline = try scratch.write(Self.pipeline, as: "p.yaml")
        let arguments = ["run", pipeline, try scratch.recording("a.nwb"), "-o", scratch.path("out"), "--resume"]
        try Tool.run(arguments)
        #expect(try Tool.run(arguments).output.contains("kept"))
        try FileManager.default.removeItem(at: scratch["out/a/manifest.json"])
        #expect(try Tool.run("verify", scratch.path("out")).code == 4)
        let again = try Tool.run(arguments)
        #expect(again.code == 0 && !again.output.contains("kept"))
        #expect(try Tool.run("verify", scratch.path("out")).code == 0)
    }

    @Test func aFileNamedByDotsHasAFolderOfItsOwn() throws {
        let scratch = try Scratch()
        let pipeline = try scratch.write(Self.pipeline, as: "p.yaml")
        let finished = try Tool.run("run", pipeline, try scratch.recording("..nwb", seconds: 1), "-o", scratch.path("out"))
        #expect(finished.code == 0, "\(finished.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path("out")) == ["..nwb"])
    }

    @Test func anOutputThatCannotBeWrittenIsRefused() throws {
        let scratch = try Scratch()
        let pipeline = try scratch.write(Self.pipeline, as: "p.yaml")
        let taken = try scratch.write("a file", as: "taken")
        let finished = try Tool.run("run", pipeline, try scratch.recording("a.nwb"), "-o", taken)
        #expect(finished.code == 3)
        #expect(finished.errors.contains("taken"))
        #expect(try String(contentsOf: scratch["taken"], encoding: .utf8) == "a file")
    }

    @Test func anInterruptedRunEndsWith75AndLeavesNothingThatLooksFinished() throws {
        let scratch = try Scratch()
        let pipeline = try scratch.write(Self.pipeline, as: "p.yaml")
        let files = try (0..<6).map { try scratch.recording("\($0).nwb", seconds: 12, seed: UInt64($0)) }
        let logs = try Scratch()
        let process = try Tool.start(["run", pipeline] + files + ["-o", scratch.path("out"), "--workers", "1"], in: nil, writingTo: logs)
        // As soon as the first recording is there, work on the others is under way.
        while process.isRunning, !scratch.exists("out/0") { usleep(2000) }
        process.terminate()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit)
        #expect(process.terminationStatus == 75)
        let left = try FileManager.default.contentsOfDirectory(atPath: scratch.path("out"))
        #expect(!left.isEmpty && left.count < files.count)
        for name in left { #expect(scratch.exists("out/\(name)/manifest.json")) }
        #expect(try Tool.run("verify", scratch.path("out")).code == 0)
    }
}
