// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5
import Foundation

/// Turns the timestamps of samples into a rate and gap-free segments, a stretch of timestamps at a time.
///
/// The sample interval is the median of the steps in the first stretch. A step of more than 1.5 intervals is a gap and starts a
/// segment at its timestamp. The rate is the number of intervals over the time they took, over all segments together, so jitter
/// averages out; it is rounded to 13 digits, because those behind them are the rounding of the timestamps (20000.000000000004 Hz).
/// Timestamps that do not increase, or are not finite, are refused by frame.
struct SampleTimes {
    private let place: String
    private var interval = 0.0
    private var last = 0.0
    private var count = 0
    private var starts: [(frame: Int, time: Double)] = []
    private var steps = 0
    /// Time that the segments before the last one took.
    private var past = 0.0
    /// Some of the timestamps, evenly spaced, to see how far they depart from an even rate.
    private var probes: [(frame: Int, time: Double)] = []
    private let probeStep: Int

    init(total: Int, place: String) {
        self.place = place
        probeStep = max(1, total / 65_536)
    }

    /// Timestamps to read at a time along an axis: a megabyte of them, or a chunk where it is too large for the library to keep.
    static func piece(of dataset: HDF5Dataset, along axis: Int = 0) -> Int {
        let usual = 1 << 17
        guard case .chunked(let chunk) = dataset.layout, chunk.indices.contains(axis),
            chunk.reduce(Double(dataset.type.size), { $0 * Double($1) }) > Double(HDF5File.chunkCacheBytes)
        else { return usual }
        return max(usual, chunk[axis])
    }

    mutating func add(_ stretch: [Double]) throws {
        if count == 0 { interval = try SampleTimes.medianStep(of: stretch, place: place) }
        for (index, now) in stretch.enumerated() {
            let frame = count + index
            guard now.isFinite else {
                throw FerroError.input("the timestamp of frame \(frame) is not a finite number", at: place, expected: "seconds")
            }
            if frame == 0 {
                starts.append((0, now))
            } else {
                let step = now - last
                guard step > 0 else {
                    throw FerroError.input(
                        "the timestamps do not increase at frame \(frame): \(last) s is followed by \(now) s", at: place,
                        expected: "increasing seconds", advice: "repair the timestamps, or store each run as a series of its own")
                }
                if step > 1.5 * interval {
                    past += segmentTime
                    starts.append((frame, now))
                } else {
                    steps += 1
                }
            }
            if frame % probeStep == 0 { probes.append((frame, now)) }
            last = now
        }
        count += stretch.count
    }

    func result() throws -> (rate: SampleRate, segments: [Segment], departure: Double) {
        let time = past + segmentTime
        guard steps > 0, time > 0 else {
            throw FerroError.input("\(count) timestamps give no sampling rate", at: place, expected: "two neighbouring samples at least")
        }
        let rate = try SampleRate(hertz: SampleTimes.rounded(Double(steps) / time))
        let segments = starts.indices.map { index in
            Segment(
                frames: starts[index].frame..<(index + 1 < starts.count ? starts[index + 1].frame : count), start: starts[index].time)
        }
        var departure = 0.0
        var current = 0
        for probe in probes {
            while segments[current].frames.upperBound <= probe.frame { current += 1 }
            departure = max(departure, abs(segments[current].seconds(ofFrame: probe.frame, at: rate) - probe.time))
        }
        return (rate, segments, departure)
    }

    /// Time from the first to the last timestamp of the segment that was begun last.
    private var segmentTime: Double { starts.last.map { last - $0.time } ?? 0 }

    /// The number with 13 significant digits that is nearest.
    private static func rounded(_ value: Double) -> Double { Double(String(format: "%.12e", value)) ?? value }

    private static func medianStep(of times: [Double], place: String) throws -> Double {
        var steps: [Double] = []
        steps.reserveCapacity(times.count)
        for (now, last) in zip(times.dropFirst(), times) where (now - last).isFinite && now > last { steps.append(now - last) }
        steps.sort()
        return steps.isEmpty ? 0 : steps[steps.count / 2]
    }
}
