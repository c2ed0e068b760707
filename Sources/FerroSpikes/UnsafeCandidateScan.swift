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
    case .negative: scan(block, frames, limits, Downward.self)
    case .positive: scan(block, frames, limits, Upward.self)
    case .both: scan(block, frames, limits, Away.self)
    }
}

/// Turns samples so that larger is more extreme.
private protocol Orientation {
    static func turned(_ samples: Samples) -> Samples
    static func turned(_ sample: Float) -> Float
}

private enum Downward: Orientation {
    @inline(__always) static func turned(_ samples: Samples) -> Samples { -samples }
    @inline(__always) static func turned(_ sample: Float) -> Float { -sample }
}

private enum Upward: Orientation {
    @inline(__always) static func turned(_ samples: Samples) -> Samples { samples }
    @inline(__always) static func turned(_ sample: Float) -> Float { sample }
}

private enum Away: Orientation {
    @inline(__always) static func turned(_ samples: Samples) -> Samples { larger(samples, -samples) }
    @inline(__always) static func turned(_ sample: Float) -> Float { abs(sample) }
}

private typealias Samples = SIMD16<Float>

/// Vectors whose largest values are kept in one before it is looked at.
private let vectorsAtOnce = 8

/// The larger of each lane by one comparison and one blend; `pointwiseMax` takes the lanes one by one.
@inline(__always)
private func larger(_ left: Samples, _ right: Samples) -> Samples { right.replacing(with: left, where: left .> right) }

/// Walks through each panel as it lies in memory, sixteen samples a vector, of one frame or of several, and looks closer where the largest of some vectors
/// are beyond the limits.
@inline(__always)
private func scan<Sense: Orientation>(_ block: SignalBlock, _ frames: SampleRange, _ limits: [Float], _ sense: Sense.Type) -> [Candidate] {
    guard !frames.isEmpty else { return [] }
    precondition(frames.lowerBound > block.frames.lowerBound && frames.upperBound < block.frames.upperBound)
    precondition(limits.count == block.paddedChannels)
    let width = block.panelWidth
    var found: [Candidate] = []
    block.samples.withUnsafeBufferPointer { samples in
        guard let start = samples.baseAddress else { return }
        for panel in block.panelStarts {
            let top = start + block.place(frames.lowerBound, panel)
            let count = frames.count * width
            var limit = Samples.zero
            for lane in 0..<16 { limit[lane] = limits[panel + lane & (width - 1)] }
            let together = 16 * vectorsAtOnce
            var place = 0
            while place + together <= count {
                let beyond = largest(sense, top + place) .> limit
                if any(beyond) { look(sense, top, place..<place + together, beyond, limit, width, frames.lowerBound, panel, &found) }
                place += together
            }
            look(sense, top, place..<count, .init(repeating: true), limit, width, frames.lowerBound, panel, &found)
        }
    }
    return found.sorted { ($0.frame, $0.channel) < ($1.frame, $1.channel) }
}

@inline(__always)
private func largest<Sense: Orientation>(_ sense: Sense.Type, _ start: UnsafePointer<Float>) -> Samples {
    var largest = Samples(repeating: -.infinity)
    for index in 0..<vectorsAtOnce {
        largest = larger(Sense.turned(UnsafeRawPointer(start + 16 &* index).loadUnaligned(as: Samples.self)), largest)
    }
    return largest
}

/// Looks at the samples of a stretch of a panel that stand in some lanes; the panel begins at the frame `first`.
@inline(never)
private func look<Sense: Orientation>(
    _ sense: Sense.Type, _ top: UnsafePointer<Float>, _ places: Range<Int>, _ lanes: SIMDMask<SIMD16<Int32>>, _ limit: Samples, _ width: Int, _ first: Int,
    _ panel: Int, _ found: inout [Candidate]
) {
    for lane in 0..<16 where lanes[lane] {
        for place in stride(from: places.lowerBound + lane, to: places.upperBound, by: 16) {
            let value = Sense.turned(top[place])
            guard value > limit[lane], value > Sense.turned(top[place - width]), value >= Sense.turned(top[place + width]) else { continue }
            found.append(Candidate(frame: first + place / width, channel: panel + place & (width - 1), value: value))
        }
    }
}
