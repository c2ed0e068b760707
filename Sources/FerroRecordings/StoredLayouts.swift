// SPDX-License-Identifier: GPL-3.0-or-later
//
// Samples that do not lie as frames by channels, handed out as rows of the frames they belong to: channels by frames (Multi Channel
// Systems, MaxWell), frames interleaved in one dimension (3Brain), a choice of rows, and one dataset a channel.
import FerroCore
import FerroHDF5

/// A dataset of channels by frames: the samples of one channel lie together.
struct ChannelRows: StoredFrames {
    private enum Source {
        case stretch(PositionedFile, offset: Int, isSwapped: Bool)
        case chunks(ChunkDecoder)
        case library
    }

    private let dataset: HDF5Dataset
    let element: HDF5ElementType
    private let channelCount: Int
    private let frameCount: Int
    private let source: Source
    /// How much of one channel is read and converted at a time.
    private static let tileBytes = 1 << 17

    init(_ dataset: HDF5Dataset) throws {
        let shape = try dataset.shape
        guard shape.count == 2 else { throw FerroError.internalError("channels by frames have two dimensions", at: dataset.place) }
        self.dataset = dataset
        channelCount = shape[0]
        frameCount = shape[1]
        // Types that are no plain numbers of this machine are converted by the library.
        element = dataset.type.element ?? .float64
        let isPlain = dataset.type.element != nil && dataset.isInOwnFile
        if isPlain, let offset = dataset.fileOffset {
            source = .stretch(try PositionedFile(dataset.file.path), offset: offset, isSwapped: dataset.type.byteOrder == .big)
        } else if isPlain, case .chunked(let chunk) = dataset.layout, chunk.count == 2,
            let decoder = try ChunkDecoder(dataset, element: element, kept: (shape[0] + chunk[0] - 1) / chunk[0])
        {
            source = .chunks(decoder)
        } else {
            source = .library
        }
    }

    /// nil where nothing is unpacked here.
    var decoder: ChunkDecoder? { if case .chunks(let decoder) = source { decoder } else { nil } }
    var rowCount: Int { channelCount }

    /// The chunks that are unpacked as wholes.
    var unpackedChunks: UnpackedChunks? {
        guard case .chunked(let chunk) = dataset.layout, chunk.count == 2 else { return nil }
        let bytes = chunk[0] * chunk[1] * element.size
        return UnpackedChunks(width: chunk[0], bytes: bytes, lineBytes: (channelCount + chunk[0] - 1) / max(chunk[0], 1) * bytes)
    }

    func visit(_ frames: SampleRange, columns: [Int], _ body: (StoredRows, SampleRange, Range<Int>) throws -> Void) throws {
        guard !frames.isEmpty else { return }
        let channels = Set(columns).sorted()
        switch source {
        case .stretch(let file, let offset, let isSwapped):
            try forEachTile(of: frames, rows: 1) { tile, buffer in
                for channel in channels {
                    guard try file.read(at: offset + (channel * frameCount + tile.lowerBound) * element.size, into: buffer) else {
                        throw FerroError.input(
                            "the file ends before frame \(tile.upperBound - 1) of row \(channel)", at: dataset.place,
                            expected: "all the samples its header promises", advice: "copy the file again from its source")
                    }
                    if isSwapped { swapBytes(buffer, elementSize: element.size) }
                    try give(buffer, tile, channel, body)
                }
            }
        case .chunks(let decoder): try visitChunks(decoder, frames, channels, body)
        case .library:
            // Chunks reach over several channels: all of them are taken at once, so that none is unpacked twice.
            let rows = (channels.first ?? 0)..<(channels.last ?? 0) + 1
            try forEachTile(of: frames, rows: rows.count) { tile, buffer in
                try dataset.read([rows, tile], as: element, into: buffer)
                for channel in channels {
                    let first = (channel - rows.lowerBound) * tile.count * element.size
                    try give(
                        UnsafeMutableRawBufferPointer(rebasing: buffer[first..<first + tile.count * element.size]), tile, channel, body)
                }
            }
        }
    }

