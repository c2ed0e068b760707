// SPDX-License-Identifier: GPL-3.0-or-later
import FerroPipeline
import FerroStatistics
import FerroStudy

/// Every group of every outcome in numbers.
struct GroupSection {
    struct Line {
        let isFirst: Bool
        let outcome: String
        let group: String
        let role: String
        let n: String
        let units: String
        let mean: String
        let interval: String
        let sd: String
    }

    let lines: [Line]
    let hasLog: Bool
    let groupHeading: String
    let unitHeading: String

    init(_ results: StudyResults, _ study: StudyWords) {
        var previous: String?
        lines = results.groups.map { row in
            let words = study.outcome(named: row.outcome)
            let heading = row.outcome == previous ? "" : words.heading
            previous = row.outcome
            var interval = "—"
            if let mean = row.mean, let sem = row.sem, row.n >= 2, sem > 0 {
                let half = StudentT(degreesOfFreedom: Double(row.n - 1)).quantile(0.975) * sem
                let ends = Numbers.evenly([words.native(mean - half), words.native(mean + half)])
                interval = "[\(ends[0]), \(ends[1])]"
            }
            return Line(
                isFirst: !heading.isEmpty, outcome: heading, group: study.label(of: row.group), role: study.role(row.role), n: "\(row.n)",
                units: Numbers.count(row.units),
                mean: words.value(row.mean), interval: interval,
                sd: row.sd.map { words.isLog ? "\(Numbers.significant($0)) (ln)" : words.withUnit(Numbers.significant($0)) } ?? "—")
        }
        hasLog = results.definition.outcomes.contains { $0.scale == .log }
        groupHeading = study.conditionWord.prefix(1).uppercased() + study.conditionWord.dropFirst()
        unitHeading = study.isChange ? (results.definition.design == .epochs ? "changes" : "rows") : "units"
    }
}

/// Every recording with what became of it.
struct RecordingSection {
    struct Line {
        let recording: String
        let subject: String
        let cage: String
        let group: String
        let occasion: String
        let status: String
        let statusStyle: String
        let units: String
        let spikes: String
        let warnings: [String]?
    }

    let count: String
    let lines: [Line]
    let hasCages: Bool
    let hasOccasions: Bool
    let hasGroups: Bool
    let hasWarnings: Bool
    let occasionHeading: String
    let notes: [String]?

    init?(_ results: StudyResults, _ manifests: [Manifest?], _ study: StudyWords, notes: [String]) {
        guard !results.recordings.isEmpty else { return nil }
        count = Numbers.counted(results.recordings.count, "recording", "recordings")
        hasCages = results.recordings.contains { $0.recording.cage != nil }
        hasGroups = results.recordings.contains { !$0.recording.group.isEmpty }
        hasOccasions = results.recordings.contains { $0.recording.session != nil || $0.recording.epoch != nil }
        occasionHeading = results.recordings.contains { $0.recording.session != nil } ? "Session" : "Epoch"
        lines = zip(results.recordings, manifests).map { state, manifest in
            let recording = state.recording
            let warnings = manifest?.warnings ?? []
            return Line(
                recording: recording.name, subject: recording.subject, cage: recording.cage ?? "—",
                group: recording.group.isEmpty ? "—" : study.label(of: recording.group), occasion: recording.session ?? recording.epoch ?? "—",
                status: state.status.rawValue, statusStyle: "s-\(state.status.rawValue)", units: manifest.map { Numbers.count($0.units) } ?? "—",
                spikes: manifest.map { Numbers.count($0.spikes) } ?? "—", warnings: warnings.isEmpty ? nil : warnings)
        }
        hasWarnings = lines.contains { $0.warnings != nil }
        // Where nothing can be read, one sentence a recording would bury the rest.
        let most = 5
        let rest = notes.count - most
        self.notes =
            notes.isEmpty ? nil : rest <= 1 ? notes : notes.prefix(most) + ["\(Numbers.counted(rest, "further file", "further files")) could not be read."]
    }
}
