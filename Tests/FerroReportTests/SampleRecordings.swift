// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings
import Foundation
import Synchronization

@testable import FerroReport

/// Results of recordings as a run would leave them: bursting units, a stretch of voltage with their spikes, a spectrum with theta.
enum SampleRecordings {
    static let evidence = RecordingEvidence { path in
        let name = URL(fileURLWithPath: path).deletingLastPathComponent().lastPathComponent
        if let known = made.withLock({ $0[name] }) { return known }
        let result = try result(named: name)
        made.withLock { $0[name] = result }
        return result
    }

    /// Results are made once for all tests.
    private static let made = Mutex<[String: RecordingResult]>([:])

    static func result(named name: String, units count: Int = 12, seconds: Double = 40) throws -> RecordingResult {
        var generator = SeededGenerator(seed: UInt64(name.utf8.reduce(7) { $0 &* 31 &+ Int($1) }.magnitude), stream: 3)
        let rate = try SampleRate(hertz: 10_000)
        let electrodes = (0..<count).map { Electrode(id: "CA1-\($0)", location: "vCA1") }
        let observed = [TimeInterval(start: 0, stop: seconds)]
        let units = (0..<count).map { index -> UnitResult in
            var times: [Double] = []
            var bursts: [Burst] = []
            var time = Double.random(in: 0...1, using: &generator)
            while time < seconds {
                let first = times.count
                times.append(time)
                if Double.random(in: 0...1, using: &generator) < 0.25 {
                    for _ in 0..<Int.random(in: 1...4, using: &generator) where (times.last ?? 0) + 0.008 < seconds {
                        times.append((times.last ?? 0) + Double.random(in: 0.003...0.007, using: &generator))
                    }
                }
                if times.count - first > 1 { bursts.append(Burst(spikes: first..<times.count, start: times[first], stop: times[times.count - 1])) }
                time = (times.last ?? time) + 0.02 - log(Double.random(in: 0.001...1, using: &generator)) / (0.6 + Double(index % 5) * 0.5)
            }
            return UnitResult(train: SpikeTrain(id: "CA1-\(index)", electrode: index, times: times, observed: observed), bursts: bursts)
        }
        let start = 19.5
        let samples = (0..<4).map { channel -> [Float] in
            var trace = (0..<10_000).map { _ in
                Float.random(in: -14...14, using: &generator) + Float.random(in: -14...14, using: &generator)
            }
            for time in units[channel].train.times where time >= start && time < start + 1 {
                let frame = Int(((time - start) * rate.hertz).rounded())
                for offset in -4...12 where trace.indices.contains(frame + offset) {
                    let t = Double(offset) / 10
                    trace[frame + offset] += Float(-110 * exp(-t * t / 0.02) + 38 * exp(-(t - 0.45) * (t - 0.45) / 0.06))
                }
            }
            return trace
        }
        let frequencies = (0...200).map { Double($0) * 0.5 }
        let strength = name.contains("iso") ? 0.5 : name.contains("dfo") ? 0.85 : 1.0
        let power = (0..<count).map { index in
            frequencies.map { f in
                (4000 / (1 + f * f) + 90 * strength * exp(-(f - 7.5) * (f - 7.5) / 3) + 1.5 * exp(-(f - 50) * (f - 50) / 200)) * (1 + 0.1 * Double(index % 3))
                    * exp(Double.random(in: -0.2...0.2, using: &generator))
            }
        }
        let bands = [("theta", 4.0, 12.0), ("gamma", 30.0, 80.0)].map {
            BandResult(electrode: 0, band: $0.0, low: Hertz($0.1), high: Hertz($0.2), power: 1, relativePower: 0.1, peak: nil)
        }
        return RecordingResult(
            name: name, session: SessionFacts(), electrodes: electrodes, segments: observed, units: units,
            unitsDescription: "locally exclusive threshold events, 5 × MAD noise, negative", burstsDescription: "max-interval, hippocampal-complex-spike",
            spectra: [
                SpectrumResult(
                    stage: "power-spectrum", method: "Welch, 2 s Hann windows, half overlap", frequencies: frequencies, electrodes: Array(0..<count),
                    power: power,
                    windows: 59, bands: bands)
            ], excerpt: Excerpt(rate: rate, start: start, electrodes: Array(0..<4), samples: samples))
    }

    /// A folder with a manifest and a resolved pipeline for every name.
    static func folder(for names: [String]) throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ferro-report-\(UUID().uuidString)")
        for (index, name) in names.enumerated() {
            let own = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
            let manifest = """
                {"tool": {"name": "ferrospike", "version": "0.1.0"}, "recording": "\(name)", "config_hash": "xxh128:00ff00ff00ff00ff00ff00ff00ff00ff",
                 "input": {"file": "\(name).nwb", "size": \(1_840_000_000 + index), "hash": "xxh128:0123456789abcdef0123456789abcdef", "format": "NWB",
                           "series": "/acquisition/ElectricalSeries", "rate_hz": 30000, "channels": 18},
                 "segments": [{"start_s": 0, "duration_s": 60, "first_frame": 0, "frames": 1800000}], "gaps": [], "block_frames": 30000, "noise_uv": {"detect-spikes": [7.5, null]},
                 "units": 18, "spikes": \(51_234 + index), "warnings": \(index == 0 ? "[\"detect-spikes: no noise on CA1-3 (a flat channel), so no spikes there\"]" : "[]"),
                 "seeds": {}, "outputs": [], "wall_time_s": \(3 + index), "peak_memory_mb": 120}
                """
            try Data(manifest.utf8).write(to: own.appendingPathComponent("manifest.json"))
            let pipeline = """
                ferrospike: 1
                recording:
                  series: "/acquisition/ElectricalSeries"
                  electrodes: {location: ["vCA1", "vHPC"]}
                stages:
                  - bandpass: {id: ap, from: recording, low: 300 Hz, high: 6 kHz, order: 3, phase: zero}
                  - detect-spikes: {id: detect-spikes, from: ap, method: locally-exclusive, threshold: 5, polarity: negative, dead-time: 1 ms, radius: 50 um}
                """
            try Data(pipeline.utf8).write(to: own.appendingPathComponent("pipeline.yaml"))
        }
        return folder.path
    }
}
