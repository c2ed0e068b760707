// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline
import FerroRecordings
import FerroSimulation
import FerroSpikes
import Foundation
import Testing

/// What has to hold of a whole analysis, on recordings whose spikes are known.
@Suite("Laws of the analysis") struct AnalysisLawsTests {
    /// Spikes and spectrum of one read, as the shipped pipeline finds them.
    private static let pipeline = """
        ferrospike: 1
        stages:
          - bandpass:         {id: ap, low: 300 Hz, high: 6 kHz, order: 3, phase: zero}
          - common-reference: {operator: median, scope: group}
          - detect-spikes:    {method: locally-exclusive, threshold: THRESHOLD, polarity: negative, dead-time: 1 ms, radius: 50 um}
          - detect-bursts:    {method: max-interval, preset: hippocampal-complex-spike}
          - firing:           {}
          - decimate:         {id: lfp, from: recording, rate: 1250 Hz}
          - power-spectrum:   {method: welch, window: 500 ms, bands: {theta: [4 Hz, 12 Hz], gamma: [30 Hz, 80 Hz]}}
        """

    private func analyse(
        _ path: String, threshold: String = "5", options: RunOptions = RunOptions()
    ) async throws -> RecordingAnalysis.Outcome {
        let pipeline = try Pipeline.parse(Self.pipeline.replacing("THRESHOLD", with: threshold))
        return try await RecordingAnalysis(pipeline: pipeline, recording: openRecording(path), name: "r", options: options).run()
    }

    /// Tetrodes with one neuron each, which stand far enough apart not to see each other.
    private func spec(
        seconds: Double, snr: Double, tetrodes: Int = 2, bursting: BurstingSpec? = BurstingSpec(fraction: 0.3),
        layout: StorageSpec.Layout = .contiguous, gaps: [GapSpec] = []
    ) throws -> RecordingSpec {
        RecordingSpec(
            seed: 5, duration: Seconds(seconds), rate: try SampleRate(hertz: 30_000),
            electrodes: ElectrodeLayout(geometry: .tetrode, count: 4 * tetrodes, pitch: Micrometres(25)),
            neurons: (0..<tetrodes).map { NeuronSpec(place: .electrode(4 * $0), snr: snr, rate: Hertz(12), bursting: bursting) },
            background: BackgroundSpec(noise: Microvolts(6), commonNoise: Microvolts(2), lfp: Microvolts(60)),
            storage: StorageSpec(layout: layout), gaps: gaps)
    }

    // MARK: It does not matter how it was computed

