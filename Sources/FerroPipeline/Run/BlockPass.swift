// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings

/// One pass over blocks of a series: workers make the signals of a block and ask every gatherer about it, and what they say is merged in time order.
struct BlockPass: Sendable {
    /// A gatherer and the signal that it sees.
    struct Work: Sendable {
        var gatherer: any Gatherer
        var node: Int
        var reader: StreamGraph.Reader { StreamGraph.Reader(node: node, margin: gatherer.margin) }
    }

    /// Those who draft beside the gatherers of a first pass, and where their drafts go.
    struct Drafting: Sendable {
        var works: [Work]
        /// Of the works, in their order.
        var gatherers: [any DraftingGatherer]
        var shelf: DraftShelf
    }

    /// What one block gave.
    private struct Product: Sendable {
        var partials: [any Sendable]
        var drafts: [(draft: any Sendable, byteCount: Int)]?
    }

    private let graph: StreamGraph
    private let source: any SignalSource
    private let columns: [Int]
    private let works: [Work]
    private let workers: Int
    private let drafting: Drafting?
    /// Drafts in whose place no block is read; nil in a first pass.
    private let shelf: DraftShelf?
    private let hashing: FileHashing?
    private let readers: [StreamGraph.Reader]
    /// Frames of every signal, segment by segment.
    private let lengths: [[Int]]

    init(
        graph: StreamGraph, source: any SignalSource, columns: [Int], works: [Work], workers: Int, drafting: Drafting?, shelf: DraftShelf?,
        hashing: FileHashing?
    ) {
        self.graph = graph
        self.source = source
        self.columns = columns
        self.works = works
        self.workers = workers
        self.drafting = drafting
        self.shelf = shelf
        self.hashing = hashing
        readers = (works + (drafting?.works ?? [])).map(\.reader)
        lengths = source.description.segments.map { graph.segmentFrames($0.frames.count) }
    }

    private var segments: [Segment] { source.description.segments }

    /// Goes through the reads, which are ascending, and tells the findings.
    ///
    /// - Parameter report: is told how many frames are done, and of how many.
    func run(_ jobs: some RandomAccessCollection<BlockGrid.Read> & Sendable, into findings: inout Findings, report: (Int, Int) -> Void) async throws {
        var accumulated = works.map { $0.gatherer.erasedStart() }
        let total = jobs.reduce(0) { $0 + $1.frames }
        let ordered = source.readInOrder(
            shelf.map(undrafted) ?? jobs.map { needed($0.blocks, in: $0.segment) }, by: workers, before: drafting == nil ? [] : undrafted(after: jobs))
        let shown = hashing.map { ordered.shown(to: $0) } ?? ordered
        var done = 0
        try await runInOrder(jobs, workers: workers) { job in
            try products(of: job, from: shown)
        } deliver: { job, products in
            for (block, product) in zip(job.blocks, products) {
                for index in works.indices {
                    try works[index].gatherer.erasedMerge(product.partials[index], in: context(job.segment, works[index].node), into: &accumulated[index])
                }
                if let drafts = product.drafts { drafting?.shelf.put(drafts, of: block, in: job.segment) }
            }
            done += job.frames
            try hashing?.advance(to: Double(done) / Double(total))
            report(done, total)
        }
        for (work, collected) in zip(works, accumulated) { try work.gatherer.erasedFinish(collected, into: &findings) }
    }

    private func context(_ segment: Int, _ node: Int) -> SegmentContext {
        SegmentContext(index: segment, frames: lengths[segment][node], start: segments[segment].start)
    }

    // MARK: Reading

    /// The rows of the dataset that the main pass reads: all but what was drafted.
    private func undrafted(by shelf: DraftShelf) -> [SampleRange] {
        segments.indices.flatMap { segment in
            shelf.gaps(in: 0..<segments[segment].frames.count, of: segment).map { needed([$0], in: segment) }
        }
    }

    /// The rows of the dataset that the main pass will read where all blocks of this pass are drafted.
    private func undrafted(after jobs: some Collection<BlockGrid.Read>) -> [SampleRange] {
        let drafted = Dictionary(grouping: jobs, by: \.segment).mapValues { $0.flatMap(\.blocks) }
        return segments.indices.flatMap { segment in
            (0..<segments[segment].frames.count).gaps(between: drafted[segment] ?? []).map { needed([$0], in: segment) }
        }
    }

