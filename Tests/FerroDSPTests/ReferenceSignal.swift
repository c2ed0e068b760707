// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroDSP
import Foundation

/// The input of `fixtures/generators/dsp_reference.py`: white noise on a random walk on an offset, exact in Float32.
func referenceSignal(frames: Int, seed: UInt64, offset: Int) -> [Float] {
    var state = seed
    var walk = 0
    return (0..<frames).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let white = Int(state >> 52) - 2048
        walk += Int((state >> 40) & 1023) - 512
        return Float(offset) + Float(4 * white + walk) / 64
    }
}

/// A block of such signals, one seed a channel.
func referenceBlock(frames: Int, channels: Int, offset: Int = 500) -> SignalBlock {
    block((0..<channels).map { referenceSignal(frames: frames, seed: UInt64($0 + 1), offset: offset) })
}

/// Channels as columns, from frame 0.
func block(_ columns: [[Float]]) -> SignalBlock {
    var block = SignalBlock(frames: 0..<(columns.first?.count ?? 0), channels: columns.count)
    for (channel, column) in columns.enumerated() {
        let first = block.place(0, channel)
        for (frame, value) in column.enumerated() { block.samples[first + frame * block.panelWidth] = value }
    }
    return block
}

func readReference<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return try JSONDecoder().decode(type, from: Data(contentsOf: root.appending(path: "fixtures/reference/dsp/\(name)")))
}

/// A design as the reference files name it.
protocol NamedDesign {
    var kind: String { get }
    var order: Int { get }
    var low: Double { get }
    var high: Double { get }
    var rate: Double { get }
}

extension NamedDesign {
    var sampleRate: SampleRate { get throws { try SampleRate(hertz: rate) } }

    func sections() throws -> SecondOrderSections {
        let design = Butterworth(order: order)
        return switch kind {
        case "lowpass": try design.lowpass(high, at: sampleRate)
        case "highpass": try design.highpass(low, at: sampleRate)
        default: try design.bandpass(low...high, at: sampleRate)
        }
    }
}

extension SignalTransform {
    /// The transform over a whole segment at once.
    func whole(_ block: SignalBlock) -> SignalBlock {
        apply(block, producing: 0..<outputFrames(ofSegment: block.frames.count), segmentFrames: block.frames.count)
    }

    /// The transform block by block: `step` output frames each, read with its margin and `extra` frames more.
    func chunked(_ block: SignalBlock, step: Int, extra: Int = 0) -> SignalBlock {
        let total = block.frames.count
        var result = SignalBlock(frames: 0..<outputFrames(ofSegment: total), channels: block.channels)
        for first in Swift.stride(from: 0, to: result.frames.count, by: step) {
            let wanted = first..<min(first + step, result.frames.count)
            let needed = inputFrames(for: wanted, segmentFrames: total).grown(by: Margin(extra), within: 0..<total)
            let part = apply(block.slice(needed), producing: wanted, segmentFrames: total)
            for start in result.panelStarts {
                let (from, to, count) = (part.place(first, start), result.place(first, start), part.floatsPerPanel)
                result.samples.withUnsafeMutableBufferPointer { target in
                    for index in 0..<count { target[to + index] = part.samples[from + index] }
                }
            }
        }
        return result
    }
}

func rms(_ values: some Collection<Float>) -> Double {
    (values.reduce(0) { $0 + Double($1) * Double($1) } / Double(max(values.count, 1))).squareRoot()
}

func largestDifference(_ left: some Collection<Float>, _ right: some Collection<Float>) -> Double {
    zip(left, right).reduce(0) { max($0, abs(Double($1.0) - Double($1.1))) }
}

/// sin(2π cycles)
func sine(_ cycles: Double) -> Double { sin(2 * .pi * cycles) }
