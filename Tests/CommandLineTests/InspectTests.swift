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
