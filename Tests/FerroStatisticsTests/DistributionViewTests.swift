// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Testing

@testable import FerroStatistics

/// Laws of the view on distributions; ReferenceTablesTests holds it against SciPy.
@Suite struct DistributionViewTests {
    private func test(_ first: [[Double]], _ second: [[Double]], draws: Int = 1000) -> DistanceTest? {
        DistanceTest(first, second, draws: draws, generator: SeededGenerator(seed: 1))
    }

    private func draw(_ seed: UInt64, _ sizes: [Int], shift: Double = 0, spread: Double = 1) -> [[Double]] {
        var generator = SeededGenerator(seed: seed)
        return sizes.map { size in (0..<size).map { _ in shift + spread * generator.normal() } }
    }

    /// A shifted copy lies as far as it was shifted, and a copy nowhere.
    @Test func aShiftIsItsOwnDistance() throws {
        let cells = draw(1, [3, 7, 5, 1])
        let away = try #require(test(cells, cells.map { $0.map { $0 - 2.5 } }))
        #expect(abs(away.distance - 2.5) < 1e-12)
        let same = try #require(test(cells, cells))
        #expect(same.distance < 1e-12)
        #expect(same.p == 1)
    }

    /// Two populations in place of one are seen although the means agree.
    @Test func shapeCountsNotOnlyTheMean() throws {
        let one = draw(2, [Int](repeating: 30, count: 6), spread: 0.2)
        let two = draw(3, [Int](repeating: 30, count: 6), spread: 0.2).map { cells in
            cells.enumerated().map { $1 + ($0.isMultiple(of: 2) ? 2 : -2) }
        }
        let found = try #require(test(one, two))
        #expect(abs(found.distance - 2) < 0.2)
        #expect(found.kind == .exact)
        #expect(found.p == 2.0 / 924)
        #expect(found.minimum == 2.0 / 924)
    }

    /// Cells are not the experimental units: three animals against three cannot reach 0.05, however many cells they have.
    @Test func animalsArePermuted() throws {
        let found = try #require(test(draw(4, [200, 200, 200]), draw(5, [200, 200, 200], shift: 5)))
        #expect(found.p == 0.1)
        let unequal = try #require(test(draw(4, [9]), draw(5, [2, 3, 4], shift: 50)))
        #expect(unequal.p == 0.25 && unequal.minimum == 0.25)
        #expect(test([], [[1]]) == nil)
    }

    @Test func equivariance() throws {
        let (one, two) = (draw(6, [4, 9, 2, 6]), draw(7, [5, 5, 3], shift: 0.7))
        let base = try #require(test(one, two))
        let turned = try #require(test(two, one))
        let moved = try #require(test(one.map { $0.map { 100 - 3 * $0 } }, two.map { $0.map { 100 - 3 * $0 } }))
        let doubled = try #require(test(one.map { $0 + $0 }, two.map { $0 + $0 + $0 }))
        #expect(abs(turned.distance - base.distance) < 1e-12 && turned.p == base.p)
        #expect(abs(moved.distance - 3 * base.distance) < 1e-11 && moved.p == base.p)
        #expect(abs(doubled.distance - base.distance) < 1e-12 && doubled.p == base.p)
    }

    @Test func relabellingsAreCountedOrDrawn() throws {
        let (one, two) = (draw(8, [4, 4, 4, 4, 4]), draw(9, [4, 4, 4, 4, 4], shift: 0.6))
        let exact = try #require(test(one, two, draws: 252))
        let random = try #require(test(one, two, draws: 251))
        let many = try #require(DistanceTest(one + one, two + two, draws: 4003, generator: SeededGenerator(seed: 2)))
        #expect(exact.kind == .exact && random.kind == .monteCarlo && many.kind == .monteCarlo)
        #expect(abs(random.p - exact.p) < 5 * (exact.p * (1 - exact.p) / 251).squareRoot() + 1.0 / 251)
        #expect(random.minimum == 1.0 / 252)
        #expect(DistanceTest(one + one, two + two, draws: 4003, generator: SeededGenerator(seed: 2)) == many)
    }

    /// Within, the conditions of a unit are exchanged.
    @Test func pairs() throws {
        let cells = draw(10, [5, 2, 8, 4, 4, 3])
        let later = cells.map { $0.map { $0 + 1 } }
        let found = try #require(DistanceTest(paired: cells, later, draws: 100, generator: SeededGenerator(seed: 3)))
        #expect(abs(found.distance - 1) < 1e-12)
        #expect(found.kind == .exact && found.minimum == 2.0 / 64 && found.p == 2.0 / 64)
        let random = try #require(DistanceTest(paired: cells, later, draws: 63, generator: SeededGenerator(seed: 3)))
        #expect(random.kind == .monteCarlo)
        #expect(DistanceTest(paired: [], [], draws: 10, generator: SeededGenerator(seed: 3)) == nil)
    }

    /// Units weigh equally, so one with many cells does not set the range alone.
    @Test func rangeOfControls() throws {
        let range = try #require(DistributionView.centralRange(of: [(0..<100).map { Double($0) }]))
        #expect(range == 2...97)
        let weighted = try #require(DistributionView.centralRange(of: [[Double](repeating: 0, count: 1000), [5], [6]]))
        #expect(weighted == 0...6)
        #expect(DistributionView.share(of: [1.9, 2, 50, 97, 97.5], in: range) == 0.6)
        #expect(DistributionView.centralRange(of: []) == nil)
    }

    @Test func sharesHaveAnIntervalOfUnits() throws {
        let share = ShareInRange([0.5, 0.7, 0.9])
        #expect(abs(try #require(share.share) - 0.7) < 1e-15)
        let half = StudentT(degreesOfFreedom: 2).quantile(0.975) * 0.2 / 3.0.squareRoot()
        #expect(abs(try #require(share.low) - (0.7 - half)) < 1e-12)
        #expect(share.high == 1)
        #expect(ShareInRange([1, 1]).low == nil && ShareInRange([1, 1]).share == 1)
        #expect(ShareInRange([]).share == nil)
        #expect(DistributionView.sharesOfOthers([[1], [2]]) == .undefined)
        // Each of three equal units lies in the range of the others.
        #expect(DistributionView.sharesOfOthers([[1, 2], [1, 2], [1, 2]]).share == 1)
    }
}
