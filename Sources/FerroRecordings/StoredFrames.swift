// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5

/// Rows of a dataset, handed out as they are stored but in this machine's byte order.
protocol StoredFrames: Sendable {
    /// Calls `body` with pieces that together cover `frames`, in any order: stored rows, which frames they are and which of the
    /// dataset's columns they hold. Pieces without a wanted column may be left out.
    func visit(_ frames: SampleRange, columns: [Int], _ body: (StoredRows, SampleRange, Range<Int>) throws -> Void) throws
}

/// How many bytes are read and converted at a time: what fits into the second-level cache beside its result.
private let tileBytes = 1 << 18

/// One stretch of the file, read with `pread`: no lock, any number of threads.
struct ContiguousFrames: StoredFrames {
    let file: PositionedFile
    let offset: Int
    let element: HDF5ElementType
    let isSwapped: Bool
    let columnCount: Int
    let place: String

    func visit(_ frames: SampleRange, columns: [Int], _ body: (StoredRows, SampleRange, Range<Int>) throws -> Void) throws {
        let rowBytes = columnCount * element.size
        try forEachTile(of: frames, rowBytes: rowBytes) { tile, buffer in
            guard try file.read(at: offset + tile.lowerBound * rowBytes, into: buffer) else {
                throw FerroError.input(
                    "the file ends before frame \(tile.upperBound - 1)", at: place, expected: "all the samples its header promises",
                    advice: "copy the file again from its source")
            }
            if isSwapped { swapBytes(buffer, elementSize: element.size) }
            guard let start = buffer.baseAddress else { return }
            try body(
                StoredRows(start: start, element: element, stride: columnCount, count: tile.count), tile, 0..<columnCount)
        }
    }
}

/// Whatever the HDF5 library can read, under its lock.
struct LibraryFrames: StoredFrames {
    let dataset: HDF5Dataset
    let element: HDF5ElementType
    let columnCount: Int
    let isOneDimensional: Bool

    func visit(_ frames: SampleRange, columns: [Int], _ body: (StoredRows, SampleRange, Range<Int>) throws -> Void) throws {
        try forEachTile(of: frames, rowBytes: columnCount * element.size) { tile, buffer in
            try dataset.read(isOneDimensional ? [tile] : [tile, 0..<columnCount], as: element, into: buffer)
            guard let start = buffer.baseAddress else { return }
            try body(
                StoredRows(start: start, element: element, stride: columnCount, count: tile.count), tile, 0..<columnCount)
        }
    }
}

private func forEachTile(
    of frames: SampleRange, rowBytes: Int, _ body: (SampleRange, UnsafeMutableRawBufferPointer) throws -> Void
) throws {
    let rows = min(max(1, tileBytes / max(rowBytes, 1)), max(frames.count, 1))
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: rows * rowBytes, alignment: 64)
    defer { buffer.deallocate() }
    var first = frames.lowerBound
    while first < frames.upperBound {
        let tile = first..<min(first + rows, frames.upperBound)
        try body(tile, UnsafeMutableRawBufferPointer(rebasing: buffer[..<(tile.count * rowBytes)]))
        first = tile.upperBound
    }
}

/// Chunks with at most shuffle and deflate: located under HDF5's lock, then read, inflated and unshuffled outside it.
struct ChunkedFrames: StoredFrames {
    let dataset: HDF5Dataset
    /// nil where stored positions are not positions in the file (a user block): the library then reads the stored bytes.
    let file: PositionedFile?
    let element: HDF5ElementType
    let isSwapped: Bool
    let frameCount: Int
    let columnCount: Int
    let isOneDimensional: Bool
    let chunkFrames: Int
    let chunkColumns: Int
    private let steps: [Step]
    private let cache: ChunkCache

    private enum Step { case shuffle, deflate }

    /// nil where a filter is in the way that only the library undoes.
    init?(dataset: HDF5Dataset, file: PositionedFile?, element: HDF5ElementType, isSwapped: Bool, shape: [Int]) {
        guard case .chunked(let chunk) = dataset.layout, chunk.count == shape.count, let rows = shape.first else { return nil }
        var steps: [Step] = []
        for filter in dataset.filters {
            switch filter.id {
            case 1: steps.append(.deflate)
            case 2: steps.append(.shuffle)
            default: return nil
            }
        }
        self.dataset = dataset
        self.file = file
        self.element = element
        self.isSwapped = isSwapped
        self.steps = steps
        frameCount = rows
        columnCount = shape.count > 1 ? shape[1] : 1
        isOneDimensional = shape.count == 1
        chunkFrames = chunk[0]
        chunkColumns = chunk.count > 1 ? chunk[1] : 1
        let chunkBytes = chunkFrames * chunkColumns * element.size
        let across = (columnCount + chunkColumns - 1) / max(chunkColumns, 1)
        cache = ChunkCache(capacity: max(16 << 20, 3 * across * chunkBytes))
    }

