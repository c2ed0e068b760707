// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings
import Foundation
import Synchronization

/// The worker's side: answers the requests on standard input, one after the other, until the input ends.
///
/// When the program that asks is gone, so is its pipe, and the worker ends at once: nobody would hear it.
package enum WorkerService {
    package static func serve() async {
        let (requests, arrivals) = AsyncStream.makeStream(of: WorkerRequest.self)
        Thread.detachNewThread {
            while let line = readLine() {
                guard let request = try? JSONDecoder().decode(WorkerRequest.self, from: Data(line.utf8)) else { continue }
                if case .stop = request { Interruption.request() } else { arrivals.yield(request) }
            }
            _exit(0)
        }
        let voice = WorkerVoice()
        for await request in requests { voice.say(await answer(request) { voice.say($0) }) }
    }

    private static func answer(_ request: WorkerRequest, saying say: @escaping @Sendable (WorkerReply) -> Void) async -> WorkerReply {
        do {
            switch request {
            case .run(let job): return .ran(try await job.run(saying: say))
            case .inspect(let job, let asJSON):
                let inspection = try job.inspection()
                say(.text(asJSON ? String(decoding: try inspection.json(), as: UTF8.self) + "\n" : inspection.text))
                return .inspected(isRefused: inspection.isRefused)
            case .samples(let job, let series, let frames):
                let recording = try job.recording()
                say(.sign)
                try recording.writeSamples(of: series, frames: frames) {
                    try Interruption.check()
                    say(.text($0))
                }
                return .inspected(isRefused: false)
            case .convert(let job): return .converted(try job.convert(saying: say))
            case .stop: return .inspected(isRefused: false)
            }
        } catch let error as FerroError {
            return .failed(error)
        } catch {
            return .failed(.internalError("\(error)", at: request.file))
        }
    }
}

/// Writes replies as whole lines, whichever thread they come from; signs and progress at most ten times a second.
private final class WorkerVoice: Sendable {
    private let lastSign = Mutex(Date.distantPast)

    func say(_ reply: WorkerReply) {
        lastSign.withLock { last in
            switch reply {
            case .sign, .progress:
                let now = Date()
                guard abs(now.timeIntervalSince(last)) >= 0.1 else { return }
                last = now
            default: break
            }
            let encoder = JSONEncoder()
            let unsayable = WorkerReply.failed(.internalError("the worker's answer cannot be written as JSON"))
            guard var line = try? encoder.encode(reply) else {
                if let line = try? encoder.encode(unsayable) { FileHandle.standardOutput.write(line + Data([UInt8(ascii: "\n")])) }
                return
            }
            line.append(UInt8(ascii: "\n"))
            FileHandle.standardOutput.write(line)
        }
    }
}
