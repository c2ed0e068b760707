// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroSimulation
import FerroSpikes
import Testing

@Suite struct SpikeScoreTests {
    private let observed = [TimeInterval(start: 0, stop: 10)]
    private let score = SpikeScore(detectable: 8, deadTime: Seconds(0.001), tolerance: Seconds(0.0004))

    private func unit(_ electrode: Int, _ times: [Double], snr: Double = 10, size: Float = -80) -> GroundTruth.Unit {
        GroundTruth.Unit(
            train: SpikeTrain(id: "n", electrode: electrode, times: times, amplitudes: times.map { _ in size }, observed: observed),
            frames: times.map { Int($0 * 30_000) }, bursts: [], snr: snr, rate: 1)
    }

    private func truth(_ units: [GroundTruth.Unit]) throws -> GroundTruth {
        GroundTruth(rate: try SampleRate(hertz: 30_000), segments: [Segment(frames: 0..<300_000, start: 0)], units: units)
    }

    private func found(_ electrode: Int, _ times: [Double]) -> SpikeTrain {
        SpikeTrain(id: "\(electrode)", electrode: electrode, times: times, observed: observed)
    }

    @Test func anEventCountsOnItsNeuronsElectrodeAlone() throws {
        let truth = try truth([unit(0, [1, 2]), unit(1, [3])])
        let right = score.comparison(of: [found(0, [1.0001, 2]), found(1, [3])], with: truth)
        #expect((right.matched, right.detected, right.expected) == (3, 3, 3))
        let beside = score.comparison(of: [found(0, [1]), found(1, [2, 3]), found(2, [])], with: truth)
        #expect((beside.matched, beside.detected, beside.expected) == (2, 3, 3))
        let nowhere = score.comparison(of: [found(5, [1, 2])], with: truth)
        #expect((nowhere.matched, nowhere.detected, nowhere.expected) == (0, 2, 3))
    }

    @Test func theToleranceIsThatOfTheScore() throws {
        let truth = try truth([unit(0, [1, 2])])
        let compared = score.comparison(of: [found(0, [1.0004, 2.0005])], with: truth)
        #expect((compared.matched, compared.detected) == (1, 2))
        #expect(abs((compared.meanErrorMs ?? 0) - 0.4) < 1e-6)
    }

    @Test func faintNeuronsNeedNotBeFoundAndAreNoMistake() throws {
        let truth = try truth([unit(0, [1, 2]), unit(0, [3, 4], snr: 7.9)])
        #expect(score.expected(on: 0, in: truth).expected == [1, 2])
        let without = score.comparison(of: [found(0, [1, 2])], with: truth)
        let with = score.comparison(of: [found(0, [1, 2, 3, 4])], with: truth)
        #expect(without == with)
        #expect(with.precision == 1 && with.recall == 1)
        // An event at no spike at all is false, and so is a second one at a faint spike.
        let more = score.comparison(of: [found(0, [1, 2, 3, 3.0003, 5])], with: truth)
        #expect((more.matched, more.detected) == (2, 4))
    }

    @Test func ofSpikesWithinTheDeadTimeTheLargestIsExpected() throws {
        // A chain: 1.0000, 1.0008 and 1.0016 s, the middle one largest, so that it silences both.
        let chain = try truth([unit(0, [1, 1.0016]), unit(0, [1.0008], size: -120)])
        #expect(score.expected(on: 0, in: chain).expected == [1.0008])
        #expect(score.expected(on: 0, in: chain).tolerated == [1, 1.0016])
        // The middle one smallest: the outer two are far enough apart to be found both.
        let outer = try truth([unit(0, [1, 1.0016]), unit(0, [1.0008], size: -40)])
        #expect(score.expected(on: 0, in: outer).expected == [1, 1.0016])
        #expect(score.comparison(of: [found(0, [1.0008])], with: chain).f1 == 1)
        // On another electrode nobody is silenced.
        let apart = try truth([unit(0, [1]), unit(1, [1.0005])])
        #expect(score.comparison(of: [found(0, [1]), found(1, [1.0005])], with: apart).matched == 2)
    }

    @Test func nothingFoundIsNoPrecision() throws {
        let compared = score.comparison(of: [], with: try truth([unit(0, [1])]))
        #expect(compared.precision == nil && compared.recall == 0 && compared.f1 == 0)
    }
}
