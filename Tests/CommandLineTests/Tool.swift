// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings
import Foundation

/// The built command line, run as a user runs it.
enum Tool {
    struct Finished {
        var code: Int32
        var output: String
        var errors: String
    }

    static let binary = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "ferrospike")
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @discardableResult
    static func run(_ arguments: String..., in folder: URL? = nil) throws -> Finished { try run(arguments, in: folder) }

    @discardableResult
    static func run(_ arguments: [String], in folder: URL? = nil) throws -> Finished {
        let scratch = try Scratch()
        let process = try start(arguments, in: folder, writingTo: scratch)
        process.waitUntilExit()
        return Finished(
            code: process.terminationStatus, output: try String(contentsOf: scratch["output"], encoding: .utf8),
            errors: try String(contentsOf: scratch["errors"], encoding: .utf8))
    }

    /// Output goes to files, which never fill up as pipes do.
    static func start(_ arguments: [String], in folder: URL?, writingTo scratch: Scratch) throws -> Process {
        let process = Process()
        process.executableURL = binary
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        for name in ["output", "errors"] { try Data().write(to: scratch[name]) }
        process.standardOutput = try FileHandle(forWritingTo: scratch["output"])
        process.standardError = try FileHandle(forWritingTo: scratch["errors"])
        try process.run()
        return process
    }
}

/// A folder that is gone when nobody holds it any more.
final class Scratch: Sendable {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "ferrospike-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    subscript(_ name: String) -> URL { folder.appending(path: name) }
    func path(_ name: String) -> String { self[name].path }

    @discardableResult
    func write(_ text: String, as name: String) throws -> String {
        try Data(text.utf8).write(to: self[name])
        return path(name)
    }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    /// A recording of noise with spikes, 8 channels 20 um apart at 30 kHz, and a gap in the middle.
    func recording(_ name: String, seconds: Double = 2, seed: UInt64 = 1) throws -> String {
        let rate = try SampleRate(hertz: 30_000)
        let frames = Int(seconds * rate.hertz)
        let channels = 8
        let electrodes = (0..<channels).map {
            Electrode(id: "\($0)", location: "vCA1", group: "shank0", position: SIMD3(0, Double($0) * 20, 0))
        }
        let segments = [Segment(frames: 0..<frames / 2, start: 0), Segment(frames: frames / 2..<frames, start: seconds + 1)]
        let writer = try NWBRecordingWriter(
            path: path(name), session: NWBSession(identifier: name, description: "noise with spikes"), electrodes: electrodes, rate: rate,
            segments: segments, conversion: 1.95e-7, description: "noise with spikes", deviceDescription: "none")
        var generator = SeededGenerator(seed: seed)
        var counts = (0..<frames * channels).map { _ in Int16((0..<4).reduce(0.0) { sum, _ in sum + generator.uniform() - 0.5 } * 60) }
        for _ in 0..<Int(40 * seconds) {
            let (frame, channel) = (generator.index(below: frames - 20), generator.index(below: channels))
            for (step, depth) in [200, 900, 600, 200, -150, -250, -150].enumerated() { counts[(frame + step) * channels + channel] -= Int16(depth) }
        }
        try writer.append(counts)
        try writer.finish()
        return path(name)
    }
}
