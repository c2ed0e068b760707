// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// Detected spikes against true ones.
///
/// Spikes at most a tolerance apart are matched one to one in time order, as many as possible; among such matchings a detected spike is
/// exchanged for its successor where that lies nearer and is free.
package struct SpikeComparison: Sendable, Equatable, Codable {
    package var detected: Int
    package var expected: Int
    package var matched: Int
    /// Detected minus true time over the matched spikes, in milliseconds; nil without a match.
    package var meanErrorMs: Double?
    package var medianErrorMs: Double?
    /// Standard deviation (n) of the errors.
    package var sdErrorMs: Double?

    /// Share of the detected spikes that are true; nil when none was detected.
    package var precision: Double? { detected > 0 ? Double(matched) / Double(detected) : nil }
    /// Share of the true spikes that were detected; nil when there are none.
    package var recall: Double? { expected > 0 ? Double(matched) / Double(expected) : nil }
    /// Harmonic mean of precision and recall: 2·matched/(detected + true); nil when there are no spikes at all.
    package var f1: Double? { detected + expected > 0 ? 2 * Double(matched) / Double(detected + expected) : nil }

    /// Compares two ascending lists of times in seconds.
    package init(detected: [Double], expected: [Double], tolerance: Seconds) {
        let pairs = SpikeComparison.match(detected, expected, tolerance: tolerance.value)
        self.detected = detected.count
        self.expected = expected.count
        matched = pairs.count
        guard !pairs.isEmpty else { return }
        let errors = pairs.map { (detected[$0.detected] - expected[$0.expected]) * 1e3 }.sorted()
        let mean = errors.reduce(0, +) / Double(errors.count)
        meanErrorMs = mean
        medianErrorMs = (errors[(errors.count - 1) / 2] + errors[errors.count / 2]) / 2
        sdErrorMs = (errors.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(errors.count)).squareRoot()
    }

    /// Sums counts of several comparisons; the errors are not known of the sum.
    package init(summing comparisons: [SpikeComparison]) {
        detected = comparisons.reduce(0) { $0 + $1.detected }
        expected = comparisons.reduce(0) { $0 + $1.expected }
        matched = comparisons.reduce(0) { $0 + $1.matched }
    }

    /// Matched pairs of indices, ascending in both lists.
    package static func match(
        _ detected: [Double], _ expected: [Double], tolerance: Double
    ) -> [(detected: Int, expected: Int)] {
        let reach = tolerance + MaxIntervalBursts.rounding
        var pairs: [(detected: Int, expected: Int)] = []
        var first = 0
        // The earliest free detected spike for each true one leaves most for the true spikes that follow.
        for (index, time) in expected.enumerated() {
            while first < detected.count, detected[first] < time - reach { first += 1 }
            guard first < detected.count else { break }
            guard detected[first] <= time + reach else { continue }
            pairs.append((first, index))
            first += 1
        }
        // From the last pair back, a free successor that lies nearer takes the place.
        var free = detected.count
        for pair in pairs.indices.reversed() {
            let time = expected[pairs[pair].expected]
            while pairs[pair].detected + 1 < free,
                abs(detected[pairs[pair].detected + 1] - time) < abs(detected[pairs[pair].detected] - time)
            {
                pairs[pair].detected += 1
            }
            free = pairs[pair].detected
        }
        return pairs
    }
}

/// Detected bursts against true ones, spike by spike (Cotterill et al. 2016, J Neurophysiol 116:306).
package struct BurstComparison: Sendable, Equatable, Codable {
    package var trueBurstSpikes: Int
    package var foundBurstSpikes: Int
    package var otherSpikes: Int
    package var takenOtherSpikes: Int

    /// Share of the spikes of true bursts that lie in a detected burst; nil without true bursts.
    package var burstSpikesFound: Double? {
        trueBurstSpikes > 0 ? Double(foundBurstSpikes) / Double(trueBurstSpikes) : nil
    }
    /// Share of the other spikes that lie in a detected burst; nil where every spike is a burst spike.
    package var otherSpikesTaken: Double? { otherSpikes > 0 ? Double(takenOtherSpikes) / Double(otherSpikes) : nil }

    /// Compares ranges of indices of the same `spikes` spikes; overlapping ranges count once.
    package init(detected: [Range<Int>], expected: [Range<Int>], spikes: Int) {
        let inDetected = BurstComparison.marks(detected, spikes)
        let inExpected = BurstComparison.marks(expected, spikes)
        trueBurstSpikes = inExpected.count { $0 }
        otherSpikes = spikes - trueBurstSpikes
        foundBurstSpikes = zip(inDetected, inExpected).count { $0 && $1 }
        takenOtherSpikes = zip(inDetected, inExpected).count { $0 && !$1 }
    }

    /// Sums several comparisons.
    package init(summing comparisons: [BurstComparison]) {
        trueBurstSpikes = comparisons.reduce(0) { $0 + $1.trueBurstSpikes }
        foundBurstSpikes = comparisons.reduce(0) { $0 + $1.foundBurstSpikes }
        otherSpikes = comparisons.reduce(0) { $0 + $1.otherSpikes }
        takenOtherSpikes = comparisons.reduce(0) { $0 + $1.takenOtherSpikes }
    }

    private static func marks(_ bursts: [Range<Int>], _ spikes: Int) -> [Bool] {
        var marks = Array(repeating: false, count: spikes)
        for burst in bursts {
            for spike in burst.clamped(to: 0..<spikes) { marks[spike] = true }
        }
        return marks
    }
}
