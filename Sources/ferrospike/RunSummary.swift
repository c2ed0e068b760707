// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline
import Foundation

/// What a run says about its recordings.
enum RunSummary {
    /// `rat3: 4 units, 1153 spikes, 57 bursts in 28.77 s, 95 x real time -> out/rat3`.
    static func text(_ outcome: RecordingRun.Outcome, directory: String) -> String {
        let manifest = outcome.manifest
        var parts: [String] = []
        if manifest.units > 0 { parts.append("\(manifest.units) units, \(manifest.spikes) spikes" + (manifest.bursts.map { ", \($0) bursts" } ?? "")) }
        let seconds = manifest.segments.reduce(0) { $0 + $1.duration_s }
        parts.append("\(Seconds((seconds * 1000).rounded() / 1000)) recorded")
        if manifest.gaps.count > 0 { parts.append("\(manifest.gaps.count) gaps") }
        switch outcome {
        case .done: parts.append("\(Int(seconds / max(manifest.wall_time_s, 1e-9))) x real time")
        case .kept: parts.append("kept")
        }
        return "\(manifest.recording): \(parts.joined(separator: ", ")) -> \(directory)"
    }

    static func json(_ entries: [BatchRun.Entry]) throws -> String {
        let recordings: [[String: Any]] = entries.map { entry in
            var fields: [String: Any] = ["file": entry.file, "recording": entry.name]
            switch entry.result {
            case .success(let outcome):
                if case .kept = outcome { fields["status"] = "kept" } else { fields["status"] = "done" }
                fields["directory"] = entry.directory
                fields["units"] = outcome.manifest.units
                fields["spikes"] = outcome.manifest.spikes
                fields["bursts"] = outcome.manifest.bursts
                fields["warnings"] = outcome.manifest.warnings
                fields["wall_time_s"] = outcome.manifest.wall_time_s
            case .failure(let error):
                fields["status"] = "failed"
                fields["message"] = error.description
                fields["exit_code"] = Int(error.exitCode)
            }
            return fields
        }
        let data = try JSONSerialization.data(withJSONObject: ["recordings": recordings], options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data, as: UTF8.self)
    }
}

/// Warnings about recordings, each told once: the first recording that has it is named, the others are counted.
struct RecordingWarnings {
    private var order: [String] = []
    private var counts: [String: Int] = [:]

    /// Prints what was not told before.
    mutating func tell(_ manifest: Manifest) {
        for warning in manifest.warnings {
            if counts[warning] == nil {
                order.append(warning)
                Output.note("warning: \(manifest.recording): \(warning)")
            }
            counts[warning, default: 0] += 1
        }
    }

    /// Prints how many recordings share a warning.
    func conclude() {
        for warning in order {
            if let count = counts[warning], count > 1 { Output.note("warning: in \(count) recordings: \(warning)") }
        }
    }
}
