// SPDX-License-Identifier: GPL-3.0-or-later
import FerroHDF5
import Foundation

/// A folder of its own for a test, gone when the test is.
final class ScratchFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "ferro-study-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    func write(_ text: String, as name: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: file(name))) }

    func text(_ name: String) throws -> String { try String(contentsOfFile: file(name), encoding: .utf8) }

    /// A spike list of units that fire evenly at the given rates for 100 s.
    func writeSpikeList(_ name: String, rates: [Double]) throws {
        let seconds = 100.0
        let trains = rates.map { rate in (0..<Int((rate * seconds).rounded())).map { (Double($0) + 0.5) / rate } }
        let file = try HDF5File.create(self.file(name))
        let root = try file.root
        try root.write("spikes", trains.flatMap { $0 })
        try root.write("sCount", trains.map { Int64($0.count) })
        try root.write("names", strings: rates.indices.map { "u\($0 + 1)" })
        try root.write("recordingtime", [0, seconds])
        try file.close()
    }
}