    private func visitChunks(
        _ decoder: ChunkDecoder, _ frames: SampleRange, _ channels: [Int], _ body: (StoredRows, SampleRange, Range<Int>) throws -> Void
    ) throws {
        let (height, width) = (decoder.chunk[0], decoder.chunk[1])
        let across = (channelCount + height - 1) / height
        for line in frames.lowerBound / width...(frames.upperBound - 1) / width {
            let held = line * width..<(line + 1) * width
            let part = held.clamped(to: frames)
            for group in Set(channels.map { $0 / height }).sorted() {
                let chunk = try decoder.chunk(at: [group * height, line * width], key: line * across + group)
                guard let base = chunk.bytes.baseAddress else { continue }
                for channel in channels where channel / height == group {
                    let first = ((channel - group * height) * width + part.lowerBound - held.lowerBound) * element.size
                    try body(StoredRows(start: UnsafeRawPointer(base) + first, element: element, stride: 1, count: part.count), part, channel..<channel + 1)
                }
            }
        }
    }

    private func give(
        _ buffer: UnsafeMutableRawBufferPointer, _ tile: SampleRange, _ channel: Int, _ body: (StoredRows, SampleRange, Range<Int>) throws -> Void
    ) throws {
        guard let start = buffer.baseAddress else { return }
        try body(StoredRows(start: start, element: element, stride: 1, count: tile.count), tile, channel..<channel + 1)
    }

    private func forEachTile(of frames: SampleRange, rows: Int, _ body: (SampleRange, UnsafeMutableRawBufferPointer) throws -> Void) throws {
        let length = min(max(1, ChannelRows.tileBytes / element.size), frames.count)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: rows * length * element.size, alignment: 64)
        defer { buffer.deallocate() }
        var first = frames.lowerBound
        while first < frames.upperBound {
            let tile = first..<min(first + length, frames.upperBound)
            try body(tile, UnsafeMutableRawBufferPointer(rebasing: buffer[..<(rows * tile.count * element.size)]))
            first = tile.upperBound
        }
    }
}

/// Frames one after the other in a dataset of one dimension, each with a sample of every channel.
struct InterleavedFrames: StoredFrames {
    private let dataset: HDF5Dataset
    let element: HDF5ElementType
    private let channelCount: Int
    private let stretch: ContiguousFrames?

    init(_ dataset: HDF5Dataset, channels: Int) throws {
        self.dataset = dataset
        channelCount = channels
        element = dataset.type.element ?? .float64
        if dataset.type.element != nil, dataset.isInOwnFile, let offset = dataset.fileOffset {
            stretch = ContiguousFrames(
                file: try PositionedFile(dataset.file.path), offset: offset, element: element, isSwapped: dataset.type.byteOrder == .big,
                columnCount: channels, place: dataset.place)
        } else {
            stretch = nil
        }
    }

    func visit(_ frames: SampleRange, columns: [Int], _ body: (StoredRows, SampleRange, Range<Int>) throws -> Void) throws {
        if let stretch { return try stretch.visit(frames, columns: columns, body) }
        let length = max(1, (1 << 18) / max(channelCount * element.size, 1))
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: min(length, max(frames.count, 1)) * channelCount * element.size, alignment: 64)
        defer { buffer.deallocate() }
        var first = frames.lowerBound
        while first < frames.upperBound {
            let tile = first..<min(first + length, frames.upperBound)
            try dataset.read([tile.lowerBound * channelCount..<tile.upperBound * channelCount], as: element, into: buffer)
            if let start = buffer.baseAddress {
                try body(StoredRows(start: start, element: element, stride: channelCount, count: tile.count), tile, 0..<channelCount)
            }
            first = tile.upperBound
        }
    }
}

/// Some of the columns of another layout, under new numbers.
struct ChosenColumns<Inner: StoredFrames>: StoredFrames {
    let inner: Inner
    let element: HDF5ElementType
    /// The inner column of each column.
    let choice: [Int]

    func visit(_ frames: SampleRange, columns: [Int], _ body: (StoredRows, SampleRange, Range<Int>) throws -> Void) throws {
        try inner.visit(frames, columns: columns.map { choice[$0] }) { rows, part, held in
            for column in Set(columns) where held.contains(choice[column]) {
                var one = rows
                one.start = rows.start + (choice[column] - held.lowerBound) * element.size
                try body(one, part, column..<column + 1)
            }
        }
    }
}

/// Datasets of one dimension that are the channels of one series.
struct SeparateChannels: StoredFrames {
    let channels: [InterleavedFrames]

    func visit(_ frames: SampleRange, columns: [Int], _ body: (StoredRows, SampleRange, Range<Int>) throws -> Void) throws {
        for column in Set(columns).sorted() {
            try channels[column].visit(frames, columns: [0]) { rows, part, _ in try body(rows, part, column..<column + 1) }
        }
    }
}
