// SPDX-License-Identifier: GPL-3.0-or-later
//
// A quick look at a signal, the same wherever it is asked for: about a million samples in stretches spread evenly over the series (all of
// a short one). It finds what a wrong scale or a broken channel looks like, not every bad sample.
package import FerroCore
import FerroHDF5

/// What a look at a signal shows of its channels.
package struct SignalPlausibility: Sendable, Equatable {
    /// What one channel looks like, in microvolts.
    package struct Channel: Sendable, Equatable {
        package var seen = 0
        /// NaN and infinite samples.
        package var notFinite = 0
        package var smallest = Double.infinity
        package var largest = -Double.infinity
        package var mean = 0.0
        package var deviation = 0.0
        /// Samples at the largest or smallest value that came three or more in a row.
        package var stuck = 0

        package var isFlat: Bool { seen > 1 && seen > notFinite && smallest == largest }
        /// At least one sample in a hundred is stuck at an end of the range.
        package var isSaturated: Bool { !isFlat && seen >= 100 && stuck * 100 >= seen }
        /// A mean of more than 1 mV that is ten times the standard deviation.
        package var hasOffset: Bool { !isFlat && abs(mean) > 1000 && abs(mean) > 10 * deviation }
    }

    package let path: String
    package let kind: SeriesKind
    package let electrodes: [Electrode]
    package let channels: [Channel]
    /// Frames looked at, of all.
    package let seen: Int
    package let frames: Int

    /// Beyond this no extracellular electrode sees a neuron.
    package static let largestExtracellular = Microvolts(10_000)
    /// Samples looked at at most.
    private static let budget = 1_000_000
    private static let mostStretches = 16
    /// Bytes of chunks unpacked at most, beyond one line of chunks.
    private static let chunkBudget = 24 << 20
    /// Bytes of chunks held unpacked at a time, where a chunk is not larger than that.
    private static let groupBytes = 3 << 20
    /// Bytes of one chunk from which on it is not unpacked for a look.
    private static let glanceBytes = 4 << 20

    /// Looks at some columns of a signal.
    ///
    /// - Parameter open: the signal; asked again for every stretch and every group of columns whose chunks are unpacked together, so that a
    ///   signal that is opened anew each time holds the chunks of one look only.
    /// - Throws: `FerroError` (input) for samples that cannot be read.
    package init(columns: [Int], opening open: () throws -> any SignalSource) throws {
        var signal = try open()
        let description = signal.description
        path = description.path
        kind = description.kind
        electrodes = columns.map { description.electrodes[$0] }
        frames = description.segments.reduce(0) { $0 + $1.frames.count }
        let chunks = signal.stored?.unpacked
        let stretches = SignalPlausibility.stretches(frames: frames, columns: columns.count, lineBytes: chunks?.lineBytes ?? 0)
            .flatMap { SignalPlausibility.rows($0, of: description.segments) }
        var found: [Channel] = []
        for group in SignalPlausibility.groups(columns, chunks) {
            var gatherers = [ChannelGatherer](repeating: ChannelGatherer(), count: group.count)
            for stretch in stretches {
                let stored = try signal.stored.map { try $0.glanced(fromBytes: SignalPlausibility.glanceBytes) ?? $0 }
                let block = try stored?.readUnchecked(stretch, columns: group, origin: 0) ?? signal.read(stretch, columns: group, origin: 0)
                gatherExtremes(block, into: &gatherers)
                if chunks != nil { signal = try open() }
            }
            found += gatherers.map(\.result)
        }
        channels = found
        seen = stretches.reduce(0) { $0 + $1.count }
    }

    /// Columns in order, in groups whose chunks take a few megabytes together.
    private static func groups(_ columns: [Int], _ chunks: UnpackedChunks?) -> [[Int]] {
        guard let chunks, chunks.width > 0, chunks.lineBytes > groupBytes else { return columns.isEmpty ? [] : [columns] }
        let most = max(1, groupBytes / max(chunks.bytes, 1))
        var groups: [[Int]] = []
        var held: Set<Int> = []
        for column in columns {
            held.insert(column / chunks.width)
            if groups.isEmpty || held.count > most {
                groups.append([])
                held = [column / chunks.width]
            }
            groups[groups.count - 1].append(column)
        }
        return groups
    }

    /// Stretches of frames, evenly spread, the first at the beginning and the last at the end.
    static func stretches(frames: Int, columns: Int, lineBytes: Int) -> [SampleRange] {
        let affordable = max(256, budget / max(columns, 1))
        guard frames > affordable else { return frames > 0 ? [0..<frames] : [] }
        let count = max(1, min(mostStretches, chunkBudget / max(lineBytes, 1)))
        let length = max(1, affordable / max(count, 1))
        guard count > 1 else { return [frames / 2..<min(frames, frames / 2 + length)] }
        return (0..<count).map { index in
            let first = Int((Double(frames - length) * Double(index) / Double(count - 1)).rounded())
            return first..<first + length
        }
    }

    /// Rows of the dataset for frames counted over the segments alone.
    static func rows(_ frames: SampleRange, of segments: [Segment]) -> [SampleRange] {
        var first = 0
        return segments.compactMap { segment in
            let held = first..<first + segment.frames.count
            first = held.upperBound
            let part = held.clamped(to: frames)
            return part.isEmpty ? nil : part.shifted(by: segment.frames.lowerBound - held.lowerBound)
        }
    }

    /// What is remarkable: refusals for what no recording can be, warnings for the rest.
    ///
    /// - Parameter meant: the largest voltage that the user says is meant.
    package func problems(meant: Microvolts? = nil) -> [RecordingProblem] {
        var problems: [RecordingProblem] = []
        if let worst = channels.indices.max(by: { channels[$0].notFinite < channels[$1].notFinite }), channels[worst].notFinite > 0 {
            let affected = channels.filter { $0.notFinite > 0 }.count
            problems.append(
                RecordingProblem(
                    .refusal,
                    "\(path): \(SignalPlausibility.share(channels[worst].notFinite, of: channels[worst].seen)) of the samples of electrode \(electrodes[worst].id) "
                        + "are not a number or infinite\(affected > 1 ? ", and \(affected - 1) further channels hold such samples" : "")\(part) "
                        + "(expected finite samples); repair the recording, or leave these electrodes out"))
        }
        if let problem = rangeProblem(meant: meant) { problems.append(problem) }
        func warn(_ what: String, where isSo: (Channel) -> Bool) {
            let names = electrodes.indices.filter { isSo(channels[$0]) }.map { electrodes[$0].id }
            guard !names.isEmpty else { return }
            let listed = names.prefix(8).joined(separator: ", ") + (names.count > 8 ? " and \(names.count - 8) more" : "")
            problems.append(RecordingProblem(.warning, "\(path): \(what)\(part): \(listed)"))
        }
        warn("channels that do not change", where: \.isFlat)
        warn("channels that stay at an end of their range", where: \.isSaturated)
        warn("channels with a constant offset of more than 1 mV and ten times their spread", where: \.hasOffset)
        return problems
    }

    private var part: String { seen < frames ? " among \(seen) of \(frames) frames looked at" : "" }

    /// The refusal of voltages that no extracellular electrode sees and that the user does not say are meant.
    package func rangeProblem(meant: Microvolts?) -> RecordingProblem? {
        guard kind == .electrical || kind == .lfp else { return nil }
        func extreme(_ channel: Channel) -> Double { channel.seen > channel.notFinite ? max(abs(channel.smallest), abs(channel.largest)) : 0 }
        guard let worst = channels.indices.max(by: { extreme(channels[$0]) < extreme(channels[$1]) }) else { return nil }
        let value = extreme(channels[worst])
        let limit = max(meant?.value ?? 0, SignalPlausibility.largestExtracellular.value)
        guard value > limit else { return nil }
        let beyond = channels.filter { extreme($0) > limit }.count
        return RecordingProblem(
            .refusal,
            "\(path): electrode \(electrodes[worst].id) reaches \(Microvolts((value * 10).rounded() / 10))\(beyond > 1 ? ", and \(beyond - 1) further channels are beyond" : "")"
                + "\(part) (expected at most \(Microvolts(limit)) of an extracellular electrode); correct unit and scale, "
                + "or write `largest-voltage: \(Microvolts((value / 1e4).rounded(.up) * 1e4))` under `recording:` if it is meant")
    }

    private static func share(_ part: Int, of whole: Int) -> String {
        let percent = 100 * Double(part) / Double(max(whole, 1))
        return percent >= 0.1 ? "\(shortest((percent * 10).rounded() / 10)) %" : "\(part) of \(whole)"
    }
}

