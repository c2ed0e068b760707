// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
package import FerroRecordings

/// `import-units`: the spike times that the file already holds.
package struct ImportUnitsStage: SourceStage {
    package static let documentation = StageDocumentation(
        "import-units", .source, takes: nil, gives: .units,
        "Takes the units of the file (NWB units table, spike list) instead of detecting spikes.")

    package init(_ parameters: StageParameters) throws {}

    package func take(from recording: any Recording, id: String, into findings: inout Findings) throws {
        let table = try recording.units()
        // Units sit on electrodes of the file; those that the series does not have are added behind it.
        var position: [String: Int] = [:]
        for (index, electrode) in findings.electrodes.enumerated() where position[electrode.id] == nil { position[electrode.id] = index }
        for electrode in table.electrodes where position[electrode.id] == nil {
            position[electrode.id] = findings.electrodes.count
            findings.electrodes.append(electrode)
        }
        findings.units = table.trains.map { train in
            var train = train
            train.electrode = train.electrode.flatMap { table.electrodes.indices.contains($0) ? position[table.electrodes[$0].id] : nil }
            return UnitResult(train: train)
        }
        findings.unitsDescription = "units as the file gives them"
        if findings.segments.isEmpty { findings.segments = table.trains.first?.observed ?? [] }
        findings.warnings += SpikePlausibility.problems(table.trains).map(\.message)
        let unobserved = table.trains.filter(\.observed.isEmpty).count
        if unobserved > 0 {
            findings.warnings.append("\(unobserved) units have no observation time, so they have no rate; add obs_intervals to the file")
        }
    }
}
