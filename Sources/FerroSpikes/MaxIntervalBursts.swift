// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// Bursts by limits on intervals, the MaxInterval method of the NeuroExplorer manual.
///
/// 1. A burst starts at an interval ≤ `maxStart` and goes on while intervals are ≤ `maxEnd`.
/// 2. Bursts less than `minInterBurst` apart (last spike to first spike) are merged.
/// 3. Then bursts shorter than `minDuration` or of fewer than `minSpikes` spikes are dropped.
///
/// Times that are multiples of a sample carry rounding of their own, so an interval within a nanosecond of a limit counts as
/// equal to it; a train moved in time has the same bursts. No burst and no merge reaches across the end of an observed interval.
///
/// ```swift
/// let detector = MaxIntervalBursts(.hippocampalComplexSpike)
/// detector.bursts(in: SpikeTrain(id: "a", times: [1, 1.006, 2], observed: [TimeInterval(start: 0, stop: 3)]))
/// // one burst, spikes 0..<2
/// ```
package struct MaxIntervalBursts: Sendable {
    package struct Parameters: Sendable, Equatable {
        /// Longest interval that starts a burst.
        package var maxStart: Seconds
        /// Longest interval inside a burst once started.
        package var maxEnd: Seconds
        /// Shortest pause between two bursts; closer bursts are one.
        package var minInterBurst: Seconds
        package var minDuration: Seconds
        package var minSpikes: Int

        package init(maxStart: Seconds, maxEnd: Seconds, minInterBurst: Seconds, minDuration: Seconds, minSpikes: Int) {
            self.maxStart = maxStart
            self.maxEnd = maxEnd
            self.minInterBurst = minInterBurst
            self.minDuration = minDuration
            self.minSpikes = minSpikes
        }
    }

    /// What counts as equal, in seconds.
    static let rounding = 1e-9

    package let parameters: Parameters

    package init(parameters: Parameters) { self.parameters = parameters }

    package init(_ preset: MaxIntervalPreset) { parameters = preset.parameters }

    /// Disjoint bursts in ascending order.
    package func bursts(in train: SpikeTrain) -> [Burst] {
        train.runs.flatMap { run in
            merged(started(in: train.times, run), train.times)
                .filter { burst in
                    burst.count >= parameters.minSpikes
                        && train.times[burst.upperBound - 1] - train.times[burst.lowerBound]
                            >= parameters.minDuration.value - MaxIntervalBursts.rounding
                }
                .map { Burst(spikes: $0, start: train.times[$0.lowerBound], stop: train.times[$0.upperBound - 1]) }
        }
    }

    private func started(in times: [Double], _ run: Range<Int>) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var first = run.lowerBound
        while first + 1 < run.upperBound {
            var last = first
            if times[first + 1] - times[first] <= parameters.maxStart.value + MaxIntervalBursts.rounding {
                last = first + 1
                while last + 1 < run.upperBound, times[last + 1] - times[last] <= parameters.maxEnd.value + MaxIntervalBursts.rounding {
                    last += 1
                }
                found.append(first..<last + 1)
            }
            first = last + 1
        }
        return found
    }

    private func merged(_ bursts: [Range<Int>], _ times: [Double]) -> [Range<Int>] {
        var merged: [Range<Int>] = []
        for burst in bursts {
            if let last = merged.last,
                times[burst.lowerBound] - times[last.upperBound - 1] < parameters.minInterBurst.value - MaxIntervalBursts.rounding
            {
                merged[merged.count - 1] = last.lowerBound..<burst.upperBound
            } else {
                merged.append(burst)
            }
        }
        return merged
    }
}
