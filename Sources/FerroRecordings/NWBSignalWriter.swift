// SPDX-License-Identifier: GPL-3.0-or-later
import Dispatch
package import FerroCore
import FerroHDF5
import Foundation
import Synchronization

/// Writes one signal as an NWB file, frames appended in time order; the file appears under its name when it is complete.
///
/// The series has `starting_time` and `rate` where the signal is one stretch, `timestamps` where it has gaps. Memory does not grow with the signal.
package final class NWBSignalWriter {
    private let builder: NWBFileBuilder
    private let series: NWBSeriesData

    /// - Parameters:
    ///   - facts: what the input says of its session.
    ///   - name: names the recording in the file.
    ///   - starts: seconds of every gap-free stretch's first frame.
    ///   - deflate: 0 (none) to 9.
    package init(
        path: String, facts: SessionFacts, name: String, electrodes: [Electrode], rate: SampleRate, starts: [Double], coding: SampleCoding, deflate: Int,
        description: String
    ) throws {
        guard !electrodes.isEmpty, !starts.isEmpty else { throw FerroError.internalError("a signal needs electrodes and a start", at: path) }
        builder = try NWBFileBuilder(path: path, session: NWBSession(facts, name: name, identifier: "ferrospike-signal:\(name):\(description)"))
        try builder.writeElectrodes(electrodes, device: "probe", deviceDescription: "device of the recording; its make is not known here")
        series = try NWBSeriesData(
            in: builder, path: "/acquisition/ElectricalSeries", kind: .core("ElectricalSeries"), rows: Array(electrodes.indices), rate: rate, starts: starts,
            format: NWBSeriesFormat(
                element: coding == .float32 ? .float32 : .int16, conversion: coding.gain * 1e-6, offset: 0, channelConversion: nil, deflate: deflate),
            description: description)
    }

    /// Appends frames of a stretch, the next ones in time.
    package func append(_ samples: EncodedSamples, stretch: Int) throws {
        try samples.bytes.withUnsafeBytes { try series.append($0, stretch: stretch) }
    }

    /// Completes the file.
    package func finish() throws {
        try series.finish()
        try builder.finish()
    }
}

/// How the numbers of a series are stored and what they mean: volts = stored × conversion × channel conversion + offset.
struct NWBSeriesFormat {
    var element: HDF5ElementType
    var conversion: Double
    var offset: Double
    var channelConversion: [Double]?
    var deflate: Int
}

/// The samples of one series on their way into a file.
final class NWBSeriesData {
    private let data: HDF5Dataset
    private let timestamps: HDF5Dataset?
    private let element: HDF5ElementType
    private let rate: SampleRate
    private let starts: [Double]
    private let frameBytes: Int
    /// Frames of a chunk. Whole chunks are written, so that none is deflated twice.
    private let chunkFrames: Int
    private let deflate: Int
    /// Chunks that are deflated side by side.
    private static let chunksAtOnce = 8
    private var pending: [UInt8] = []
    private var pendingTimes: [Double] = []
    private var written = 0
    /// Frames of the current stretch that were appended.
    private var inStretch = (index: 0, frames: 0)

    /// - Parameter rows: rows of the electrodes table, one per channel; nil for a series without electrodes.
    init(
        in builder: NWBFileBuilder, path: String, kind: NWBSchema.Kind, rows: [Int], hasElectrodes: Bool = true, rate: SampleRate, starts: [Double],
        format: NWBSeriesFormat, description: String
    ) throws {
        self.rate = rate
        self.starts = starts
        element = format.element
        deflate = format.deflate
        frameBytes = rows.count * element.size
        chunkFrames = max(1, (1 << 20) / max(frameBytes, 1))
        let series = try builder.file.root.createGroup(path)
        try series.mark(kind, identity: builder.identity, path: series.path)
        try series.setAttribute("description", description)
        try series.setAttribute("comments", "no comments")
        data = try series.createDataset(
            "data", of: .number(element), shape: [0, rows.count],
            storage: .chunked([chunkFrames, rows.count], deflate: format.deflate, shuffle: format.deflate > 0, isExtendible: true))
        try data.setAttribute("conversion", .double(format.conversion))
        try data.setAttribute("offset", .double(format.offset))
        try data.setAttribute("resolution", .double(element.isFloat ? -1 : format.conversion))
        try data.setAttribute("unit", "volts")
        if let factors = format.channelConversion {
            let dataset = try series.write("channel_conversion", factors)
            try dataset.setAttribute("axis", .int32(1))
        }
        if hasElectrodes { try builder.writeElectrodesRegion(rows, in: series) }
        if starts.count == 1 {
            timestamps = nil
            let start = try series.write("starting_time", scalar: starts[0])
            try start.setAttribute("rate", .double(rate.hertz))
            try start.setAttribute("unit", "seconds")
        } else {
            let stamps = try series.createDataset(
                "timestamps", of: .number(.float64), shape: [0],
                storage: .chunked([1 << 17], deflate: format.deflate, shuffle: format.deflate > 0, isExtendible: true))
            try stamps.setAttribute("interval", .int32(1))
            try stamps.setAttribute("unit", "seconds")
            timestamps = stamps
        }
    }

