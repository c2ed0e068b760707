// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5
import Foundation

@testable import FerroRecordings

/// Recordings of `fixtures/`, in which the stored values are changed and never the structures by which HDF5 finds them: what is read is then ours to
/// understand: chunks, numbers, text, references, tables.
final class RecordingFuzzer {
    /// nil where the program does not run in the folder of the project.
    nonisolated(unsafe) static let shared: RecordingFuzzer? = try? RecordingFuzzer(fixtures: "fixtures")

    private struct Original {
        var bytes: [UInt8]
        var declared: RecordingDeclarations
        /// Where stored values lie.
        var values: [Range<Int>]
    }

    private let originals: [Original]
    private let scratch = "/dev/shm/ferrospike-fuzz-\(getpid()).h5"

    private init(fixtures: String) throws {
        func layout(_ dataset: String, _ axes: DeclaredLayout.Axes, names: String? = nil) throws -> RecordingDeclarations {
            var declared = RecordingDeclarations.none
            var layout = DeclaredLayout(
                datasets: [dataset], axes: axes, sampling: .rate(try SampleRate(hertz: 1000)), unit: "uV", gain: .values([0.5]), offset: .values([0]))
            layout.names = names
            declared.layout = layout
            return declared
        }
        let files: [(String, RecordingDeclarations)] = [
            ("formats/stored-deflate-shuffle.h5", try layout("/signal", .timeByChannel)),
            ("formats/stored-skipped-filter.h5", try layout("/signal", .timeByChannel)),
            ("formats/stored-fletcher32.h5", try layout("/signal", .timeByChannel)), ("formats/stored-user-block.h5", try layout("/signal", .timeByChannel)),
            ("formats/matlab.h5", try layout("/trials{2}", .timeByChannel, names: "/lfp/labels")),
            ("formats/declared.h5", try layout("/Recording/TurnedChunks", .channelByTime)), ("formats/cell-metrics.h5", .none),
            ("formats/mcs-spikes.h5", .none),
            ("formats/brw3-spikes.h5", .none), ("formats/brw4-spikes.h5", .none), ("formats/maxwell-spikes.h5", .none), ("formats/spike-list.h5", .none),
            ("formats/nwb-times.h5", .none), ("formats/nwb-scale.h5", .none), ("recordings/by-pynwb.nwb", .none), ("recordings/chunks.nwb", .none),
        ]
        originals = try files.map { name, declared in
            let path = "\(fixtures)/\(name)"
            let bytes = Array(try Data(contentsOf: URL(filePath: path)))
            return Original(
                bytes: bytes, declared: declared, values: try RecordingFuzzer.values(of: HDF5File.open(path)).filter { $0.upperBound <= bytes.count })
        }
    }

    /// Where the file stores values that are neither text of any length nor tables with such, which point into HDF5's own structures.
    private static func values(of file: HDF5File) throws -> [Range<Int>] {
        let start = try file.userBlockSize
        var found: [Range<Int>] = []
        for dataset in try datasets(in: file.root, depth: 0) where dataset.type.kind != .variableString && dataset.type.kind != .compound {
            if let offset = dataset.fileOffset {
                found.append(start + offset..<start + offset + dataset.storageSize)
            } else if case .chunked(let chunk) = dataset.layout {
                var indices = [[Int]()]
                for (length, step) in zip(try dataset.shape, chunk) {
                    indices = indices.flatMap { first in stride(from: 0, to: length, by: step).map { first + [$0] } }
                }
                for index in indices.prefix(64) {
                    if let chunk = try dataset.storedChunk(at: index) { found.append(start + chunk.offset..<start + chunk.offset + chunk.size) }
                }
            }
        }
        return found
    }

    private static func datasets(in group: HDF5Group, depth: Int) throws -> [HDF5Dataset] {
        try group.links().flatMap { link -> [HDF5Dataset] in
            switch link.kind {
            case .dataset: [try group.dataset(link.name)]
            case .group where depth < 8: try datasets(in: group.group(link.name), depth: depth + 1)
            default: []
            }
        }
    }

    private static func samples(_ block: SignalBlock) -> [Float] { block.samples.withUnsafeBufferPointer(Array.init) }

    func fuzz(_ input: inout FuzzInput) {
        let original = originals[input.byte() % originals.count]
        var bytes = original.bytes
        var changes = 0
        while !input.isEmpty, changes < 64, !original.values.isEmpty {
            let place = original.values[input.byte() % original.values.count]
            let offset = input.word()
            if !place.isEmpty { bytes[place.lowerBound + offset % place.count] = UInt8(input.byte()) }
            changes += 1
        }
        guard (try? Data(bytes).write(to: URL(filePath: scratch))) != nil else { return }
        // What is refused is refused.
        guard let recording = try? openRecording(scratch, declared: original.declared) else { return }
        _ = RecordingInspection(recording, declared: original.declared)
        for series in recording.series {
            guard let signal = try? recording.signal(of: series.path) else { continue }
            let columns = Array(series.electrodes.indices)
            let whole = try? signal.read(0..<min(series.frames, 1000), columns: columns, origin: 0)
            // A look into chunks sees the same, or refuses alike.
            guard let glanced = try? (signal as? DatasetSignal)?.glanced(fromBytes: 0) else { continue }
            let looked = try? glanced.read(0..<min(series.frames, 1000), columns: columns, origin: 0)
            if whole.map(RecordingFuzzer.samples) != looked.map(RecordingFuzzer.samples) {
                FileHandle.standardError.write(Data("Fatal error: a look at \(series.path) differs\n".utf8))
                abort()
            }
        }
    }
}
