// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline
import Foundation

extension RecordingSpec {
    /// Reads a description of a recording.
    ///
    /// ```yaml
    /// ferrospike-recording: 1
    /// seed: 1
    /// duration: 20 s
    /// rate: 30 kHz
    /// electrodes: {geometry: linear, count: 8, pitch: 50 um}
    /// neurons:
    ///   - {count: 8, snr: 8, rate: 5 Hz}
    /// ```
    ///
    /// - Throws: `FerroError` (usage) with line, column and caret for an unknown key, a missing unit or what cannot be simulated.
    package static func load(_ path: String) throws -> RecordingSpec {
        try RecordingSpecFile.recording(ConfigDocument.load(path))
    }

    /// Reads text as if it stood in the file at `path`.
    package static func parse(_ text: String, path: String = "recording.yaml") throws -> RecordingSpec {
        try RecordingSpecFile.recording(ConfigDocument.parse(text, path: path))
    }
}

/// The parts of a description of a recording.
enum RecordingSpecFile {
    private static let body = ["duration", "rate", "electrodes", "neurons", "background", "storage", "gaps"]

    static func recording(_ root: ConfigNode) throws -> RecordingSpec {
        let keys = try root.mapping(keys: ["ferrospike-recording", "seed", "subject"] + body)
        try checkVersion(of: "recordings", "ferrospike-recording", in: keys)
        var spec = try read(keys)
        spec.seed = UInt64(try keys.required("seed", expected: "a whole number such as `seed: 1`").integer(in: 0...Int.max))
        if let subject = keys.optional("subject") { spec.subject = try subject.text() }
        return spec
    }

    /// A recording of a cohort: everything but seed and subject, which the cohort gives.
    static func template(_ node: ConfigNode) throws -> RecordingSpec {
        try read(node.mapping(keys: body))
    }

    static func checkVersion(of kind: String, _ key: String, in keys: ConfigMapping) throws {
        let version = try keys.required(key, expected: "`\(key): 1` as the first line")
        guard try version.integer() == 1 else {
            throw version.error("version \(try version.text()) of descriptions of \(kind) is not known", expected: "1")
        }
    }

    private static func read(_ keys: ConfigMapping) throws -> RecordingSpec {
        let durationNode = try keys.required("duration", expected: "such as `duration: 60 s`")
        let rateNode = try keys.required("rate", expected: "such as `rate: 30 kHz`")
        let hertz = try rateNode.quantity(Hertz.self)
        guard hertz.value > 0 else { throw rateNode.error("a sampling rate of \(hertz) is impossible", expected: "such as `30 kHz`") }
        let rate = try SampleRate(hertz: hertz.value)
        let electrodesNode = try keys.required("electrodes", expected: "such as `electrodes: {geometry: linear, count: 8, pitch: 50 um}`")
        var spec = RecordingSpec(
            seed: 0, duration: try durationNode.quantity(), rate: rate, electrodes: try electrodes(electrodesNode), neurons: [])
        try durationNode.placing { try spec.checkDuration() }
        if let node = keys.optional("background") {
            spec.background = try background(node)
            try node.placing { try spec.background.check(rate: rate) }
        }
        if let node = keys.optional("storage") { spec.storage = try storage(node) }
        for gap in try keys.optional("gaps")?.sequence() ?? [] {
            let fields = try gap.mapping(keys: ["after", "duration"])
            spec.gaps.append(GapSpec(after: try fields.required("after").quantity(), duration: try fields.required("duration").quantity()))
            try gap.placing { _ = try spec.segments() }
        }
        for entry in try keys.optional("neurons")?.sequence() ?? [] { spec.neurons += try neurons(entry, in: spec) }
        try rateNode.placing { try spec.checkBand() }
        return spec
    }

    private static func electrodes(_ node: ConfigNode) throws -> ElectrodeLayout {
        let keys = try node.mapping(keys: ["geometry", "count", "pitch", "location", "group-size"])
        var layout = ElectrodeLayout(
            geometry: try keys.required("geometry", expected: "linear, tetrode or grid").word(ElectrodeLayout.Geometry.self),
            count: try keys.required("count").integer(), pitch: try keys.required("pitch", expected: "such as `pitch: 50 um`").quantity())
        if let location = keys.optional("location") { layout.location = try location.text() }
        layout.groupSize = try keys.optional("group-size")?.integer()
        try node.placing { try layout.check() }
        return layout
    }

    // MARK: Neurons

