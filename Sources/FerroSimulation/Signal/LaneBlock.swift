// SPDX-License-Identifier: GPL-3.0-or-later

/// A stretch of signal in microvolts, frame after frame, eight channels to a lane group.
struct LaneBlock {
    let frames: Int
    let channels: Int
    /// Lane groups per frame: channels over eight, rounded up.
    let groups: Int
    /// `lanes[frame * groups + channel / 8][channel % 8]`.
    var lanes: [SIMD8<Float>]

    init(frames: Int, channels: Int) {
        self.frames = frames
        self.channels = channels
        groups = (channels + 7) / 8
        lanes = [SIMD8<Float>](repeating: .zero, count: frames * groups)
    }

    /// Counts nearest to the first `count` frames divided by `resolution`, channel after channel; out of range saturates.
    ///
    /// - Returns: the counts, `count * channels` of them, and how many of them saturated.
    func counts(frames count: Int, resolution: Double) -> (samples: [Int16], saturated: Int) {
        let scale = Float(1 / resolution)
        var saturated = SIMD8<Int32>.zero
        let samples = [Int16](unsafeUninitializedCapacity: count * channels) { buffer, initialized in
            lanes.withUnsafeBufferPointer { lanes in
                let full = channels / 8
                let last = SIMD8<Int32>(0, 1, 2, 3, 4, 5, 6, 7) .< Int32(channels - full * 8)
                for frame in 0..<count {
                    for group in 0..<groups {
                        let value = lanes[frame * groups + group] * scale
                        let clamped = value.clamped(lowerBound: .init(repeating: -32768), upperBound: .init(repeating: 32767))
                        // All ones, that is -1, where the value was out of range; the lanes beyond the last channel do not count.
                        let outside = unsafeBitCast(value .!= clamped, to: SIMD8<Int32>.self)
                        saturated &-= group < full ? outside : outside & unsafeBitCast(last, to: SIMD8<Int32>.self)
                        // Adding 1.5 * 2^23 rounds to the nearest whole number and leaves it in the low bits.
                        let word = unsafeBitCast(clamped + 0x1.8p23, to: SIMD16<Int16>.self).evenHalf
                        let first = frame * channels + group * 8
                        if group < full {
                            UnsafeMutableRawPointer(buffer.baseAddress! + first).storeBytes(of: word, as: SIMD8<Int16>.self)
                        } else {
                            for lane in 0..<channels - group * 8 { buffer[first + lane] = word[lane] }
                        }
                    }
                }
            }
            initialized = count * channels
        }
        return (samples, (0..<8).reduce(0) { $0 + Int(saturated[$1]) })
    }
}
