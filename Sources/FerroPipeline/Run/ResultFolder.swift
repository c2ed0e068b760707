// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Foundation

/// The folder of one recording's results: filled under another name and renamed when complete, so that what has the right
/// name is whole.
struct ResultFolder {
    /// Where the results will be.
    let path: String
    /// Where they are written meanwhile.
    let temporary: String

    init(_ path: String) throws {
        self.path = path
        temporary = ResultFolder.temporary(for: path)
        do {
            if FileManager.default.fileExists(atPath: temporary) { try FileManager.default.removeItem(atPath: temporary) }
            try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
        } catch {
            throw FerroError.input(
                "the output folder cannot be written", at: path, expected: "a folder that you may write to",
                advice: "choose another with -o")
        }
    }

    private static func temporary(for path: String) -> String {
        let url = URL(filePath: path)
        return url.deletingLastPathComponent().appending(path: ".\(url.lastPathComponent).unfinished").path(percentEncoded: false)
    }

    /// Removes what a run left behind that ended without a word.
    static func discardUnfinished(_ path: String) { try? FileManager.default.removeItem(atPath: temporary(for: path)) }

    func write(_ text: String, as file: String) throws {
        do { try Data(text.utf8).write(to: URL(filePath: temporary + "/" + file)) } catch {
            throw FerroError.system("the file cannot be written", error, at: path + "/" + file)
        }
    }

    /// Writes a table about a megabyte at a time, so that a long one is never held whole.
    func write(_ table: ResultTables.Table<some Sequence<[String]>>, as file: String) throws {
        let place = URL(filePath: temporary + "/" + file)
        do {
            try Data().write(to: place)
            let handle = try FileHandle(forWritingTo: place)
            defer { try? handle.close() }
            var text = CSVText(columns: table.columns)
            for row in table.rows {
                text.append(row)
                if text.text.utf8.count >= 1 << 20 { try handle.write(contentsOf: Data(text.take().utf8)) }
            }
            try handle.write(contentsOf: Data(text.take().utf8))
            try handle.synchronize()
        } catch {
            throw FerroError.system("the file cannot be written", error, at: path + "/" + file)
        }
    }

    /// Size and hash of what has been written, by name.
    func outputs() throws -> [Manifest.Output] {
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: temporary)) ?? []).sorted()
        return try names.map { try ResultFolder.describe($0, in: temporary) }
    }

    static func describe(_ file: String, in folder: String) throws -> Manifest.Output {
        let hashing = try FileHashing(folder + "/" + file)
        return Manifest.Output(file: file, size: hashing.size, hash: try hashing.finish())
    }

    /// Gives the folder its name; results of an earlier run under that name go.
    func commit() throws {
        let old = temporary + "-replaced"
        let manager = FileManager.default
        do {
            if manager.fileExists(atPath: old) { try manager.removeItem(atPath: old) }
            if manager.fileExists(atPath: path) { try manager.moveItem(atPath: path, toPath: old) }
            try manager.moveItem(atPath: temporary, toPath: path)
            if manager.fileExists(atPath: old) { try manager.removeItem(atPath: old) }
        } catch {
            throw FerroError.input("the finished results cannot be given their name", at: path, expected: "a folder that you may write to")
        }
    }

    func discard() { try? FileManager.default.removeItem(atPath: temporary) }
}
