// SPDX-License-Identifier: GPL-3.0-or-later

// Goals, in order: the counts that `SampleBins.count` would give; speed. Samples are put into bins sixteen at a time; then the bins are counted. What the
// fast way does not cover (a page that is not there yet, a sample far away) is left to `SampleBins.count`.

private typealias Bins = SIMD16<Int32>

/// Samples that are put into bins before they are counted: few enough that their bins stay in the nearest caches.
private let samplesAtOnce = 8192

/// Samples that tell how wide bins had better be.
private let samplesLookedAt = 4096

/// Counts the samples of pieces with the same channels, channel after channel, so that the counts of one, which are many, are fetched for all of them at once.
func countBins(_ bins: inout [SampleBins], _ pieces: [SampleColumns]) {
    withUnsafeTemporaryAllocation(of: Bins.self, capacity: samplesAtOnce / 16) { memory in
        guard let memory = memory.baseAddress else { return }
        for channel in bins.indices {
            for piece in pieces {
                piece.withColumn(channel) { samples in
                    bins[channel].settle(for: UnsafeBufferPointer(rebasing: samples.prefix(samplesLookedAt)))
                    for first in stride(from: 0, to: samples.count, by: samplesAtOnce) {
                        let end = min(first + samplesAtOnce, samples.count)
                        count(UnsafeBufferPointer(rebasing: samples[first..<end]), in: &bins[channel], memory)
                    }
                }
            }
        }
    }
}

/// Counts samples by their bins, and one by one where those do not do. A page that was missing is there for the next sample; wider bins are others than those
/// that were worked out.
private func count(_ samples: UnsafeBufferPointer<Float>, in bins: inout SampleBins, _ memory: UnsafeMutablePointer<Bins>) {
    let exponent = bins.exponent
    let vectors = samples.count / 16
    let reach = putIntoBins(samples, vectors: vectors, scale: bins.scale, into: memory)
    UnsafePointer(memory).withMemoryRebound(to: Int32.self, capacity: 16 * vectors) { indices in
        var done = 0
        while done < samples.count {
            let binned = bins.exponent == exponent ? 16 * vectors - done : 0
            if binned > 0 { done += bins.count(indices + done, times: binned, within: reach) }
            let left = samples.count - done
            let slow = bins.exponent == exponent && done < 16 * vectors ? 1 : left
            bins.count(UnsafeBufferPointer(rebasing: samples[done..<done + slow]))
            done += slow
        }
    }
}

/// Leaves the bins of whole vectors of samples.
///
/// - Returns: between which bins they lie.
private func putIntoBins(
    _ samples: UnsafeBufferPointer<Float>, vectors: Int, scale: Float, into memory: UnsafeMutablePointer<Bins>
) -> ClosedRange<Int> {
    guard vectors > 0, let base = samples.baseAddress else { return 0...0 }
    let far = Samples(repeating: .infinity)
    var (low, high) = (far, -far)
    for number in 0..<vectors {
        let value = UnsafeRawPointer(base + 16 &* number).loadUnaligned(as: Samples.self) * scale
        low = value.replacing(with: low, where: low .< value)
        high = value.replacing(with: high, where: high .> value)
        memory[number] = binIndices(value)
    }
    let ends = binIndices(Samples(lowHalf: .init(repeating: low.min()), highHalf: .init(repeating: high.max())))
    return Int(min(ends[0], ends[15]))...Int(ends[15])
}

/// The largest whole numbers not above the values, for values within ±(2^22 − 2); what lies beyond is put at ±2^22.
@inline(__always)
private func binIndices(_ value: Samples) -> Bins {
    let limit = Samples(repeating: 0x1p22)
    let low = value.replacing(with: -limit, where: value .< -limit)
    let inside = low.replacing(with: limit, where: low .> limit)
    // Adding 1.5 · 2^23 rounds to the nearest whole number and leaves it in the low bits.
    let magic = Samples(repeating: 0x1.8p23)
    let shifted = inside + magic
    let nearest = unsafeBitCast(shifted, to: Bins.self) &- unsafeBitCast(magic, to: Bins.self)
    // All ones, that is −1, where rounding went up.
    let above = Bins.zero.replacing(with: -1, where: (shifted - magic) .> inside)
    return nearest &+ above
}
