// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import FerroCore
import FerroPipeline
import Foundation

/// Runs the command and turns every error into a sentence and an exit code:
/// 0 done, 1 internal error, 2 wrong usage or config, 3 input unreadable or refused, 4 some recordings failed, 5 validation below its
/// floor, 75 interrupted.
@main
enum Main {
    static func main() async {
        let isWorker = CommandLine.arguments.dropFirst().elementsEqual(Worker.arguments)
        // The first of all, because every run waits for it.
        if !isWorker { Worker.startAhead() }
        // Whoever starts a worker looks.
        if !isWorker, let missing = Processor.missingFeature { end(.usage(missing)) }
        // A reader that closes early, such as `head`, is no error of ours.
        signal(SIGPIPE, SIG_DFL)
        // A file that grows beyond what the system allows is told as an error of writing.
        signal(SIGXFSZ, SIG_IGN)
        Interruption.watchSignals()
        // Not a command like the others: nobody but this program asks for it, and every run waits for it.
        if isWorker { return await WorkerService.serve() }
        do {
            var command = try Ferrospike.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let error as FerroError {
            end(error)
        } catch {
            let code = Ferrospike.exitCode(for: error)
            // Help and version are asked for, not errors.
            if code.isSuccess { Ferrospike.exit(withError: error) }
            if error is ExitCode { exit(code.rawValue) }
            let isUsage = code == .validationFailure
            Output.note(Ferrospike.fullMessage(for: error))
            exit(isUsage ? FerroError.Kind.usage.rawValue : FerroError.Kind.internalError.rawValue)
        }
    }

    private static func end(_ error: FerroError) -> Never {
        Output.note("ferrospike: \(error)")
        exit(error.exitCode)
    }
}
