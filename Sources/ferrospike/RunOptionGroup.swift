// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import FerroCore
import FerroPipeline

/// How recordings are worked on; no option here changes a result of a recording that is read.
struct RunOptionGroup: ParsableArguments {
    @Option(help: "Blocks worked on at once; 0 takes one for each processor.") var workers = 0
    @Option(help: ArgumentHelp("The most memory to use, such as 2GB; fewer workers run where it is short.", valueName: "amount")) var memory: String?
    @Option(help: ArgumentHelp("Blocks of the grid read at once.", visibility: .hidden)) var blocksPerRead = 1
    @OptionGroup var opening: OpeningOptionGroup
    @Flag(help: "Leave recordings alone that are finished with the same input, pipeline and version.") var resume = false

    @Flag(help: "Let recordings lead into other files that they name (external links, raw storage, virtual datasets).") var allowExternal = false

    func validate() throws {
        guard workers >= 0 else { throw ValidationError("--workers is \(workers); write a whole number from 0 up") }
        guard blocksPerRead >= 1 else { throw ValidationError("--blocks-per-read is \(blocksPerRead); write a whole number from 1 up") }
    }

    func options(progress: (@Sendable (RunProgress) -> Void)?) throws -> RunOptions {
        var options = RunOptions()
        options.workers = workers
        options.memory = try memory.map { try parseQuantity($0, as: Bytes.self) }
        options.blocksPerRead = blocksPerRead
        options.resume = resume
        options.allowsExternal = allowExternal
        options.progress = progress
        options.worker = Worker.program
        options.openLimit = try opening.limit()
        options.memoryPlanned = { Output.note("memory: \($0)") }
        return options
    }
}

/// How files are opened that may be damaged.
struct OpeningOptionGroup: ParsableArguments {
    @Option(
        help: ArgumentHelp("The longest that opening a file may take; reading may stand still ten times as long.", valueName: "duration"))
    var openLimit = "120 s"

    func limit() throws -> Seconds {
        let limit = try parseQuantity(openLimit, as: Seconds.self)
        guard limit.value >= 0.1 else { throw FerroError.usage("an --open-limit of \(limit) is too short", expected: "0.1 s or more") }
        return limit
    }
}
