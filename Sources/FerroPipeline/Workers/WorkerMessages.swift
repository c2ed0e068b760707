// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
package import FerroRecordings
import Foundation

/// What a worker process is asked for; one line of JSON on its standard input.
package enum WorkerRequest: Codable, Sendable {
    case run(RecordingJob)
    case inspect(InspectionJob, asJSON: Bool)
    /// Frames of a series as CSV in microvolts.
    case samples(InspectionJob, series: String, frames: SampleRange)
    case convert(ConversionJob)
    /// End what is under way and leave nothing half-written.
    case stop

    /// The file that is opened, which errors name.
    var file: String {
        switch self {
        case .run(let job): job.file
        case .inspect(let job, _), .samples(let job, _, _): job.file
        case .convert(let job): job.input.file
        case .stop: ""
        }
    }

    /// How many seconds a worker that was asked to stop may take to leave nothing half-written.
    var grace: Double {
        switch self {
        case .run, .convert: 20
        case .inspect, .samples, .stop: 0
        }
    }
}

/// What a worker process says; one line of JSON on its standard output. The last four end the answer to a request.
package enum WorkerReply: Codable, Sendable {
    /// Work has come on.
    case sign
    case progress(RunProgress)
    case memoryPlanned(String)
    /// For standard output.
    case text(String)
    case ran(RecordingRun.Outcome)
    case inspected(isRefused: Bool)
    case converted(NWBConversion.Summary)
    case failed(FerroError)
}

/// A pipeline on its way to another process: what stands in its file, which is read there once more.
struct PipelineMessage: Codable, Sendable {
    private var text: String
    private var path: String
    private var allElectrodes: Bool
    /// Start and stop of the stretch that is analysed; nil for all of it.
    private var stretch: [Double]?

    init(_ pipeline: Pipeline) {
        text = pipeline.text
        path = pipeline.path
        allElectrodes = pipeline.takesAllElectrodes
        stretch = pipeline.recording.times.stretch.map { [$0.start, $0.stop] }
    }

    func pipeline() throws -> Pipeline {
        let written = try Pipeline.parse(text, path: path)
        let chosen = allElectrodes ? written.withAllElectrodes() : written
        guard let stretch, stretch.count == 2 else { return chosen }
        return chosen.within(FerroCore.TimeInterval(start: stretch[0], stop: stretch[1]))
    }
}

/// One recording to run, with everything that its run depends on.
package struct RecordingJob: Codable, Sendable {
    package var file: String
    package var name: String
    package var directory: String
    private var pipeline: PipelineMessage
    private var workers: Int
    private var memory: Double?
    private var blocksPerRead: Int
    private var resume: Bool
    private var allowsExternal: Bool

    init(file: String, name: String, directory: String, pipeline: Pipeline, options: RunOptions) {
        self.file = file
        self.name = name
        self.directory = directory
        self.pipeline = PipelineMessage(pipeline)
        workers = options.workers
        memory = options.memory?.value
        blocksPerRead = options.blocksPerRead
        resume = options.resume
        allowsExternal = options.allowsExternal
    }

    func run(saying say: @escaping @Sendable (WorkerReply) -> Void) async throws -> RecordingRun.Outcome {
        var options = RunOptions()
        options.workers = workers
        options.memory = memory.map(Bytes.init)
        options.blocksPerRead = blocksPerRead
        options.resume = resume
        options.allowsExternal = allowsExternal
        options.progress = { say(.progress($0)) }
        options.memoryPlanned = { say(.memoryPlanned($0)) }
        options.sign = { say(.sign) }
        return try await RecordingRun(pipeline: pipeline.pipeline(), options: options).run(file: file, name: name, directory: directory)
    }
}

/// One recording to look at.
package struct InspectionJob: Codable, Sendable {
    package var file: String
    private var pipeline: PipelineMessage?
    private var allowsExternal: Bool

    /// - Parameter pipeline: says what the file does not, and may refuse it.
    package init(file: String, pipeline: Pipeline? = nil, allowsExternal: Bool = false) {
        self.file = file
        self.pipeline = pipeline.map(PipelineMessage.init)
        self.allowsExternal = allowsExternal
    }

    func inspection() throws -> RecordingInspection {
        let pipeline = try pipeline?.pipeline()
        let recording = try open(pipeline)
        var inspection = RecordingInspection(recording, declared: pipeline?.recording.declared ?? .none)
        if let refusal = try pipeline?.refusal(of: recording), !inspection.isRefused {
            inspection.problems.append(RecordingInspection.Problem(severity: .refusal, message: "\(refusal)"))
        }
        return inspection
    }

    func recording() throws -> any Recording { try open(pipeline?.pipeline()) }

    private func open(_ pipeline: Pipeline?) throws -> any Recording {
        var declared = pipeline?.recording.declared ?? .none
        declared.allowsExternal = allowsExternal
        let recording = try openRecording(file, declared: declared)
        guard let times = pipeline?.recording.times, !times.isEverything else { return recording }
        return try TimedRecording(recording, times)
    }
}

/// One recording to copy into an NWB file.
package struct ConversionJob: Codable, Sendable {
    package var input: InspectionJob
    package var output: String
    /// Paths of the series to copy; all where it is empty.
    package var series: [String]
    /// 0 (none) to 9.
    package var deflate: Int

    /// - Throws: `FerroError` (usage or input) for an output that is there already or cannot be one.
    package init(input: InspectionJob, output: String, series: [String], deflate: Int) throws {
        guard output.hasSuffix(".nwb") else {
            throw FerroError.usage("the output is `\(output)`", expected: "a file name that ends in .nwb", advice: "such as -o rat3.nwb")
        }
        guard !FileManager.default.fileExists(atPath: output) else {
            throw FerroError.input("the output is there already, and may be a recording", at: output, advice: "choose another name with -o, or remove it first")
        }
        self.input = input
        self.output = output
        self.series = series
        self.deflate = deflate
    }

    func convert(saying say: (WorkerReply) -> Void) throws -> NWBConversion.Summary {
        let recording = try input.recording()
        say(.sign)
        return try NWBConversion(recording, series: series, deflate: deflate).write(to: output) {
            try Interruption.check()
            say(.sign)
        }
    }
}
