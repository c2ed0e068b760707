// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Testing

@testable import FerroSpikes

/// Burst indices from the autocorrelogram.
@Suite struct BurstIndicesTests {
    private func value(_ name: String, _ times: [Double], observed: [TimeInterval] = [TimeInterval(start: 0, stop: 1000)]) throws -> Measure {
        try #require(SpikeTrainMeasures(of: SpikeTrain(id: "u", times: times, observed: observed), bursts: nil)[name])
    }

    @Test func binsEndAtTheirUpperEdge() {
        // Lags of 2.5 ms lie on the edge of bins 2 and 3 of 1 ms and belong to bin 2, whatever the rounding of the times.
        let counts = BurstIndices.autocorrelogram([[0, 0.0025][...], [123.4567, 123.4592], [0, 0.0026], [5, 5.001]], bin: 0.001, count: 5)
        #expect(counts == [0, 1, 2, 1, 0])
    }

    @Test func everyPairWithinReachCounts() {
        #expect(BurstIndices.autocorrelogram([[0, 0.001, 0.002, 0.003, 1]], bin: 0.001, count: 4) == [0, 3, 2, 1])
        #expect(BurstIndices.autocorrelogram([[0, 0.001][...], [0.002, 0.003]], bin: 0.001, count: 4) == [0, 2, 0, 0])
    }

    @Test func royersIndexIsAMeanOverAMean() throws {
        // One pair at 4 ms, two at about 250 ms: (1/3) / (2/101).
        let index = try value("burst_index_royer2012", [1, 1.004, 1.25])
        #expect(abs((index.value ?? 0) - (1.0 / 3) / (2.0 / 101)) < 1e-12)
        #expect(try value("burst_index_royer2012", [1, 1.004]).reason == "no pair of spikes 200 to 300 ms apart")
    }

    @Test func theDoubletsIndexIsALargestOverAMean() throws {
        // Two pairs at 3 ms, one at 9 ms: 2 / (1/8).
        #expect(try value("burst_index_doublets", [1, 1.003, 2, 2.003, 3, 3.009]).value == 16)
        #expect(try value("burst_index_doublets", [1, 1.003]).reason == "no pair of spikes 8 to 11.5 ms apart")
        #expect(try value("burst_index_doublets", []).value == nil)
    }
}
