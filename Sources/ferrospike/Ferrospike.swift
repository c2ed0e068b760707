// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import FerroCore
import Foundation

struct Ferrospike: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ferrospike",
        abstract: "Streams ventral-hippocampus recordings and says whether firing came back to normal.",
        version: ferrospikeVersion,
        subcommands: [
            InspectCommand.self, ConvertCommand.self, RunCommand.self, StudyCommand.self, SimulateCommand.self, ValidateCommand.self, StagesCommand.self,
            VerifyCommand.self,
        ])
}
