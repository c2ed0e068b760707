// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// A local extremum beyond the threshold, before it is compared with its surroundings.
struct Candidate {
    var frame: Int
    var channel: Int
    /// Oriented so that larger is more extreme.
    var value: Float
}

/// Local extrema beyond the limits, by frame, then channel: v > limit, v > the frame before, v ≥ the frame after.
///
/// Requires one frame on both sides of `frames` in the block, and one limit per column, padding included.
func candidates(in block: SignalBlock, frames: SampleRange, limits: [Float], polarity: Polarity) -> [Candidate] {
    switch polarity {
    case .negative: scan(block, frames, limits, vector: { -$0 }, scalar: { -$0 })
    case .positive: scan(block, frames, limits, vector: { $0 }, scalar: { $0 })
    case .both: scan(block, frames, limits, vector: { larger($0, -$0) }, scalar: { abs($0) })
    }
}

/// The larger of each lane by one comparison and one blend; `pointwiseMax` takes the lanes one by one.
@inline(__always)
private func larger(_ left: SIMD8<Float>, _ right: SIMD8<Float>) -> SIMD8<Float> {
    right.replacing(with: left, where: left .> right)
}

/// Takes eight frames of eight channels at a time, keeps their largest values in one vector and looks closer where that is beyond the limits.
@inline(__always)
private func scan(
    _ block: SignalBlock, _ frames: SampleRange, _ limits: [Float], vector: (SIMD8<Float>) -> SIMD8<Float>,
    scalar: (Float) -> Float
) -> [Candidate] {
    guard !frames.isEmpty else { return [] }
    precondition(frames.lowerBound > block.frames.lowerBound && frames.upperBound < block.frames.upperBound)
    precondition(limits.count == block.paddedChannels)
    let width = block.panelWidth
    var found: [Candidate] = []
    block.samples.withUnsafeBufferPointer { samples in
        guard let start = samples.baseAddress else { return }
        for column in stride(from: 0, to: limits.count, by: 8) {
            let limit = SIMD8<Float>(
                limits[column], limits[column + 1], limits[column + 2], limits[column + 3],
                limits[column + 4], limits[column + 5], limits[column + 6], limits[column + 7])
            var frame = frames.lowerBound
            while frame < frames.upperBound {
                let last = min(frame + 8, frames.upperBound)
                let rows = start + block.place(frame, column)
                var largest = SIMD8<Float>(repeating: -.infinity)
                for row in 0..<last - frame {
                    let value = UnsafeRawPointer(rows + row * width).loadUnaligned(as: SIMD8<Float>.self)
                    largest = larger(vector(value), largest)
                }
                let beyond = largest .> limit
                if any(beyond) {
                    for lane in 0..<8 where beyond[lane] {
                        for row in 0..<last - frame {
                            let place = rows + row * width + lane
                            let value = scalar(place[0])
                            if value > limits[column + lane], value > scalar(place[-width]), value >= scalar(place[width]) {
                                found.append(Candidate(frame: frame + row, channel: column + lane, value: value))
                            }
                        }
                    }
                }
                frame = last
            }
        }
    }
    return found.sorted { ($0.frame, $0.channel) < ($1.frame, $1.channel) }
}
