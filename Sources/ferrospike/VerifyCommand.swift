// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import FerroCore
import FerroPipeline

/// `ferrospike verify`: whether results are complete and unchanged.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Holds manifests against their files: complete and unchanged, or what is missing.",
        discussion: "Exits with 4 where a recording is incomplete or changed.")

    @Argument(help: ArgumentHelp("Folder of a run or a study, or of one recording.", valueName: "OUT")) var output: String

    func run() throws {
        let entries = try Verification.verify(output)
        for entry in entries {
            Output.line("\(entry.folder): \(entry.problems.isEmpty ? "complete and unchanged" : entry.problems.joined(separator: "; "))")
        }
        let bad = entries.count { !$0.problems.isEmpty }
        guard bad == 0 else {
            throw FerroError(.partial, "\(bad) of \(entries.count) recordings are incomplete or changed", at: output, advice: "run them again")
        }
    }
}
