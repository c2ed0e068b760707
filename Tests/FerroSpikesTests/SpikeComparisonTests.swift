// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroSpikes
import Testing

@Suite("SpikeComparison")
struct SpikeComparisonTests {
    private let tolerance = Seconds(0.001)

    @Test("spikes match one to one within the tolerance, its end included")
    func counts() throws {
        let comparison = SpikeComparison(detected: [1.0005, 2, 3.001, 5], expected: [1, 2, 3, 4], tolerance: tolerance)
        #expect(comparison.matched == 3)
        #expect(comparison.precision == 0.75)
        #expect(comparison.recall == 0.75)
        #expect(comparison.f1 == 0.75)
        #expect(abs(try #require(comparison.meanErrorMs) - 0.5) < 1e-9)
        #expect(abs(try #require(comparison.medianErrorMs) - 0.5) < 1e-9)
        #expect(abs(try #require(comparison.sdErrorMs) - (1.0 / 6).squareRoot()) < 1e-9)
    }

    @Test("two detections of one spike match it once, the nearer one")
    func duplicates() throws {
        let comparison = SpikeComparison(detected: [0.9995, 1.0001], expected: [1], tolerance: tolerance)
        #expect(comparison.matched == 1)
        #expect(comparison.precision == 0.5)
        #expect(abs(try #require(comparison.meanErrorMs) - 0.1) < 1e-9)
    }

    @Test("nothing compared with nothing is missing, not perfect")
    func empty() {
        let nothing = SpikeComparison(detected: [], expected: [], tolerance: tolerance)
        #expect(nothing.precision == nil && nothing.recall == nil && nothing.f1 == nil && nothing.meanErrorMs == nil)
        let missed = SpikeComparison(detected: [], expected: [1], tolerance: tolerance)
        #expect(missed.precision == nil && missed.recall == 0 && missed.f1 == 0)
        let invented = SpikeComparison(detected: [1], expected: [], tolerance: tolerance)
        #expect(invented.precision == 0 && invented.recall == nil && invented.f1 == 0)
    }

    @Test("no matching has more pairs, and exchanging the lists changes no count")
    func maximal() {
        // Largest number of pairs by trying everything.
        func most(_ detected: ArraySlice<Double>, _ expected: ArraySlice<Double>) -> Int {
            guard let first = detected.first, let other = expected.first else { return 0 }
            var best = max(most(detected.dropFirst(), expected), most(detected, expected.dropFirst()))
            if abs(first - other) <= 0.001 + 1e-9 { best = max(best, 1 + most(detected.dropFirst(), expected.dropFirst())) }
            return best
        }
        var generator = SeededGenerator(seed: 21)
        for _ in 0..<200 {
            func times() -> [Double] { (0..<7).map { _ in Double(generator.index(below: 60)) / 10_000 }.sorted() }
            let (detected, expected) = (times(), times())
            let comparison = SpikeComparison(detected: detected, expected: expected, tolerance: tolerance)
            #expect(comparison.matched == most(detected[...], expected[...]))
            #expect(SpikeComparison(detected: expected, expected: detected, tolerance: tolerance).matched == comparison.matched)
            let pairs = SpikeComparison.match(detected, expected, tolerance: 0.001)
            #expect(Set(pairs.map(\.detected)).count == pairs.count && Set(pairs.map(\.expected)).count == pairs.count)
        }
    }

    @Test("sums add the counts")
    func sums() {
        let one = SpikeComparison(detected: [1], expected: [1, 2], tolerance: tolerance)
        let sum = SpikeComparison(summing: [one, one])
        #expect((sum.detected, sum.expected, sum.matched) == (2, 4, 2))
        #expect(sum.recall == 0.5 && sum.meanErrorMs == nil)
    }

    @Test("bursts are compared spike by spike")
    func bursts() {
        let comparison = BurstComparison(detected: [1..<4, 6..<9], expected: [0..<4, 2..<5], spikes: 10)
        #expect((comparison.trueBurstSpikes, comparison.foundBurstSpikes) == (5, 3))
        #expect((comparison.otherSpikes, comparison.takenOtherSpikes) == (5, 3))
        #expect(comparison.burstSpikesFound == 0.6 && comparison.otherSpikesTaken == 0.6)
        let none = BurstComparison(detected: [0..<2], expected: [], spikes: 2)
        #expect(none.burstSpikesFound == nil && none.otherSpikesTaken == 1)
        #expect(BurstComparison(detected: [], expected: [0..<2], spikes: 2).otherSpikesTaken == nil)
        #expect(BurstComparison(summing: [comparison, none]).otherSpikes == 7)
    }
}
