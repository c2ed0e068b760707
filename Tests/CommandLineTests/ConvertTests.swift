// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

@Suite struct ConvertTests {
    @Test func aRecordingBecomesNWB() throws {
        let scratch = try Scratch()
        let file = try scratch.recording("a.nwb", seconds: 1)
        let finished = try Tool.run("convert", file, "-o", scratch.path("b.nwb"))
        #expect(finished.code == 0, "\(finished.errors)")
        #expect(finished.output.hasPrefix("/acquisition/ElectricalSeries -> /acquisition/ElectricalSeries: 8 channels, 30000 frames, int16\n"))
        let range = ["--series", "/acquisition/ElectricalSeries", "--samples", "14000:16000"]
        let (before, after) = (try Tool.run(["inspect", file] + range), try Tool.run(["inspect", scratch.path("b.nwb")] + range))
        #expect(before.code == 0 && before.output == after.output)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path).sorted() == ["a.nwb", "b.nwb"])

        let again = try Tool.run("convert", file, "-o", scratch.path("b.nwb"))
        #expect(again.code == 3)
        #expect(again.errors.contains("the output is there already"))
    }

    @Test func theSameInputMakesTheSameBytes() throws {
        let scratch = try Scratch()
        let file = Tool.root.appending(path: "fixtures/formats/mcs.h5").path
        for name in ["1.nwb", "2.nwb"] { #expect(try Tool.run("convert", file, "-o", scratch.path(name), "--json").code == 0) }
        #expect(try Data(contentsOf: scratch["1.nwb"]) == Data(contentsOf: scratch["2.nwb"]))
    }

    @Test func whatCannotBeConvertedLeavesNothing() throws {
        let scratch = try Scratch()
        let broken = Tool.root.appending(path: "fixtures/broken")
        for (name, words) in [("crash.h5", "crash.h5: "), ("hang.h5", "hang.h5: ")] {
            let finished = try Tool.run("convert", broken.appending(path: name).path, "-o", scratch.path("out.nwb"), "--open-limit", "1 s")
            #expect(finished.code == 3)
            #expect(finished.errors.contains(words))
        }
        let file = try scratch.recording("a.nwb", seconds: 1)
        let unknown = try Tool.run("convert", file, "-o", scratch.path("out.nwb"), "--series", "/acquisition/ElectricalSerie")
        #expect(unknown.code == 3)
        #expect(unknown.errors.contains("did you mean /acquisition/ElectricalSeries?"))
        let noName = try Tool.run("convert", file, "-o", scratch.path("out"))
        #expect(noName.code == 2)
        #expect(noName.errors.contains("a file name that ends in .nwb"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path) == ["a.nwb"])
    }
}
