// SPDX-License-Identifier: GPL-3.0-or-later
import FerroPipeline
import Foundation
import Synchronization

/// One line on standard error that says how far a recording has come; nothing where standard error is not a terminal.
final class ProgressLine: Sendable {
    private let shown = Mutex<(time: Date, width: Int)>((.distantPast, 0))

    /// What `RunOptions.progress` takes; nil away from a terminal.
    var reporter: (@Sendable (RunProgress) -> Void)? {
        guard isatty(STDERR_FILENO) == 1 else { return nil }
        return { self.show($0) }
    }

    private func show(_ progress: RunProgress) {
        shown.withLock { shown in
            let now = Date()
            guard now.timeIntervalSince(shown.time) >= 0.1 || progress.fraction >= 1 else { return }
            let line = ProgressLine.text(progress)
            FileHandle.standardError.write(Data(("\r" + line.padding(toLength: max(shown.width, line.count), withPad: " ", startingAt: 0)).utf8))
            shown = (now, line.count)
        }
    }

    /// Takes the line away, so that what follows stands alone.
    func clear() {
        shown.withLock { shown in
            guard shown.width > 0 else { return }
            FileHandle.standardError.write(Data(("\r" + String(repeating: " ", count: shown.width) + "\r").utf8))
            shown = (.distantPast, 0)
        }
    }

    /// `rat3  reading  42 %  212 x real time  0:03 left`
    static func text(_ progress: RunProgress) -> String {
        let speed = progress.elapsed > 0 ? progress.signalSeconds / progress.elapsed : 0
        let left = progress.fraction > 0 ? Int((progress.elapsed / progress.fraction * (1 - progress.fraction)).rounded(.up)) : 0
        let clock = left >= 3600 ? String(format: "%d:%02d:%02d", left / 3600, left / 60 % 60, left % 60) : String(format: "%d:%02d", left / 60, left % 60)
        return "\(progress.recording)  \(progress.phase)  \(Int(progress.fraction * 100)) %  \(Int(speed)) x real time  \(clock) left"
    }
}