    private static func neurons(_ node: ConfigNode, in recording: RecordingSpec) throws -> [NeuronSpec] {
        let keys = try node.mapping(keys: [
            "count", "snr", "rate", "rate-spread", "shape", "refractory", "bursting", "amplitude-jitter", "waveform", "modulation",
            "electrode", "position",
        ])
        let count = try keys.optional("count")?.integer(in: 1...100_000) ?? 1
        var neuron = NeuronSpec(
            snr: try keys.required("snr", expected: "trough over background, such as `snr: 8`").number(),
            rate: try keys.required("rate", expected: "such as `rate: 5 Hz`").quantity())
        if let spread = keys.optional("rate-spread") { neuron.rateSpread = try spread.logarithm() }
        if let shape = keys.optional("shape") { neuron.shape = try shape.number() }
        if let refractory = keys.optional("refractory") { neuron.refractory = try refractory.quantity() }
        if let jitter = keys.optional("amplitude-jitter") { neuron.amplitudeJitter = try jitter.number() }
        if let waveform = keys.optional("waveform") { neuron.waveform = try waveform.word(NeuronSpec.Waveform.self) }
        neuron.bursting = try keys.optional("bursting").map(bursting)
        if let modulation = keys.optional("modulation") {
            let fields = try modulation.mapping(keys: ["depth", "period"])
            neuron.modulation = ModulationSpec(depth: try fields.required("depth").number(), period: try fields.required("period").quantity())
        }
        neuron.place = try place(keys, among: recording.electrodes.count)
        // The same complaint as the simulation's, here with its place in the file.
        try node.placing { _ = try SpikeTrainModel(neuron, firing: neuron.rate.value, rate: recording.rate) }
        return Array(repeating: neuron, count: count)
    }

    private static func bursting(_ node: ConfigNode) throws -> BurstingSpec {
        let keys = try node.mapping(keys: ["fraction", "spikes", "interval", "decrement", "separation"])
        var bursting = BurstingSpec(fraction: try keys.required("fraction", expected: "share of the events that are bursts, such as 0.3").number())
        if let spikes = keys.optional("spikes") {
            let limits = try spikes.pair { try $0.integer(in: 1...1000) }
            bursting.spikes = limits.low...limits.high
        }
        if let interval = keys.optional("interval") {
            let limits = try interval.pair { try $0.quantity(Seconds.self) }
            bursting.interval = limits.low...limits.high
        }
        if let decrement = keys.optional("decrement") { bursting.decrement = try decrement.number() }
        if let separation = keys.optional("separation") { bursting.separation = try separation.quantity() }
        return bursting
    }

    private static func place(_ keys: ConfigMapping, among electrodes: Int) throws -> NeuronSpec.Place {
        switch (keys.optional("electrode"), keys.optional("position")) {
        case (nil, nil): return .automatic
        case (let electrode?, nil): return .electrode(try electrode.integer(in: 0...electrodes - 1))
        case (nil, let position?):
            let coordinates = try position.sequence().map { try $0.quantity(Micrometres.self).value }
            guard coordinates.count == 2 else {
                throw position.error("a position of \(coordinates.count) numbers is none", expected: "[x, y] such as [0 um, 120 um]")
            }
            return .position(SIMD2(coordinates[0], coordinates[1]))
        case (_, let position?):
            throw position.error("a neuron has an electrode and a position", advice: "keep one of them")
        }
    }

    // MARK: Background and storage

    private static func background(_ node: ConfigNode) throws -> BackgroundSpec {
        let keys = try node.mapping(keys: ["noise", "common-noise", "lfp", "exponent", "shared", "theta"])
        var background = BackgroundSpec()
        if let noise = keys.optional("noise") { background.noise = try noise.quantity() }
        if let common = keys.optional("common-noise") { background.commonNoise = try common.quantity() }
        if let lfp = keys.optional("lfp") { background.lfp = try lfp.quantity() }
        if let exponent = keys.optional("exponent") { background.exponent = try exponent.number() }
        if let shared = keys.optional("shared") { background.shared = try shared.number() }
        if let theta = keys.optional("theta") {
            let fields = try theta.mapping(keys: ["frequency", "amplitude", "bandwidth"])
            background.theta = ThetaSpec(
                frequency: try fields.required("frequency").quantity(), amplitude: try fields.required("amplitude").quantity(),
                bandwidth: try fields.optional("bandwidth")?.quantity() ?? Hertz(1))
        }
        return background
    }

    private static func storage(_ node: ConfigNode) throws -> StorageSpec {
        let keys = try node.mapping(keys: ["layout", "resolution"])
        var storage = StorageSpec()
        if let layout = keys.optional("layout") { storage.layout = try layout.word(StorageSpec.Layout.self) }
        if let resolution = keys.optional("resolution") {
            storage.resolution = try resolution.quantity()
            try resolution.placing { try storage.check() }
        }
        return storage
    }
}
