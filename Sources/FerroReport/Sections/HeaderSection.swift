// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics
import FerroStudy

/// Title and a paragraph on design, groups, outcomes and recordings.
struct HeaderSection {
    let title: String
    let summary: [String]

    init(_ results: StudyResults, _ study: StudyWords) {
        title = results.definition.title
        let lead = results.definition.outcomes.first { $0.primary } ?? results.definition.outcomes.first
        let groups = study.conditions.map { condition -> String in
            let target = condition.target.map { ", target \($0)" } ?? ""
            guard let row = results.groups.first(where: { $0.outcome == lead?.name && $0.group == condition.name }) else {
                return "\(condition.label) (\(study.role(condition.role))\(target))"
            }
            return "\(condition.label) (\(study.role(condition.role))\(target); \(study.units(row.n)), \(study.cells(row.units)))"
        }
        var first = "\(study.design). "
        first += groups.isEmpty ? "" : "\(study.conditionWord.prefix(1).uppercased() + study.conditionWord.dropFirst())s: \(groups.joined(separator: "; "))"
        if let lead, !groups.isEmpty { first += ", counted for the \(study.outcome(lead).inSentence)" }
        var second = "Experimental unit: the \(study.unit). "
        second +=
            "Outcomes: "
            + results.definition.outcomes.map { study.outcome($0).inSentence + ($0.primary ? " (primary)" : "") }.joined(separator: ", ") + ". "
        if results.recordings.isEmpty {
            second += "The statistics were made from a table of outcomes; no recordings belong to this report."
        } else {
            let counts = [RecordingStatus.done, .failed, .pending].map { status in (status, results.recordings.count { $0.status == status }) }
            let parts = counts.filter { $0.1 > 0 || $0.0 == .done }.map { "\($0.1) \($0.0.rawValue)" }
            second += "\(Numbers.counted(results.recordings.count, "recording", "recordings")): \(parts.joined(separator: ", "))."
        }
        summary = [first + ".", second]
    }
}

/// What is not in the statistics, each recording with its reason, and what makes the study doubtful as a whole.
struct FailureSection {
    struct Failure {
        let recording: String
        let detail: String
        let message: String
    }

    let heading: String
    let failures: [Failure]
    let doubts: [String]

    init?(_ results: StudyResults, _ study: StudyWords) {
        let missing = results.recordings.filter { $0.status != .done }
        // The summary tells of missing recordings first, one sentence each; they stand below with more.
        doubts = StudySummary.warnings(results).dropFirst(missing.count).map { $0.prefix(1).uppercased() + $0.dropFirst() + "." }
        guard !missing.isEmpty || !doubts.isEmpty else { return nil }
        let parts = [RecordingStatus.failed, .pending].compactMap { status in
            let count = missing.count { $0.status == status }
            return count == 0 ? nil : "\(count) \(status.rawValue)"
        }
        heading =
            missing.isEmpty
            ? "Read this first"
            : "\(Numbers.counted(missing.count, "recording", "recordings")) of \(results.recordings.count) "
                + "\(missing.count == 1 ? "is" : "are") not in the statistics: \(parts.joined(separator: ", "))"
        failures = missing.map { state in
            let recording = state.recording
            let group = recording.group.isEmpty ? nil : study.label(of: recording.group)
            // The message names the file as the study's table does, not where on one machine it lies.
            let message = (state.message ?? (state.status == .failed ? "no reason was recorded" : "it was not run yet"))
                .replacing(recording.path, with: recording.file).replacing(state.directory, with: recording.folderName)
            return Failure(
                recording: recording.folderName,
                detail: ([state.status.rawValue, "subject \(recording.subject)"] + [group].compactMap { $0 }).joined(separator: ", "), message: message)
        }
    }
}
