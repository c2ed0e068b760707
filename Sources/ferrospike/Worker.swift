// SPDX-License-Identifier: GPL-3.0-or-later
import FerroPipeline
import Foundation
import Synchronization

/// `ferrospike worker`: the process in which other commands have recordings opened and read.
enum Worker {
    private static let ahead = Mutex<WorkerAhead?>(nil)

    /// What this program is called with to be a worker.
    static let arguments = ["worker"]

    /// This program, asked for a worker.
    static var program: WorkerProgram {
        var program = WorkerProgram(executable: executable ?? CommandLine.arguments[0], arguments: arguments)
        program.ahead = ahead.withLock { $0 }
        return program
    }

    private static var executable: String? {
        #if os(Linux)
        // `Bundle.main` goes through the folder of the program, which takes milliseconds where many lie.
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        #else
        Bundle.main.executablePath
        #endif
    }

    /// Starts one at once where the command line begins with a command that reads recordings for certain.
    static func startAhead() {
        guard let command = CommandLine.arguments.dropFirst().first, ["run", "inspect", "convert"].contains(command) else { return }
        let worker = WorkerAhead(program)
        ahead.withLock { $0 = worker }
    }
}
