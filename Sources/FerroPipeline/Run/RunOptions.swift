// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
import Foundation

/// How a run is carried out. Nothing here changes a result.
package struct RunOptions: Sendable {
    /// Blocks worked on at once, handing over their results among that work; 0 takes one per processor.
    package var workers = 0
    /// The most memory the blocks under way may take; workers are lowered to fit.
    package var memory: Bytes?
    /// Consecutive blocks of the grid that are read at once.
    package var blocksPerRead = 1
    /// Leaves recordings alone that are finished with the same input and pipeline.
    package var resume = false
    /// Whether a recording may be read from other files that it names.
    package var allowsExternal = false
    package var progress: (@Sendable (RunProgress) -> Void)?
    /// Forms the hash of the file while the main pass reads it.
    var hashing: FileHashing?
    /// The most that drafts of the first passes may take, where a budget leaves as much.
    var mostDraftBytes = 64_000_000
    /// Is told, before the first sample is read, what a budget of memory allows.
    package var memoryPlanned: (@Sendable (String) -> Void)?
    /// Is called when the file has been opened, and again and again while work goes on: a run that gives no sign stands still.
    package var sign: (@Sendable () -> Void)?
    /// The program whose processes open and read recordings, so that a file that crashes or hangs costs itself alone; nil reads in this process.
    package var worker: WorkerProgram?
    /// The longest that opening a recording may take in a process of `worker`.
    package var openLimit = RunOptions.standardOpenLimit
    package static let standardOpenLimit = Seconds(120)

    package init() {}

    /// No more than the gain of reading at once can use.
    var effectiveBlocksPerRead: Int { min(max(blocksPerRead, 1), 4096) }

    var effectiveWorkers: Int { workers > 0 ? workers : ProcessInfo.processInfo.activeProcessorCount }
}

/// How far a recording has come.
package struct RunProgress: Sendable, Codable {
    package var recording: String
    /// What is being done, such as `noise` or `reading`.
    package var phase: String
    /// 0 to 1 over both passes.
    package var fraction: Double
    /// Seconds of signal dealt with so far.
    package var signalSeconds: Double
    package var elapsed: Double
}

/// The memory that the blocks under way take, told before the start.
struct MemoryPlan {
    let workers: Int
    /// Blocks of the grid that are worked on at once.
    let blocksPerRead: Int
    let bytesPerWorker: Int
    /// What the program takes beside blocks, the noise counts of every channel among it.
    let base: Int
    /// The most that drafts of the first passes may take: half of what would be left of a budget.
    let draftBytes: Int

    /// - Parameters:
    ///   - unpackingBytes: what each worker takes beside its blocks while it reads.
    ///   - estimationBytes: what the first passes take: blocks that wait for their noise to be counted, matrices of a design.
    /// - Throws: `FerroError` (usage) when not even one worker with one block fits.
    init(
        graph: StreamGraph, readers: [StreamGraph.Reader], step: Int, longestSegment: Int, unpackingBytes: Int = 0, estimationBytes: Int = 0,
        options: RunOptions
    )
        throws
    {
        let base = 64_000_000 + 48_000 * graph.nodes[0].format.electrodes.count + estimationBytes
        self.base = base
        let lengths = graph.segmentFrames(longestSegment)
        func bytes(_ blocks: Int) -> Int {
            let frames = graph.requirements(for: 0..<min(step * blocks, longestSegment), readers: readers, segmentFrames: lengths)
            let floats = zip(graph.nodes, frames).map { $1.count * SignalBlock.paddedChannels(forChannels: $0.format.electrodes.count) }
            // Float32 blocks, the filters' Float64 scratch of the largest of them, and finished partial results that wait for their turn.
            return floats.reduce(0, +) * 4 + (floats.max() ?? 0) * 12 + unpackingBytes
        }
        let wanted = max(options.effectiveBlocksPerRead, graph.blocksAtOnce)
        guard let budget = options.memory else {
            (workers, blocksPerRead, bytesPerWorker) = (options.effectiveWorkers, wanted, bytes(wanted))
            draftBytes = options.mostDraftBytes
            return
        }
        let free = Int(min(budget.value, 1e18)) - base
        // Blocks side by side only save time.
        let fitting = free >= bytes(wanted) ? wanted : options.effectiveBlocksPerRead
        let each = bytes(fitting)
        guard free >= each else {
            throw FerroError.usage(
                "\(budget) of memory is too little: this pipeline needs \(Bytes(Double((base + each) / 1_000_000 + 1) * 1e6)) for one worker",
                advice: "raise --memory, choose fewer electrodes, or decimate before filters with low cut-offs")
        }
        (workers, blocksPerRead, bytesPerWorker) = (min(free / max(each, 1), options.effectiveWorkers), fitting, each)
        // The other half is for drafts on their way to the shelf.
        draftBytes = min((free - workers * each) / 2, options.mostDraftBytes)
    }

    /// `2 workers of 24 MB each and 64 MB besides, 112 MB in all`
    var sentence: String {
        func megabytes(_ bytes: Int) -> String { "\((bytes + 999_999) / 1_000_000) MB" }
        return "\(workers) \(workers == 1 ? "worker" : "workers") of \(megabytes(bytesPerWorker)) each and \(megabytes(base + draftBytes)) besides, "
            + "\(megabytes(workers * bytesPerWorker + base + draftBytes)) in all"
    }
}
