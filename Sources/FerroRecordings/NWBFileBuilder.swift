// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5
import Foundation

/// What an NWB file says about its session. Without a start time the file says 1970-01-01T00:00:00Z, because NWB demands one.
package struct NWBSession: Sendable, Equatable {
    package var identifier: String
    package var description: String
    /// ISO 8601.
    package var start: String?
    package var subject: NWBSubject?

    package init(identifier: String, description: String, start: String? = nil, subject: NWBSubject? = nil) {
        self.identifier = identifier
        self.description = description
        self.start = start
        self.subject = subject
    }
}

/// The animal; nil is what is not known and not written.
package struct NWBSubject: Sendable, Equatable {
    package var id: String?
    /// Latin binomial.
    package var species: String?
    /// `M`, `F`, `O` or `U`.
    package var sex: String?
    /// ISO 8601 duration since birth.
    package var age: String?
    package var description: String?

    package init(id: String? = nil, species: String? = nil, sex: String? = nil, age: String? = nil, description: String? = nil) {
        self.id = id
        self.species = species
        self.sex = sex
        self.age = age
        self.description = description
    }
}

/// A new NWB file, built beside its final place and moved there when it is complete.
///
/// Equal contents make equal bytes: ids follow from names, times from the session, and HDF5 records none of its own.
/// The cached copy of the schema that PyNWB writes is left out; readers use the one they bring.
final class NWBFileBuilder {
    static let electrodesPath = "/general/extracellular_ephys/electrodes"
    let file: HDF5File
    let identity: String
    private let path: String
    private let temporary: String
    private var isFinished = false

