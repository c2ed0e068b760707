// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroSpikes

/// The noise of every channel, median(|x - median|)/0.6745, over the blocks it is shown.
struct NoiseGatherer: Gatherer {
    let id: String
    let channels: Int
    let margin = Margin.none

    /// A block, and the frames of it that count.
    struct Partial: Sendable {
        var block: SignalBlock
        var core: SampleRange
    }

    /// Blocks that wait for each other, so that the counts of a channel, which are many, are fetched for all of them at once.
    struct Accumulated: Sendable {
        var histogram: NoiseHistogram
        var waiting: [Partial] = []

        mutating func count() {
            histogram.add(waiting.map { ($0.block, $0.core) })
            waiting = []
        }
    }

    private static let framesAtOnce = 12288

    /// The most memory of blocks of so many frames that wait.
    func waitingBytes(step: Int) -> Int { (NoiseGatherer.framesAtOnce + step) * SignalBlock.paddedChannels(forChannels: channels) * MemoryLayout<Float>.stride }

    // The histogram is larger than a block, so blocks travel and one histogram grows.
    func partial(of block: SignalBlock, core: SampleRange, in segment: SegmentContext) -> Partial { Partial(block: block, core: core) }
    func start() -> Accumulated { Accumulated(histogram: NoiseHistogram(channels: channels)) }

    func merge(_ partial: Partial, in segment: SegmentContext, into accumulated: inout Accumulated) {
        accumulated.waiting.append(partial)
        if accumulated.waiting.reduce(0, { $0 + $1.core.count }) >= NoiseGatherer.framesAtOnce { accumulated.count() }
    }

    func finish(_ accumulated: Accumulated, into findings: inout Findings) throws {
        var accumulated = accumulated
        accumulated.count()
        findings.noise[id] = accumulated.histogram.noise()
    }
}
