// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Testing

@Suite struct TileTurningTests {
    @Test(arguments: [1, 2, 4, 8, 16], [1, 2]) func columnsBecomeVectorsOfSixteenFrames(width: Int, every: Int) {
        let samples = (0..<16 * width * every).map { Float($0) }
        var lanes = [SIMD16<Float>](repeating: .zero, count: width)
        samples.withUnsafeBufferPointer { samples in
            lanes.withUnsafeMutableBufferPointer { lanes in
                guard let top = samples.baseAddress, let answer = lanes.baseAddress else { return }
                if every == 1 { turnTile(top, width: width, into: answer) } else { turnEverySecond(top, width: width, into: answer) }
            }
        }
        for column in 0..<width {
            for frame in 0..<16 { #expect(lanes[column][frame] == samples[frame * every * width + column]) }
        }
    }
}
