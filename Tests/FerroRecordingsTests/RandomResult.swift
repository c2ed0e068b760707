// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings

/// Results of random contents, the same for the same seed.
struct RandomResult {
    private var generator: SeededGenerator
    private let rate = SampleRate.kilohertz30

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func make(units: Int = 7, electrodes count: Int = 5, spectra: Int = 2, ids: (Int) -> String = { "unit \($0)" }) -> RecordingResult {
        let segments = [TimeInterval(start: 0.1, stop: 40 + generator.uniform()), TimeInterval(start: 50, stop: 60 + generator.uniform())]
        let electrodes = (0..<count).map { electrode($0) }
        let metrics = (0..<4).map { MetricDescription(name: "measure_\($0)_hz", meaning: "definition \($0) of 1 µV² · s⁻¹") }
        return RecordingResult(
            name: "rat3_2024-03-01",
            session: SessionFacts(
                start: "2024-03-01T10:00:00+01:00", description: "a session", identifier: "S-17", subjectID: "rat3", species: "Rattus norvegicus",
                sex: "F", age: "P90D", other: ["array": "MCS, 60", "age": "P11"]),
            electrodes: electrodes, segments: segments,
            units: (0..<units).map { unit(ids($0), index: $0, electrodes: count, segments, metrics.count) },
            unitsDescription: "locally exclusive threshold events, 5 x MAD noise", burstsDescription: "MaxInterval, complex spikes",
            metrics: metrics, spectra: count == 0 ? [] : (0..<spectra).map { spectrum($0, electrodes: count) },
            excerpt: count == 0 ? nil : excerpt(electrodes: count))
    }

    private mutating func electrode(_ index: Int) -> Electrode {
        let position = SIMD3(generator.uniform(), generator.uniform(), 0)
        return Electrode(
            id: index == 1 ? "tip" : "\(index + 3)", location: index == 2 ? nil : ["vCA1", "vHPC, stratum pyramidale"][index % 2],
            group: index == 3 ? nil : "shank/\(index % 2)", position: index == 4 ? nil : position)
    }

    private mutating func unit(_ id: String, index: Int, electrodes: Int, _ segments: [TimeInterval], _ metrics: Int) -> UnitResult {
        // The third unit is silent, the fourth unobserved and without an electrode, the fifth without a waveform.
        let times = index == 2 ? [] : (0..<20 + index).map { _ in generator.uniform() * 40 }.sorted()
        var bursts: [Burst] = []
        for first in stride(from: 0, to: times.count - 4, by: 5) where index != 1 {
            let spikes = first..<first + 3 + index % 2
            bursts.append(Burst(spikes: spikes, start: times[spikes.lowerBound], stop: times[spikes.upperBound - 1]))
        }
        let train = SpikeTrain(
            id: id, electrode: index == 3 || electrodes == 0 ? nil : index % electrodes, times: times,
            amplitudes: times.map { _ in -Float(generator.uniform()) * 300 }, observed: index == 3 ? [] : segments)
        let waveform = index == 4 ? nil : (0..<45).map { _ in Float(generator.uniform() - 0.5) * 0.3 }
        return UnitResult(
            train: train, bursts: bursts, values: (0..<metrics).map { ($0 + index) % 3 == 0 ? nil : generator.uniform() * 1e3 },
            meanWaveform: waveform, waveformRate: waveform == nil ? nil : rate)
    }

    private mutating func spectrum(_ index: Int, electrodes: Int) -> SpectrumResult {
        let rows = Array((0..<electrodes).reversed())
        // The second stage of the pipeline comes first in the alphabet.
        return SpectrumResult(
            stage: ["lfp/psd", "a-psd", "lfp:psd"][index % 3], method: "welch", frequencies: (0..<33).map { Double($0) * 0.5 }, electrodes: rows,
            power: rows.map { _ in (0..<33).map { _ in generator.uniform() / 1e4 } }, windows: 61 + index,
            bands: index == 1
                ? []
                : rows.flatMap { electrode in
                    ["theta", "slow γ"].map { band in
                        BandResult(
                            electrode: electrode, band: band, low: Hertz(4), high: Hertz(12.5), power: generator.uniform(),
                            relativePower: generator.uniform(), peak: electrode == 0 ? nil : 8.5,
                            meanDensity: electrode == 2 ? nil : generator.uniform())
                    }
                })
    }

    private mutating func excerpt(electrodes: Int) -> Excerpt {
        let chosen = Array(stride(from: 0, to: electrodes, by: 2))
        return Excerpt(
            rate: rate, start: 17.000_033_3, electrodes: chosen,
            samples: chosen.map { _ in (0..<150).map { _ in Float(generator.uniform() - 0.5) * 200 } })
    }
}

extension SampleRate {
    /// A rate with digits that Float32 does not hold.
    fileprivate static let kilohertz30: SampleRate = {
        guard let rate = try? SampleRate(hertz: 30_000.123_456_789) else { preconditionFailure("a positive rate is possible") }
        return rate
    }()
}
