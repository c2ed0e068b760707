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
protocol Orientation {
    static func turned(_ samples: Samples) -> Samples
    static func turned(_ sample: Float) -> Float
}

enum Downward: Orientation {
    @inline(__always) static func turned(_ samples: Samples) -> Samples { -samples }
    @inline(__always) static func turned(_ sample: Float) -> Float { -sample }
}

enum Upward: Orientation {
    @inline(__always) static func turned(_ samples: Samples) -> Samples { samples }
    @inline(__always) static func turned(_ sample: Float) -> Float { sample }
}

enum Away: Orientation {
    @inline(__always) static func turned(_ samples: Samples) -> Samples { larger(samples, -samples) }
    @inline(__always) static func turned(_ sample: Float) -> Float { abs(sample) }
}

typealias Samples = SIMD16<Float>

/// Vectors whose largest values are kept in one before it is looked at.
private let vectorsAtOnce = 8

/// The larger of each lane by one comparison and one blend; `pointwiseMax` takes the lanes one by one. Filters have their own, because such functions are not
/// inlined from one module into another.
@inline(__always)
func larger(_ left: Samples, _ right: Samples) -> Samples { right.replacing(with: left, where: left .> right) }

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
                if any(largest(sense, top + place) .> limit) { look(sense, top, place..<place + together, limit, width, frames.lowerBound, panel, &found) }
                place += together
            }
            look(sense, top, place..<count, limit, width, frames.lowerBound, panel, &found)
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

private let laneBits = SIMD16<Int32>(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768)

/// Looks at a stretch of a panel vector by vector; the panel begins at the frame `first`.
@inline(never)
private func look<Sense: Orientation>(
    _ sense: Sense.Type, _ top: UnsafePointer<Float>, _ places: Range<Int>, _ limit: Samples, _ width: Int, _ first: Int, _ panel: Int,
    _ found: inout [Candidate]
) {
    @inline(__always) func load(_ place: Int) -> Samples { Sense.turned(UnsafeRawPointer(top + place).loadUnaligned(as: Samples.self)) }
    for place in stride(from: places.lowerBound, to: places.upperBound, by: 16) {
        guard place &+ 16 <= places.upperBound else {
            // Less than a vector is left of the panel.
            for place in place..<places.upperBound {
                let value = Sense.turned(top[place])
                guard value > limit[place & 15], value > Sense.turned(top[place - width]), value >= Sense.turned(top[place + width]) else { continue }
                found.append(Candidate(frame: first + place / width, channel: panel + place & (width - 1), value: value))
            }
            return
        }
        let value = load(place)
        let isBeyond = value .> limit
        guard any(isBeyond) else { continue }
        let isExtremum = isBeyond .& (value .> load(place &- width)) .& (value .>= load(place &+ width))
        // One bit for each lane, so that only those that are set are gone through.
        var lanes = SIMD16<Int32>.zero.replacing(with: laneBits, where: isExtremum).wrappedSum()
        while lanes != 0 {
            let lane = lanes.trailingZeroBitCount
            lanes &= lanes &- 1
            found.append(Candidate(frame: first + (place + lane) / width, channel: panel + lane & (width - 1), value: Sense.turned(top[place + lane])))
        }
    }
}