    /// - Throws: `FerroError` (input) where the folder cannot be written to.
    init(path: String, session: NWBSession) throws {
        self.path = path
        let folder = (path as NSString).deletingLastPathComponent
        temporary = NWBFileBuilder.temporary(for: path)
        identity = session.identifier
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder.isEmpty ? "." : folder, isDirectory: &isFolder), isFolder.boolValue else {
            throw FerroError.input("there is no folder to write to", at: path, advice: "create `\(folder)` first")
        }
        file = try HDF5File.create(temporary)
        do { try writeHeader(session) } catch {
            discard()
            throw error
        }
    }

    /// Where a file is written until it is complete.
    static func temporary(for path: String) -> String {
        let (folder, name) = ((path as NSString).deletingLastPathComponent, (path as NSString).lastPathComponent)
        return (folder as NSString).appendingPathComponent(".\(name).partial")
    }

    deinit { discard() }

    /// Completes the file and gives it its name.
    func finish() throws {
        try file.close()
        guard rename(temporary, path) == 0 else {
            throw FerroError.input("the finished file cannot be renamed: \(String(cString: strerror(errno)))", at: path)
        }
        isFinished = true
    }

    /// Removes what was written, unless it was finished.
    private func discard() {
        guard !isFinished else { return }
        isFinished = true
        file.discard()
        try? FileManager.default.removeItem(atPath: temporary)
    }

    private func writeHeader(_ session: NWBSession) throws {
        let root = try file.root
        try root.mark(.core("NWBFile"), identity: identity, path: "/")
        try root.setAttribute("nwb_version", NWBSchema.version)
        let start = NWBFileBuilder.zoned(session.start ?? "1970-01-01T00:00:00Z")
        for group in ["acquisition", "analysis", "general", "intervals", "processing", "stimulus/presentation", "stimulus/templates"] {
            try root.createGroup(group)
        }
        try root.write("file_create_date", strings: [start])
        try root.write("identifier", string: session.identifier)
        try root.write("session_description", string: session.description)
        try root.write("session_start_time", string: start)
        try root.write("timestamps_reference_time", string: start)
        guard let subject = session.subject else { return }
        let group = try root.createGroup("general/subject")
        try group.mark(.core("Subject"), identity: identity, path: group.path)
        let facts = [
            ("subject_id", subject.id), ("species", subject.species), ("sex", subject.sex), ("age", subject.age),
            ("description", subject.description),
        ]
        for case (let name, let value?) in facts { try group.write(name, string: value) }
        if subject.age != nil { try group.dataset("age").setAttribute("reference", "birth") }
    }

    /// NWB demands a time zone: where the text has none, it is taken as UTC.
    private static func zoned(_ text: String) -> String {
        guard let time = text.firstIndex(of: "T") else { return text.count == 10 ? text + "T00:00:00Z" : text }
        let clock = text[time...]
        return clock.contains("Z") || clock.contains("+") || clock.contains("-") ? text : text + "Z"
    }

    // MARK: Electrodes

    /// What the electrodes table says of an electrode whose area or group is not known.
    static let notGiven = "not given"

    /// Writes a device, a group of electrodes per `group`, and the electrodes table. Requires at least one electrode.
    func writeElectrodes(_ electrodes: [Electrode], device: String, deviceDescription: String) throws {
        let root = try file.root
        let devicePath = "/general/devices/\(device)"
        let made = try root.createGroup(devicePath)
        try made.mark(.core("Device"), identity: identity, path: devicePath)
        try made.setAttribute("description", deviceDescription)
        var paths: [String?: String] = [:]
        for electrode in electrodes where paths[electrode.group] == nil {
            // The table itself stands beside the groups.
            var link = NWBSchema.linkName(electrode.group ?? "ungrouped")
            while link == "electrodes" || paths.values.contains("/general/extracellular_ephys/\(link)") { link += "_" }
            let path = "/general/extracellular_ephys/\(link)"
            paths[electrode.group] = path
            let group = try root.createGroup(path)
            try group.mark(.core("ElectrodeGroup"), identity: identity, path: path)
            try group.setAttribute("description", electrode.group.map { "electrodes of \($0)" } ?? "electrodes without a group")
            try group.setAttribute("location", electrode.location ?? NWBFileBuilder.notGiven)
            try group.createSoftLink("device", to: devicePath)
        }
        let numbers = electrodes.map { Int($0.id) }
        // The file's own numbers stay the ids where they are numbers, and different ones.
        let usable = numbers.allSatisfy { $0 != nil } && Set(numbers).count == numbers.count
        func coordinate(_ axis: Int) -> [Double] { electrodes.map { $0.position?[axis] ?? .nan } }
        var columns = [
            NWBColumn("location", "brain area of the electrode", .texts(electrodes.map { $0.location ?? NWBFileBuilder.notGiven })),
            NWBColumn("group", "electrode group of the electrode", .objects(electrodes.map { paths[$0.group] ?? "" })),
            NWBColumn("group_name", "name of the electrode group", .texts(electrodes.map { $0.group ?? NWBFileBuilder.notGiven })),
            NWBColumn("channel_name", "name of the electrode", .texts(electrodes.map(\.id))),
        ]
        if electrodes.contains(where: { $0.position != nil }) {
            for (axis, name) in ["rel_x", "rel_y", "rel_z"].enumerated() {
                columns.append(NWBColumn(name, "position of the electrode on the device, \(name.suffix(1)), in micrometres", .doubles(coordinate(axis))))
            }
        }
        let table = NWBTable(
            description: "recording sites", ids: usable ? numbers.compactMap { $0 } : Array(electrodes.indices), columns: columns)
        try table.write(to: file, at: NWBFileBuilder.electrodesPath, as: .dynamicTable, identity: identity)
    }

    /// A time series' reference to rows of the electrodes table.
    func writeElectrodesRegion(_ rows: [Int], in series: HDF5Group) throws {
        let region = try series.write("electrodes", rows.map(Int64.init))
        try region.mark(.common("DynamicTableRegion"), identity: identity, path: "\(series.path)/electrodes")
        try region.setAttribute("description", "the electrodes of the columns")
        try region.setAttribute("table", .reference(try file.reference(to: NWBFileBuilder.electrodesPath)))
    }

    /// A group that holds results, such as `ecephys`.
    func writeModule(_ name: String, description: String) throws {
        let group = try file.root.createGroup("/processing/\(name)")
        try group.mark(.core("ProcessingModule"), identity: identity, path: group.path)
        try group.setAttribute("description", description)
    }

    func writeTable(_ table: NWBTable, at path: String, as kind: NWBSchema.Kind) throws {
        try table.write(to: file, at: path, as: kind, identity: identity)
    }
}
