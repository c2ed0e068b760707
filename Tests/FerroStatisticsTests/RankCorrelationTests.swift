// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroStatistics
import Testing

@Suite struct RankCorrelationTests {
    private let generator = SeededGenerator(seed: 3)

    private func correlation(_ groups: [[(x: Double, y: Double)]], draws: Int = 4000) -> RankCorrelation? {
        RankCorrelation(groups, draws: draws, generator: generator)
    }

    /// Values of scipy.stats.spearmanr; p by counting all 5! and 7! orders with itertools.
    @Test func agreesWithReferenceValues() throws {
        let five = try #require(correlation([zip([1.0, 2, 3, 4, 5], [2.0, 1, 4, 3, 5]).map { ($0, $1) }]))
        #expect(abs(five.rho - 0.8) < 1e-12 && five.kind == .exact && abs(five.p - 0.13333333333333333) < 1e-12 && five.minimum == 2.0 / 120)
        let ties = try #require(correlation([zip([0.3, 1.1, 1.1, 2, 5.5, 7, 7], [10.0, 30, 20, 20, 60, 50, 55]).map { ($0, $1) }]))
        #expect(abs(ties.rho - 0.7981987297166115) < 1e-12 && abs(ties.p - 0.04126984126984127) < 1e-12)
    }

    /// Only ranks count, and which variable is which does not.
    @Test func doesNotDependOnScaleOrDirection() throws {
        let pairs: [(x: Double, y: Double)] = [(1, 3), (2, 1), (4, 9), (8, 7), (16, 20), (32, 15)]
        let plain = try #require(correlation([pairs]))
        let bent = try #require(correlation([pairs.map { ($0.x * $0.x, 5 + 0.1 * $0.y) }]))
        let swapped = try #require(correlation([pairs.map { ($0.y, $0.x) }]))
        let mirrored = try #require(correlation([pairs.map { (-$0.x, $0.y) }]))
        #expect(plain == bent && abs(plain.rho - swapped.rho) < 1e-12 && plain.p == swapped.p)
        #expect(abs(plain.rho + mirrored.rho) < 1e-12 && plain.p == mirrored.p)
    }

    /// Groups that differ in both variables and have no association inside give none within groups.
    @Test func aDifferenceBetweenGroupsIsNoAssociationWithin() throws {
        let inside: [(x: Double, y: Double)] = [(1, 2), (2, 5), (3, 1), (4, 6), (5, 3), (6, 4)]
        let groups = [0.0, 100, 200].map { shift in inside.map { (x: $0.x + shift, y: $0.y + shift) } }
        let all = try #require(correlation([groups.flatMap { $0 }]))
        let within = try #require(correlation(groups))
        let one = try #require(correlation([inside]))
        #expect(all.rho > 0.9 && all.p < 0.001)
        #expect(abs(within.rho - one.rho) < 1e-12 && within.p > 0.3)
    }

    @Test func anAssociationInsideEveryGroupIsFoundAgainstTheGroups() throws {
        let inside = (0..<6).map { (x: Double($0), y: Double($0)) }
        let groups = [0.0, 1, 2].map { step in inside.map { (x: $0.x + 100 * step, y: $0.y - 100 * step) } }
        #expect(try #require(correlation([groups.flatMap { $0 }])).rho < 0)
        let within = try #require(correlation(groups))
        #expect(within.rho == 1 && within.p < 0.001 && within.kind == .monteCarlo && within.n == 18)
    }

    @Test func randomOrdersApproachTheExactP() throws {
        let pairs: [(x: Double, y: Double)] = [(1, 3), (2, 1), (4, 9), (8, 7), (16, 20), (32, 15), (40, 16), (50, 2)]
        let exact = try #require(correlation([pairs]))
        // A second group of two equal units adds nothing but makes the orders random.
        let random = try #require(correlation([pairs, [(1, 1), (1, 1)]], draws: 20_000))
        #expect(exact.kind == .exact && random.kind == .monteCarlo)
        let error = (exact.p * (1 - exact.p) / 20_000).squareRoot()
        #expect(abs(exact.p - random.p) < 5 * error + 1e-4)
    }

    @Test func isUndefinedWithoutVariation() {
        #expect(correlation([[(1, 2), (2, 3)]]) == nil && correlation([]) == nil)
        #expect(correlation([[(1, 2), (1, 3), (1, 4)]]) == nil && correlation([[(1, 2), (2, 2), (3, 2)]]) == nil)
        #expect(correlation([[(1, 2)], [(2, 3)], [(4, 5)]]) == nil)
    }
}
