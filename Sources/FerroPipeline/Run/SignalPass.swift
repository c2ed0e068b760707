// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings
import Foundation

/// Reads a series block by block and shows every signal made from it to its gatherers.
struct SignalPass: Sendable {
    private(set) var plan: SignalPlan
    let source: any SignalSource
    let columns: [Int]
    let name: String
    let options: RunOptions
    private let started = Date()

    init(plan: SignalPlan, source: any SignalSource, columns: [Int], name: String, options: RunOptions) {
        self.plan = plan
        self.source = source
        self.columns = columns
        self.name = name
        self.options = options
    }

    private struct Work: Sendable {
        var gatherer: any Gatherer
        var node: Int
    }

    private var segments: [Segment] { source.description.segments }

    /// The first passes: each estimator over stretches of about a second, spread evenly, as many as its seconds ask for; what is designed from
    /// one stands before the next begins.
    mutating func estimate(into findings: inout Findings) async throws {
        let all = grid(blocksPerRead: 1)
        for estimator in plan.estimations {
            let blocks = spread(seconds: estimator.seconds, over: all.count)
            let works = [Work(gatherer: estimator.gatherer, node: estimator.node)]
            try await run(
                blocks.map { all[$0] }, works, phase: estimator.design == nil ? "noise" : "whitening",
                workers: try memoryPlan(for: works).workers, into: &findings)
            try plan.design(after: estimator, from: findings)
        }
    }

    /// Blocks in stretches of about a second, whose middles lie as far from each other. Neighbours share the chunks of a compressed recording.
    private func spread(seconds: Double, over count: Int) -> [Int] {
        let blockSeconds = source.description.rate.seconds(plan.step)
        let together = max(1, Int(1 / blockSeconds))
        let stretches = Int((seconds / (blockSeconds * Double(together))).rounded(.up))
        guard stretches * together < count else { return Array(0..<count) }
        return (0..<stretches).flatMap { stretch in
            let middle = (2 * stretch + 1) * count / (2 * stretches)
            let first = min(max(middle - together / 2, 0), count - together)
            return first..<first + together
        }
    }

    /// The main pass: every gatherer over every block.
    func gather(into findings: inout Findings) async throws {
        let current = findings
        let works = try plan.gatherings.map { gathering in
            Work(
                gatherer: try gathering.stage.gatherer(for: plan.graph.nodes[gathering.node].format, id: gathering.id, findings: current),
                node: gathering.node)
        }
        let memory = try memoryPlan(for: works)
        if let budget = options.memory { options.memoryPlanned?("\(name): \(memory.sentence), of \(budget)") }
        try await run(grid(blocksPerRead: memory.blocksPerRead), works, phase: "reading", workers: memory.workers, into: &findings, isWhole: true)
    }

    private func grid(blocksPerRead: Int) -> BlockGrid {
        BlockGrid(segmentFrames: segments.map(\.frames.count), step: plan.step, blocksPerRead: blocksPerRead)
    }

    private func readers(of works: [Work]) -> [StreamGraph.Reader] {
        works.map { StreamGraph.Reader(node: $0.node, margin: $0.gatherer.margin) }
    }

    private func memoryPlan(for works: [Work]) throws -> MemoryPlan {
        let longest = segments.map(\.frames.count).max() ?? 0
        let estimation = plan.estimations.map { estimator in
            // Of a design from all channels some sixteen matrices in Float64: sums under way, those added up, what they are decomposed into.
            let channels = plan.graph.nodes[estimator.node].format.electrodes.count
            return (estimator.gatherer as? NoiseGatherer)?.waitingBytes(step: min(plan.step, longest)) ?? 16 * 8 * channels * channels
        }.reduce(0, +)
        return try MemoryPlan(
            graph: plan.graph, readers: readers(of: works), step: plan.step, longestSegment: longest, unpackingBytes: source.unpackingBytes,
            estimationBytes: estimation, options: options)
    }

