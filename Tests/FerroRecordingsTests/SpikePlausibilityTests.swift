// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings
import Testing

/// What is said about spike times that no neuron has.
@Suite struct SpikePlausibilityTests {
    private func train(_ id: String, _ times: [Double], observed: [TimeInterval] = [TimeInterval(start: 0, stop: 100)]) -> SpikeTrain {
        SpikeTrain(id: id, times: times, observed: observed)
    }

    @Test func spikesThatCannotBe() {
        let sound = train("sound", (0..<100).map { Double($0) })
        #expect(SpikePlausibility.problems([sound, train("empty", [])]) == [])
        let messages = SpikePlausibility.problems([
            sound, train("twice", [1, 2, 2, 2, 3]), train("tight", [1, 1.0005, 2, 3]), train("late", [1, 101, 102]),
        ]).map(\.message)
        #expect(
            messages == [
                "units with several spikes at the same time: twice (2)",
                "units with more than 1 % of intervals below 1 ms, shorter than a neuron's refractory period: tight (33.3 %)",
                "units with spikes outside their observed time: late (2)",
            ])
    }

    @Test func oneShortIntervalInAHundredIsTolerated() {
        let times = (0..<100).map { Double($0) } + [99.0005]
        #expect(SpikePlausibility.problems([train("unit", times)]) == [])
        #expect(SpikePlausibility.problems([train("unit", Array(times.dropFirst(2)))]).count == 1)
    }

    @Test func spikesOfUnknownExposureAreNotOutsideIt() {
        #expect(SpikePlausibility.problems([train("unit", [1, 2], observed: [])]) == [])
    }
}
