// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroSimulation
import Testing

@Suite struct NormalLanesTests {
    /// Moments and tails of 4 million numbers against the normal distribution, within five standard errors.
    @Test func numbersAreNormal() {
        var lanes = NormalLanes((0..<8).map { SeededGenerator(seed: 7, stream: UInt64($0)) })
        let pairs = 250_000
        var sums = (0.0, 0.0, 0.0, 0.0)
        var product = 0.0
        var beyond = [0, 0, 0]
        for _ in 0..<pairs {
            let (a, b) = lanes.pair()
            for lane in 0..<8 {
                product += Double(a[lane] * b[lane])
                for x in [Double(a[lane]), Double(b[lane])] {
                    sums.0 += x
                    sums.1 += x * x
                    sums.2 += x * x * x
                    sums.3 += x * x * x * x
                    for (index, limit) in [1.0, 3, 4].enumerated() where abs(x) > limit { beyond[index] += 1 }
                }
            }
        }
        let n = Double(pairs * 16)
        #expect(abs(sums.0 / n) < 5 / n.squareRoot())
        #expect(abs(sums.1 / n - 1) < 5 * (2 / n).squareRoot())
        #expect(abs(sums.2 / n) < 5 * (15 / n).squareRoot())
        #expect(abs(sums.3 / n - 3) < 5 * (96 / n).squareRoot())
        #expect(abs(product / (n / 2)) < 5 / (n / 2).squareRoot())
        for (count, share) in zip(beyond, [0.317_310_5, 0.002_699_8, 6.334_2e-5]) {
            #expect(abs(Double(count) - n * share) < 5 * (n * share).squareRoot())
        }
    }

    @Test func lanesAreStreamsOfTheirOwn() {
        let generators = (0..<8).map { SeededGenerator(seed: 1, stream: UInt64($0)) }
        var all = NormalLanes(generators)
        var some = NormalLanes(Array(generators.prefix(3)))
        for _ in 0..<100 {
            let (a, _) = all.pair()
            let (b, _) = some.pair()
            #expect((0..<3).allSatisfy { a[$0] == b[$0] })
            #expect(a[0] != a[1])
        }
    }
}
