// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5

/// A look into chunks of many megabytes: what is wanted is picked out of a chunk while it is inflated, so that the look takes the memory of what
/// is looked at, not that of the chunk.
struct GlancedFrames: StoredFrames {
    private let decoder: ChunkDecoder
    private let file: PositionedFile?
    private let columnCount: Int
    /// Whether the samples lie as channels by frames.
    private let isTurned: Bool
    /// Numbers of the filters among the dataset's, where it has them.
    private let shuffle: Int?
    private let deflate: Int?
    private static let pieceBytes = 1 << 18

    /// nil where filters stand in another order than all writers have them.
    init?(_ decoder: ChunkDecoder, columnCount: Int, isTurned: Bool) throws {
        let ids = decoder.dataset.filters.map(\.id)
        guard [[], [1], [2], [2, 1]].contains(ids) else { return nil }
        self.decoder = decoder
        self.columnCount = columnCount
        self.isTurned = isTurned
        shuffle = ids.firstIndex(of: 2)
        deflate = ids.firstIndex(of: 1)
        file = try SampleStorage.fileOfChunks(decoder.dataset)
    }

    var element: HDF5ElementType { decoder.element }
    var place: String { decoder.dataset.place }

    /// The same samples for the same scale, read this way.
    func signal(like signal: DatasetSignal) -> DatasetSignal {
        DatasetSignal(self, element: element, description: signal.description, scale: signal.scale, place: place)
    }

    func visit(_ frames: SampleRange, columns: [Int], _ body: (StoredRows, SampleRange, Range<Int>) throws -> Void) throws {
        guard !frames.isEmpty, let rows = decoder.chunk.first else { return }
        let width = decoder.chunk.count > 1 ? decoder.chunk[1] : 1
        let (length, breadth) = isTurned ? (width, rows) : (rows, width)
        for line in frames.lowerBound / length...(frames.upperBound - 1) / length {
            let part = (line * length..<(line + 1) * length).clamped(to: frames)
            let inChunk = part.lowerBound - line * length..<part.upperBound - line * length
            for across in Set(columns.map { $0 / breadth }).sorted() {
                let indices = isTurned ? [across * breadth, line * length] : decoder.chunk.count > 1 ? [line * length, across * breadth] : [line * length]
                let first = across * breadth
                if isTurned {
                    let channels = Set(columns.filter { $0 / breadth == across }).sorted()
                    let picked = try pick(channels.map { ($0 - first) * length + inChunk.lowerBound..<($0 - first) * length + inChunk.upperBound }, indices)
                    guard let start = UnsafeRawPointer(picked.bytes.baseAddress) else { continue }
                    for (number, channel) in channels.enumerated() {
                        let at = start + number * part.count * element.size
                        try body(StoredRows(start: at, element: element, stride: 1, count: part.count), part, channel..<channel + 1)
                    }
                } else {
                    let picked = try pick([inChunk.lowerBound * breadth..<inChunk.upperBound * breadth], indices)
                    guard let start = UnsafeRawPointer(picked.bytes.baseAddress) else { continue }
                    try body(
                        StoredRows(start: start, element: element, stride: breadth, count: part.count), part, first..<min(first + breadth, columnCount))
                }
            }
        }
    }

    /// The elements of a chunk in these ranges, which ascend, one after the other and in this machine's byte order.
    private func pick(_ ranges: [Range<Int>], _ indices: [Int]) throws -> DecodedChunk {
        let total = decoder.chunk.reduce(1, *)
        let target = DecodedChunk(byteCount: ranges.reduce(0) { $0 + $1.count } * element.size)
        guard let stored = try StoredStream(decoder.dataset, file, at: indices) else {
            // Never written: the decoder knows what stands there.
            let whole = try decoder.chunk(at: indices, key: -1)
            var at = 0
            for range in ranges {
                let bytes = whole.bytes[range.lowerBound * element.size..<range.upperBound * element.size]
                UnsafeMutableRawBufferPointer(rebasing: target.bytes[at...]).copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes))
                at += bytes.count
            }
            return target
        }
        func isApplied(_ filter: Int?) -> Bool { filter.map { stored.skippedFilters & (1 << UInt32($0)) == 0 } ?? false }
        var picker = StreamPicker(ranges, of: total, elementSize: element.size, isShuffled: isApplied(shuffle), into: target.bytes)
        let buffer = DecodedChunk(byteCount: GlancedFrames.pieceBytes)
        var isWhole = true
        if isApplied(deflate) {
            isWhole = try inflateStream {
                try stored.next(buffer.bytes)
            } take: {
                picker.add($0)
            }
        } else {
            while let piece = try stored.next(buffer.bytes), !piece.isEmpty { picker.add(piece) }
        }
        guard isWhole, picker.position == total * element.size else {
            throw FerroError.input(
                "the compressed samples of the chunk at \(indices) are damaged", at: place, advice: "copy the file again from its source")
        }
        if decoder.dataset.type.byteOrder == .big { swapBytes(target.bytes, elementSize: element.size) }
        return target
    }
}