    @Test(arguments: StorageSpec.Layout.allCases)
    func workersReadsAndMemoryChangeNoBit(layout: StorageSpec.Layout) async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("r.nwb")
        try simulateRecording(
            spec: spec(seconds: 6, snr: 8, layout: layout, gaps: [GapSpec(after: Seconds(2.3), duration: Seconds(1))]), to: path)
        var options = RunOptions()
        options.workers = 1
        let expected = try await analyse(path, options: options)
        #expect(expected.result.units.contains { $0.train.times.count > 20 && $0.bursts?.isEmpty == false && $0.meanWaveform != nil })
        #expect(expected.result.spectra.first?.windows ?? 0 > 10)
        let blocks = try #require(expected.blockFrames)
        #expect(2 * blocks < 180_000, "the recording has to hold several blocks")
        for workers in 1...3 {
            for blocksPerRead in [1, 2, 5] {
                options.workers = workers
                options.blocksPerRead = blocksPerRead
                #expect(try await analyse(path, options: options).result == expected.result, "\(workers) workers, \(blocksPerRead) blocks a read")
            }
        }
        for memory in [80e6, 200e6, 2e9] {
            options = RunOptions()
            options.memory = Bytes(memory)
            #expect(try await analyse(path, options: options).result == expected.result, "\(memory) bytes")
        }
    }

    @Test func tooLittleMemoryIsRefusedWithWhatIsNeeded() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("r.nwb")
        try simulateRecording(spec: spec(seconds: 2, snr: 8), to: path)
        var options = RunOptions()
        options.memory = Bytes(1e6)
        let error = await #expect(throws: FerroError.self) { try await analyse(path, options: options) }
        #expect(error?.kind == .usage)
        #expect(error?.what.hasPrefix("1 MB of memory is too little: this pipeline needs ") == true)
        // What the error names is enough.
        let needed = try #require(error?.what.split(separator: " needs ").last?.split(separator: " for ").first)
        options.memory = try parseQuantity(String(needed), as: Bytes.self)
        _ = try await analyse(path, options: options)
    }

    @Test func aGapIsAsGoodAsTwoFiles() async throws {
        let folder = try TemporaryFolder()
        // Spikes so clear of the threshold that the noise of a half or of the whole makes no difference.
        let spec = try spec(seconds: 7, snr: 20, bursting: nil, gaps: [GapSpec(after: Seconds(3.2), duration: Seconds(2))])
        let whole = folder.path("whole.nwb")
        try simulateRecording(spec: spec, to: whole)
        let plan = try RecordingPlan(spec)
        #expect(plan.segments.count == 2)
        var counts: [Int16] = []
        var synthesizer = RecordingSynthesizer(plan)
        try synthesizer.run { block, _ in counts += block }
        var halves: [RecordingAnalysis.Outcome] = []
        for (index, segment) in plan.segments.enumerated() {
            let path = folder.path("half\(index).nwb")
            let alone = Segment(frames: 0..<segment.frames.count, start: segment.start)
            let writer = try NWBRecordingWriter(
                path: path, session: NWBSession(identifier: "half", description: "half of a recording", start: "2000-01-01T00:00:00Z"),
                electrodes: plan.electrodes, rate: spec.rate, segments: [alone], conversion: Float(plan.resolution * 1e-6),
                description: "half of a recording", deviceDescription: "simulated probe")
            let width = plan.electrodes.count
            try writer.append(Array(counts[segment.frames.lowerBound * width..<segment.frames.upperBound * width]))
            try writer.finish()
            halves.append(try await analyse(path, threshold: "9"))
        }
        let both = try await analyse(whole, threshold: "9")
        #expect(both.result.segments == halves.flatMap(\.result.segments))
        for (channel, unit) in both.result.units.enumerated() {
            let parts = halves.map { $0.result.units[channel] }
            #expect(unit.train.amplitudes == parts.flatMap(\.train.amplitudes))
            let apart = zip(unit.train.times, parts.flatMap(\.train.times)).map { abs($0 - $1) }.max() ?? 0
            #expect(apart < 1e-9)
            #expect(unit.train.times.count == parts.reduce(0) { $0 + $1.train.times.count })
            let bursts = try #require(unit.bursts)
            #expect(bursts.count == parts.reduce(0) { $0 + ($1.bursts?.count ?? 0) })
            #expect(bursts.allSatisfy { burst in both.result.segments.contains { $0.start <= burst.start && burst.stop <= $0.stop } })
        }
        #expect(both.result.units.reduce(0) { $0 + $1.train.times.count } > 60)
        let spectrum = try #require(both.result.spectra.first)
        let parts = halves.compactMap(\.result.spectra.first)
        #expect(spectrum.windows == parts.reduce(0) { $0 + $1.windows })
        for channel in spectrum.power.indices {
            for bin in spectrum.frequencies.indices {
                let mean = parts.reduce(0) { $0 + $1.power[channel][bin] * Double($1.windows) } / Double(spectrum.windows)
                #expect(abs(spectrum.power[channel][bin] / mean - 1) < 1e-9)
            }
        }
    }

    // MARK: It finds what is there

    /// A shank of 32 sites with a neuron beside every eighth.
    private func shank(seconds: Double, snr: Double, bursting: BurstingSpec? = nil) throws -> RecordingSpec {
        var shank = try spec(seconds: seconds, snr: snr)
        shank.electrodes = ElectrodeLayout(geometry: .linear, count: 32, pitch: Micrometres(40))
        shank.neurons = (0..<4).map { NeuronSpec(place: .electrode(4 + 8 * $0), snr: snr, rate: Hertz(12), bursting: bursting) }
        return shank
    }

    /// A neuron's spikes are those of its site and the two beside it, since each is counted where it is largest.
    private func found(_ result: RecordingResult, near electrode: Int) -> [Double] {
        result.units.filter { abs(($0.train.electrode ?? -9) - electrode) <= 1 }.flatMap(\.train.times).sorted()
    }

    @Test(arguments: [8.0, 12.0]) func spikesOfKnownNeuronsAreFound(snr: Double) async throws {
        let folder = try TemporaryFolder()
        let made = try simulateRecording(spec: shank(seconds: 20, snr: snr), to: folder.path("r.nwb"))
        let result = try await analyse(made.path).result
        let comparisons = made.truth.units.map { unit in
            SpikeComparison(
                detected: found(result, near: unit.train.electrode ?? -9), expected: unit.train.times, tolerance: Seconds(0.0005))
        }
        for comparison in comparisons {
            #expect(comparison.expected > 100)
            #expect(try #require(comparison.f1) >= 0.95, "\(comparison)")
            #expect(abs(try #require(comparison.medianErrorMs)) < 0.05)
        }
    }

    @Test func ratesAndBurstsOfKnownNeuronsAreFound() async throws {
        let folder = try TemporaryFolder()
        let made = try simulateRecording(
            spec: shank(seconds: 30, snr: 20, bursting: BurstingSpec(fraction: 0.4, decrement: 0.02)), to: folder.path("r.nwb"))
        let result = try await analyse(made.path).result
        let detector = MaxIntervalBursts(.hippocampalComplexSpike)
        for unit in made.truth.units {
            let found = SpikeTrain(id: "found", times: found(result, near: unit.train.electrode ?? -9), observed: unit.train.observed)
            let rate = try #require(SpikeTrainMeasures(of: found, bursts: nil)["firing_rate_hz"]?.value)
            let trueRate = try #require(SpikeTrainMeasures(of: unit.train, bursts: nil)["firing_rate_hz"]?.value)
            #expect(abs(rate / trueRate - 1) < 0.03)
            #expect(unit.bursts.count > 20)
            let trueSpikes = unit.bursts.reduce(0) { $0 + $1.spikes.count }
            let foundSpikes = detector.bursts(in: found).reduce(0) { $0 + $1.spikes.count }
            #expect(abs(Double(foundSpikes) / Double(trueSpikes) - 1) < 0.1)
        }
    }

    @Test func whiteNoiseAloneHasHardlyASpike() async throws {
        let folder = try TemporaryFolder()
        var quiet = try shank(seconds: 10, snr: 8)
        quiet.neurons = []
        try simulateRecording(spec: quiet, to: folder.path("r.nwb"))
        let result = try await analyse(folder.path("r.nwb")).result
        // Five standard deviations of a band of 5700 Hz: some 0.02 a second on each site.
        #expect(Double(result.units.reduce(0) { $0 + $1.train.times.count }) / Double(10 * result.units.count) < 0.06)
        #expect(result.units.allSatisfy { $0.bursts?.isEmpty == true })
    }

    /// With four sites the median is half the channel's own sample in half of the frames: 5 x noise is 4 standard deviations of the
    /// rest, and noise passes several times a second.
    @Test func aMedianOfFewChannelsWarns() async throws {
        let folder = try TemporaryFolder()
        var quiet = try spec(seconds: 10, snr: 8)
        quiet.neurons = []
        try simulateRecording(spec: quiet, to: folder.path("tetrodes.nwb"))
        let tetrodes = try await analyse(folder.path("tetrodes.nwb"))
        #expect(tetrodes.findings.warnings.count == 1)
        #expect(tetrodes.findings.warnings.first?.hasPrefix("common-reference: 2 groups have 4 channels") == true)
        #expect(tetrodes.result.units.allSatisfy { $0.train.times.count > 20 })
        var wide = try shank(seconds: 1, snr: 8)
        wide.neurons = []
        try simulateRecording(spec: wide, to: folder.path("shank.nwb"))
        #expect(try await analyse(folder.path("shank.nwb")).findings.warnings == [])
    }
}
