// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
package import FerroRecordings

/// Which series of a file a pipeline analyses, and which of its columns.
struct SeriesChoice {
    let series: SeriesDescription
    let columns: [Int]
    /// Seconds; what lasts longer was not recorded, and going through it would take as long.
    private static let longest = 366.0 * 86400

    /// - Throws: `FerroError` (input) when the file has no such series, several to choose from, or none of the electrodes wanted.
    init(_ selection: RecordingSelection, in recording: any Recording) throws {
        series = try selection.rule.map { try SeriesChoice.series($0, in: recording) } ?? SeriesChoice.series(selection.series, in: recording)
        let duration = Seconds(series.rate.seconds(series.frames))
        guard duration.value <= SeriesChoice.longest else {
            throw FerroError.input(
                "the file says that the series lasts \(Int(duration.value / 86400)) days", at: "\(recording.path): \(series.path)",
                expected: "a year at most", advice: "the declared length, or the sampling rate, is damaged or was never set")
        }
        columns = selection.electrodes.columns(of: series.electrodes)
        guard !columns.isEmpty else {
            let present = Set(series.electrodes.compactMap(\.location)).sorted()
            throw FerroError.input(
                "none of the \(series.electrodes.count) electrodes passes the filter of the pipeline",
                at: "\(recording.path): \(series.path)",
                expected: "\(selection.electrodes.filters.map { "\($0.key) \($0.values.joined(separator: " or "))" }.joined(separator: ", ")); the file has "
                    + (present.isEmpty ? "no locations" : "the locations \(present.joined(separator: ", "))"),
                advice: "change `electrodes:` under `recording:`, or run with --all-electrodes")
        }
    }

    private static func series(_ rule: SeriesRule, in recording: any Recording) throws -> SeriesDescription {
        let fitting = recording.series.filter(rule.holds)
        if fitting.count == 1 { return fitting[0] }
        let listing = (fitting.isEmpty ? recording.series : fitting).map { "\($0.path) (\($0.kind.rawValue))" }.joined(separator: ", ")
        throw FerroError.input(
            fitting.isEmpty ? "no series fits \(rule.yaml)" : "\(fitting.count) series fit \(rule.yaml)", at: recording.path,
            expected: listing.isEmpty ? "a series of samples" : "one of \(listing)", advice: "write `series:` with its path under `recording:`")
    }

    private static func series(_ wanted: String, in recording: any Recording) throws -> SeriesDescription {
        let all = recording.series
        let listing = all.map(\.path).joined(separator: ", ")
        if wanted != "auto" {
            guard let found = all.first(where: { $0.path == wanted }) else {
                // A series that was refused says why.
                if let refusal = recording.problems.first(where: { $0.severity == .refusal && $0.message.contains(wanted) }) {
                    throw FerroError.input(refusal.message, at: recording.path)
                }
                throw FerroError.input(
                    "there is no series \(wanted)", at: recording.path,
                    expected: all.isEmpty ? nil : "one of \(listing)")
            }
            return found
        }
        if all.count == 1 { return all[0] }
        let raw = all.filter { $0.kind == .electrical && $0.path.hasPrefix("/acquisition/") }
        if raw.count == 1 { return raw[0] }
        if let refusal = recording.problems.first(where: { $0.severity == .refusal }), all.isEmpty {
            throw FerroError.input(refusal.message, at: recording.path)
        }
        throw FerroError.input(
            all.isEmpty ? "the file holds no series of samples" : "the file holds several series (\(listing))", at: recording.path,
            expected: all.isEmpty ? "an ElectricalSeries in /acquisition or /processing" : "one to analyse",
            advice: all.isEmpty ? "for spike times alone use a pipeline with import-units" : "write `series:` with one of these paths under `recording:`")
    }
}

extension Pipeline {
    /// Why this pipeline would refuse a recording before a sample is read; nil where it would not.
    package func refusal(of recording: any Recording) throws -> FerroError? {
        guard readsSignal else { return nil }
        do {
            _ = try SeriesChoice(self.recording, in: recording)
            return nil
        } catch let error as FerroError where error.kind == .input { return error }
    }
}
