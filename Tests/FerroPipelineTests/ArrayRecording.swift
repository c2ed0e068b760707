// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings

/// A recording whose samples are computed where they are asked for: noise that neighbouring channels share in part, an offset, and spikes.
struct ArrayRecording: Recording {
    let format = RecordingFormat.nwb
    let path = "computed"
    let session = SessionFacts()
    let series: [SeriesDescription]
    let problems: [RecordingProblem] = []
    let unitCounts: (units: Int, spikes: Int)? = nil
    let samples: SignalBlock

    /// Two shanks of eight sites 25 um apart, five seconds at 20 kHz with two gaps and a segment of a few frames.
    static func twoShanks(segments: [Int] = [45_123, 17, 30_001, 24_900]) throws -> ArrayRecording {
        try ArrayRecording(
            electrodes: (0..<16).map { (index: Int) -> Electrode in
                let place = SIMD3<Double>(Double(250 * (index / 8)), Double(25 * (index % 8)), 0)
                return Electrode(id: "\(index)", location: index < 8 ? "vCA1" : "DG", group: "shank \(index / 8)", position: place)
            }, segments: segments)
    }

    init(electrodes: [Electrode], segments lengths: [Int], rate: Double = 20_000) throws {
        let rate = try SampleRate(hertz: rate)
        let frames = lengths.reduce(0, +)
        var segments: [Segment] = []
        for (index, length) in lengths.enumerated() {
            let first = segments.last?.frames.upperBound ?? 0
            segments.append(Segment(frames: first..<first + length, start: rate.seconds(first) + 2 * Double(index)))
        }
        series = [
            SeriesDescription(
                path: "/acquisition/ElectricalSeries", kind: .electrical, rate: rate, frames: frames, electrodes: electrodes, segments: segments,
                storage: Storage(layout: .contiguous, filters: []))
        ]
        var generator = SeededGenerator(seed: 12)
        var block = SignalBlock(frames: 0..<frames, channels: electrodes.count)
        var shared = [Double](repeating: 0, count: electrodes.count + 3)
        for frame in 0..<frames {
            for index in shared.indices { shared[index] = generator.uniform() - 0.5 }
            let common = 60 * (generator.uniform() - 0.5)
            for channel in electrodes.indices {
                let near: Double = shared[channel] + shared[channel + 1] + shared[channel + 2] + shared[channel + 3]
                let gain = Double(10 * (channel % 3 + 2))
                block[frame, channel] = Float(800 + gain * near + common)
            }
        }
        for spike in 1...200 {
            let (frame, channel) = (spike * frames / 201, spike * 7 % electrodes.count)
            for (step, value) in [-60, -220, -400, -250, -40, 90, 60, 20].enumerated() where frame + step < frames {
                block[frame + step, channel] += Float(value)
            }
        }
        samples = block
    }

    /// One segment of given samples on a line of sites 25 um apart.
    init(samples: SignalBlock, rate: Double) throws {
        let electrodes = (0..<samples.channels).map { Electrode(id: "\($0)", group: "line", position: SIMD3<Double>(0, Double(25 * $0), 0)) }
        series = [
            SeriesDescription(
                path: "/acquisition/ElectricalSeries", kind: .electrical, rate: try SampleRate(hertz: rate), frames: samples.frames.count,
                electrodes: electrodes, segments: [Segment(frames: samples.frames, start: 0)], storage: Storage(layout: .contiguous, filters: []))
        ]
        self.samples = samples
    }

    func signal(of path: String) throws -> any SignalSource { Source(description: series[0], samples: samples) }
    func units() throws -> UnitTable { UnitTable(trains: [], electrodes: []) }

    struct Source: SignalSource {
        let description: SeriesDescription
        let samples: SignalBlock

        func read(_ frames: SampleRange, columns: [Int], origin: Int) throws -> SignalBlock {
            if columns == Array(0..<samples.channels) {
                let slice = samples.slice(frames)
                return SignalBlock(frames: frames.shifted(by: -origin), channels: columns.count) { target in
                    _ = target.update(fromContentsOf: slice.samples)
                }
            }
            var block = SignalBlock(frames: frames.shifted(by: -origin), channels: columns.count)
            for frame in frames {
                for (column, channel) in columns.enumerated() { block[frame - origin, column] = samples[frame, channel] }
            }
            return block
        }
    }
}
