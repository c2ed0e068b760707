// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
package import FerroRecordings
import Foundation

/// Applies a pipeline to one opened recording and gives what it found; only stages that write a signal leave files, where a folder is named.
///
/// Two passes at most: over stretches spread evenly for what the stages estimate first (noise), then over every block. The result is
/// the same bits for any number of workers, memory budget and amount read at once.
package struct RecordingAnalysis: Sendable {
    package let pipeline: Pipeline
    package let recording: any Recording
    package let name: String
    package let options: RunOptions
    /// Where stages may leave files of their own; nil where nothing is written.
    package let folder: String?

    package init(pipeline: Pipeline, recording: any Recording, name: String, options: RunOptions = RunOptions(), folder: String? = nil) {
        self.folder = folder
        self.pipeline = pipeline
        self.recording = recording
        self.name = name
        self.options = options
    }

    /// What was found, and how the recording was read.
    package struct Outcome: Sendable {
        package var result: RecordingResult
        package var findings: Findings
        package var series: SeriesDescription?
        package var channels: Int
        /// Frames of the series in one block of the grid.
        package var blockFrames: Int?
    }

    /// - Throws: `FerroError`: usage for settings that this recording makes impossible (before a sample is read), input for what
    ///   cannot be read, interrupted when the process was asked to stop.
    package func run() async throws -> Outcome {
        let times = pipeline.recording.times
        guard times.isEverything || recording is TimedRecording else {
            return try await RecordingAnalysis(pipeline: pipeline, recording: TimedRecording(recording, times), name: name, options: options).run()
        }
        guard pipeline.readsSignal else { return try finish(Findings(electrodes: [], segments: []), series: nil, channels: 0, blockFrames: nil) }
        let choice = try SeriesChoice(pipeline.recording, in: recording)
        let source = try recording.signal(of: choice.series.path)
        let electrodes = choice.columns.map { choice.series.electrodes[$0] }
        let rate = choice.series.rate
        var findings = Findings(
            electrodes: electrodes,
            segments: choice.series.segments.map { TimeInterval(start: $0.start, stop: $0.start + rate.seconds($0.frames.count)) })

        findings.folder = folder
        findings.recording = name
        findings.session = recording.session
        let plan = try SignalPlan(pipeline, source: StreamFormat(rate: rate, electrodes: electrodes))
        findings.warnings += plan.warnings
        var pass = SignalPass(plan: plan, source: source, columns: choice.columns, name: name, options: options)
        // Beside the first passes, where there are hands for both. What it says comes first, whichever ends first.
        async let look = plausibility(of: source, choice.columns)
        if options.effectiveWorkers == 1 { _ = try await look }
        do { try await pass.estimate(into: &findings) } catch {
            _ = try await look
            throw error
        }
        findings.warnings += try await look
        try await pass.gather(into: &findings)
        for (id, noise) in findings.noise.sorted(by: { $0.key < $1.key }) {
            let channels = plan.gatherings.first { $0.id == id }.map { plan.graph.nodes[$0.node].format.electrodes } ?? []
            let silent = zip(channels, noise).filter { ($1 ?? 0) == 0 }.map(\.0.id)
            if !silent.isEmpty { findings.warnings.append("\(id): no noise on \(silent.joined(separator: ", ")) (a flat channel), so no spikes there") }
        }
        return try finish(findings, series: choice.series, channels: choice.columns.count, blockFrames: plan.step)
    }

    /// Looks at the signal and gives the warnings. Samples that are no numbers are refused by frame where they are read.
    ///
    /// - Throws: `FerroError` (input) for samples that cannot be read or that cannot be what the series says.
    private func plausibility(of source: any SignalSource, _ columns: [Int]) async throws -> [String] {
        let look = try SignalPlausibility(columns: columns) { source }
        let meant = pipeline.recording.declared.largestVoltage
        if let refusal = look.rangeProblem(meant: meant) { throw FerroError.input(refusal.message, at: recording.path) }
        return look.problems(meant: meant).filter { $0.severity == .warning }.map(\.message)
    }

    /// Stages that need no samples, in the order of the pipeline.
    private func finish(_ gathered: Findings, series: SeriesDescription?, channels: Int, blockFrames: Int?) throws -> Outcome {
        var findings = gathered
        for planned in pipeline.stages {
            switch planned.stage {
            case let stage as any SourceStage: try stage.take(from: recording, id: planned.id, into: &findings)
            case let stage as any DeriveStage: try stage.derive(id: planned.id, &findings)
            default: break
            }
        }
        let result = RecordingResult(
            name: name, session: recording.session, electrodes: findings.electrodes, segments: findings.segments, units: findings.units,
            unitsDescription: findings.unitsDescription, burstsDescription: findings.burstsDescription, metrics: findings.metrics,
            spectra: findings.spectra, excerpt: findings.excerpt)
        return Outcome(result: result, findings: findings, series: series, channels: channels, blockFrames: blockFrames)
    }
}