    /// The rows of the dataset that blocks of a segment need.
    private func needed(_ blocks: [SampleRange], in segment: Int) -> SampleRange {
        range(of: blocks.map { requirements(of: $0, in: segment)[0] }).shifted(by: segments[segment].frames.lowerBound)
    }

    private func requirements(of block: SampleRange, in segment: Int) -> [SampleRange] {
        graph.requirements(for: block, readers: readers, segmentFrames: lengths[segment])
    }

    /// From the first to the last of what ascending blocks need.
    private func range(of needed: [SampleRange]) -> SampleRange {
        let needed = needed.filter { !$0.isEmpty }
        guard let first = needed.first, let last = needed.last else { return 0..<0 }
        return first.lowerBound..<max(first.upperBound, last.upperBound)
    }

    /// Every signal of some blocks of a segment.
    private func signals(of blocks: [SampleRange], in segment: Int, from source: any SignalSource) throws -> [[SignalBlock?]] {
        guard !blocks.isEmpty else { return [] }
        let requirements = blocks.map { self.requirements(of: $0, in: segment) }
        let range = range(of: requirements.map { $0[0] })
        let origin = segments[segment].frames.lowerBound
        let whole =
            range.isEmpty
            ? SignalBlock(frames: range, channels: columns.count) : try source.read(range.shifted(by: origin), columns: columns, origin: origin)
        return graph.evaluate(consume whole, requirements: requirements, segmentFrames: lengths[segment], kept: Set(readers.map(\.node)))
    }

    // MARK: Asking the gatherers

    /// What every gatherer says about every block of a read. Runs on any worker.
    private func products(of job: BlockGrid.Read, from source: any SignalSource) throws -> [Product] {
        let drafted = job.blocks.map { shelf?.take($0, in: job.segment) }
        let open = job.blocks.indices.filter { drafted[$0] == nil }
        var fresh = try signals(of: open.map { job.blocks[$0] }, in: job.segment, from: source).makeIterator()
        return job.blocks.indices.map { index in
            if let drafts = drafted[index] { return Product(partials: partials(from: drafts, in: job.segment)) }
            let (block, signals) = (job.blocks[index], fresh.next() ?? [])
            let partials = works.map { work in
                let (signal, core) = seen(of: block, at: work.node, in: job.segment, signals)
                return work.gatherer.erasedPartial(of: signal, core: core, in: context(job.segment, work.node))
            }
            return Product(partials: partials, drafts: drafts(of: block, in: job.segment, signals))
        }
    }

    private func seen(of block: SampleRange, at node: Int, in segment: Int, _ signals: [SignalBlock?]) -> (SignalBlock, SampleRange) {
        let core = graph.core(of: block, at: node, segmentFrames: lengths[segment])
        let nothing = SignalBlock(frames: core.lowerBound..<core.lowerBound, channels: graph.nodes[node].format.electrodes.count)
        return (signals.indices.contains(node) ? signals[node] ?? nothing : nothing, core)
    }

    private func partials(from drafts: [any Sendable], in segment: Int) -> [any Sendable] {
        zip(works, drafts).map { work, draft in
            (work.gatherer as? any DraftingGatherer)?.erasedPartial(from: draft, in: context(segment, work.node)) ?? draft
        }
    }

    /// A draft of everybody; nil where one of them leaves it.
    private func drafts(of block: SampleRange, in segment: Int, _ signals: [SignalBlock?]) -> [(draft: any Sendable, byteCount: Int)]? {
        guard let drafting, !drafting.shelf.isFull else { return nil }
        var drafts: [(draft: any Sendable, byteCount: Int)] = []
        for (gatherer, work) in zip(drafting.gatherers, drafting.works) {
            let (signal, core) = seen(of: block, at: work.node, in: segment, signals)
            guard let draft = gatherer.erasedDraft(of: signal, core: core, in: context(segment, work.node)) else { return nil }
            drafts.append(draft)
        }
        return drafts
    }
}