    func visit(_ frames: SampleRange, columns: [Int], _ body: (StoredRows, SampleRange, Range<Int>) throws -> Void) throws {
        guard !frames.isEmpty else { return }
        let lines = frames.lowerBound / chunkFrames...(frames.upperBound - 1) / chunkFrames
        let wanted = lines.flatMap { line in Set(columns.map { $0 / chunkColumns }).sorted().map { (line: line, across: $0) } }
        // What another worker is unpacking comes last, so that nobody waits who could unpack something.
        let later = wanted.filter { cache.isUnderWay(key($0.line, $0.across)) }
        let sooner = later.isEmpty ? wanted : wanted.filter { one in !later.contains { $0 == one } }
        for (line, across) in sooner + later {
            let held = line * chunkFrames..<(line + 1) * chunkFrames
            let part = held.clamped(to: frames)
            let chunk = try cache.chunk(key(line, across)) { try decode(line, across) }
            guard let base = chunk.bytes.baseAddress else { continue }
            let start = UnsafeRawPointer(base) + (part.lowerBound - held.lowerBound) * chunkColumns * element.size
            let first = across * chunkColumns
            try body(
                StoredRows(start: start, element: element, stride: chunkColumns, count: part.count), part,
                first..<min(first + chunkColumns, columnCount))
        }
    }

    private func key(_ line: Int, _ across: Int) -> Int { line * ((columnCount + chunkColumns - 1) / chunkColumns) + across }

    private func decode(_ line: Int, _ across: Int) throws -> DecodedChunk {
        let indices = isOneDimensional ? [line * chunkFrames] : [line * chunkFrames, across * chunkColumns]
        let size = chunkFrames * chunkColumns * element.size
        guard let stored = try storedBytes(indices) else { return try filled(size) }
        var current = stored.chunk
        // The last filter applied is the first undone; a set bit says that this chunk went without it.
        for (index, step) in steps.enumerated().reversed() where stored.skipped & (1 << UInt32(index)) == 0 {
            let next = DecodedChunk(byteCount: size)
            switch step {
            case .deflate:
                guard inflateChunk(UnsafeRawBufferPointer(current.bytes), into: next.bytes) else { throw damaged(indices) }
            case .shuffle:
                guard current.bytes.count == size else { throw damaged(indices) }
                unshuffle(UnsafeRawBufferPointer(current.bytes), into: next.bytes, elementSize: element.size)
            }
            current = next
        }
        guard current.bytes.count == size else { throw damaged(indices) }
        if isSwapped { swapBytes(current.bytes, elementSize: element.size) }
        return current
    }

    private func storedBytes(_ indices: [Int]) throws -> (chunk: DecodedChunk, skipped: UInt32)? {
        guard let file else {
            guard let raw = try dataset.rawChunk(at: indices) else { return nil }
            let chunk = DecodedChunk(byteCount: raw.bytes.count)
            chunk.bytes.copyBytes(from: raw.bytes)
            return (chunk, raw.skippedFilters)
        }
        guard let stored = try dataset.storedChunk(at: indices) else { return nil }
        let chunk = DecodedChunk(byteCount: stored.size)
        guard try file.read(at: stored.offset, into: chunk.bytes) else {
            throw FerroError.input(
                "the file ends within the chunk of frame \(indices[0])", at: dataset.place,
                expected: "all the samples its header promises", advice: "copy the file again from its source")
        }
        return (chunk, stored.skippedFilters)
    }

    /// A chunk that was never written reads as the dataset's fill value.
    private func filled(_ size: Int) throws -> DecodedChunk {
        let chunk = DecodedChunk(byteCount: size)
        func fill<Number: HDF5Number>(_ type: Number.Type) throws {
            chunk.bytes.bindMemory(to: Number.self).initialize(repeating: try dataset.fillValue(as: type))
        }
        switch element {
        case .int8: try fill(Int8.self)
        case .int16: try fill(Int16.self)
        case .int32: try fill(Int32.self)
        case .int64: try fill(Int64.self)
        case .uint8: try fill(UInt8.self)
        case .uint16: try fill(UInt16.self)
        case .uint32: try fill(UInt32.self)
        case .uint64: try fill(UInt64.self)
        case .float32: try fill(Float.self)
        case .float64: try fill(Double.self)
        }
        return chunk
    }

    private func damaged(_ indices: [Int]) -> FerroError {
        .input(
            "the compressed samples from frame \(indices[0]) on are damaged", at: dataset.place,
            advice: "copy the file again from its source")
    }
}
