// SPDX-License-Identifier: GPL-3.0-or-later
//
// The loops from Float32 microvolts to stored numbers: rounded to the nearest step (ties to even), saturating, and counted where they saturate.
package import FerroCore

/// How samples are stored: as they are, or as whole steps of a voltage.
package enum SampleCoding: Sendable, Equatable {
    /// 32-bit floating point, in microvolts.
    case float32
    /// 16-bit whole numbers of steps of so many microvolts.
    case int16(step: Double)

    package var bytesPerSample: Int { self == .float32 ? 4 : 2 }
    /// Microvolts of one stored step.
    package var gain: Double { if case .int16(let step) = self { step } else { 1 } }
    /// NumPy's name of the stored type.
    package var name: String { self == .float32 ? "float32" : "int16" }
}

/// Frames as they are stored: all channels of each, little-endian.
package struct EncodedSamples: Sendable {
    package var bytes: [UInt8]
    package var frames: Int
    /// Samples beyond what the stored numbers can say, which stand at their limit.
    package var saturated: Int

    package static let none = EncodedSamples(bytes: [], frames: 0, saturated: 0)
}

extension SampleCoding {
    /// Encodes some frames of a block. Requires `range` to lie within the block's frames.
    package func encode(_ block: SignalBlock, _ range: SampleRange) -> EncodedSamples {
        let channels = block.channels
        let width = block.panelWidth
        precondition(range.lowerBound >= block.frames.lowerBound && range.upperBound <= block.frames.upperBound)
        var saturated = 0
        let bytes = block.samples.withUnsafeBufferPointer { samples in
            [UInt8](unsafeUninitializedCapacity: range.count * channels * bytesPerSample) { target, count in
                count = range.count * channels * bytesPerSample
                guard count > 0, let source = samples.baseAddress, let start = UnsafeMutableRawPointer(target.baseAddress) else { return }
                // A panel at a time: its channels lie side by side here and there.
                for channel in block.panelStarts {
                    let panel = source + block.place(range.lowerBound, channel)
                    let held = min(width, channels - channel)
                    switch self {
                    case .float32:
                        for frame in 0..<range.count {
                            (start + (frame * channels + channel) * 4).copyMemory(from: panel + frame * width, byteCount: held * 4)
                        }
                    case .int16(let step):
                        let numbers = start.assumingMemoryBound(to: Int16.self) + channel
                        for frame in 0..<range.count {
                            saturated += SampleCoding.round(panel + frame * width, count: held, step: step, into: numbers + frame * channels)
                        }
                    }
                }
            }
        }
        return EncodedSamples(bytes: bytes, frames: range.count, saturated: saturated)
    }

    private static func round(_ source: UnsafePointer<Float>, count: Int, step: Double, into target: UnsafeMutablePointer<Int16>) -> Int {
        var saturated = 0
        for channel in 0..<count {
            let steps = (Double(source[channel]) / step).rounded(.toNearestOrEven)
            let held = max(-32768, min(32767, steps))
            saturated += held == steps ? 0 : 1
            target[channel] = Int16(held)
        }
        return saturated
    }
}

/// HDF5's shuffle filter: the first bytes of all elements, then the second ones, and so on.
func shuffled(_ source: UnsafeRawBufferPointer, elementSize: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: source.count) { target, filled in
        filled = source.count
        guard let from = source.baseAddress?.assumingMemoryBound(to: UInt8.self), let to = target.baseAddress else { return }
        let count = source.count / max(elementSize, 1)
        for byte in 0..<elementSize {
            let row = to + byte * count
            for index in 0..<count { row[index] = from[index * elementSize + byte] }
        }
        for index in count * elementSize..<source.count { to[index] = from[index] }
    }
}
