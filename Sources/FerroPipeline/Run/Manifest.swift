// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Foundation

/// What a finished recording says about itself; written last, so that its presence means completeness.
package struct Manifest: Codable, Sendable {
    package struct Tool: Codable, Sendable {
        package var name = "ferrospike"
        package var version = ferrospikeVersion
    }

    package struct Input: Codable, Sendable {
        /// File name without its folder.
        package var file: String
        package var size: Int
        package var hash: String
        package var format: String
        /// Path of the series inside the file; absent for spike times alone.
        package var series: String?
        package var rate_hz: Double?
        package var channels: Int?
    }

    package struct SegmentEntry: Codable, Sendable {
        package var start_s: Double
        package var duration_s: Double
        /// Rows of the series; absent where spike times alone were read.
        package var first_frame: Int?
        package var frames: Int?
    }

    package struct Gap: Codable, Sendable {
        package var start_s: Double
        package var duration_s: Double
    }

    package struct Output: Codable, Sendable {
        package var file: String
        package var size: Int
        package var hash: String
    }

    package var tool = Tool()
    package var recording: String
    /// Hash of the resolved pipeline.
    package var config_hash: String
    package var input: Input
    package var segments: [SegmentEntry]
    package var gaps: [Gap]
    /// Frames of the series in one block of the grid.
    package var block_frames: Int?
    package var noise_uv: [String: [Double?]]
    package var units: Int
    package var spikes: Int
    /// Absent where no burst detector ran.
    package var bursts: Int?
    package var warnings: [String]
    /// Seeds by what they were used for; a run of a pipeline draws nothing at random.
    package var seeds: [String: Int]
    package var outputs: [Output]
    package var wall_time_s: Double
    package var peak_memory_mb: Double

    package static let fileName = "manifest.json"

    package static func read(from folder: String) throws -> Manifest {
        let path = folder + "/" + fileName
        guard let data = FileManager.default.contents(atPath: path) else {
            throw FerroError.input("there is no manifest, so the recording is not finished", at: folder)
        }
        do { return try JSONDecoder().decode(Manifest.self, from: data) } catch {
            throw FerroError.input("the manifest is not one of Ferrospike's", at: path)
        }
    }

    func write(to folder: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let path = folder + "/" + Manifest.fileName
        do { try encoder.encode(self).write(to: URL(filePath: path)) } catch {
            throw FerroError.input("the manifest cannot be written", at: path)
        }
    }
}
