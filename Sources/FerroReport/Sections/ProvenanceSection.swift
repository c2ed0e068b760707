// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline
import FerroStatistics
import FerroStudy
import Foundation

/// From which files, with which settings and with which version the results were made.
struct ProvenanceSection {
    struct Fact {
        let name: String
        let value: String
    }

    struct Input {
        let recording: String
        let file: String
        let size: String
        let format: String
        let rate: String
        let channels: String
        let segments: String
        let hash: String
    }

    let facts: [Fact]
    let pipeline: String?
    let pipelineOf: String?
    let inputs: [Input]
    let hasInputs: Bool
    /// Copyright and licence of the charting library that the page holds.
    let notice: String?
    /// Said where recordings were analysed with different pipelines.
    let mixture: String?

    init(_ results: StudyResults, _ manifests: [Manifest?], _ evidence: RecordingEvidence, _ study: StudyWords, charts: Result<ChartLibrary, FerroError>) {
        let settings = results.definition.settings
        let known = manifests.compactMap { $0 }
        let configs = ProvenanceSection.distinct(known.map(\.config_hash))
        let versions = ProvenanceSection.distinct(known.map(\.tool.version))
        var facts = [
            Fact(name: "Report and statistics", value: "Ferrospike \(ferrospikeVersion)"),
            Fact(name: "Design", value: "\(results.definition.design.rawValue); unit of analysis: \(study.unit)"),
            Fact(name: "Seed of the statistics", value: "\(settings.seed)"),
            Fact(name: "Random relabellings, where not exact", value: Numbers.count(settings.permutations)),
            Fact(name: "Multiplicity", value: study.multiplicity),
        ]
        if !results.definition.source.isEmpty {
            facts.insert(Fact(name: "Study file", value: URL(fileURLWithPath: results.definition.source).lastPathComponent), at: 1)
        }
        if !known.isEmpty {
            facts.append(Fact(name: "Recordings analysed with", value: versions.map { "Ferrospike \($0)" }.joined(separator: ", ")))
            facts.append(Fact(name: "Hash of the resolved pipeline", value: configs.joined(separator: ", ")))
            let seeds = ProvenanceSection.distinct(known.flatMap { $0.seeds.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" } })
            facts.append(Fact(name: "Seeds of the pipeline", value: seeds.isEmpty ? "none; nothing is drawn at random" : seeds.joined(separator: ", ")))
        }
        notice = (try? charts.get())?.notice
        switch charts {
        case .success(let library): facts.append(Fact(name: "Interactive figure", value: "\(library.name), licence \(ChartLibrary.licence)"))
        case .failure(let error): facts.append(Fact(name: "Interactive figure", value: ChartLibrary.absence(error)))
        }
        self.facts = facts
        mixture =
            configs.count > 1 || versions.count > 1
            ? "Recordings of this study were not all analysed alike: \(Numbers.counted(configs.count, "pipeline", "pipelines")), \(Numbers.counted(versions.count, "version", "versions")) of Ferrospike."
            : nil
        let first = results.recordings.first { $0.status == .done }
        pipeline = first.flatMap(evidence.pipeline)
        pipelineOf = first?.recording.folderName
        inputs = zip(results.recordings, manifests).compactMap { state, manifest in
            manifest.map { manifest in
                let input = manifest.input
                return Input(
                    recording: state.recording.folderName, file: input.file, size: ProvenanceSection.size(input.size),
                    format: input.series.map { "\(input.format) \($0)" } ?? input.format,
                    rate: input.rate_hz.map { "\(shortest($0))\u{A0}Hz" } ?? "—", channels: input.channels.map { "\($0)" } ?? "—",
                    segments: "\(manifest.segments.count)", hash: input.hash)
            }
        }
        hasInputs = !inputs.isEmpty
    }

    private static func distinct(_ texts: [String]) -> [String] {
        texts.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private static func size(_ bytes: Int) -> String {
        let units = [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)]
        let unit = units.first { Double(bytes) >= $0.1 }
        return unit.map { "\(Numbers.significant(Double(bytes) / $0.1))\u{A0}\($0.0)" } ?? "\(bytes) B"
    }
}
