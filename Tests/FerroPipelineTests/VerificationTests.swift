// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5
import FerroPipeline
import Foundation
import Testing

/// Results on disk against their manifests.
@Suite("Verification")
struct VerificationTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    /// Results of two small spike lists.
    private func results() async throws -> String {
        let pipeline = try Pipeline.parse("ferrospike: 1\nstages: [import-units, detect-bursts, firing]\n")
        var files: [String] = []
        for name in ["a", "b"] {
            let path = folder.file(name + ".h5")
            let file = try HDF5File.create(path)
            try file.root.write("spikes", [0.5, 0.505, 2.0, 1.0, 4.0])
            try file.root.write("sCount", [Int64(3), 2])
            try file.root.write("recordingtime", [0.0, 10.0])
            try file.close()
            files.append(path)
        }
        let entries = try await BatchRun(pipeline: pipeline, files: files, output: folder.file("out")).start { _ in }
        #expect(BatchRun.exitCode(of: entries) == 0)
        return folder.file("out")
    }

    private func problems(_ path: String) throws -> [String: [String]] {
        Dictionary(uniqueKeysWithValues: try Verification.verify(path).map { ($0.folder, $0.problems) })
    }

    @Test("what a run leaves is complete and unchanged, for the whole folder and for one recording")
    func sound() async throws {
        let out = try await results()
        #expect(try problems(out) == ["a": [], "b": []])
        #expect(try problems(out + "/a") == [".": []])
    }

    @Test("a changed file, a missing file and a missing manifest are named")
    func spoilt() async throws {
        let out = try await results()
        let changed = out + "/a/units.csv"
        try (String(contentsOfFile: changed, encoding: .utf8) + "x").write(toFile: changed, atomically: true, encoding: .utf8)
        #expect(try problems(out) == ["a": ["units.csv has changed since it was written"], "b": []])
        try FileManager.default.removeItem(atPath: changed)
        #expect(try problems(out)["a"] == ["units.csv is missing"])
        try FileManager.default.removeItem(atPath: out + "/b/manifest.json")
        #expect(try problems(out)["b"] == ["there is no manifest, so the recording is not finished"])
        try "{}".write(toFile: out + "/b/manifest.json", atomically: true, encoding: .utf8)
        #expect(try problems(out)["b"] == ["the manifest is not one of Ferrospike's"])
    }

    @Test("what an interrupted run left is no result")
    func unfinished() async throws {
        let out = try await results()
        try FileManager.default.moveItem(atPath: out + "/b", toPath: out + "/.b.unfinished")
        #expect(try problems(out) == ["a": [], ".b.unfinished": ["an interrupted run left this behind; it holds no results"]])
    }

    @Test("a folder that is not there or holds no results is refused")
    func nothing() throws {
        #expect(throws: FerroError.self) { try Verification.verify(folder.file("none")) }
        try FileManager.default.createDirectory(atPath: folder.file("empty"), withIntermediateDirectories: true)
        let error = #expect(throws: FerroError.self) { try Verification.verify(folder.file("empty")) }
        #expect(error?.what == "the folder holds no results")
        #expect(error?.kind == .input)
    }
}

/// A folder of its own for a test, gone when the test is.
final class ScratchFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "ferro-pipeline-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }
}
