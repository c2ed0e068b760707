// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

/// What it costs when there is no room for what is written. A limit on the size of files takes the place of a disk that is full: the system refuses
/// to write on in both.
@Suite struct FullDiskTests {
    private func run(_ arguments: [String], fileLimit kilobytes: Int) throws -> Tool.Finished {
        let logs = try Scratch()
        for name in ["output", "errors"] { try Data().write(to: logs[name]) }
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", "ulimit -f \(kilobytes); exec \"$@\"", "bash", Tool.binary.path] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: logs["output"])
        process.standardError = try FileHandle(forWritingTo: logs["errors"])
        try process.run()
        process.waitUntilExit()
        return Tool.Finished(
            code: process.terminationStatus, output: try String(contentsOf: logs["output"], encoding: .utf8),
            errors: try String(contentsOf: logs["errors"], encoding: .utf8))
    }

    @Test(arguments: ["nwb", "nwb, compression: 0", "binary"])
    func aSignalThatFindsNoRoomFailsItsRecordingAndNoOther(_ format: String) throws {
        let scratch = try Scratch()
        let files = [try scratch.recording("short.nwb", seconds: 1), try scratch.recording("long.nwb", seconds: 20)]
        let pipeline = try scratch.write(
            "ferrospike: 1\nstages:\n  - write-signal: {id: raw, format: \(format)}\n  - detect-spikes: {}\n", as: "p.yaml")
        let finished = try run(["run", pipeline] + files + ["-o", scratch.path("out"), "--workers", "1"], fileLimit: 2600)
        #expect(finished.code == 4)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path("out")) == ["short"])
        let said = finished.errors.split(separator: "\n").filter { $0.contains("the file would be larger than the system allows") }
        #expect(said.count == 1 && said[0].contains(files[1]) && said[0].contains("raw"), "\(finished.errors)")
        #expect(try Tool.run("verify", scratch.path("out")).code == 0)
        // With room, the rest is done and what is whole stays.
        let again = try Tool.run(["run", pipeline] + files + ["-o", scratch.path("out"), "--resume"])
        #expect(again.code == 0, "\(again.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path("out")).sorted() == ["long", "short"])
    }

    @Test func aCopyThatFindsNoRoomLeavesNothing() throws {
        let scratch = try Scratch()
        let file = try scratch.recording("long.nwb", seconds: 12)
        let finished = try run(["convert", file, "-o", scratch.path("copy.nwb")], fileLimit: 500)
        #expect(finished.code == 3)
        #expect(finished.errors.contains("the file would be larger than the system allows"), "\(finished.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path) == ["long.nwb"])
    }
}
