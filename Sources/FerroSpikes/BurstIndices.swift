// SPDX-License-Identifier: GPL-3.0-or-later

/// Burst indices from the autocorrelogram, bin by bin as CellExplorer makes it (Petersen et al. 2021, Neuron 109:3594).
///
/// Bin k holds the lags above (k − 1/2) widths up to and including (k + 1/2) widths. Spikes of different observed intervals make no pair.
enum BurstIndices {
    /// Lags nearer than this to an edge lie on it: spike times are multiples of a sample, and their differences carry rounding.
    private static let rounding = 1e-9

    /// Bins of 1 ms: mean of 3 to 5 over mean of 200 to 300.
    static func royer(_ runs: [ArraySlice<Double>]) -> Measure {
        let counts = autocorrelogram(runs, bin: 0.001, count: 301)
        let late = mean(counts[200...300])
        return late > 0 ? Measure(mean(counts[3...5]) / late) : Measure(missing: "no pair of spikes 200 to 300 ms apart")
    }

    /// Bins of 0.5 ms: largest of 5 to 16 over mean of 16 to 23.
    static func doublets(_ runs: [ArraySlice<Double>]) -> Measure {
        let counts = autocorrelogram(runs, bin: 0.0005, count: 24)
        let late = mean(counts[16...23])
        return late > 0 ? Measure(Double(counts[5...16].max() ?? 0) / late) : Measure(missing: "no pair of spikes 8 to 11.5 ms apart")
    }

    /// Pairs of spikes by their lag, at positive lags.
    static func autocorrelogram(_ runs: [ArraySlice<Double>], bin width: Double, count: Int) -> [Int] {
        var counts = [Int](repeating: 0, count: count)
        let longest = (Double(count) - 0.5) * width + rounding
        for run in runs {
            for first in run.indices {
                var second = first + 1
                while second < run.endIndex {
                    let lag = run[second] - run[first]
                    guard lag <= longest else { break }
                    let bin = Int(((lag - rounding) / width - 0.5).rounded(.up))
                    if bin >= 0, bin < count { counts[bin] += 1 }
                    second += 1
                }
            }
        }
        return counts
    }

    private static func mean(_ counts: ArraySlice<Int>) -> Double { Double(counts.reduce(0, +)) / Double(counts.count) }
}
