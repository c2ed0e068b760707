// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5
import FerroPipeline
import FerroSpikes
import Foundation
import Testing

/// Trains whose bursts and measures other software computed.
@Suite("Reference trains", .tags(.realData), .enabled(if: RealData.isNamed))
struct ReferenceTrainTests {
    struct Simulated {
        let scenario: String
        let number: Int
        let times: [Double]
        var key: String { "\(scenario)/\(number)" }
    }

    /// The simulated trains of Cotterill et al. 2016, 300 s each.
    private func cotterill() throws -> [Simulated] {
        let file = try HDF5File.open(RealData.reference("bursts/cotterill-simulations.h5"))
        let times = try file.dataset("/spikes").read(Double.self)
        let counts = try file.dataset("/train_spike_count").read(Int64.self).map(Int.init)
        let numbers = try file.dataset("/train_index").read(Int64.self).map(Int.init)
        let scenarios = try file.dataset("/train_scenario").readStrings()
        var first = 0
        return counts.indices.map { index in
            defer { first += counts[index] }
            return Simulated(scenario: scenarios[index], number: numbers[index], times: Array(times[first..<first + counts[index]]))
        }
    }

    /// Bursts of a gzipped table of scenario, train, [method,] first, last, by train.
    private func bursts(_ path: String, method: String?) throws -> [String: [Range<Int>]] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", try RealData.reference("bursts/" + path)]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: try #require(try output.fileHandleForReading.readToEnd()), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        var found: [String: [Range<Int>]] = [:]
        for line in text.split(separator: "\n").dropFirst() {
            let fields = line.split(separator: ",")
            if let method { guard fields[2] == method else { continue } }
            let first = try #require(Int(fields[fields.count - 2]))
            let last = try #require(Int(fields[fields.count - 1]))
            found["\(fields[0])/\(fields[1])", default: []].append(first..<last + 1)
        }
        return found.mapValues { $0.sorted { $0.lowerBound < $1.lowerBound } }
    }

    /// A few simulated trains run a little beyond their 300 s.
    private func train(_ times: [Double]) -> SpikeTrain {
        SpikeTrain(id: "unit", times: times, observed: [TimeInterval(start: 0, stop: max(300, times.last ?? 0))])
    }

    /// The reference starts a burst at `<` 0.17 s, Ferrospike at `<=`: no interval of these trains is that long to the last bit.
    @Test("MaxInterval finds the bursts that the R reference finds in all 350 simulated trains")
    func maxInterval() throws {
        let detector = MaxIntervalBursts(.cotterill)
        #expect(
            detector.parameters
                == .init(maxStart: Seconds(0.17), maxEnd: Seconds(0.3), minInterBurst: Seconds(0.2), minDuration: Seconds(0.01), minSpikes: 3))
        let reference = try bursts("reference-bursts.csv.gz", method: "MI")
        let trains = try cotterill()
        #expect(trains.count == 350)
        let different = trains.filter { detector.bursts(in: train($0.times)).map(\.spikes) != reference[$0.key] ?? [] }.map(\.key)
        #expect(different == [])
        #expect(reference.values.reduce(0) { $0 + $1.count } == 16_986)
    }

    @Test("hand-made trains have the reference's bursts")
    func edgeCases() throws {
        struct Case: Decodable {
            let spikes: [Double]
            let MI: [[Int]]
        }
        let cases = try JSONDecoder().decode([String: Case].self, from: Data(contentsOf: URL(filePath: RealData.reference("bursts/edge-cases.json"))))
        #expect(cases.count == 11)
        let detector = MaxIntervalBursts(.cotterill)
        for (name, example) in cases {
            let found = detector.bursts(in: train(example.spikes)).map(\.spikes)
            #expect(found == example.MI.map { $0[0]..<$0[1] + 1 }, "\(name)")
        }
    }

    @Test("bursts of the simulated trains are found as the published comparison finds them")
    func truth() throws {
        let detector = MaxIntervalBursts(.cotterill)
        let truth = try bursts("truth.csv.gz", method: nil)
        var comparisons: [String: [BurstComparison]] = [:]
        for example in try cotterill() {
            let found = detector.bursts(in: train(example.times)).map(\.spikes)
            comparisons[example.scenario, default: []].append(
                BurstComparison(detected: found, expected: truth[example.key] ?? [], spikes: example.times.count))
        }
        func median(_ scenario: String, _ value: (BurstComparison) -> Double?) throws -> Double {
            let sorted = try #require(comparisons[scenario]).compactMap(value).sorted()
            return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        }
        // Of reference-summary.csv: medians over trains, with four digits.
        #expect(abs(try median("noisy.bursts", \.burstSpikesFound) - 0.9449) < 1e-4)
        #expect(abs(try median("noisy.bursts", \.otherSpikesTaken) - 0.0977) < 1e-4)
        #expect(abs(try median("long.bursts", \.burstSpikesFound) - 0.856) < 1e-4)
        #expect(abs(try median("reg.bursting", \.burstSpikesFound) - 0.9953) < 1e-4)
        #expect(abs(try median("high.freq", \.burstSpikesFound) - 0.9983) < 1e-4)
        #expect(abs(try median("comp.time", \.otherSpikesTaken) - 0.1166) < 1e-4)
        #expect(try median("non.stationary", \.otherSpikesTaken) == 0)
        #expect(try median("non.bursting", \.otherSpikesTaken) == 0)
    }

    @Test("rate, CV, CV2, LV and LvR of ten real trains are Elephant's")
    func elephant() throws {
        struct Values: Decodable {
            struct Train: Decodable {
                let train, n: Int
                let t_start, t_stop, mean_rate_hz, cv, cv2, lv, lvr: Double
            }
            let trains: [Train]
        }
        let values = try JSONDecoder().decode(Values.self, from: Data(contentsOf: URL(filePath: RealData.reference("trains/elephant-values.json"))))
        let file = try HDF5File.open(RealData.reference("trains/real-trains.h5"))
        #expect(values.trains.count == 10)
        for expected in values.trains {
            let times = try file.dataset("/train_\(expected.train)").read(Double.self)
            let measures = SpikeTrainMeasures(
                of: SpikeTrain(id: "unit", times: times, observed: [TimeInterval(start: expected.t_start, stop: expected.t_stop)]), bursts: nil)
            for (name, value) in [
                ("spike_count", Double(expected.n)), ("firing_rate_hz", expected.mean_rate_hz), ("isi_cv", expected.cv), ("isi_cv2", expected.cv2),
                ("isi_lv", expected.lv), ("isi_lvr", expected.lvr),
            ] {
                let own = try #require(measures[name]?.value)
                #expect(abs(own / value - 1) < 1e-9, "train \(expected.train) \(name): \(own) for \(value)")
            }
        }
    }
}
