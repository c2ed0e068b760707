// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroDSP
import Testing

@Suite struct LocalReferenceTests {
    struct Reference: Decodable {
        struct Case: Decodable {
            var channels: Int, inner: Int, outer: Int, frames: Int, at: [Int], median: [[Double]], mean: [[Double]]
            var neighbours: [[Int]] {
                (0..<channels).map { own in (0..<channels).filter { $0 != own && (inner...outer).contains(abs($0 - own)) } }
            }
        }
        var cases: [Case]
    }

    @Test func equalsNumPy() throws {
        for reference in try readReference("local.json", as: Reference.self).cases {
            let input = referenceBlock(frames: reference.frames, channels: reference.channels)
            for (kind, values) in [(CommonReference.Operator.median, reference.median), (.mean, reference.mean)] {
                let result = try LocalReference(operator: kind, neighbours: reference.neighbours).whole(input)
                for (frame, expected) in zip(reference.at, values) {
                    for channel in 0..<reference.channels {
                        #expect(abs(Double(result[frame, channel]) - expected[channel]) < 1e-4, "\(kind), frame \(frame), channel \(channel)")
                    }
                }
            }
        }
    }

    @Test(arguments: lawfulChannels, CommonReference.Operator.allCases)
    func laws(channels: Int, operator: CommonReference.Operator) throws {
        let neighbours = (0..<channels).map { own in (0..<channels).filter { $0 != own && abs($0 - own) < 20 && ($0 + own) % 5 > 0 } }
        let laws = TransformLaws(name: "local \(`operator`)", transform: try LocalReference(operator: `operator`, neighbours: neighbours))
        let input = referenceBlock(frames: 700, channels: channels)
        laws.cutting(input, seed: UInt64(channels))
        laws.forgetsScratch(input)
        laws.timeShift(input, by: 137, away: 0, within: 0)
        if `operator` == .mean { laws.linear(input, referenceBlock(frames: 700, channels: channels, offset: 7), within: 1e-5) }
    }

    @Test func aChannelWithoutNeighboursStaysAsItIs() throws {
        let input = referenceBlock(frames: 50, channels: 3)
        for kind in CommonReference.Operator.allCases {
            let result = try LocalReference(operator: kind, neighbours: [[1], [], [0, 1]]).whole(input)
            #expect(result.channel(1) == input.channel(1))
            #expect(result.channel(0) == zip(input.channel(0), input.channel(1)).map { $0 - $1 })
        }
    }

    @Test func impossibleNeighboursAreRefused() {
        for neighbours in [[[0], [0]], [[1], [2]], [[1, 1], []], [[-1], []]] {
            #expect { try LocalReference(operator: .mean, neighbours: neighbours) } throws: { ($0 as? FerroError)?.kind == .usage }
        }
    }
}
