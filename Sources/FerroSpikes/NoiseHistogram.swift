// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// The noise of each channel, median(|x − median|)/0.6745, estimated from streamed samples.
///
/// Goals, in this order: the result depends on the multiset of samples alone (integer counts; adding and merging in any order
/// give the same bits); memory is bounded per channel; the relative error against the exact value stays below 1e-3; speed.
///
/// Samples are counted in bins of width 2^e µV. Bins live in pages of 64, allocated where samples fall, so that an offset or
/// a few artefacts cost nothing. e is the smallest exponent from −10 on at which at most 128 pages are occupied: a function of
/// the set of samples that can only grow with it, hence the independence of order.
/// Median and deviation interpolate the cumulative distribution linearly inside bins. A deviation smaller than a bin is
/// reported as 0: more than half of the samples are equal as far as the bins can tell, and the channel is silent.
///
/// ```swift
/// var noise = NoiseHistogram(channels: 4)
/// noise.add(block, frames: block.frames)
/// let microvolts = noise.noise()
/// ```
package struct NoiseHistogram: Sendable, Equatable {
    /// Median absolute deviation of a normal distribution of unit standard deviation.
    package static let normalDeviation = 0.6744897501960817

    private(set) var bins: [SampleBins]

    package init(channels: Int) {
        bins = Array(repeating: SampleBins(), count: channels)
    }

    package var channels: Int { bins.count }

    /// Counts the samples of some frames of a block. Requires `frames` to lie within the block, and as many channels.
    package mutating func add(_ block: SignalBlock, frames: SampleRange) {
        add([SampleColumns(of: block, frames: frames)])
    }

    /// Counts the samples of several pieces, channel after channel. Requires as many channels.
    package mutating func add(_ pieces: [SampleColumns]) {
        precondition(pieces.allSatisfy { $0.channels == bins.count })
        countBins(&bins, pieces)
    }

    /// Adds what another histogram counted. Requires as many channels.
    package mutating func merge(_ other: NoiseHistogram) {
        precondition(other.bins.count == bins.count)
        for channel in bins.indices { bins[channel].merge(other.bins[channel]) }
    }

    /// Noise of each channel in microvolts; nil where no sample was counted, 0 where the channel is silent.
    package func noise() -> [Double?] {
        bins.map { bins in bins.medianAndDeviation().map { $0.deviation / NoiseHistogram.normalDeviation } }
    }

    /// Median of each channel in microvolts; nil where no sample was counted.
    package func medians() -> [Double?] {
        bins.map { bins in bins.medianAndDeviation()?.median }
    }
}
