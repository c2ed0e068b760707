// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// A folder of its own for a test, gone when the test is.
final class ScratchFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "ferro-hdf5-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }
}
