// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5

/// A file of the NWB 2 standard (nwb-schema.readthedocs.io).
///
/// Voltage series are looked for in `/acquisition` and anywhere in `/processing`, by their `neurodata_type`. What cannot be read
/// without guessing is refused one by one, and the rest stays readable.
package struct NWBRecording: Recording {
    package let format = RecordingFormat.nwb
    package let path: String
    package let session: SessionFacts
    package let series: [SeriesDescription]
    package let problems: [RecordingProblem]
    package let unitCounts: (units: Int, spikes: Int)?

    private let file: HDF5File
    private let readable: [String: NWBSeries]
    private let refusals: [String: FerroError]

    init(_ file: HDF5File, declared: RecordingDeclarations) throws {
        try NWBRecording.refuseOtherVersions(file)
        var finder = NWBSeriesFinder(declared: declared)
        for place in ["/acquisition", "/processing"] where file.exists(place) {
            try finder.search(try file.group(place))
        }
        try finder.followLinks(in: file)
        self.file = file
        path = file.path
        session = try NWBRecording.session(of: file)
        series = finder.found.map(\.description)
        readable = Dictionary(finder.found.map { ($0.description.path, $0) }) { first, _ in first }
        refusals = Dictionary(finder.refused) { first, _ in first }
        unitCounts = try NWBUnits.counts(in: file)
        problems =
            finder.refused.map { RecordingProblem(.refusal, "\($0.1.withoutFile(file.path))") }
            + finder.found.flatMap(\.warnings).map { RecordingProblem(.warning, $0) }
            + (try NWBUnits.problems(in: file, series: series))
    }

    package func signal(of path: String) throws -> any SignalSource {
        if let refusal = refusals[path] { throw refusal }
        guard let found = readable[path] else {
            let known = series.map(\.path)
            throw FerroError.input(
                "there is no voltage series here", at: "\(self.path): \(path)",
                expected: known.isEmpty ? nil : "one of \(known.joined(separator: ", "))",
                advice: nearestWord(to: path, among: known).map { "did you mean \($0)?" })
        }
        return try DatasetSignal(try file.dataset(path + "/data"), description: found.description, scale: found.scale)
    }

    package func units() throws -> UnitTable { try NWBUnits.read(from: file, series: series) }

    package func intervals() throws -> [IntervalTable] { try NWBIntervals.all(in: file) }

    private static func refuseOtherVersions(_ file: HDF5File) throws {
        let version = try file.root.stringAttribute("nwb_version") ?? "unknown"
        // Before 2.0 was final its files called themselves 2.0b or NWB-2…
        guard version.hasPrefix("2.") || version.hasPrefix("NWB-2") else {
            throw FerroError.input(
                "this is NWB version \(version)", at: file.path, expected: "NWB 2", advice: "convert the file with a current PyNWB")
        }
    }

    private static func session(of file: HDF5File) throws -> SessionFacts {
        func text(_ path: String) throws -> String? {
            guard file.exists(path), let dataset = try? file.dataset(path), dataset.type.isString else { return nil }
            return try dataset.readStrings().first
        }
        return SessionFacts(
            start: try text("/session_start_time"), description: try text("/session_description"), identifier: try text("/identifier"),
            subjectID: try text("/general/subject/subject_id"), species: try text("/general/subject/species"),
            sex: try text("/general/subject/sex"), age: try text("/general/subject/age"))
    }
}

extension FerroError {
    /// The sentence without the name of the file, for a list of problems of that file.
    func withoutFile(_ file: String) -> FerroError {
        var copy = self
        if let place, place.hasPrefix("\(file): ") { copy.place = String(place.dropFirst(file.count + 2)) }
        return copy
    }
}
