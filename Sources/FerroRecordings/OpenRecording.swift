// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5

/// Opens a recording, telling its format by its content.
///
/// ```swift
/// let recording = try openRecording("rat3.nwb")
/// let signal = try recording.signal(of: recording.series[0].path)
/// let block = try signal.read(0..<30_000, columns: [0, 1], origin: 0)      // microvolts
/// ```
///
/// - Parameter declared: what the file does not say: unit and scale of samples, or a whole layout.
/// - Throws: `FerroError` (input) for a file that is missing, unreadable, cut off, not HDF5, or of a layout that is not read.
package func openRecording(_ path: String, declared: RecordingDeclarations = .none) throws -> any Recording {
    let file = try HDF5File.open(path, allowsExternal: declared.allowsExternal)
    let root = try file.root
    if let layout = declared.layout { return try DeclaredRecording.open(file, layout: layout) }
    if try root.attribute("nwb_version") != nil { return try NWBRecording(file, declared: declared) }
    if let old = try oldNWBVersion(file) {
        throw FerroError.input(
            "this is \(old), a layout of NWB before version 2", at: path, expected: "NWB 2",
            advice: "ask the file's authors for an NWB 2 version, or convert it")
    }
    if try MCSRecording.isOne(file) { return try MCSRecording(file) }
    if try BRWRecording.isOne(file) { return try BRWRecording.open(file) }
    if MaxWellRecording.isOne(file) { return try MaxWellRecording.open(file, declared: declared) }
    if CellMetricsRecording.isOne(file) { return try CellMetricsRecording(file) }
    if file.exists("/spikes"), file.exists("/sCount") { return try SpikeListRecording(file) }
    let held = try root.names()
    let isMATLAB = (try? file.userBlockSize).map { $0 >= 512 } == true
    let name = isMATLAB ? "the layout of this MATLAB v7.3 file is unknown" : "the layout of this HDF5 file is unknown"
    throw FerroError.input(
        name, at: path,
        expected:
            "NWB 2 (an attribute `nwb_version`), a Multi Channel Systems, 3Brain or MaxWell recording, CellExplorer's cell_metrics, a spike list (datasets `/spikes` and `/sCount`), or a layout that the pipeline declares",
        advice: held.isEmpty
            ? "the file is empty"
            : "it holds \(held.prefix(6).joined(separator: ", "))\(held.count > 6 ? ", …" : ""); say in the pipeline's recording section what is what: "
                + "`dataset`, `axes`, `rate`, `unit`, `gain` and `offset`")
}

/// NWB 1 keeps its version in a dataset.
private func oldNWBVersion(_ file: HDF5File) throws -> String? {
    guard file.exists("/nwb_version"), let dataset = try? file.dataset("/nwb_version"), dataset.type.isString else { return nil }
    return try dataset.readStrings().first
}
