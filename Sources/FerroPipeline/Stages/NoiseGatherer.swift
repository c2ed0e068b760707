// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroSpikes

/// The noise of every channel, median(|x - median|)/0.6745, over the blocks it is shown.
struct NoiseGatherer: Gatherer {
    let id: String
    let channels: Int
    let margin = Margin.none

    // The histogram is larger than a block, so blocks travel and one histogram grows.
    func partial(of block: SignalBlock, core: SampleRange, in segment: SegmentContext) -> SignalBlock { block.slice(core) }
    func start() -> NoiseHistogram { NoiseHistogram(channels: channels) }

    func merge(_ partial: SignalBlock, in segment: SegmentContext, into accumulated: inout NoiseHistogram) {
        accumulated.add(partial, frames: partial.frames)
    }

    func finish(_ accumulated: NoiseHistogram, into findings: inout Findings) throws {
        findings.noise[id] = accumulated.noise()
    }
}