/// The signals of a pipeline for one format of series, every transform designed, and who gathers from which.
struct SignalPlan: Sendable {
    struct Gathering: Sendable {
        var stage: any GatherStage
        var id: String
        var node: Int
    }

    /// A gatherer of a first pass.
    struct Estimation: Sendable {
        var gatherer: any Gatherer
        /// Signal it sees.
        var node: Int
        /// How much signal it wants to see.
        var seconds: Double
        /// The transform that is designed from what it finds, and the signal that this makes; nil for estimates that gatherers use.
        var design: (stage: any EstimatingTransformStage, id: String, node: Int)?
    }

    private(set) var graph: StreamGraph
    let gatherings: [Gathering]
    /// In the order of the pipeline, each after those that its signal depends on.
    let estimations: [Estimation]
    let step: Int
    /// What the transforms say about this format.
    let warnings: [String]

    init(_ pipeline: Pipeline, source: StreamFormat) throws {
        var graph = StreamGraph(source: source)
        var gatherings: [Gathering] = []
        var warnings: [String] = []
        var estimations: [Estimation] = []
        // Index of the signal that each stage gives.
        var signal: [Int: Int] = [:]
        for (index, planned) in pipeline.stages.enumerated() where planned.takes == .signal {
            let node = planned.from.flatMap { signal[$0] } ?? 0
            switch planned.stage {
            case let stage as any TransformStage:
                warnings += stage.warnings(for: graph.nodes[node].format).map { "\(planned.id): \($0)" }
                let format = graph.nodes[node].format
                let transform = try stage.transform(for: format)
                signal[index] = graph.add(transform, on: node, electrodes: try stage.electrodes(for: format))
                try graph.checkReach(of: transform, named: planned, on: node)
                if let stage = stage as? any EstimatingTransformStage, let output = signal[index] {
                    let (gatherer, seconds) = try stage.estimator(for: format, id: planned.id)
                    estimations.append(Estimation(gatherer: gatherer, node: node, seconds: seconds, design: (stage, planned.id, output)))
                }
            case let stage as any GatherStage:
                gatherings.append(Gathering(stage: stage, id: planned.id, node: node))
                // What passes its signal on gives what it takes.
                if planned.gives == .signal { signal[index] = node }
                if let estimator = try stage.estimator(for: graph.nodes[node].format, id: planned.id) {
                    estimations.append(Estimation(gatherer: estimator.gatherer, node: node, seconds: estimator.seconds))
                }
            default: break
            }
        }
        // The margins of the main pass do not depend on what the first pass finds: they are asked for with no findings.
        let blank = Findings(electrodes: source.electrodes, segments: [])
        let readers = try gatherings.map { gathering in
            let format = graph.nodes[gathering.node].format
            return StreamGraph.Reader(
                node: gathering.node, margin: try gathering.stage.gatherer(for: format, id: gathering.id, findings: blank).margin)
        }
        step = graph.step(for: readers)
        self.graph = graph
        self.gatherings = gatherings
        self.estimations = estimations
        self.warnings = warnings
    }

    /// Designs the transform that an estimation was made for, where it was made for one.
    mutating func design(after estimation: Estimation, from findings: Findings) throws {
        guard let (stage, id, node) = estimation.design else { return }
        let format = graph.nodes[estimation.node].format
        graph.replaceTransform(of: node, with: try stage.transform(for: format, id: id, findings: findings))
    }
}
