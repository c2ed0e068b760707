// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// Where the draws of a difference lie under the nested bootstrap, in little space: a smoothed density on an even grid of the analysis
/// scale, and the percentile interval. It is drawn beside a contrast and decides nothing.
///
/// The density is that of a Gaussian kernel with Silverman's bandwidth, 0.9 min(sd, IQR/1.34) n^(-1/5); the grid reaches two bandwidths
/// beyond the 0.05 and 99.95 % quantiles.
package struct BootstrapDistribution: Sendable, Equatable {
    /// 2.5 and 97.5 % quantiles of the draws.
    package let low: Double
    package let high: Double
    /// First place of the grid and the distance from one to the next.
    package let start: Double
    package let step: Double
    /// Share of the draws per unit of the analysis scale at every place.
    package let densities: [Double]

    package static let places = 41
    private static let bins = 1024

    package func place(_ index: Int) -> Double { start + step * Double(index) }

    /// Between the places of the grid a straight line; 0 beyond its ends.
    package func density(at value: Double) -> Double {
        let place = (value - start) / step
        guard place >= 0, place <= Double(densities.count - 1) else { return 0 }
        let below = min(Int(place), densities.count - 2)
        return densities[below] + (place - Double(below)) * (densities[below + 1] - densities[below])
    }

    /// - Parameter draws: those that are no number are left out. nil where fewer than two are left, and where all agree.
    package init?(_ draws: [Double]) {
        let sorted = draws.filter(\.isFinite).sorted()
        guard sorted.count >= 2, let least = sorted.first, let most = sorted.last, most > least else { return nil }
        func quantile(_ q: Double) -> Double { BootstrapInterval.quantile(q, ofSorted: sorted) }
        low = quantile(0.025)
        high = quantile(0.975)
        let width = BootstrapDistribution.bandwidth(sorted, quartiles: quantile(0.75) - quantile(0.25))
        let start = quantile(0.0005) - 2 * width
        let end = quantile(0.9995) + 2 * width
        guard width > 0, width.isFinite, end > start, (end - start).isFinite else { return nil }
        let step = (end - start) / Double(BootstrapDistribution.places - 1)
        // Draws are counted in bins far narrower than the kernel first, so that the work does not grow with their number.
        let bin = (end - start) / Double(BootstrapDistribution.bins)
        var counts = [Double](repeating: 0, count: BootstrapDistribution.bins)
        for draw in sorted where draw >= start && draw < end { counts[min(Int((draw - start) / bin), counts.count - 1)] += 1 }
        let scale = 1 / (width * (2 * Double.pi).squareRoot() * Double(sorted.count))
        densities = (0..<BootstrapDistribution.places).map { place in
            let at = step * Double(place)
            var sum = 0.0
            for (index, count) in counts.enumerated() where count > 0 {
                let distance = (at - bin * (Double(index) + 0.5)) / width
                if abs(distance) < 6 { sum += count * exp(-0.5 * distance * distance) }
            }
            return sum * scale
        }
        self.start = start
        self.step = step
    }

    private static func bandwidth(_ values: [Double], quartiles: Double) -> Double {
        let n = Double(values.count)
        let mean = values.reduce(0) { $0 + $1 / n }
        let sd = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) / (n - 1) }).squareRoot()
        // Where half of the draws agree, the quartiles say nothing.
        let spread = quartiles > 0 ? min(sd, quartiles / 1.34) : sd
        return 0.9 * spread * pow(n, -0.2)
    }
}
