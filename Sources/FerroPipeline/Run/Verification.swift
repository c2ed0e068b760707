// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Foundation

/// Holds manifests against the files they name.
package enum Verification {
    package struct Entry: Sendable {
        /// The recording's folder, relative to the folder that was checked.
        package var folder: String
        /// Sentences about what is missing or changed; empty where all is well.
        package var problems: [String]
    }

    /// Every recording below a folder, in the order of their names.
    ///
    /// - Throws: `FerroError` (input) when the folder does not exist or holds no results at all.
    package static func verify(_ folder: String) throws -> [Entry] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            throw FerroError.input("there is no such folder", at: folder)
        }
        if FileManager.default.fileExists(atPath: folder + "/" + Manifest.fileName) { return [entry(folder, named: ".")] }
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
        var entries: [Entry] = []
        for name in names {
            let path = folder + "/" + name
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else { continue }
            if name.hasPrefix("."), name.hasSuffix(".unfinished") {
                entries.append(Entry(folder: name, problems: ["an interrupted run left this behind; it holds no results"]))
            } else if FileManager.default.fileExists(atPath: path + "/" + Manifest.fileName) || hasResults(path) {
                entries.append(entry(path, named: name))
            }
        }
        guard !entries.isEmpty else { throw FerroError.input("the folder holds no results", at: folder, expected: "folders with a manifest.json") }
        return entries
    }

    private static func hasResults(_ path: String) -> Bool {
        ["result.nwb", "units.csv", "pipeline.yaml"].contains { FileManager.default.fileExists(atPath: path + "/" + $0) }
    }

    private static func entry(_ path: String, named name: String) -> Entry {
        do { return Entry(folder: name, problems: problems(in: path, try Manifest.read(from: path))) } catch {
            return Entry(folder: name, problems: [(error as? FerroError)?.what ?? "\(error)"])
        }
    }

    static func problems(in folder: String, _ manifest: Manifest) -> [String] {
        manifest.outputs.compactMap { output in
            guard FileManager.default.fileExists(atPath: folder + "/" + output.file) else { return "\(output.file) is missing" }
            guard let found = try? ResultFolder.describe(output.file, in: folder) else { return "\(output.file) cannot be read" }
            return found.hash == output.hash ? nil : "\(output.file) has changed since it was written"
        }
    }
}
