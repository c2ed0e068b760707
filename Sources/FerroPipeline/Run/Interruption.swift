// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Foundation
import Synchronization

/// Whether the process was asked to stop (SIGINT, SIGTERM or SIGUSR1, as batch systems send them).
///
/// A run looks at it between blocks, leaves nothing half-written and ends with exit code 75: run again to go on.
package enum Interruption {
    private static let requested = Atomic<Bool>(false)

    /// Makes the signals set the flag instead of ending the process. A second signal ends it at once.
    package static func watchSignals() {
        for number in [SIGINT, SIGTERM, SIGUSR1] {
            signal(number) { received in
                Interruption.requested.store(true, ordering: .relaxed)
                signal(received, SIG_DFL)
            }
        }
    }

    /// Asks the process to stop, as the signals do.
    package static func request() { requested.store(true, ordering: .relaxed) }

    package static var isRequested: Bool { requested.load(ordering: .relaxed) }

    /// - Throws: `FerroError` (interrupted) once a stop was asked for.
    package static func check() throws {
        if isRequested {
            throw FerroError.interrupted
        }
    }
}

extension FerroError {
    /// What a run that was asked to stop ends with.
    static let interrupted = FerroError(.interrupted, "interrupted; what was finished is kept, run the same command with --resume to go on")
}
