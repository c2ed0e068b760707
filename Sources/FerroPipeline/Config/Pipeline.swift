// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
package import FerroRecordings
import Foundation

/// A pipeline file, read and checked as far as it can be without a recording.
package struct Pipeline: Sendable {
    /// Path as the user gave it.
    package let path: String
    /// What stands in the file.
    package let text: String
    package let recording: RecordingSelection
    package let stages: [PlannedStage]
    /// Whether every electrode is taken, whatever `text` says.
    package let takesAllElectrodes: Bool

    /// Reads `ferrospike: 1`, `recording:` and `stages:`.
    ///
    /// - Throws: `FerroError` (usage) with line, column and caret for an unknown key or stage, a missing unit, an impossible
    ///   value or a stage that reads what the stage before it does not give.
    package static func load(_ path: String) throws -> Pipeline {
        try Pipeline(ConfigDocument.load(path))
    }

    package static func parse(_ text: String, path: String = "pipeline.yaml") throws -> Pipeline {
        try Pipeline(ConfigDocument.parse(text, path: path))
    }

    private init(_ root: ConfigNode) throws {
        path = root.document.path
        text = root.document.text
        let keys = try root.mapping(keys: ["ferrospike", "recording", "stages"])
        let version = try keys.required("ferrospike", expected: "`ferrospike: 1` as the first line")
        guard try version.integer() == 1 else {
            throw version.error("this pipeline is of version \(try version.text())", expected: "version 1")
        }
        recording = try keys.optional("recording").map(RecordingSelection.init) ?? RecordingSelection()
        stages = try StageChain.read(keys.required("stages", expected: "a list of stages"))
        takesAllElectrodes = false
    }

    package func withAllElectrodes() -> Pipeline {
        var selection = recording
        selection.electrodes = ElectrodeFilter()
        return Pipeline(path: path, text: text, recording: selection, stages: stages, takesAllElectrodes: true)
    }

    /// The same pipeline on a stretch of the recording only, in seconds of its clock; where the pipeline names one itself, on what is in both.
    package func within(_ stretch: FerroCore.TimeInterval) -> Pipeline {
        var selection = recording
        let own = selection.times.stretch ?? stretch
        selection.times.stretch = FerroCore.TimeInterval(start: max(own.start, stretch.start), stop: min(own.stop, stretch.stop))
        return Pipeline(path: path, text: text, recording: selection, stages: stages, takesAllElectrodes: takesAllElectrodes)
    }

    private init(path: String, text: String, recording: RecordingSelection, stages: [PlannedStage], takesAllElectrodes: Bool) {
        self.path = path
        self.text = text
        self.recording = recording
        self.stages = stages
        self.takesAllElectrodes = takesAllElectrodes
    }

    /// Whether any stage reads samples; a pipeline on spike times alone needs no series.
    package var readsSignal: Bool { stages.contains { $0.takes == .signal } }

    /// The pipeline with every default written out, as YAML that reads back as the same pipeline.
    package func resolvedYAML(series: String?) -> String {
        let chosen = series ?? recording.series
        // A declared dataset is the only series there is.
        var text = "ferrospike: 1\nrecording:\n"
        if recording.declared.layout == nil {
            text += "  series: \(series == nil ? recording.rule?.yaml ?? chosen.quotedSeries : chosen.quotedSeries)\n"
        }
        let filters = recording.electrodes.filters
        text +=
            filters.isEmpty
            ? "  electrodes: all\n"
            : "  electrodes: {" + filters.map { "\($0.key): [\($0.values.map(\.quotedYAML).joined(separator: ", "))]" }.joined(separator: ", ") + "}\n"
        text += recording.declared.yaml
        for (key, names) in [("within", recording.times.within), ("exclude", recording.times.exclude)] where !names.isEmpty {
            text += "  \(key): [\(names.map(\.quotedYAML).joined(separator: ", "))]\n"
        }
        if let stretch = recording.times.stretch { text += "  between: [\(shortest(stretch.start)) s, \(shortest(stretch.stop)) s]\n" }
        text += "stages:\n"
        for stage in stages {
            var parts = ["id: \(stage.id)"]
            if stage.takes != nil { parts.append("from: \(stage.from.map { stages[$0].id } ?? "recording")") }
            parts += stage.resolved.map { "\($0.key): \($0.value)" }
            text += "  - \(stage.name): {\(parts.joined(separator: ", "))}\n"
        }
        return text
    }
}

