// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline
import FerroRecordings
import Foundation
import Testing

extension Tag {
    /// Needs the recordings that `FERROSPIKE_REAL_DATA` names.
    @Tag static var realData: Self
}

/// Recordings of real neurons, in the folder that the environment names. They are no part of the project.
enum RealData {
    static let folder = ProcessInfo.processInfo.environment["FERROSPIKE_REAL_DATA"].flatMap { $0.isEmpty ? nil : $0 }

    static var isNamed: Bool { folder != nil }

    /// Values that other software computed from real and simulated trains: the folder beside the recordings.
    static func reference(_ path: String) throws -> String {
        URL(filePath: try #require(folder)).deletingLastPathComponent().appending(path: "reference/" + path).path(percentEncoded: false)
    }

    static func path(_ path: String) throws -> String { try #require(folder) + "/" + path }

    static func files(in folder: String, suffix: String) throws -> [String] {
        let path = try path(folder)
        return try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(suffix) }.sorted().map { path + "/" + $0 }
    }

    /// One of the repository's pipelines on a recording, with every electrode.
    static func analyse(_ file: String, with pipeline: String, options: RunOptions = RunOptions()) async throws -> RecordingAnalysis.Outcome {
        let pipeline = try Pipeline.load(ShippedPipelineTests.folder + "/" + pipeline + ".yaml").withAllElectrodes()
        return try await RecordingAnalysis(
            pipeline: pipeline, recording: openRecording(path(file)), name: URL(filePath: file).deletingPathExtension().lastPathComponent, options: options
        ).run()
    }

    /// Rows of a comma-separated table without quotes around commas, by the names of its columns. The first column may lack a name.
    static func table(_ text: String) -> [[String: String]] {
        let lines = text.split(whereSeparator: \.isNewline).map { line in
            line.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: CharacterSet(charactersIn: "\" ")) }
        }
        guard let header = lines.first else { return [] }
        return lines.dropFirst().map { Dictionary(zip(header, $0)) { first, _ in first } }
    }
}

/// A file of `fixtures/reference/`.
func readReference<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
    let path = URL(filePath: ShippedPipelineTests.folder).deletingLastPathComponent().appending(path: "fixtures/reference/" + name)
    return try JSONDecoder().decode(type, from: Data(contentsOf: path))
}

@Suite("Real data", .tags(.realData))
struct RealDataTests {
    @Test("a folder that is named is there, with the reference values beside it")
    func folder() throws {
        guard let folder = RealData.folder else { return }
        for path in [
            folder + "/raw/locust-tetrode.nwb", folder + "/raw/purkinje-juxtacellular.nwb", folder + "/lfp/rat-ca1-ec3-theta.nwb",
            folder + "/spike-lists/hippocampal-cultures/published-features.csv", try RealData.reference("bursts/reference-bursts.csv.gz"),
            try RealData.reference("trains/elephant-values.json"),
        ] {
            #expect(FileManager.default.fileExists(atPath: path), "\(path) is missing, but FERROSPIKE_REAL_DATA is set to \(folder)")
        }
    }
}
