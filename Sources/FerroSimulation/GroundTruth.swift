// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
import FerroRecordings

/// What is known of a simulated recording: every spike and every burst.
package struct GroundTruth: Sendable, Equatable {
    package struct Unit: Sendable, Equatable {
        /// Times in seconds, nearest electrode, observed intervals. Amplitudes are the troughs on the nearest electrode in
        /// microvolts (negative), spike by spike, without the background.
        package var train: SpikeTrain
        /// Rows of the dataset at which the troughs stand, one per spike.
        package var frames: [Int]
        package var bursts: [Burst]
        /// Trough of a full-size spike over the background's deviation on the nearest electrode, both behind the 300-6000 Hz band-pass.
        package var snr: Double
        /// Rate the train was drawn with, spikes a second.
        package var rate: Double

        package init(train: SpikeTrain, frames: [Int], bursts: [Burst], snr: Double, rate: Double) {
            self.train = train
            self.frames = frames
            self.bursts = bursts
            self.snr = snr
            self.rate = rate
        }
    }

    package var rate: SampleRate
    package var segments: [Segment]
    package var units: [Unit]

    package init(rate: SampleRate, segments: [Segment], units: [Unit]) {
        self.rate = rate
        self.segments = segments
        self.units = units
    }

    static let burstTable = "true_bursts"
    static let segmentTable = "recorded"

    /// The truth of a planned recording.
    package init(_ plan: RecordingPlan) {
        rate = plan.spec.rate
        segments = plan.segments
        let (rate, segments) = (rate, segments)
        let observed = segments.map { TimeInterval(start: $0.start, stop: $0.start + rate.seconds($0.frames.count)) }
        units = plan.neurons.enumerated().map { index, neuron in
            var frames: [Int] = []
            var times: [Double] = []
            var sizes: [Float] = []
            var bursts: [Burst] = []
            for (segment, train) in zip(segments, neuron.trains) {
                let first = frames.count
                frames += train.frames.map { $0 + segment.frames.lowerBound }
                times += train.frames.map { segment.seconds(ofFrame: $0 + segment.frames.lowerBound, at: rate) }
                sizes += train.sizes.map { -$0 * Float(neuron.amplitude) }
                bursts += train.bursts.map { range in
                    let spikes = range.shifted(by: first)
                    return Burst(spikes: spikes, start: times[spikes.lowerBound], stop: times[spikes.upperBound - 1])
                }
            }
            let train = SpikeTrain(id: "neuron\(index)", electrode: neuron.electrode, times: times, amplitudes: sizes, observed: observed)
            return Unit(train: train, frames: frames, bursts: bursts, snr: plan.spec.neurons[index].snr, rate: neuron.firing)
        }
    }

    // MARK: In the file

    /// The table of units as it stands in the recording.
    var unitsTable: NWBTable {
        let trains = units.map(\.train)
        return NWBTable(
            description: "simulated neurons: the true spikes", ids: Array(units.indices),
            columns: [
                NWBColumn("unit_name", "name of the neuron", .texts(trains.map(\.id))),
                NWBColumn("spike_times", "times of the troughs in seconds", .raggedDoubles(trains.map(\.times))),
                NWBColumn("obs_intervals", "recorded stretches in seconds", .raggedIntervals(trains.map(\.observed))),
                NWBColumn(
                    "electrodes", "electrode nearest to the neuron",
                    .raggedRegion(trains.map { $0.electrode.map { [$0] } ?? [] }, table: NWBRecordingWriter.electrodesPath)),
                NWBColumn(
                    "spike_amplitudes", "trough of each spike on the nearest electrode without the background, microvolts",
                    .raggedFloats(trains.map(\.amplitudes))),
                NWBColumn(
                    "snr", "trough over the standard deviation of the background, both behind 300-6000 Hz", .doubles(units.map(\.snr))),
                NWBColumn("true_rate_hz", "rate the spikes were drawn with, spikes per second", .doubles(units.map(\.rate))),
            ])
    }

    var burstsTable: NWBTable {
        // NWB wants intervals in the order of their start; ties keep the order of the neurons.
        let rows = units.enumerated().flatMap { index, unit in unit.bursts.map { (index, unit, $0) } }
            .sorted { ($0.2.start, $0.0) < ($1.2.start, $1.0) }
        return NWBTable(
            description: "true complex-spike bursts", ids: Array(rows.indices),
            columns: [
                NWBColumn("start_time", "time of the first spike in seconds", .doubles(rows.map(\.2.start))),
                NWBColumn("stop_time", "time of the last spike in seconds", .doubles(rows.map(\.2.stop))),
                NWBColumn("unit", "id of the neuron in the units table", .integers(rows.map(\.0))),
                NWBColumn("first_spike", "index of the first spike among the neuron's spikes", .integers(rows.map(\.2.spikes.lowerBound))),
                NWBColumn("spike_count", "number of spikes", .integers(rows.map(\.2.spikes.count))),
            ])
    }

    var segmentsTable: NWBTable {
        NWBTable(
            description: "stretches recorded without interruption", ids: Array(segments.indices),
            columns: [
                NWBColumn("start_time", "time of the first frame in seconds", .doubles(segments.map(\.start))),
                NWBColumn("stop_time", "end of the last frame in seconds", .doubles(segments.map { $0.start + rate.seconds($0.frames.count) })),
                NWBColumn("first_frame", "first row of the samples", .integers(segments.map(\.frames.lowerBound))),
                NWBColumn("frame_count", "number of rows", .integers(segments.map(\.frames.count))),
                NWBColumn("rate_hz", "frames per second", .doubles(segments.map { _ in rate.hertz })),
            ])
    }

    /// Reads the truth back from a simulated recording.
    ///
    /// - Throws: `FerroError` (input) where the file cannot be read or holds no such truth.
    package static func read(from path: String) throws -> GroundTruth {
        func missing(_ what: String) -> FerroError {
            FerroError.input(
                "holds no ground truth: \(what)", at: path, expected: "a recording made by `ferrospike simulate recording`")
        }
        guard let recorded = try NWBTable.read("/intervals/\(segmentTable)", in: path), let starts = recorded["start_time"]?.doubles,
            let firsts = recorded["first_frame"]?.integers, let counts = recorded["frame_count"]?.integers,
            let hertz = recorded["rate_hz"]?.doubles?.first, starts.count == firsts.count, firsts.count == counts.count,
            counts.allSatisfy({ $0 > 0 }), firsts.allSatisfy({ $0 >= 0 })
        else { throw missing("the recorded stretches are missing") }
        let rate = try SampleRate(hertz: hertz)
        let segments = starts.indices.map { Segment(frames: firsts[$0]..<firsts[$0] + counts[$0], start: starts[$0]) }
        guard let table = try NWBTable.read("/units", in: path), let times = table["spike_times"]?.raggedDoubles else {
            return GroundTruth(rate: rate, segments: segments, units: [])
        }
        let count = table.ids.count
        guard let names = table["unit_name"]?.texts, let observed = table["obs_intervals"]?.raggedIntervals,
            let electrodes = table["electrodes"]?.raggedIntegers, let amplitudes = table["spike_amplitudes"]?.raggedDoubles,
            let snr = table["snr"]?.doubles, let rates = table["true_rate_hz"]?.doubles,
            [names.count, observed.count, electrodes.count, amplitudes.count, snr.count, rates.count, times.count].allSatisfy({ $0 == count })
        else { throw missing("the units are not simulated ones") }
        var bursts = [[Burst]](repeating: [], count: count)
        if let rows = try NWBTable.read("/intervals/\(burstTable)", in: path), let owners = rows["unit"]?.integers,
            let firsts = rows["first_spike"]?.integers, let sizes = rows["spike_count"]?.integers
        {
            for (owner, (first, size)) in zip(owners, zip(firsts, sizes)) {
                guard bursts.indices.contains(owner), first >= 0, size > 0, first + size <= times[owner].count else {
                    throw missing("a burst lies outside its neuron's spikes")
                }
                bursts[owner].append(
                    Burst(spikes: first..<first + size, start: times[owner][first], stop: times[owner][first + size - 1]))
            }
        }
        let units = try (0..<count).map { index in
            let frames = try times[index].map { time -> Int in
                guard let segment = segments.last(where: { $0.start <= time + 0.5 / hertz }) else { throw missing("a spike lies before the recording") }
                return segment.frames.lowerBound + Int(((time - segment.start) * hertz).rounded())
            }
            let train = SpikeTrain(
                id: names[index], electrode: electrodes[index].first, times: times[index],
                amplitudes: amplitudes[index].map(Float.init), observed: observed[index])
            return Unit(train: train, frames: frames, bursts: bursts[index], snr: snr[index], rate: rates[index])
        }
        return GroundTruth(rate: rate, segments: segments, units: units)
    }
}