extension String {
    /// A series as a pipeline names it.
    fileprivate var quotedSeries: String { self == "auto" ? self : quotedYAML }

    /// Double-quoted, so that no text can be taken for YAML.
    var quotedYAML: String {
        "\"" + replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"") + "\""
    }
}

/// Which series of a file is analysed, which of its channels, and at which times.
package struct RecordingSelection: Sendable, Equatable {
    /// `auto` or the path of a series.
    package var series = "auto"
    /// What the series has to be, instead of a path.
    package var rule: SeriesRule?
    /// Tables of intervals that the analysis is limited to, or that it leaves out.
    package var times = TimeSelection()
    package var electrodes = ElectrodeFilter()
    /// What the pipeline says about files that do not say it themselves.
    package var declared = RecordingDeclarations.none

    init() {}

    init(_ node: ConfigNode) throws {
        let keys = try node.mapping(keys: ["series", "electrodes", "within", "exclude", "between"] + RecordingDeclarations.keys)
        times = TimeSelection(
            within: try keys.optional("within")?.texts() ?? [], exclude: try keys.optional("exclude")?.texts() ?? [],
            stretch: try keys.optional("between").map(RecordingSelection.stretch))
        declared = try RecordingDeclarations(keys)
        if let given = keys.optional("series") {
            guard declared.layout == nil else { throw given.error("`dataset` says already which samples are read", expected: "either `series` or `dataset`") }
            if given.isMapping {
                rule = try SeriesRule(given)
            } else {
                series = try given.text()
                guard series == "auto" || series.hasPrefix("/") else {
                    throw given.error(
                        "`\(series)` is neither auto nor a path",
                        expected: "auto, a path such as /acquisition/ElectricalSeries, or {name: \(series)} or {kind: lfp}")
                }
            }
        }
        if let given = keys.optional("electrodes") { electrodes = try ElectrodeFilter(given) }
    }

    /// `[60 s, 360 s]`.
    private static func stretch(_ node: ConfigNode) throws -> FerroCore.TimeInterval {
        let ends = try node.sequence()
        guard ends.count == 2 else { throw node.error("the stretch has \(ends.count) ends", expected: "a start and a stop, such as [60 s, 360 s]") }
        let times = try ends.map { try $0.quantity(Seconds.self).value }
        guard times[0] < times[1] else { throw node.error("the stretch ends before it starts", expected: "a start and a later stop") }
        return FerroCore.TimeInterval(start: times[0], stop: times[1])
    }
}

/// Channels chosen by brain area, group or id; an electrode has to match every filter that is given.
package struct ElectrodeFilter: Sendable, Equatable {
    package var location: [String]?
    package var group: [String]?
    package var id: [String]?

    package init() {}

    package init(location: [String]?, group: [String]?, id: [String]?) {
        self.location = location
        self.group = group
        self.id = id
    }

    init(_ node: ConfigNode) throws {
        if node.isScalar {
            guard try node.text() == "all" else {
                throw node.error("`\(try node.text())` does not choose electrodes", expected: "all, or a filter such as {location: [vCA1, vHPC]}")
            }
            return
        }
        let keys = try node.mapping(keys: ["location", "group", "id"])
        location = try keys.optional("location")?.texts()
        group = try keys.optional("group")?.texts()
        id = try keys.optional("id")?.texts()
    }

    var filters: [(key: String, values: [String])] {
        [("location", location), ("group", group), ("id", id)].compactMap { key, values in values.map { (key, $0) } }
    }

    /// Columns that pass, in the order of the file.
    package func columns(of electrodes: [Electrode]) -> [Int] {
        electrodes.indices.filter { index in
            let electrode = electrodes[index]
            return (location.map { $0.contains(electrode.location ?? "") } ?? true)
                && (group.map { $0.contains(electrode.group ?? "") } ?? true)
                && (id.map { $0.contains(electrode.id) } ?? true)
        }
    }
}
