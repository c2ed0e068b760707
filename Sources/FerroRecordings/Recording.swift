// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// The file layouts Ferrospike reads.
package enum RecordingFormat: String, Sendable, Codable {
    case nwb
    case spikeList = "spike-list"
    case mcs = "multi-channel-systems"
    case brw = "3brain-brw"
    case maxWell = "maxwell"
    /// CellExplorer's `cell_metrics`.
    case cellMetrics = "cell-metrics"
    /// A layout that the pipeline declares.
    case declared
}

/// What a series of samples measures.
package enum SeriesKind: String, Sendable, Codable {
    case electrical, lfp
    case currentClamp = "current-clamp"
    case voltageClamp = "voltage-clamp"
    case other
}

/// How the samples of a dataset lie in the file.
package struct Storage: Sendable, Equatable {
    package enum Layout: String, Sendable, Codable { case contiguous, chunked }
    package var layout: Layout
    /// HDF5 filter names in order of application, such as `shuffle`, `deflate`.
    package var filters: [String]
    package init(layout: Layout, filters: [String]) {
        self.layout = layout
        self.filters = filters
    }
}

/// A multichannel series of samples in a file: everything about it but the samples.
package struct SeriesDescription: Sendable, Equatable {
    package var path: String
    package var kind: SeriesKind
    package var rate: SampleRate
    package var frames: Int
    /// One per column, in the order of the columns.
    package var electrodes: [Electrode]
    /// Gap-free stretches in time order.
    package var segments: [Segment]
    package var storage: Storage

    package init(
        path: String, kind: SeriesKind, rate: SampleRate, frames: Int, electrodes: [Electrode], segments: [Segment],
        storage: Storage
    ) {
        self.path = path
        self.kind = kind
        self.rate = rate
        self.frames = frames
        self.electrodes = electrodes
        self.segments = segments
        self.storage = storage
    }
}

/// Something about a file that its user should know.
package struct RecordingProblem: Sendable, Equatable {
    package enum Severity: String, Sendable, Codable { case warning, refusal }
    package var severity: Severity
    package var message: String
    package init(_ severity: Severity, _ message: String) {
        self.severity = severity
        self.message = message
    }
}

/// Session facts that travel from the input into the result.
package struct SessionFacts: Sendable, Equatable {
    /// ISO 8601 with time zone, as the file has it; nil where the format has none.
    package var start: String?
    package var description: String?
    package var identifier: String?
    package var subjectID: String?
    package var species: String?
    /// `M`, `F`, `O` or `U`, as the file has it.
    package var sex: String?
    /// ISO 8601 duration since birth, as the file has it.
    package var age: String?
    /// Further facts by name (a spike list's `/meta/*`), as text.
    package var other: [String: String]

    package init(
        start: String? = nil, description: String? = nil, identifier: String? = nil, subjectID: String? = nil,
        species: String? = nil, sex: String? = nil, age: String? = nil, other: [String: String] = [:]
    ) {
        self.start = start
        self.description = description
        self.identifier = identifier
        self.subjectID = subjectID
        self.species = species
        self.sex = sex
        self.age = age
        self.other = other
    }
}

/// Sorted or published units that a file already holds.
package struct UnitTable: Sendable, Equatable {
    package var trains: [SpikeTrain]
    /// The electrodes that the trains' `electrode` indices name.
    package var electrodes: [Electrode]
    package init(trains: [SpikeTrain], electrodes: [Electrode]) {
        self.trains = trains
        self.electrodes = electrodes
    }
}

/// A recording file, opened and understood. One implementation per format.
package protocol Recording: Sendable {
    var format: RecordingFormat { get }
    /// Path as the user gave it.
    var path: String { get }
    var session: SessionFacts { get }
    /// The series that can be read. What is refused is among `problems`.
    var series: [SeriesDescription] { get }
    var problems: [RecordingProblem] { get }
    /// Number of units and of their spikes, without reading the times; nil where the file holds none.
    var unitCounts: (units: Int, spikes: Int)? { get }
    /// The samples of one series. Throws the refusal when the series at `path` is refused.
    func signal(of path: String) throws -> any SignalSource
    /// The spike times the file holds.
    func units() throws -> UnitTable
    /// The tables of intervals the file holds; none for most formats.
    func intervals() throws -> [IntervalTable]
}

/// The samples of one series, in microvolts. Reads may happen from several threads at once.
package protocol SignalSource: Sendable {
    var description: SeriesDescription { get }
    /// Samples of rows `frames` of the dataset for the chosen columns, in the order given.
    ///
    /// The block's frames are renumbered to start at `frames.lowerBound - origin`, so that a caller counts from a segment's start.
    /// Scaling is done in Float64 and rounded once to Float32.
    /// - Throws: `FerroError` (input) naming file, dataset and frame, for a read error or a NaN or infinite sample.
    func read(_ frames: SampleRange, columns: [Int], origin: Int) throws -> SignalBlock
    /// The same samples; what is read of them from the file as it is stored is shown to the witness. A layout that the library reads shows nothing.
    func shown(to witness: any ByteWitness) -> any SignalSource
    /// The same samples, for workers who together read these rows of the dataset in this order: what comes next may be unpacked along.
    ///
    /// - Parameters:
    ///   - stretches: ascending by their beginnings; they may overlap.
    ///   - later: what will be read in order after them, ascending: a few rows of it that are unpacked along are kept for then.
    func readInOrder(_ stretches: [SampleRange], by workers: Int, before later: [SampleRange]) -> any SignalSource
    /// Memory that each reader takes beside its block while chunks are unpacked.
    var unpackingBytes: Int { get }
}

extension SignalSource {
    package func shown(to witness: any ByteWitness) -> any SignalSource { self }
    package func readInOrder(_ stretches: [SampleRange], by workers: Int, before later: [SampleRange]) -> any SignalSource { self }
    package func readInOrder(_ stretches: [SampleRange], by workers: Int) -> any SignalSource { readInOrder(stretches, by: workers, before: []) }
    package var unpackingBytes: Int { 0 }
}

/// Sees stretches of a file that were read for another purpose, from any thread.
package protocol ByteWitness: AnyObject, Sendable {
    func see(_ bytes: UnsafeRawBufferPointer, at offset: Int, of path: String) throws
}
