// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
import Foundation

/// Processes several files one after the other, each into `OUT/<file name without extension>/`; a file that fails does not stop the rest.
package struct BatchRun: Sendable {
    package struct Entry: Sendable {
        package var file: String
        /// The file's name without its folder and extension.
        package var name: String
        package var directory: String
        package var result: Result<RecordingRun.Outcome, FerroError>
    }

    private let pipeline: Pipeline
    private let options: RunOptions
    private let jobs: [(file: String, name: String)]
    private let output: String

    /// - Throws: `FerroError`: usage where two files have the same name, so that their results would stand in one folder; input where
    ///   the output folder cannot be written.
    package init(pipeline: Pipeline, files: [String], output: String, options: RunOptions = RunOptions()) throws {
        self.pipeline = pipeline
        self.options = options
        self.output = output
        jobs = files.map { ($0, BatchRun.name(of: $0)) }
        // Some file systems do not tell capitals from small letters.
        let byName = Dictionary(grouping: jobs) { $0.name.lowercased() }
        if let twice = jobs.first(where: { (byName[$0.name.lowercased()]?.count ?? 0) > 1 }), let same = byName[twice.name.lowercased()] {
            throw FerroError.usage(
                "the results of \(same.map { "`\($0.file)`" }.joined(separator: " and ")) would both stand in \(output)/\(twice.name)",
                expected: "files with different names", advice: "rename one, or run them with different output folders")
        }
        try BatchRun.prepare(output)
    }

    /// Calls `report` after each file, in the order given.
    ///
    /// - Throws: `FerroError` (interrupted) only: other failures are entries.
    package func start(report: (Entry) -> Void) async throws -> [Entry] {
        let runner = RecordingRunner(pipeline: pipeline, options: options)
        var entries: [Entry] = []
        for job in jobs {
            let directory = output + "/" + job.name
            var entry = Entry(file: job.file, name: job.name, directory: directory, result: .failure(.internalError("not run", at: job.file)))
            do {
                entry.result = .success(try await runner.run(file: job.file, name: job.name, directory: directory))
            } catch let error as FerroError {
                if error.kind == .interrupted { throw error }
                entry.result = .failure(error)
            }
            report(entry)
            entries.append(entry)
        }
        return entries
    }

    /// The exit code of a batch: 0 where all is done, that of the first failure where nothing is, else 4.
    package static func exitCode(of entries: [Entry]) -> Int32 {
        let failures = entries.compactMap { entry -> FerroError? in if case .failure(let error) = entry.result { error } else { nil } }
        guard let first = failures.first else { return 0 }
        return failures.count == entries.count ? first.exitCode : FerroError.Kind.partial.rawValue
    }

    static func name(of file: String) -> String {
        let last = (file as NSString).lastPathComponent
        let stem = (last as NSString).deletingPathExtension
        // `..nwb` does not stand for the folder itself.
        return stem.allSatisfy({ $0 == "." }) ? last : stem
    }

    /// Makes the output folder and tries whether it can be written, before anything is read.
    ///
    /// - Throws: `FerroError` (input).
    package static func prepare(_ output: String) throws {
        let manager = FileManager.default
        var isFolder: ObjCBool = false
        if manager.fileExists(atPath: output, isDirectory: &isFolder), !isFolder.boolValue {
            throw FerroError.input("the output is a file", at: output, expected: "a folder", advice: "choose another with -o")
        }
        let probe = output + "/.ferrospike-\(ProcessInfo.processInfo.processIdentifier)"
        do {
            try manager.createDirectory(atPath: output, withIntermediateDirectories: true)
            try Data().write(to: URL(filePath: probe))
            try manager.removeItem(atPath: probe)
        } catch {
            throw FerroError.input(
                "the output folder cannot be written", at: output, expected: "a folder that you may write to", advice: "choose another with -o")
        }
    }
}