/// The chunks of a dataset that are unpacked as wholes.
struct UnpackedChunks {
    /// Columns of one.
    var width: Int
    /// Bytes of one.
    var bytes: Int
    /// Bytes of all that one frame lies in.
    var lineBytes: Int
}

extension SignalSource {
    /// The dataset behind the signal, where it is one.
    fileprivate var stored: DatasetSignal? { self as? DatasetSignal ?? (self as? TimedSignal)?.inner as? DatasetSignal }
}

extension DatasetSignal {
    fileprivate var unpacked: UnpackedChunks? { description.storage.layout == .chunked ? frames.unpacked : nil }

    /// The same signal, for a look into its chunks without unpacking them; nil where they are smaller than so many bytes, or the library's to unpack.
    func glanced(fromBytes limit: Int) throws -> DatasetSignal? {
        guard let unpacked, unpacked.bytes >= limit else { return nil }
        let glanced: GlancedFrames? =
            switch frames {
            case let frames as ChunkedFrames: try GlancedFrames(frames.decoder, columnCount: frames.columnCount, isTurned: false)
            case let frames as ChannelRows: try frames.decoder.flatMap { try GlancedFrames($0, columnCount: frames.rowCount, isTurned: true) }
            default: nil
            }
        return glanced?.signal(like: self)
    }
}

extension StoredFrames {
    /// nil where nothing is unpacked.
    fileprivate var unpacked: UnpackedChunks? {
        switch self {
        case let frames as ChunkedFrames:
            let bytes = frames.chunkFrames * frames.chunkColumns * frames.element.size
            return UnpackedChunks(
                width: frames.chunkColumns, bytes: bytes, lineBytes: (frames.columnCount + frames.chunkColumns - 1) / max(frames.chunkColumns, 1) * bytes)
        case let frames as LibraryFrames: return frames.dataset.unpackedChunks(frames.columnCount)
        case let frames as ChannelRows: return frames.unpackedChunks
        default: return nil
        }
    }
}
