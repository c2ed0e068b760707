// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics
import Testing

@Suite struct MultiplicityCorrectionTests {
    private func close(_ values: [Double], _ expected: [Double]) -> Bool {
        values.count == expected.count && zip(values, expected).allSatisfy { abs($0 - $1) < 1e-15 }
    }

    @Test func holm() {
        #expect(close(Multiplicity.holm.adjusted([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02]))
        #expect(close(Multiplicity.holm.adjusted([0.9, 0.8]), [1, 1]))
    }

    @Test func benjaminiHochberg() {
        #expect(close(Multiplicity.bh.adjusted([0.01, 0.04, 0.03, 0.005]), [0.02, 0.04, 0.04, 0.02]))
    }

    @Test func edges() {
        #expect(Multiplicity.holm.adjusted([]).isEmpty)
        #expect(Multiplicity.none.adjusted([0.2, 0.1]) == [0.2, 0.1])
        #expect(Multiplicity.bh.adjusted([0.2]) == [0.2])
    }
}
