// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

// Goals, in order: what `ChannelGatherer.add` finds, to the bit; a look at a signal that a run over a second of it does not feel. Sixteen channels are
// gathered at once. A channel with a sample that is not finite, or with one that comes three times in a row, is gathered on its own.

/// Adds the frames of a block, one gatherer a channel.
func gatherExtremes(_ block: SignalBlock, into gatherers: inout [ChannelGatherer]) {
    let (rows, width) = (block.frames.count, block.panelWidth)
    block.samples.withUnsafeBufferPointer { samples in
        guard let base = samples.baseAddress, rows > 0 else { return }
        for start in block.panelStarts {
            let channels = start..<min(start + width, gatherers.count)
            let first = block.place(block.frames.lowerBound, start)
            var alone = SIMD16<Float>(repeating: 1)
            if channels.count == PanelExtremes.width {
                alone = remarkable(base + first, rows: rows)
                var panel = PanelExtremes(gatherers[channels], first: base + first)
                panel.add(base + first, rows: rows)
                for (lane, channel) in channels.enumerated() where alone[lane] == 0 { panel.give(lane, to: &gatherers[channel]) }
            }
            for (lane, channel) in channels.enumerated() where alone[lane] != 0 {
                gatherers[channel].add(samples, first: first + lane, stride: width, count: rows)
            }
        }
    }
}

/// 1 for each of sixteen channels with a sample that is not finite, or with one that comes three times in a row; 0 for the others.
private func remarkable(_ samples: UnsafePointer<Float>, rows: Int) -> SIMD16<Float> {
    let one = SIMD16<Float>(repeating: 1)
    var found = SIMD16<Float>.zero
    // No sample is equal to a NaN.
    var (before, twoBefore) = (SIMD16<Float>(repeating: .nan), SIMD16<Float>(repeating: .nan))
    for row in 0..<rows {
        let value = row16(samples, row)
        // Infinity less itself is no number, and no number is not equal to itself.
        let difference = value - value
        found.replace(with: one, where: difference .!= difference)
        found.replace(with: one, where: (value .== before) .& (value .== twoBefore))
        (before, twoBefore) = (value, before)
    }
    return found
}

@inline(__always)
private func row16(_ samples: UnsafePointer<Float>, _ row: Int) -> SIMD16<Float> {
    UnsafeRawPointer(samples + row * PanelExtremes.width).loadUnaligned(as: SIMD16<Float>.self)
}

/// The sums of sixteen channels, side by side.
private struct PanelExtremes {
    static let width = 16

    private var smallest = SIMD16<Float>(repeating: .infinity)
    private var largest = SIMD16<Float>(repeating: -.infinity)
    private var sum = SIMD16<Double>.zero
    private var squares = SIMD16<Double>.zero
    private var reference = SIMD16<Double>.zero
    private var rows = 0

    init(_ gatherers: ArraySlice<ChannelGatherer>, first: UnsafePointer<Float>) {
        for (lane, gatherer) in gatherers.enumerated() {
            sum[lane] = gatherer.sum
            squares[lane] = gatherer.squares
            reference[lane] = gatherer.reference ?? Double(first[lane])
        }
    }

    mutating func add(_ samples: UnsafePointer<Float>, rows: Int) {
        self.rows += rows
        var (smallest, largest, sum, squares) = (smallest, largest, sum, squares)
        let reference = reference
        for row in 0..<rows {
            let value = row16(samples, row)
            smallest = smallest.replacing(with: value, where: value .< smallest)
            largest = largest.replacing(with: value, where: value .> largest)
            let away = widened(value) - reference
            sum += away
            squares += away * away
        }
        (self.smallest, self.largest, self.sum, self.squares) = (smallest, largest, sum, squares)
    }

    func give(_ lane: Int, to gatherer: inout ChannelGatherer) {
        gatherer.channel.seen += rows
        gatherer.channel.smallest = min(gatherer.channel.smallest, Double(smallest[lane]))
        gatherer.channel.largest = max(gatherer.channel.largest, Double(largest[lane]))
        gatherer.sum = sum[lane]
        gatherer.squares = squares[lane]
        gatherer.reference = reference[lane]
    }
}

/// Each lane as Float64; named one by one, which the compiler makes vectors of.
@inline(__always)
private func widened(_ value: SIMD16<Float>) -> SIMD16<Double> {
    func eight(_ v: SIMD8<Float>) -> SIMD8<Double> {
        SIMD8(Double(v[0]), Double(v[1]), Double(v[2]), Double(v[3]), Double(v[4]), Double(v[5]), Double(v[6]), Double(v[7]))
    }
    return SIMD16(lowHalf: eight(value.lowHalf), highHalf: eight(value.highHalf))
}

/// Gathers one channel over several stretches.
struct ChannelGatherer {
    fileprivate var channel = SignalPlausibility.Channel()
    fileprivate var sum = 0.0
    fileprivate var squares = 0.0
    /// Deviations are gathered about the first sample, so that an offset costs no digits.
    fileprivate var reference: Double?
    private var atEnds: [Double: Int] = [:]

    mutating func add(_ samples: UnsafeBufferPointer<Float>, first: Int, stride: Int, count: Int) {
        var previous = Float.nan
        var run = 0
        var index = first
        for _ in 0..<count {
            let value = samples[index]
            index += stride
            channel.seen += 1
            guard value.isFinite else {
                channel.notFinite += 1
                finish(previous, run)
                run = 0
                previous = .nan
                continue
            }
            let wide = Double(value)
            let base = reference ?? wide
            if reference == nil { reference = wide }
            sum += wide - base
            squares += (wide - base) * (wide - base)
            if wide < channel.smallest { channel.smallest = wide }
            if wide > channel.largest { channel.largest = wide }
            if value == previous {
                run += 1
            } else {
                finish(previous, run)
                previous = value
                run = 1
            }
        }
        finish(previous, run)
    }

    /// Counts a run of three or more where it is at an end of what was seen so far.
    private mutating func finish(_ value: Float, _ run: Int) {
        guard run >= 3 else { return }
        let wide = Double(value)
        guard wide <= channel.smallest || wide >= channel.largest else { return }
        atEnds[wide, default: 0] += run
    }

    var result: SignalPlausibility.Channel {
        var channel = channel
        let count = channel.seen - channel.notFinite
        guard count > 0, let reference else { return channel }
        let mean = sum / Double(count)
        channel.mean = reference + mean
        channel.deviation = max(0, squares / Double(count) - mean * mean).squareRoot()
        channel.stuck = atEnds.filter { $0.key == channel.smallest || $0.key == channel.largest }.reduce(0) { $0 + $1.value }
        return channel
    }
}
