// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import FerroPipeline
import Foundation

/// `ferrospike worker`: the process in which other commands have recordings opened and read.
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Reads recordings for other commands, which start it themselves.", shouldDisplay: false)

    /// This program, asked for a worker.
    static var program: WorkerProgram {
        WorkerProgram(executable: Bundle.main.executablePath ?? CommandLine.arguments[0], arguments: ["worker"])
    }

    func run() async throws { await WorkerService.serve() }
}
