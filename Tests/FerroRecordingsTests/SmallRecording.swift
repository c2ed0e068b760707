// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5
import FerroRecordings
import Foundation
import Testing

/// A folder of its own for a test, gone when the test is.
final class ScratchFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "ferro-recordings-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }
}

/// A sound NWB file of one series, 20 frames of 2 channels of int16 at 1 kHz; `spoil` changes it before it is closed.
func makeNWB(
    _ folder: ScratchFolder, _ name: String = "small.nwb", data: (HDF5Group) throws -> Void = writeCounts, hasTimes: Bool = true,
    region: [Int64]? = [1, 0], spoil: (HDF5File) throws -> Void = { _ in }
) throws -> String {
    let path = folder.file(name)
    let file = try HDF5File.create(path)
    let root = try file.root
    try root.setAttribute("nwb_version", "2.6.0")
    try root.write("identifier", string: "small")
    let table = try root.createGroup("general/extracellular_ephys/electrodes")
    try table.write("id", [Int64(0), 1, 2])
    try table.write("location", strings: ["CA1", "vCA1", "DG"])
    let series = try root.createGroup("acquisition/ElectricalSeries")
    try series.setAttribute("neurodata_type", "ElectricalSeries")
    try data(series)
    if hasTimes { try series.write("starting_time", scalar: 0.0).setAttribute("rate", .double(1000)) }
    if let region {
        try series.write("electrodes", region)
            .setAttribute("table", .reference(file.reference(to: "/general/extracellular_ephys/electrodes")))
    }
    try spoil(file)
    try file.close()
    return path
}

let smallSeries = "/acquisition/ElectricalSeries"

/// Sample (frame, channel) is frame × 10 + channel microvolts.
func writeCounts(_ series: HDF5Group) throws {
    let counts = (0..<20).flatMap { frame in (0..<2).map { Int16(frame * 10 + $0) } }
    let data = try series.write("data", counts, shape: [20, 2])
    try data.setAttribute("unit", "volts")
    try data.setAttribute("conversion", .double(1e-6))
}

func refusal(_ body: () throws -> Void) -> FerroError? {
    do {
        try body()
        return nil
    } catch { return error as? FerroError }
}

/// The repository's `fixtures/` folder.
let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("fixtures").path
