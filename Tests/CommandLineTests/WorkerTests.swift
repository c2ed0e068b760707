// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

/// What happens to a batch when the process that reads a recording crashes, hangs or is left alone.
@Suite struct WorkerTests {
    /// With so many filters that a few seconds of recording take their time.
    private static let pipeline =
        "ferrospike: 1\nstages:\n" + String(repeating: "  - bandpass: {low: 300 Hz, high: 6 kHz, order: 8}\n", count: 40) + "  - detect-spikes: {}\n"

    /// A batch under way, and the process that reads for it.
    private struct Batch {
        let scratch: Scratch
        let logs = try? Scratch()
        let files: [String]
        let process: Process

        init(files count: Int, seconds: Double, _ options: [String] = []) throws {
            scratch = try Scratch()
            let folder = scratch
            let pipeline = try scratch.write(WorkerTests.pipeline, as: "p.yaml")
            files = try (0..<count).map { try folder.recording("\($0).nwb", seconds: seconds, seed: UInt64($0)) }
            let logs = try #require(logs)
            process = try Tool.start(
                ["run", pipeline] + files + ["-o", scratch.path("out"), "--workers", "1", "--json"] + options, in: nil, writingTo: logs)
        }

        /// Waits until the results of a recording are being written to.
        func waitUntilUnderWay(_ number: Int) {
            while process.isRunning, !scratch.exists("out/.\(number).unfinished") { usleep(500) }
        }

        /// The child of the command, as Linux lists it.
        var worker: pid_t? {
            let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            return all.compactMap { pid_t($0) }.first { candidate in
                guard let stat = try? String(contentsOfFile: "/proc/\(candidate)/stat", encoding: .utf8), let name = stat.lastIndex(of: ")")
                else { return false }
                let fields = stat[name...].split(separator: " ")
                return fields.count > 2 && fields[2] == "\(process.processIdentifier)"
            }
        }

        func statuses() throws -> [(status: String, message: String)] {
            let output = try Data(contentsOf: try #require(logs)["output"])
            let json = try #require(try JSONSerialization.jsonObject(with: output) as? [String: Any])
            return try #require(json["recordings"] as? [[String: Any]]).map { ($0["status"] as? String ?? "", $0["message"] as? String ?? "") }
        }
    }

    /// Two files of fixtures/broken on which HDF5 1.10 itself crashes and hangs; a library that has learnt to refuse them does as well.
    @Test func filesThatCrashAndHangTheLibraryCostThemselvesAlone() throws {
        let scratch = try Scratch()
        let broken = Tool.root.appending(path: "fixtures/broken")
        let (crash, hang) = (broken.appending(path: "crash.h5").path, broken.appending(path: "hang.h5").path)
        let pipeline = try scratch.write("ferrospike: 1\nstages:\n  - detect-spikes: {}\n", as: "p.yaml")
        let files = [try scratch.recording("first.nwb"), crash, hang, try scratch.recording("last.nwb")]
        let finished = try Tool.run(["run", pipeline] + files + ["-o", scratch.path("out"), "--open-limit", "1 s"])
        #expect(finished.code == 4)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path("out")).sorted() == ["first", "last"])
        let said = finished.errors.split(separator: "\n")
        for file in [crash, hang] { #expect(said.contains { $0.hasPrefix("ferrospike: \(file): ") }, "\(said)") }
        for file in [crash, hang] {
            let inspected = try Tool.run("inspect", file, "--open-limit", "1 s")
            #expect(inspected.code == 3)
            #expect(inspected.errors.hasPrefix("ferrospike: \(file): "))
        }
    }

    @Test func aCrashCostsTheRecordingThatWasBeingRead() throws {
        let batch = try Batch(files: 3, seconds: 4)
        batch.waitUntilUnderWay(0)
        kill(try #require(batch.worker), SIGSEGV)
        batch.process.waitUntilExit()
        #expect(batch.process.terminationStatus == 4)
        let statuses = try batch.statuses()
        #expect(statuses.map(\.status) == ["failed", "done", "done"])
        #expect(statuses[0].message.hasPrefix("\(batch.files[0]): the process that read the file crashed (SIGSEGV)"), "\(statuses[0].message)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: batch.scratch.path("out")).sorted() == ["1", "2"])
    }

    @Test func aRecordingDoesNotPayForTheProcessThatReadOthersBefore() throws {
        let batch = try Batch(files: 3, seconds: 4)
        batch.waitUntilUnderWay(1)
        kill(try #require(batch.worker), SIGABRT)
        batch.process.waitUntilExit()
        #expect(batch.process.terminationStatus == 0)
        #expect(try batch.statuses().map(\.status) == ["done", "done", "done"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: batch.scratch.path("out")).sorted() == ["0", "1", "2"])
    }

    @Test func readingThatStandsStillIsGivenUp() throws {
        let batch = try Batch(files: 2, seconds: 4, ["--open-limit", "0.2 s"])
        batch.waitUntilUnderWay(0)
        kill(try #require(batch.worker), SIGSTOP)
        batch.process.waitUntilExit()
        #expect(batch.process.terminationStatus == 4)
        let statuses = try batch.statuses()
        #expect(statuses.map(\.status) == ["failed", "done"])
        #expect(statuses[0].message.contains("0.nwb: reading the file stood still for 2 s"), "\(statuses[0].message)")
    }

    @Test func openingThatHangsIsGivenUp() throws {
        let scratch = try Scratch()
        // Nobody ever writes to it, so that opening it for reading waits for ever.
        let hanging = scratch.path("hanging.nwb")
        #expect(mkfifo(hanging, 0o600) == 0)
        let pipeline = try scratch.write(Self.pipeline, as: "p.yaml")
        let finished = try Tool.run("run", pipeline, hanging, try scratch.recording("good.nwb"), "-o", scratch.path("out"), "--open-limit", "0.5 s")
        #expect(finished.code == 4)
        #expect(finished.errors.contains("\(hanging): opening the file took longer than 500 ms"), "\(finished.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path("out")) == ["good"])

        let inspected = try Tool.run("inspect", hanging, "--open-limit", "500 ms")
        #expect(inspected.code == 3)
        #expect(inspected.errors.contains(hanging))
        let asJSON = try Tool.run("inspect", hanging, "--open-limit", "500 ms", "--json")
        #expect(asJSON.code == 3)
        #expect(asJSON.output.contains("opening the file took longer than 500 ms"))
        #expect(try Tool.run("inspect", hanging, "--open-limit", "5").code == 2)
    }

    @Test func aWorkerDoesNotOutliveTheCommand() throws {
        let batch = try Batch(files: 1, seconds: 8)
        batch.waitUntilUnderWay(0)
        let worker = try #require(batch.worker)
        kill(batch.process.processIdentifier, SIGKILL)
        batch.process.waitUntilExit()
        for _ in 0..<2000 where kill(worker, 0) == 0 { usleep(5000) }
        #expect(kill(worker, 0) != 0)
        #expect(!batch.scratch.exists("out/0"))
    }

    @Test func aWorkerThatIsTerminatedAloneEndsTheBatchAsInterrupted() throws {
        let batch = try Batch(files: 3, seconds: 4)
        batch.waitUntilUnderWay(0)
        kill(try #require(batch.worker), SIGTERM)
        batch.process.waitUntilExit()
        #expect(batch.process.terminationStatus == 75)
        #expect(try FileManager.default.contentsOfDirectory(atPath: batch.scratch.path("out")).isEmpty)
    }
}