/// The stored bytes of one chunk, a piece at a time.
private final class StoredStream {
    let skippedFilters: UInt32
    private let place: String
    private let indices: [Int]
    private let file: PositionedFile?
    private let bytes: [UInt8]
    private var position: Int
    private let end: Int

    /// nil for a chunk that was never written.
    init?(_ dataset: HDF5Dataset, _ file: PositionedFile?, at indices: [Int]) throws {
        place = dataset.place
        self.indices = indices
        self.file = file
        if file != nil {
            guard let stored = try dataset.storedChunk(at: indices) else { return nil }
            (skippedFilters, bytes, position, end) = (stored.skippedFilters, [], stored.offset, stored.offset + stored.size)
        } else {
            guard let raw = try dataset.rawChunk(at: indices) else { return nil }
            (skippedFilters, bytes, position, end) = (raw.skippedFilters, raw.bytes, 0, raw.bytes.count)
        }
    }

    func next(_ buffer: UnsafeMutableRawBufferPointer) throws -> UnsafeRawBufferPointer? {
        let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, end - position)])
        if let file {
            guard try file.read(at: position, into: piece) else {
                throw FerroError.input(
                    "the file ends within the chunk at \(indices)", at: place, expected: "all the samples its header promises",
                    advice: "copy the file again from its source")
            }
        } else {
            piece.copyBytes(from: bytes[position..<position + piece.count])
        }
        position += piece.count
        return UnsafeRawBufferPointer(piece)
    }
}

/// Takes some elements out of the bytes of a chunk that come by in order, shuffled or not.
struct StreamPicker {
    private struct Take {
        var bytes: Range<Int>
        /// Where the first of the bytes goes, and how far from it the next.
        var target: Int
        var step: Int
    }

    private var takes: ArraySlice<Take> = []
    private let target: UnsafeMutableRawBufferPointer
    /// Bytes that have come by.
    private(set) var position = 0

    /// - Parameters:
    ///   - ranges: elements that are wanted, ascending and apart.
    ///   - total: elements of the chunk.
    ///   - target: room for those that are wanted.
    init(_ ranges: [Range<Int>], of total: Int, elementSize: Int, isShuffled: Bool, into target: UnsafeMutableRawBufferPointer) {
        self.target = target
        for plane in 0..<(isShuffled ? elementSize : 1) {
            var first = 0
            for range in ranges {
                takes.append(
                    isShuffled
                        ? Take(bytes: plane * total + range.lowerBound..<plane * total + range.upperBound, target: first + plane, step: elementSize)
                        : Take(bytes: range.lowerBound * elementSize..<range.upperBound * elementSize, target: first, step: 1))
                first += range.count * elementSize
            }
        }
    }

    mutating func add(_ piece: UnsafeRawBufferPointer) {
        let held = position..<position + piece.count
        position = held.upperBound
        while let take = takes.first, take.bytes.lowerBound < held.upperBound {
            let part = take.bytes.clamped(to: held)
            var at = take.target + (part.lowerBound - take.bytes.lowerBound) * take.step
            for index in part {
                target[at] = piece[index - held.lowerBound]
                at += take.step
            }
            if take.bytes.upperBound > held.upperBound { return }
            takes.removeFirst()
        }
    }
}
