// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Foundation
import Synchronization

/// The program, and its arguments, that a worker process runs.
package struct WorkerProgram: Sendable {
    package var executable: String
    package var arguments: [String]
    /// The first worker, where it was started before anyone asked for it.
    package var ahead: WorkerAhead?

    package init(executable: String, arguments: [String]) {
        self.executable = executable
        self.arguments = arguments
    }
}

/// A worker that starts while the command line and the pipeline are still being read; whoever needs the first worker takes it. It ends with this
/// process, asked or not.
package final class WorkerAhead: Sendable {
    private let waiting: Mutex<WorkerProcess?>

    /// A worker that cannot be started ahead is started, or complained about, when it is needed.
    package init(_ program: WorkerProgram) { waiting = Mutex(try? WorkerProcess(program)) }

    func take() -> WorkerProcess? {
        waiting.withLock { process in
            defer { process = nil }
            return process
        }
    }
}

/// A running worker, seen from the program that asks it.
final class WorkerProcess {
    enum Event {
        case reply(WorkerReply)
        /// A line that is no reply: what the process or a library in it says before it falls.
        case diagnosis(String)
        case silence
        case ended(Process.TerminationReason, Int32)
    }

    private let process = Process()
    private let requests = Pipe()
    private let replies = Pipe()
    private var received = Data()
    private var hasEnded = false

    init(_ program: WorkerProgram) throws {
        process.executableURL = URL(filePath: program.executable)
        process.arguments = program.arguments
        // What a crash costs is one sentence; a backtrace of the whole process takes the Swift runtime up to a minute.
        process.environment = ["SWIFT_BACKTRACE": "enable=no"].merging(ProcessInfo.processInfo.environment) { _, users in users }
        process.standardInput = requests
        process.standardOutput = replies
        process.standardError = replies
        do { try process.run() } catch {
            throw FerroError.internalError("no process can be started to read recordings: \(error)", at: program.executable)
        }
        // Its own end is the worker's; with this one open, the end of the replies would never come.
        try? replies.fileHandleForWriting.close()
        try? requests.fileHandleForReading.close()
    }

    deinit { kill() }

    /// A worker that is gone does not hear it, which `next` tells.
    func send(_ request: WorkerRequest) {
        guard var line = try? JSONEncoder().encode(request) else { return }
        line.append(UInt8(ascii: "\n"))
        // A pipe without a reader would end this process by a signal.
        let usual = signal(SIGPIPE, SIG_IGN)
        defer { signal(SIGPIPE, usual) }
        try? requests.fileHandleForWriting.write(contentsOf: line)
    }

    /// What comes next, waited for at most a tenth of a second.
    func next() -> Event {
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                let line = received[..<end]
                received.removeSubrange(...end)
                if let reply = try? JSONDecoder().decode(WorkerReply.self, from: line) { return .reply(reply) }
                return .diagnosis(String(decoding: line, as: UTF8.self))
            }
            guard !hasEnded else {
                process.waitUntilExit()
                return .ended(process.terminationReason, process.terminationStatus)
            }
            var waited = pollfd(fd: replies.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waited, 1, 100) > 0 else { return .silence }
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            let count = read(waited.fd, &bytes, bytes.count)
            if count < 0, errno == EINTR || errno == EAGAIN { return .silence }
            if count > 0 { received.append(contentsOf: bytes[..<count]) }
            if count <= 0 {
                hasEnded = true
                // A last line without its end.
                if !received.isEmpty { received.append(UInt8(ascii: "\n")) }
            }
        }
    }

    /// Ends the process at once. One that the system cannot end, as it waits for a disk that is gone, is left to itself.
    func kill() {
        guard process.isRunning else { return }
        _ = Foundation.kill(process.processIdentifier, SIGKILL)
        var waited = 0
        while process.isRunning, waited < 5_000_000 {
            // Most are gone after a few milliseconds, which a run of a short recording would notice.
            let pause = min(max(200, waited / 4), 10_000)
            usleep(UInt32(pause))
            waited += pause
        }
    }
}
