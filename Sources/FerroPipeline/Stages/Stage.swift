// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
package import FerroDSP
package import FerroRecordings

/// What a stage hands to the stages after it.
package enum StageProduct: String, Sendable {
    case signal, units, spectra
}

/// How a stage works on a recording.
package enum StageKind: String, Sendable {
    /// Block in, block out.
    case transform
    /// Sees blocks, returns partial results that are merged in time order.
    case gather
    /// Takes what the file itself holds.
    case source
    /// Works on what was gathered, once per recording.
    case derive
}

/// What `ferrospike stages` prints of a stage.
package struct StageDocumentation: Sendable {
    package var name: String
    package var kind: StageKind
    /// What the stage reads: nil for one that reads the file itself.
    package var takes: StageProduct?
    package var gives: StageProduct
    package var summary: String
    package var parameters: [StageParameter]

    package init(
        _ name: String, _ kind: StageKind, takes: StageProduct?, gives: StageProduct, _ summary: String,
        parameters: [StageParameter] = []
    ) {
        self.name = name
        self.kind = kind
        self.takes = takes
        self.gives = gives
        self.summary = summary
        self.parameters = parameters
    }
}

/// A processing step: one file holds its documentation, its defaults and its work.
package protocol Stage: Sendable {
    static var documentation: StageDocumentation { get }
    init(_ parameters: StageParameters) throws
}

/// The signal a stage sees.
package struct StreamFormat: Sendable {
    package var rate: SampleRate
    /// One per channel.
    package var electrodes: [Electrode]
    package init(rate: SampleRate, electrodes: [Electrode]) {
        self.rate = rate
        self.electrodes = electrodes
    }
}

package protocol TransformStage: Stage {
    /// The transform for a signal of this format. Throws a usage error for settings that this signal makes impossible.
    func transform(for stream: StreamFormat) throws -> any SignalTransform
    /// The electrodes of the output's channels, for stages that change the channels.
    func electrodes(for stream: StreamFormat) throws -> [Electrode]
    /// Sentences about what this stage does to a signal of this format that its user may not expect.
    func warnings(for stream: StreamFormat) -> [String]
}

extension TransformStage {
    package func electrodes(for stream: StreamFormat) throws -> [Electrode] { stream.electrodes }
    package func warnings(for stream: StreamFormat) -> [String] { [] }
}

/// A transform that is designed from the signal itself, in a first pass of its own.
///
/// `transform(for:)` gives a transform of the same shape (margin, rate, channels) that stands in its place until then. Estimating stages are
/// dealt with in the order of the pipeline: what an estimator sees has gone through every transform before it, those designed from the signal included.
package protocol EstimatingTransformStage: TransformStage {
    /// The gatherer of the first pass over stretches spread evenly, of `seconds` of the recording. It sees the stage's input.
    func estimator(for stream: StreamFormat, id: String) throws -> (gatherer: any Gatherer, seconds: Double)
    /// The transform for what the estimator put into `findings`.
    func transform(for stream: StreamFormat, id: String, findings: Findings) throws -> any SignalTransform
}

package protocol GatherStage: Stage {
    /// A gatherer for a first pass over stretches spread evenly, of `seconds` of the recording; nil where none is needed.
    func estimator(for stream: StreamFormat, id: String) throws -> (gatherer: any Gatherer, seconds: Double)?
    /// The gatherer of the main pass. `findings` holds what the estimators found.
    func gatherer(for stream: StreamFormat, id: String, findings: Findings) throws -> any Gatherer
}

extension GatherStage {
    package func estimator(for stream: StreamFormat, id: String) throws -> (gatherer: any Gatherer, seconds: Double)? { nil }
}

/// A stage that takes its result from the file without reading a signal.
package protocol SourceStage: Stage {
    func take(from recording: any Recording, id: String, into findings: inout Findings) throws
}

package protocol DeriveStage: Stage {
    func derive(id: String, _ findings: inout Findings) throws
}

/// What has been found in a recording so far; stages add to it.
package struct Findings: Sendable {
    package var electrodes: [Electrode]
    /// Stretches of the analysed signal in seconds on the recording's clock.
    package var segments: [TimeInterval]
    /// Noise in µV per channel by the id of the stage that wanted it; nil where it cannot be told.
    package var noise: [String: [Double?]] = [:]
    /// Covariance of the channels by the id of the stage that wanted it.
    package var covariances: [String: ChannelCovariance] = [:]
    package var units: [UnitResult] = []
    package var unitsDescription = ""
    package var burstsDescription = ""
    package var metrics: [MetricDescription] = []
    package var spectra: [SpectrumResult] = []
    package var excerpt: Excerpt?
    /// Where stages may leave files of their own; nil where nothing is written.
    package var folder: String?
    /// Name of the recording, and what its file says of the session.
    package var recording = ""
    package var session = SessionFacts()
    /// Sentences for the manifest and the terminal.
    package var warnings: [String] = []

    package init(electrodes: [Electrode], segments: [TimeInterval]) {
        self.electrodes = electrodes
        self.segments = segments
    }

    /// Where the electrodes of a signal stand among `electrodes`, channel by channel; those that are new (a pair of a bipolar derivation)
    /// are added behind the others.
    package mutating func places(of channels: [Electrode]) -> [Int] {
        if electrodes == channels { return Array(electrodes.indices) }
        var free: [Electrode: [Int]] = [:]
        for (index, electrode) in electrodes.enumerated().reversed() { free[electrode, default: []].append(index) }
        return channels.map { electrode in
            if let place = free[electrode]?.popLast() { return place }
            electrodes.append(electrode)
            return electrodes.count - 1
        }
    }
}
