// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

@Suite struct InspectTests {
    @Test func jsonSaysWhatIsInARecording() throws {
        let scratch = try Scratch()
        let file = try scratch.recording("a.nwb")
        let finished = try Tool.run("inspect", file, "--json")
        #expect(finished.code == 0)
        let json = try #require(try JSONSerialization.jsonObject(with: Data(finished.output.utf8)) as? [String: Any])
        #expect(json["format"] as? String == "nwb")
        #expect(json["units"] is NSNull)
        let series = try #require((json["series"] as? [[String: Any]])?.first)
        #expect(series["path"] as? String == "/acquisition/ElectricalSeries")
        #expect(series["channels"] as? Int == 8)
        #expect(series["frames"] as? Int == 60_000)
        #expect(series["unit"] as? String == "uV")
        let segments = try #require(series["segments"] as? [[String: Any]])
        #expect(segments.map { $0["first_frame"] as? Int } == [0, 30_000])
        #expect(segments.map { $0["start_s"] as? Double } == [0, 3])
    }

    @Test func samplesAreMicrovoltsOneColumnAChannel() throws {
        let scratch = try Scratch()
        let file = try scratch.recording("a.nwb")
        let finished = try Tool.run("inspect", file, "--series", "/acquisition/ElectricalSeries", "--samples", "5:8")
        #expect(finished.code == 0)
        let rows = finished.output.split(separator: "\n").map { $0.split(separator: ",") }
        #expect(rows.count == 4)
        #expect(rows[0] == ["0", "1", "2", "3", "4", "5", "6", "7"])
        let step = Double(Float(1.95e-7)) * 1e6
        for value in try rows.dropFirst().joined().map({ try #require(Double($0)) }) {
            let counts = value / step
            #expect(abs(counts - counts.rounded()) < 1e-3)
        }
    }

    @Test func jsonNamesTheRefusalOfAFileThatCannotBeOpened() throws {
        let scratch = try Scratch()
        let text = try scratch.write("not HDF5", as: "notes.nwb")
        for file in [text, scratch.path("missing.nwb")] {
            let finished = try Tool.run("inspect", file, "--json")
            #expect(finished.code == 3)
            let json = try #require(try JSONSerialization.jsonObject(with: Data(finished.output.utf8)) as? [String: Any])
            #expect(json["format"] is NSNull)
            #expect((json["series"] as? [Any])?.isEmpty == true)
            let problems = try #require(json["problems"] as? [[String: String]])
            #expect(problems.map { $0["severity"] } == ["refusal"])
            #expect(problems[0]["message"]?.contains(file) == true)
        }
    }

    @Test func aPipelineDeclaresWhatTheFileDoesNotSay() throws {
        let scratch = try Scratch()
        let file = Tool.root.path + "/fixtures/formats/declared.h5"
        let bare = try Tool.run("inspect", file)
        #expect(bare.code == 3)
        #expect(bare.errors.contains("say in the pipeline's recording section what is what"))
        func inspect(_ unit: String) throws -> Tool.Finished {
            let pipeline = try scratch.write(
                "ferrospike: 1\nrecording: {dataset: /Recording/Signal, axes: [time, channel], rate: 25 kHz, unit: \(unit), gain: 0.195, offset: 0}\nstages: [detect-spikes]\n",
                as: "declared-\(unit).yaml")
            return try Tool.run("inspect", file, "--pipeline", pipeline)
        }
        let declared = try inspect("uV")
        #expect(declared.code == 0)
        #expect(declared.output.contains("3 channels, 25000 Hz, 40 frames"))
        // A thousand times as much is no extracellular voltage.
        let wrong = try inspect("mV")
        #expect(wrong.code == 3)
        #expect(wrong.output.contains("refused: /Recording/Signal: electrode"))
        #expect(wrong.output.contains("largest-voltage"))
    }

    @Test func aRunReadsADeclaredLayoutAndNeverOtherFilesUnasked() throws {
        let scratch = try Scratch()
        let pipeline = try scratch.write(
            "ferrospike: 1\nrecording: {dataset: /signal, axes: [time, channel], rate: 1 kHz, unit: uV, gain: 0.5, offset: 0}\nstages: [power-spectrum: {window: 10 ms, method: welch}]\n",
            as: "declared.yaml")
        let done = try Tool.run("run", pipeline, Tool.root.path + "/fixtures/formats/stored-fletcher32.h5", "-o", scratch.path("out"))
        #expect(done.code == 0, "\(done.errors)")
        let refused = try Tool.run("run", pipeline, Tool.root.path + "/fixtures/formats/external-link.h5", "-o", scratch.path("out"))
        #expect(refused.code == 3)
        #expect(refused.errors.contains("--allow-external"))
        let allowed = try Tool.run("run", pipeline, Tool.root.path + "/fixtures/formats/external-link.h5", "-o", scratch.path("out"), "--allow-external")
        #expect(allowed.code == 0, "\(allowed.errors)")
    }

    @Test func whatIsNoRecordingIsRefusedByName() throws {
        let scratch = try Scratch()
        let text = try scratch.write("not HDF5", as: "notes.nwb")
        let whole = try Data(contentsOf: URL(filePath: try scratch.recording("a.nwb")))
        try whole.prefix(whole.count / 2).write(to: scratch["cut.nwb"])
        for file in [text, scratch.path("cut.nwb"), scratch.path("missing.nwb")] {
            let finished = try Tool.run("inspect", file)
            #expect(finished.code == 3)
            #expect(finished.errors.contains(file))
            #expect(finished.output.isEmpty)
        }
    }
}
