// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings
import Foundation

/// Spikes in the order of their blocks: the first of them in memory, many in a file that has no name and is gone with the run, so that a recording of
/// hours takes no more memory than one of minutes until all of it has been seen.
struct SpikeStore: Sendable {
    private struct Spike: BitwiseCopyable {
        var time: Double
        var amplitude: Float
        var channel: Int32
    }

    /// Spikes in memory, at most: half a megabyte, which a recording of a minute fills as one of hours does.
    static let held = 1 << 15

    private let folder: String?
    private var spikes: [Spike] = []
    /// Spikes of each channel.
    private(set) var counts: [Int]
    private var file: FileHandle?

    /// - Parameter folder: where the file is made; nil keeps all spikes in memory.
    init(channels: Int, folder: String?) {
        counts = Array(repeating: 0, count: channels)
        self.folder = folder
    }

    var isOnDisk: Bool { file != nil }

    /// - Throws: `FerroError` (input) for a disk that takes no more.
    mutating func append(_ channel: Int, time: Double, amplitude: Float) throws {
        if spikes.count == SpikeStore.held, let folder { try spill(into: folder) }
        // All at once, because an array that grows is held twice; pages that are never written to take nothing.
        if spikes.isEmpty { spikes.reserveCapacity(SpikeStore.held) }
        counts[channel] += 1
        spikes.append(Spike(time: time, amplitude: amplitude, channel: Int32(channel)))
    }

    private mutating func spill(into folder: String) throws {
        do {
            let file = try file ?? SpikeStore.namelessFile(in: folder)
            self.file = file
            try spikes.withUnsafeBytes { try file.write(contentsOf: $0) }
            spikes.removeAll(keepingCapacity: true)
        } catch {
            throw FerroError.input("spikes cannot be put aside: \(error.localizedDescription)", at: folder, expected: "room on the disk of the results")
        }
    }

    private static func namelessFile(in folder: String) throws -> FileHandle {
        let url = URL(filePath: folder).appending(path: "spikes-\(UUID().uuidString)")
        try Data().write(to: url, options: .withoutOverwriting)
        let file = try FileHandle(forUpdating: url)
        try FileManager.default.removeItem(at: url)
        return file
    }

    /// Times and amplitudes of each channel.
    func byChannel() throws -> (times: [[Double]], amplitudes: [[Float]]) {
        var times = ChannelColumns<Double>(counts: counts)
        var amplitudes = ChannelColumns<Float>(counts: counts)
        var fits = true
        try forEachPiece { spikes in
            for spike in spikes {
                let channel = Int(spike.channel)
                fits = times.append(spike.time, to: channel) && amplitudes.append(spike.amplitude, to: channel) && fits
            }
        }
        guard fits, times.isComplete else { throw unreadable(CocoaError(.fileReadCorruptFile)) }
        return (times.takeArrays(), amplitudes.takeArrays())
    }

    /// All spikes, piece by piece.
    private func forEachPiece(_ body: (UnsafeBufferPointer<Spike>) -> Void) throws {
        if let file {
            do {
                try file.seek(toOffset: 0)
                while let data = try file.read(upToCount: SpikeStore.held * MemoryLayout<Spike>.stride), !data.isEmpty {
                    guard data.count % MemoryLayout<Spike>.stride == 0 else { throw CocoaError(.fileReadCorruptFile) }
                    data.withUnsafeBytes { bytes in bytes.withMemoryRebound(to: Spike.self) { body($0) } }
                }
            } catch {
                throw unreadable(error)
            }
        }
        spikes.withUnsafeBufferPointer(body)
    }

    private func unreadable(_ error: any Error) -> FerroError {
        .input("spikes that were put aside cannot be read: \(error.localizedDescription)", at: folder ?? "")
    }
}
