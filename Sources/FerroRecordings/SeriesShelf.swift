// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5

/// A series that can be read, and how.
struct ReadableSeries: Sendable {
    let description: SeriesDescription
    var warnings: [String] = []
    let open: @Sendable () throws -> any SignalSource
}

/// The series of a file in order, each readable or refused.
struct SeriesShelf: Sendable {
    private(set) var readable: [ReadableSeries] = []
    private(set) var refused: [(path: String, error: FerroError)] = []
    /// What is remarkable beside the series.
    var warnings: [String] = []

    /// Adds what `make` gives, or its refusal.
    mutating func add(_ path: String, _ make: () throws -> ReadableSeries) throws {
        do { readable.append(try make()) } catch let error as FerroError where error.kind == .input { refused.append((path, error)) }
    }

    var descriptions: [SeriesDescription] { readable.map(\.description) }

    func problems(in file: String) -> [RecordingProblem] {
        refused.map { RecordingProblem(.refusal, "\($0.error.withoutFile(file))") }
            + (readable.flatMap(\.warnings) + warnings).map { RecordingProblem(.warning, $0) }
    }

    /// The samples of a series; throws its refusal where it is refused, and names the known ones where there is none.
    func signal(of path: String, in file: String) throws -> any SignalSource {
        if let found = readable.first(where: { $0.description.path == path }) { return try found.open() }
        if let refusal = refused.first(where: { $0.path == path }) { throw refusal.error }
        let known = readable.map(\.description.path)
        throw FerroError.input(
            "there is no voltage series here", at: "\(file): \(path)", expected: known.isEmpty ? nil : "one of \(known.joined(separator: ", "))",
            advice: nearestWord(to: path, among: known).map { "did you mean \($0)?" })
    }
}
