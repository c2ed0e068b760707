// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroDSP
import Foundation
import Testing

@Suite struct WindowedSincTests {
    struct Reference: Decodable {
        struct Case: Decodable {
            var low: Double?, high: Double?, transition: Double, attenuation: Double, rate: Double
            var half: Int, frames: Int, seed: UInt64, offset: Int, index: [Int], zero: [Double], linear: [Double], rms: Double
            var name: String { "\(low ?? 0)-\(high ?? .infinity) Hz, transition \(transition) Hz at \(rate) Hz, \(frames) frames" }
            func filter(_ phase: WindowedSinc.Phase) throws -> WindowedSinc {
                try WindowedSinc(
                    low: low, high: high, transition: transition, attenuation: attenuation, phase: phase, at: SampleRate(hertz: rate))
            }
        }
        var cases: [Case]
    }

    private func filter(_ phase: WindowedSinc.Phase = .zero, transition: Double = 200) throws -> WindowedSinc {
        try WindowedSinc(low: 300, high: 6000, transition: transition, attenuation: 60, phase: phase, at: SampleRate(hertz: 30_000))
    }

    @Test func equalsSciPyOverTheWholeSegment() throws {
        for reference in try readReference("fir.json", as: Reference.self).cases {
            let input = block([referenceSignal(frames: reference.frames, seed: reference.seed, offset: reference.offset)])
            for (phase, values) in [(WindowedSinc.Phase.zero, reference.zero), (.linear, reference.linear)] {
                let filter = try reference.filter(phase)
                #expect(filter.half == reference.half)
                let result = filter.whole(input).channel(0)
                for (index, expected) in zip(reference.index, values) {
                    let error = abs(Double(result[index]) - expected)
                    #expect(
                        error < 1e-6 * max(reference.rms, abs(expected)) + 1e-10, "\(phase), \(reference.name): frame \(index): \(result[index]) \(expected)")
                }
            }
        }
    }

    @Test(arguments: lawfulChannels, WindowedSinc.Phase.allCases)
    func laws(channels: Int, phase: WindowedSinc.Phase) throws {
        let laws = TransformLaws(name: "fir \(phase)", transform: try filter(phase))
        let input = referenceBlock(frames: channels > 8 ? 1700 : 5000, channels: channels)
        laws.cutting(input, seed: UInt64(channels))
        laws.forgetsScratch(input)
        laws.channelsAlone(input)
        laws.linear(input, referenceBlock(frames: input.frames.count, channels: channels, offset: -40))
    }

    @Test(arguments: [1, 2, 5, 300, 512, 513])
    func shortSegmentsObeyTheLaws(frames: Int) throws {
        for phase in WindowedSinc.Phase.allCases {
            TransformLaws(name: "fir \(phase)", transform: try filter(phase)).cutting(referenceBlock(frames: frames, channels: 3))
        }
    }

    @Test func timeShiftShiftsTheOutput() throws {
        for phase in WindowedSinc.Phase.allCases {
            let filter = try filter(phase)
            let laws = TransformLaws(name: "fir", transform: filter)
            let input = referenceBlock(frames: 9000, channels: 2)
            laws.timeShift(input, by: 137, away: 2500, within: 1e-6)
            // A shift by a whole cell changes no bit.
            laws.timeShift(input, by: filter.hop, away: 2500, within: 0)
        }
    }

    @Test(arguments: [50.0, 55, 60, 80, 100])
    func responseKeepsItsPromise(attenuation: Double) throws {
        let rate = try SampleRate(hertz: 30_000)
        for (low, high) in [(300.0, Double?.some(6000)), (300, nil), (nil, 6000)] as [(Double?, Double?)] {
            let filter = try WindowedSinc(low: low, high: high, transition: 200, attenuation: attenuation, at: rate)
            let allowed = pow(10, -(attenuation - 6) / 20)
            let grid = (0...1500).map { Double($0) * 10 }
            for frequency in grid {
                let gain = filter.gain(at: frequency, rate: rate)
                let isStopped = low.map { frequency <= $0 - 100 } ?? false || high.map { frequency >= $0 + 100 } ?? false
                let isPassed = low.map { frequency >= $0 + 100 } ?? true && high.map { frequency <= $0 - 100 } ?? true
                if isStopped { #expect(abs(gain) < allowed, "\(frequency) Hz: \(gain)") }
                if isPassed { #expect(abs(gain - 1) < allowed, "\(frequency) Hz: \(gain)") }
            }
            for edge in [low, high].compactMap({ $0 }) { #expect(abs(filter.gain(at: edge, rate: rate) - 0.5) < allowed) }
        }
    }

    @Test func anOffsetVanishesOrStaysAndASlopeStaysStraight() throws {
        let rate = try SampleRate(hertz: 30_000)
        let flat = block([[Float](repeating: 5000, count: 4000)])
        for phase in WindowedSinc.Phase.allCases {
            #expect(try filter(phase).whole(flat).samples.allSatisfy { abs($0) < 1e-8 })
            let low = try WindowedSinc(low: nil, high: 500, transition: 200, attenuation: 60, phase: phase, at: rate)
            #expect(low.whole(flat).channel(0).allSatisfy { abs($0 - 5000) < 1e-3 })
        }
        let low = try WindowedSinc(low: nil, high: 500, transition: 200, attenuation: 60, at: rate)
        let slope = low.whole(block([(0..<4000).map { Float($0) }])).channel(0)
        #expect(slope.enumerated().allSatisfy { abs($1 - Float($0)) < 0.001 })
    }

    @Test func theDelayIsLeftInOrTakenOut() throws {
        var impulse = [Float](repeating: 0, count: 3000)
        impulse[1500] = 100
        let linear = try filter(.linear)
        #expect(linear.delay == linear.half)
        let answers = try WindowedSinc.Phase.allCases.map { try filter($0).whole(block([impulse])).channel(0) }
        for (answer, peak) in zip(answers, [1500, 1500 + linear.half]) {
            #expect(answer.indices.max { answer[$0] < answer[$1] } == peak)
        }
        // The past alone counts.
        #expect(answers[1][..<1500].allSatisfy { abs($0) < 1e-10 })
    }

    @Test func impossibleFiltersAreRefused() throws {
        let rate = try SampleRate(hertz: 1000)
        for (low, high, transition, attenuation) in [
            (nil, nil, 10, 60), (0, nil, 10, 60), (500, nil, 10, 60), (4, nil, 10, 60), (nil, 498, 10, 60), (40, 45, 10, 60), (60, 40, 10, 60),
            (40, 80, 0, 60), (40, 80, .nan, 60), (40, 80, 10, 49), (40, 80, 10, 121), (1e-3, nil, 1e-6, 60),
        ] as [(Double?, Double?, Double, Double)] {
            #expect { try WindowedSinc(low: low, high: high, transition: transition, attenuation: attenuation, at: rate) } throws: {
                ($0 as? FerroError)?.kind == .usage
            }
        }
    }
}
