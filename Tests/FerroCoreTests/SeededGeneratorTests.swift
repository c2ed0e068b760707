// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Testing

@Suite("Seeded generator")
struct SeededGeneratorTests {
    private func words(_ count: Int, seed: UInt64, stream: UInt64 = 0) -> [UInt64] {
        var generator = SeededGenerator(seed: seed, stream: stream)
        return (0..<count).map { _ in generator.next() }
    }

    @Test("the words of a seed and stream are fixed for all time")
    func knownWords() {
        // By the published recurrences in arbitrary-precision integers of Python.
        #expect(words(3, seed: 1) == [0xbf2d_b2c0_21bb_e63d, 0xcf6c_5765_a62a_51bb, 0x392f_9d27_4aca_7753])
        #expect(words(3, seed: 1, stream: 1) == [0x73c1_a7f0_5202_40d3, 0x6552_9939_687e_0238, 0xfd0c_6079_b3de_43e4])
        #expect(words(3, seed: 2) == [0x7223_b27c_a4d2_b710, 0x40ca_9ba8_69a6_d52d, 0x6c9a_53de_595b_b6ed])
    }

    @Test("neighbouring seeds and streams have nothing in common")
    func independence() {
        var seen = Set<UInt64>()
        for seed in 0..<40 as Range<UInt64> {
            for stream in 0..<40 as Range<UInt64> { seen.formUnion(words(4, seed: seed, stream: stream)) }
        }
        #expect(seen.count == 40 * 40 * 4)
    }

    @Test("uniform numbers lie in [0, 1) and are uniform")
    func uniform() {
        var generator = SeededGenerator(seed: 7)
        let values = (0..<100_000).map { _ in generator.uniform() }
        #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
        // Standard errors of the mean and the mean square: 0.0009 and 0.0009.
        #expect(abs(values.reduce(0, +) / 1e5 - 0.5) < 0.005)
        #expect(abs(values.reduce(0) { $0 + $1 * $1 } / 1e5 - 1 / 3) < 0.005)
    }

    @Test("indices stay below their bound and reach all of it evenly")
    func indices() {
        var generator = SeededGenerator(seed: 3)
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0..<70_000 { counts[generator.index(below: 7)] += 1 }
        // Standard deviation 93.
        #expect(counts.allSatisfy { abs($0 - 10_000) < 500 })
        #expect(generator.index(below: 1) == 0)
    }
}
