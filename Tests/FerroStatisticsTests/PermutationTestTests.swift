// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroStatistics
import Testing

@Suite struct PermutationTestTests {
    let generator = SeededGenerator(seed: 1)

    @Test func threeAgainstThreeCannotReachFivePercent() throws {
        let test = try #require(PermutationTest(Sample([1, 2, 3]), Sample([11, 12, 13]), draws: 10, generator: generator))
        #expect(test.kind == .exact)
        #expect(test.p == 0.1)
        #expect(test.minimum == 0.1)
    }

    /// Of the six ways to choose two of 0, 1, 2, 9 the difference is largest only for the observed one and its mirror image.
    @Test func smallCasesByHand() throws {
        let equal = try #require(PermutationTest(Sample([0, 1]), Sample([2, 9]), draws: 10, generator: generator))
        #expect(equal.p == 2.0 / 6)
        let unequal = try #require(PermutationTest(Sample([9]), Sample([0, 1, 2]), draws: 10, generator: generator))
        #expect(unequal.p == 0.25)
        #expect(unequal.minimum == 0.25)
        let tied = try #require(PermutationTest(Sample([5, 5]), Sample([5, 5, 5]), draws: 10, generator: generator))
        #expect(tied.p == 1)
    }

    @Test func oneValueIsEnoughAndNoneIsNot() throws {
        let one = try #require(PermutationTest(Sample([3]), Sample([4]), draws: 10, generator: generator))
        #expect(one.p == 1 && one.minimum == 1)
        #expect(PermutationTest(Sample([]), Sample([4]), draws: 10, generator: generator) == nil)
        #expect(PermutationTest(differences: [], draws: 10, generator: generator) == nil)
        let sign = try #require(PermutationTest(differences: [2], draws: 10, generator: generator))
        #expect(sign.p == 1 && sign.minimum == 1)
    }

    @Test func signs() throws {
        let test = try #require(PermutationTest(differences: [1, 2, 3, 4], draws: 10, generator: generator))
        #expect(test.p == 2.0 / 16)
        #expect(test.minimum == 2.0 / 16)
        let zero = try #require(PermutationTest(differences: [0, 0, 0], draws: 10, generator: generator))
        #expect(zero.p == 1)
    }

    /// Adding a constant or changing the sign of everything changes nothing; neither does a shift far larger than the spread.
    @Test func laws() throws {
        let one = [1.0, 2.5, 3.25, 8.0]
        let two = [2.0, 4.5, 7.75, 9.5, 11.0]
        let base = try #require(PermutationTest(Sample(one), Sample(two), draws: 10, generator: generator)).p
        for change in [{ $0 + 1_048_576.0 }, { -$0 }, { $0 * 0.125 }] as [(Double) -> Double] {
            #expect(PermutationTest(Sample(one.map(change)), Sample(two.map(change)), draws: 10, generator: generator)?.p == base)
        }
        #expect(PermutationTest(Sample(two), Sample(one), draws: 10, generator: generator)?.p == base)
    }

    @Test func limitOfEnumeration() throws {
        // choose(20, 10) = 184 756 and choose(21, 10) = 352 716.
        let ten = Sample((0..<10).map { Double($0) })
        let eleven = Sample((0..<11).map { Double($0) + 0.5 })
        #expect(PermutationTest(ten, ten, draws: 5, generator: generator)?.kind == .exact)
        let random = try #require(PermutationTest(ten, eleven, draws: 99, generator: generator))
        #expect(random.kind == .monteCarlo)
        #expect(random.minimum == 0.01)
        #expect(PermutationTest(differences: [Double](repeating: 1, count: 17), draws: 5, generator: generator)?.kind == .exact)
        #expect(PermutationTest(differences: [Double](repeating: 1, count: 18), draws: 5, generator: generator)?.kind == .monteCarlo)
    }

    @Test func randomRelabellingsAgreeWithEnumeration() throws {
        // The signs of 18 differences number 262 144, beyond the limit; their exact p follows from those of 17 by hand-made symmetry:
        // the first two differences cancel or add, so a list with a 0 has the p of the list without it.
        let differences = [0.3, -1.1, 2.0, 0.7, -0.4, 1.6, 0.9, 0.2, -0.8, 1.2, 0.5, -0.1, 0.6, 1.9, -1.5, 0.45, 0.75]
        let exact = try #require(PermutationTest(differences: differences, draws: 1, generator: generator))
        let random = try #require(PermutationTest(differences: differences + [0], draws: 20_000, generator: generator))
        #expect(exact.kind == .exact && random.kind == .monteCarlo)
        #expect(abs(random.p - exact.p) < 5 * (exact.p * (1 - exact.p) / 20_000).squareRoot())
        let again = try #require(PermutationTest(differences: differences + [0], draws: 20_000, generator: generator))
        #expect(again == random)
    }
}
