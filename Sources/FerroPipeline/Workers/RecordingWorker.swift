// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
import Foundation

/// Has recordings opened and read by a process of its own, so that a file on which a library crashes or hangs costs itself alone.
///
/// One process serves many recordings. It is replaced after one that failed, whatever the reason, because a damaged file may leave damage
/// behind; and where a process falls that has read others before, the recording is tried once more in a fresh one, so that none pays for
/// another.
package final class RecordingWorker {
    private let program: WorkerProgram
    private let openLimit: Seconds
    /// How much longer than opening the later silences may be: one block of a heavy pipeline, or the writing of its results.
    private static let standstillFactor = 10.0
    private var process: WorkerProcess?
    /// Whether `process` has answered a request before.
    private var isUsed = false

    package init(_ program: WorkerProgram, openLimit: Seconds = RunOptions.standardOpenLimit) {
        self.program = program
        self.openLimit = openLimit
    }

    /// Asks for one recording and gives the reply that ends the answer; those before it go to `hear`.
    ///
    /// - Throws: `FerroError`: what the worker found; input where it crashed, was killed or came to a standstill; interrupted when this process
    ///   was asked to stop.
    package func ask(_ request: WorkerRequest, hear: (WorkerReply) -> Void) throws -> WorkerReply {
        try Interruption.check()
        while true {
            let isFresh = !isUsed || process == nil
            let worker = try process ?? program.ahead?.take() ?? WorkerProcess(program)
            process = worker
            worker.send(request)
            switch try conversation(with: worker, about: request, hear: hear) {
            case .answered(.failed(let error)):
                retire()
                throw error
            case .answered(let reply):
                isUsed = true
                return reply
            case .fell(let error):
                retire()
                if isFresh { throw error }
            }
        }
    }

    private enum Course {
        case answered(WorkerReply)
        case fell(FerroError)
    }

    private func conversation(with worker: WorkerProcess, about request: WorkerRequest, hear: (WorkerReply) -> Void) throws -> Course {
        // Waits are counted, not read off a clock: a computer that slept, or a stopped process, is no standstill.
        var silence = 0.0
        var isOpened = false
        var stopping: Double?
        var diagnosis: String?
        while true {
            if stopping == nil, Interruption.isRequested {
                worker.send(.stop)
                stopping = 0
            }
            if let waited = stopping, waited >= request.grace {
                retire()
                throw FerroError.interrupted
            }
            switch worker.next() {
            case .reply(let reply):
                (silence, isOpened) = (0, true)
                switch reply {
                case .ran, .inspected, .converted, .failed: return .answered(reply)
                default: hear(reply)
                }
            case .diagnosis(let line):
                if diagnosis == nil, !line.allSatisfy(\.isWhitespace) { diagnosis = line }
            case .silence:
                silence += 0.1
                if let waited = stopping { stopping = waited + 0.1 }
                let limit = isOpened ? openLimit.value * RecordingWorker.standstillFactor : openLimit.value
                if silence >= limit {
                    retire()
                    throw RecordingWorker.standstill(of: request.file, afterOpening: isOpened, limit: Seconds(limit))
                }
            case .ended(let reason, let status):
                if stopping != nil { throw FerroError.interrupted }
                return .fell(RecordingWorker.fall(of: request.file, reason, status, diagnosis: diagnosis))
            }
        }
    }

    private func retire() {
        process?.kill()
        process = nil
        isUsed = false
    }

    // MARK: Sentences

    private static func standstill(of file: String, afterOpening: Bool, limit: Seconds) -> FerroError {
        guard afterOpening else {
            return .input(
                "opening the file took longer than \(limit), so it was given up", at: file,
                advice: "damaged files can hang the HDF5 library: copy it again from its source; or raise --open-limit where the disk is slow")
        }
        return .input(
            "reading the file stood still for \(limit), so it was given up", at: file,
            advice:
                "damaged files can hang the HDF5 library: copy it again from its source; or raise --open-limit (a tenth of this time) where the disk is slow")
    }

    private static func fall(of file: String, _ reason: Process.TerminationReason, _ status: Int32, diagnosis: String?) -> FerroError {
        let said = diagnosis.map { ", saying `\($0.prefix(200))`" } ?? ""
        guard reason == .uncaughtSignal else {
            return .input(
                "the process that read the file ended with code \(status)\(said)", at: file, advice: "copy the file again from its source")
        }
        if status == SIGKILL || status == SIGTERM {
            return .input(
                "the process that read the file was killed (\(name(ofSignal: status)))\(said)", at: file,
                advice: status == SIGKILL ? "systems do this where memory runs out: give a lower --memory or fewer --workers" : "run it again")
        }
        return .input(
            "the process that read the file crashed (\(name(ofSignal: status)))\(said)", at: file,
            advice: "damaged files can crash the HDF5 library: copy it again from its source, or see whether `h5dump -H` reads it")
    }

    private static func name(ofSignal number: Int32) -> String {
        let names: [Int32: String] = [
            SIGSEGV: "SIGSEGV", SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGILL: "SIGILL", SIGFPE: "SIGFPE", SIGTRAP: "SIGTRAP", SIGKILL: "SIGKILL",
            SIGTERM: "SIGTERM",
        ]
        return names[number] ?? "signal \(number)"
    }
}

/// Runs recordings in a worker process where the options name a program for it, else in this process.
package struct RecordingRunner {
    private let pipeline: Pipeline
    private let options: RunOptions
    private let worker: RecordingWorker?

    package init(pipeline: Pipeline, options: RunOptions) {
        self.pipeline = pipeline
        self.options = options
        worker = options.worker.map { RecordingWorker($0, openLimit: options.openLimit) }
    }

    /// As `RecordingRun.run`.
    ///
    /// - Parameters:
    ///   - stretch: the seconds of the recording's clock that are analysed; nil for all that the pipeline takes.
    ///   - progress: takes the place of the options' own.
    package func run(
        file: String, name: String, directory: String, stretch: FerroCore.TimeInterval? = nil, progress: (@Sendable (RunProgress) -> Void)? = nil
    ) async throws -> RecordingRun.Outcome {
        let pipeline = stretch.map { self.pipeline.within($0) } ?? self.pipeline
        var options = options
        if let progress { options.progress = progress }
        guard let worker else { return try await RecordingRun(pipeline: pipeline, options: options).run(file: file, name: name, directory: directory) }
        let job = RecordingJob(file: file, name: name, directory: directory, pipeline: pipeline, options: options)
        do {
            let reply = try worker.ask(.run(job)) { reply in
                switch reply {
                case .progress(let report): options.progress?(report)
                case .memoryPlanned(let sentence): options.memoryPlanned?(sentence)
                default: break
                }
            }
            guard case .ran(let outcome) = reply else { throw FerroError.internalError("the worker answered something else", at: file) }
            return outcome
        } catch {
            // A process that falls leaves what it had begun.
            ResultFolder.discardUnfinished(directory)
            throw error
        }
    }
}