    /// Appends whole frames in this machine's byte order.
    func append(_ bytes: UnsafeRawBufferPointer, stretch: Int) throws {
        guard bytes.count % frameBytes == 0, starts.indices.contains(stretch) else {
            throw FerroError.internalError("\(bytes.count) bytes are not whole frames of the series", at: data.place)
        }
        let frames = bytes.count / frameBytes
        if stretch != inStretch.index { inStretch = (stretch, 0) }
        if timestamps != nil {
            for frame in inStretch.frames..<inStretch.frames + frames { pendingTimes.append(starts[stretch] + rate.seconds(frame)) }
        }
        inStretch.frames += frames
        pending.append(contentsOf: bytes)
        try flush(wholeChunksOnly: true)
    }

    func finish() throws { try flush(wholeChunksOnly: false) }

    private func flush(wholeChunksOnly: Bool) throws {
        let chunkBytes = chunkFrames * frameBytes
        let waiting = pending.count / chunkBytes
        if waiting >= NWBSeriesData.chunksAtOnce || !wholeChunksOnly, !pending.isEmpty {
            let frames = wholeChunksOnly ? waiting * chunkFrames : pending.count / frameBytes
            if deflate > 0 {
                try writeDeflated(frames: frames, chunkBytes: chunkBytes)
            } else {
                try pending.withUnsafeBytes { try data.write(rows: written, UnsafeRawBufferPointer(rebasing: $0[..<(frames * frameBytes)]), as: element) }
            }
            pending.removeFirst(frames * frameBytes)
            written += frames
        }
        guard let timestamps, pendingTimes.count >= 1 << 17 || !wholeChunksOnly else { return }
        let count = wholeChunksOnly ? pendingTimes.count / (1 << 17) * (1 << 17) : pendingTimes.count
        try timestamps.append(Array(pendingTimes[..<count]))
        pendingTimes.removeFirst(count)
    }
}

extension NWBSeriesData {
    /// Deflates chunks side by side, on every processor, and stores them in order; HDF5 would take them one after the other under its lock.
    private func writeDeflated(frames: Int, chunkBytes: Int) throws {
        let count = (frames + chunkFrames - 1) / chunkFrames
        let packed = Mutex([[UInt8]?](repeating: nil, count: count))
        let (level, size, end) = (deflate, element.size, frames * frameBytes)
        let parts = stride(from: 0, to: end, by: chunkBytes).map { Array(pending[$0..<min($0 + chunkBytes, end)]) }
        DispatchQueue.concurrentPerform(iterations: count) { index in
            // The last chunk is as long as the others, and ends in zeros.
            let part = parts[index] + [UInt8](repeating: 0, count: chunkBytes - parts[index].count)
            let whole = part.withUnsafeBytes { shuffled($0, elementSize: size) }
            let deflated = whole.withUnsafeBytes { deflateChunk($0, level: level) }
            packed.withLock { $0[index] = deflated }
        }
        try data.grow(toRows: written + frames)
        for (index, chunk) in packed.withLock({ $0 }).enumerated() {
            guard let chunk else { throw FerroError.internalError("out of memory", at: data.place) }
            try data.write(filteredChunk: chunk, at: [written + index * chunkFrames, 0])
        }
    }
}

extension NWBSession {
    /// The session of a file derived from a recording, in NWB's words for what is not known: sex U, and an age of zero days or more.
    init(_ facts: SessionFacts, name: String, identifier: String) {
        func given(_ text: String?) -> String? { text.flatMap { $0.isEmpty ? nil : $0 } }
        let isKnown = [facts.subjectID, facts.species, facts.sex, facts.age].contains { $0 != nil }
        self.init(
            identifier: identifier, description: given(facts.description) ?? "recording \(name)",
            start: facts.start.flatMap { NWBSession.isDate($0) ? $0 : nil },
            subject: NWBSubject(
                id: NWBResultLayout.given(facts.subjectID), species: facts.species, sex: facts.sex ?? "U", age: facts.age ?? "P0D/",
                description: isKnown ? "animal of the recording" : "the recording says nothing of its animal"))
    }

    /// Whether the text begins as an ISO 8601 date, so that readers of NWB understand it.
    private static func isDate(_ text: String) -> Bool {
        let digits = text.prefix(10).map { $0.isASCII && $0.isNumber ? "0" : $0 }
        return String(digits) == "0000-00-00" && (text.count == 10 || text.dropFirst(10).first == "T")
    }
}
