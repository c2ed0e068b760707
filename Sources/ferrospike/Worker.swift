// SPDX-License-Identifier: GPL-3.0-or-later
import FerroPipeline
import Foundation
import Synchronization

/// `ferrospike worker`: the process in which other commands have recordings opened and read.
enum Worker {
    private static let ahead = Mutex<WorkerAhead?>(nil)

    /// This program, asked for a worker.
    static var program: WorkerProgram {
        var program = WorkerProgram(executable: Bundle.main.executablePath ?? CommandLine.arguments[0], arguments: ["worker"])
        program.ahead = ahead.withLock { $0 }
        return program
    }

    /// Starts one at once where the command line begins with a command that reads recordings for certain.
    static func startAhead() {
        guard let command = CommandLine.arguments.dropFirst().first, ["run", "inspect", "convert"].contains(command) else { return }
        let worker = WorkerAhead(program)
        ahead.withLock { $0 = worker }
    }
}
