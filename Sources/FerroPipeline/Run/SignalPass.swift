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

    private typealias Work = BlockPass.Work
    /// What the first passes put down for the main pass.
    private var shelf: DraftShelf?

    private var segments: [Segment] { source.description.segments }

    /// The first passes: each estimator over stretches spread evenly, of about a second, as many as its seconds ask for; what is designed from
    /// one stands before the next begins. In the last of them the gatherers of the main pass draft what they can, so that it need not come back.
    mutating func estimate(into findings: inout Findings) async throws {
        let all = grid(blocksPerRead: 1)
        for (index, estimator) in plan.estimations.enumerated() {
            let blocks = spread(seconds: estimator.seconds, over: all.count)
            let gatherer = blocks.count < all.count ? estimator.gatherer.sparing : estimator.gatherer
            let works = [Work(gatherer: gatherer, node: estimator.node)]
            let isLast = index == plan.estimations.count - 1 && estimator.design == nil
            let drafting = isLast ? try self.drafting(with: findings) : nil
            let pass = pass(works, workers: try memoryPlan(for: works + (drafting?.works ?? [])).workers, drafting: drafting)
            let phase = estimator.design == nil ? "noise" : "whitening"
            try await pass.run(blocks.map { all[$0] }, into: &findings) { report(phase, $0, of: $1) }
            try plan.design(after: estimator, from: findings)
            shelf = drafting?.shelf
        }
        // The main pass has other blocks; what it finds would come on top, later in a long recording than in a short one.
        BlockPool.giveBack()
    }

    /// The gatherers of the main pass as far as they can be made by now, where all of them draft.
    private func drafting(with findings: Findings) throws -> BlockPass.Drafting? {
        let works = try mainWorks(with: findings)
        let gatherers = works.compactMap { $0.gatherer as? any DraftingGatherer }
        guard gatherers.count == works.count else { return nil }
        return BlockPass.Drafting(works: works, gatherers: gatherers, shelf: DraftShelf(capacity: try memoryPlan(for: works).draftBytes))
    }

    private func mainWorks(with findings: Findings) throws -> [Work] {
        try plan.gatherings.map { gathering in
            Work(
                gatherer: try gathering.stage.gatherer(for: plan.graph.nodes[gathering.node].format, id: gathering.id, findings: findings),
                node: gathering.node)
        }
    }

    /// Blocks in stretches of about a second, whose middles lie as far from each other. Neighbours share the chunks of a compressed recording.
    private func spread(seconds: Double, over count: Int) -> [Int] {
        let blockSeconds = source.description.rate.seconds(plan.step)
        let together = max(1, Int((1 / blockSeconds).rounded()))
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
        let works = try mainWorks(with: findings)
        shelf?.keepDecided(by: works.compactMap { $0.gatherer as? any DraftingGatherer })
        let memory = try memoryPlan(for: works)
        if let budget = options.memory { options.memoryPlanned?("\(name): \(memory.sentence), of \(budget)") }
        let pass = pass(works, workers: memory.workers, shelf: shelf ?? DraftShelf(capacity: 0), hashing: options.hashing)
        try await pass.run(grid(blocksPerRead: memory.blocksPerRead), into: &findings) { report("reading", $0, of: $1) }
    }

    private func grid(blocksPerRead: Int) -> BlockGrid {
        BlockGrid(segmentFrames: segments.map(\.frames.count), step: plan.step, blocksPerRead: blocksPerRead)
    }

    private func pass(
        _ works: [Work], workers: Int, drafting: BlockPass.Drafting? = nil, shelf: DraftShelf? = nil, hashing: FileHashing? = nil
    ) -> BlockPass {
        BlockPass(graph: plan.graph, source: source, columns: columns, works: works, workers: workers, drafting: drafting, shelf: shelf, hashing: hashing)
    }

    private func memoryPlan(for works: [Work]) throws -> MemoryPlan {
        let longest = segments.map(\.frames.count).max() ?? 0
        let estimation = plan.estimations.map { estimator in
            // Of a design from all channels some sixteen matrices in Float64: sums under way, those added up, what they are decomposed into.
            let channels = plan.graph.nodes[estimator.node].format.electrodes.count
            return (estimator.gatherer as? NoiseGatherer)?.waitingBytes(step: min(plan.step, longest)) ?? 16 * 8 * channels * channels
        }.reduce(0, +)
        return try MemoryPlan(
            graph: plan.graph, readers: works.map(\.reader), step: plan.step, longestSegment: longest, unpackingBytes: source.unpackingBytes,
            estimationBytes: estimation, options: options)
    }

    private func report(_ phase: String, _ done: Int, of total: Int) {
        guard let progress = options.progress else { return }
        progress(
            RunProgress(
                recording: name, phase: phase, fraction: total == 0 ? 1 : Double(done) / Double(total),
                signalSeconds: source.description.rate.seconds(done), elapsed: Date().timeIntervalSince(started)))
    }
}
