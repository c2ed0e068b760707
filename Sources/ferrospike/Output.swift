// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// Results go to standard output; everything said about them goes to standard error.
enum Output {
    static func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
    static func line(_ text: String) { write(text + "\n") }
    static func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