    private func run(
        _ jobs: some RandomAccessCollection<BlockGrid.Read> & Sendable, _ works: [Work], phase: String, workers: Int,
        into findings: inout Findings, isWhole: Bool = false
    ) async throws {
        let readers = readers(of: works)
        let lengths = segments.map { plan.graph.segmentFrames($0.frames.count) }
        func context(_ segment: Int, _ work: Work) -> SegmentContext {
            SegmentContext(index: segment, frames: lengths[segment][work.node], start: segments[segment].start)
        }
        let contexts = segments.indices.map { segment in works.map { context(segment, $0) } }
        var accumulated = works.map { $0.gatherer.erasedStart() }
        let total = jobs.reduce(0) { $0 + $1.frames }
        let hashing = isWhole ? options.hashing : nil
        // Of the first passes what stretches need, of the main pass everything.
        let stretches = isWhole ? segments.map(\.frames) : jobs.map { needed($0, readers: readers, lengths: lengths[$0.segment]) }
        let ordered = source.readInOrder(stretches, by: workers)
        let shown = hashing.map { ordered.shown(to: $0) } ?? ordered
        var done = 0

        try await runInOrder(jobs, workers: workers) { job in
            try partials(of: job, from: shown, works, readers: readers, lengths: lengths[job.segment], contexts: contexts[job.segment])
        } deliver: { job, partials in
            for block in partials {
                for index in works.indices {
                    try works[index].gatherer.erasedMerge(block[index], in: contexts[job.segment][index], into: &accumulated[index])
                }
            }
            done += job.frames
            try hashing?.advance(to: Double(done) / Double(total))
            report(phase, done: done, of: total)
        }
        for (work, collected) in zip(works, accumulated) { try work.gatherer.erasedFinish(collected, into: &findings) }
    }

    /// The rows of the dataset that a job reads.
    private func needed(_ job: BlockGrid.Read, readers: [StreamGraph.Reader], lengths: [Int]) -> SampleRange {
        let needed = job.blocks.map { plan.graph.requirements(for: $0, readers: readers, segmentFrames: lengths)[0] }.filter { !$0.isEmpty }
        guard let first = needed.first, let last = needed.last else { return 0..<0 }
        return (first.lowerBound..<max(first.upperBound, last.upperBound)).shifted(by: segments[job.segment].frames.lowerBound)
    }

    /// What every gatherer says about every block of a job. Runs on any worker.
    private func partials(
        of job: BlockGrid.Read, from source: any SignalSource, _ works: [Work], readers: [StreamGraph.Reader], lengths: [Int], contexts: [SegmentContext]
    ) throws -> [[any Sendable]] {
        let requirements = job.blocks.map { plan.graph.requirements(for: $0, readers: readers, segmentFrames: lengths) }
        let needed = requirements.map { $0[0] }.filter { !$0.isEmpty }
        let origin = segments[job.segment].frames.lowerBound
        var whole = SignalBlock(frames: 0..<0, channels: columns.count)
        if let first = needed.first, let last = needed.last {
            let range = first.lowerBound..<max(first.upperBound, last.upperBound)
            whole = try source.read(range.shifted(by: origin), columns: columns, origin: origin)
        }
        let kept = Set(readers.map(\.node))
        let evaluated = plan.graph.evaluate(consume whole, requirements: requirements, segmentFrames: lengths, kept: kept)
        return zip(job.blocks, evaluated).map { block, signals in
            return works.indices.map { index in
                let node = works[index].node
                let core = plan.graph.core(of: block, at: node, segmentFrames: lengths)
                let signal = signals[node] ?? SignalBlock(frames: core.lowerBound..<core.lowerBound, channels: plan.graph.nodes[node].format.electrodes.count)
                return works[index].gatherer.erasedPartial(of: signal, core: core, in: contexts[index])
            }
        }
    }

    private func report(_ phase: String, done: Int, of total: Int) {
        guard let progress = options.progress else { return }
        progress(
            RunProgress(
                recording: name, phase: phase, fraction: total == 0 ? 1 : Double(done) / Double(total),
                signalSeconds: source.description.rate.seconds(done), elapsed: Date().timeIntervalSince(started)))
    }
}
