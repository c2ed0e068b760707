// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
package import FerroPipeline
package import FerroStatistics
import Foundation

/// What a finished recording brings into its study, read from the tables in its folder.
package struct GatheredRecording: Sendable {
    package struct Unit: Sendable, Equatable {
        package var name: String
        package var electrode: String?
        package var location: String?
        /// Seconds observed.
        package var observed: Double?
        /// nil where no burst detector ran.
        package var bursts: Int?
    }

    package var recording: StudyRecording
    package var manifest: Manifest
    package var units: [Unit]
    /// Every number of `units.csv` and `bands.csv`, in their order, whether the study asks for it or not.
    package var outcomes: [OutcomeRow]
    /// Names of everything that was measured; nil where a table is empty, so that the names cannot be told.
    package var measured: Set<String>?
    /// Sentences for the catalog and the terminal.
    package var warnings: [String]
    /// Where the units lie; nil unless the design matches units over files.
    var places: UnitPlaces?

    /// Reads a recording's folder.
    ///
    /// - Parameter matching: how the study matches units over files; nil where it does not.
    /// - Throws: `FerroError` (input) for tables that are missing or damaged.
    package init(_ recording: StudyRecording, manifest: Manifest, directory: String, matching: UnitMatching? = nil) throws {
        self.recording = recording
        self.manifest = manifest
        units = []
        outcomes = []
        measured = []
        warnings = manifest.warnings
        let files = Set(manifest.outputs.map(\.file))
        if let matching, files.contains("result.nwb") {
            places = try UnitPlaces(result: directory + "/result.nwb")
            self.matching = matching
        }
        if files.contains("units.csv") { try readUnits(CSVTable(path: directory + "/units.csv")) }
        if files.contains("bands.csv") { try readBands(CSVTable(path: directory + "/bands.csv")) }
        if measured?.isEmpty == true { measured = nil }
        if outcomes.isEmpty { warnings.append("nothing was measured, so the recording adds nothing to the statistics") }
    }

    private var matching = UnitMatching.name

    /// The name under which a study knows a unit or an electrode.
    private func known(_ name: String, in places: KeyPath<UnitPlaces, [String: String]>, at place: String) throws -> String {
        guard matching == .position, let own = self.places else { return name }
        return try own.name(of: name, in: own[keyPath: places], at: place)
    }

    // MARK: Units

    private mutating func readUnits(_ table: CSVTable) throws {
        let unit = try table.column("unit_id")
        let observed = try table.column("observed_s")
        let electrode = table.columns.firstIndex(of: "electrode")
        let location = table.columns.firstIndex(of: "location")
        let bursts = table.columns.firstIndex(of: "burst_count")
        let described: Set = ["unit_id", "electrode", "location", "group", "observed_s"]
        let metrics = table.columns.indices.filter { !described.contains(table.columns[$0]) }
        measured?.formUnion(metrics.map { table.columns[$0] })
        for row in table.rows {
            let exposure = try table.number(row, observed)
            let name = try known(table.text(row, unit), in: \.ofUnit, at: table.place(of: row))
            guard matching == .name || !units.contains(where: { $0.name == name }) else {
                throw FerroError.input(
                    "two units lie at \(name), and the study matches units by position", at: table.place(of: row),
                    advice: "leave `match-units` out to match them by name")
            }
            units.append(
                Unit(
                    name: name, electrode: table.optionalText(row, electrode), location: table.optionalText(row, location), observed: exposure,
                    bursts: try bursts.flatMap { try table.number(row, $0) }.flatMap { Int(exactly: $0) }))
            for metric in metrics {
                add(table.columns[metric], try table.number(row, metric), of: name, exposure: exposure, at: table.place(of: row))
            }
        }
    }

    // MARK: Bands

    private mutating func readBands(_ table: CSVTable) throws {
        let electrode = try table.column("electrode")
        let band = try table.column("band")
        let stage = try table.column("stage")
        let described: Set = ["electrode", "band", "low_hz", "high_hz", "stage"]
        let measures = table.columns.indices.filter { !described.contains(table.columns[$0]) }
        let stages = Dictionary(grouping: table.rows) { table.text($0, band) }.mapValues { Set($0.map { table.text($0, stage) }) }
        if table.rows.isEmpty { measured = nil }
        for row in table.rows {
            let name = table.text(row, band)
            // Two spectra may have a band of the same name: then the stage says which is meant.
            let isAmbiguous = (stages[name]?.count ?? 0) > 1
            let prefix = (isAmbiguous ? [table.text(row, stage), name] : [name]).joined(separator: "_").replacing("-", with: "_")
            for measure in measures {
                add(
                    "\(prefix)_\(table.columns[measure])", try table.number(row, measure),
                    of: try known(table.text(row, electrode), in: \.ofElectrode, at: table.place(of: row)), exposure: analysedSeconds,
                    at: table.place(of: row))
            }
        }
    }

    /// Seconds of all segments together, gaps left out.
    private var analysedSeconds: Double { manifest.segments.reduce(0) { $0 + $1.duration_s } }

    private mutating func add(_ outcome: String, _ value: Double?, of unit: String, exposure: Double?, at place: String) {
        measured?.insert(outcome)
        outcomes.append(
            OutcomeRow(
                recording: recording.name, subject: recording.subject, cage: recording.cage, group: recording.group, unit: unit, outcome: outcome,
                value: value, exposure: exposure, session: recording.session, epoch: recording.epoch, place: place))
    }
}
