// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroSimulation
import Foundation
import Testing

@Suite struct RecordingSpecFileTests {
    private let whole = """
        ferrospike-recording: 1
        seed: 7
        subject: mouse-3
        duration: 20 s
        rate: 30 kHz
        electrodes: {geometry: tetrode, count: 8, pitch: 25 um, location: vCA3, group-size: 8}
        neurons:
          - count: 2
            snr: 8
            rate: 5 Hz
            rate-spread: 0.3 log
            shape: 2
            refractory: 3 ms
            amplitude-jitter: 0.1
            bursting: {fraction: 0.3, spikes: [2, 4], interval: [4 ms, 7 ms], decrement: 0.2, separation: 40 ms}
          - {snr: 6, rate: 0.02 kHz, waveform: interneuron, modulation: {depth: 0.5, period: 2 min}, electrode: 3}
          - {snr: 5, rate: 1 Hz, position: [10 um, 0.02 mm]}
        background:
          noise: 6 uV
          common-noise: 4 uV
          lfp: 0.1 mV
          exponent: 1.5
          shared: 0.6
          theta: {frequency: 8 Hz, amplitude: 50 uV, bandwidth: 2 Hz}
        storage: {layout: gzip, resolution: 0.2 uV}
        gaps: [{after: 5 s, duration: 1 min}, {after: 10 s, duration: 2 s}]
        """

    @Test func everyKeyIsReadInItsUnit() throws {
        let spec = try RecordingSpec.parse(whole)
        let bursting = BurstingSpec(fraction: 0.3, spikes: 2...4, interval: Seconds(0.004)...Seconds(0.007), decrement: 0.2, separation: Seconds(0.04))
        let pyramidal = NeuronSpec(
            snr: 8, rate: Hertz(5), rateSpread: 0.3, shape: 2, refractory: Seconds(0.003), bursting: bursting, amplitudeJitter: 0.1)
        #expect(
            spec
                == RecordingSpec(
                    seed: 7, duration: Seconds(20), rate: try SampleRate(hertz: 30_000),
                    electrodes: ElectrodeLayout(geometry: .tetrode, count: 8, pitch: Micrometres(25), location: "vCA3", groupSize: 8),
                    neurons: [
                        pyramidal, pyramidal,
                        NeuronSpec(
                            place: .electrode(3), snr: 6, rate: Hertz(20), waveform: .interneuron,
                            modulation: ModulationSpec(depth: 0.5, period: Seconds(120))),
                        NeuronSpec(place: .position(SIMD2(10, 20)), snr: 5, rate: Hertz(1)),
                    ],
                    background: BackgroundSpec(
                        noise: Microvolts(6), commonNoise: Microvolts(4), lfp: Microvolts(100), exponent: 1.5, shared: 0.6,
                        theta: ThetaSpec(frequency: Hertz(8), amplitude: Microvolts(50), bandwidth: Hertz(2))),
                    storage: StorageSpec(layout: .gzip, resolution: Microvolts(0.2)),
                    gaps: [GapSpec(after: Seconds(5), duration: Seconds(60)), GapSpec(after: Seconds(10), duration: Seconds(2))],
                    subject: "mouse-3"))
    }

    @Test func whatIsLeftOutHasTheDefaultsOfTheSimulation() throws {
        let spec = try RecordingSpec.parse(
            "ferrospike-recording: 1\nseed: 0\nduration: 1 s\nrate: 20 kHz\nelectrodes: {geometry: linear, count: 2, pitch: 20 um}\nneurons: [{snr: 8, rate: 5 Hz}]"
        )
        #expect(
            spec
                == RecordingSpec(
                    seed: 0, duration: Seconds(1), rate: try SampleRate(hertz: 20_000),
                    electrodes: ElectrodeLayout(geometry: .linear, count: 2, pitch: Micrometres(20)), neurons: [NeuronSpec(snr: 8, rate: Hertz(5))]))
    }

    /// What is replaced, by what, and line:column and a word of the refusal.
    static let refusals: [(String, String, String, String)] = [
        ("ferrospike-recording: 1", "ferrospike-recording: 2", "1:23", "version 2"),
        ("seed: 7", "sede: 7", "2:1", "`seed`"),
        ("seed: 7", "seed: -7", "2:7", "-7"),
        ("duration: 20 s", "duration: 20", "4:11", "no unit"),
        ("duration: 20 s", "duration: 0 s", "4:11", "cannot be simulated"),
        ("rate: 30 kHz", "rate: 30 mV", "5:7", "`mV`"),
        ("rate: 30 kHz", "rate: 0 Hz", "5:7", "impossible"),
        ("rate: 30 kHz", "rate: 12 kHz", "5:7", "12 kHz"),
        ("geometry: tetrode", "geometry: tetrod", "6:24", "`tetrode`"),
        ("pitch: 25 um", "pitch: 0 um", "6:13", "pitch"),
        ("  - count: 2", "  - count: 0", "8:12", "0"),
        ("    snr: 8", "    snrr: 8", "9:5", "`snr`"),
        ("rate-spread: 0.3 log", "rate-spread: 0.3", "11:18", "log"),
        ("spikes: [2, 4]", "spikes: [4, 2]", "15:39", "4 to 2"),
        ("interval: [4 ms, 7 ms]", "interval: [2 ms, 7 ms]", "8:5", "refractory"),
        ("electrode: 3", "electrode: 8", "16:105", "8"),
        ("electrode: 3", "electrode: 3, position: [0 um, 0 um]", "16:118", "electrode and a position"),
        ("[10 um, 0.02 mm]", "[10 um]", "17:36", "position"),
        ("exponent: 1.5", "exponent: 7", "19:3", "exponent"),
        ("resolution: 0.2 uV", "resolution: 0 uV", "25:37", "resolution"),
        ("{after: 10 s, duration: 2 s}", "{after: 4 s, duration: 2 s}", "26:39", "gap"),
    ]

    @Test(arguments: refusals) func aMistakeIsRefusedAtItsPlace(old: String, new: String, place: String, word: String) throws {
        let text = whole.replacing(old, with: new, maxReplacements: 1)
        #expect(text != whole)
        let error = try #require(throws: FerroError.self) { try RecordingSpec.parse(text, path: "r.yaml") }
        #expect(error.kind == .usage)
        #expect(error.place == "r.yaml:\(place)", "\(error)")
        #expect(error.description.contains(word), "\(error)")
        #expect(error.excerpt?.contains("^") == true)
    }

    @Test func theFileIsNamedAfterTheDescriptionUnlessItIsNamed() throws {
        let folder = try TemporaryFolder()
        let spec = try RecordingSpec.parse(
            "ferrospike-recording: 1\nseed: 0\nduration: 100 ms\nrate: 20 kHz\nelectrodes: {geometry: linear, count: 2, pitch: 20 um}")
        #expect(try simulateRecording(spec: spec, output: folder.path("new/a.nwb"), named: "specs/quiet.yaml").path == folder.path("new/a.nwb"))
        #expect(try simulateRecording(spec: spec, output: folder.path("other"), named: "specs/quiet.yaml").path == folder.path("other/quiet.nwb"))
        #expect(FileManager.default.fileExists(atPath: folder.path("other/quiet.nwb")))
    }
}
