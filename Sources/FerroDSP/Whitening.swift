// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// Makes the channels uncorrelated and equally strong: the ZCA whitening W = s (C + ε)^(−1/2), of all whitenings the one whose channels stay
/// closest to what they were (Kessy, Lewin & Strimmer 2018, doi:10.1080/00031305.2016.1277159).
///
/// ε is `regularisation` times the mean variance of the channels; it bounds what directions without signal (after a common reference there is
/// always one) are raised by. With neighbours, the row of a channel is that of the whitening of the channel and its neighbours alone.
///
/// s is the median standard deviation of the channels, so that the output stays in microvolts: every channel is as loud as the channel in the
/// middle was. Detectors, which work in multiples of noise, do not see it. The mean is not subtracted: whiten behind a high-pass.
package enum Whitening {
    /// The weights for a covariance in µV².
    ///
    /// - Parameters:
    ///   - neighbours: for each channel the others it is whitened with; nil for all.
    /// - Throws: `FerroError` (input) when the regularised covariance is not positive definite, which a channel that is infinite or a
    ///   regularisation far too small leads to.
    package static func weights(covariance: [[Double]], regularisation: Double, neighbours: [[Int]]? = nil) throws -> [[Double]] {
        let count = covariance.count
        let variances = covariance.indices.map { covariance[$0][$0] }
        let mean = variances.reduce(0, +) / Double(max(count, 1))
        // Nothing but silence has nothing to whiten.
        guard mean > 0 else { return identity(count) }
        let epsilon = regularisation * mean
        let sorted = variances.map { max($0, 0).squareRoot() }.sorted()
        let middle = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
        let scale = middle > 0 ? middle : mean.squareRoot()

        func root(_ channels: [Int]) throws -> [[Double]] {
            let part = channels.map { row in channels.map { covariance[row][$0] + (row == $0 ? epsilon : 0) } }
            guard let root = inverseSquareRoot(part) else {
                throw FerroError.input(
                    "the channels depend on each other too closely to be whitened", expected: "channels that differ by more than rounding",
                    advice: "raise `regularisation`, or leave out channels that repeat others")
            }
            return root
        }
        guard let neighbours else { return try root(Array(0..<count)).map { $0.map { $0 * scale } } }
        return try neighbours.enumerated().map { channel, others in
            let channels = (others + [channel]).sorted()
            let own = try root(channels)[channels.firstIndex(of: channel) ?? 0]
            var row = [Double](repeating: 0, count: count)
            for (column, weight) in zip(channels, own) { row[column] = weight * scale }
            return row
        }
    }

    package static func identity(_ count: Int) -> [[Double]] {
        (0..<count).map { row in (0..<count).map { $0 == row ? 1 : 0 } }
    }
}
