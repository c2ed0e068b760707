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
    var witness: (any ByteWitness)?

    func visit(_ frames: SampleRange, columns: [Int], _ body: (StoredRows, SampleRange, Range<Int>) throws -> Void) throws {
        let rowBytes = columnCount * element.size
        try forEachTile(of: frames, rowBytes: rowBytes) { tile, buffer in
            guard try file.read(at: offset + tile.lowerBound * rowBytes, into: buffer) else {
                throw FerroError.input(
                    "the file ends before frame \(tile.upperBound - 1)", at: place, expected: "all the samples its header promises",
                    advice: "copy the file again from its source")
            }
            try witness?.see(UnsafeRawBufferPointer(buffer), at: offset + tile.lowerBound * rowBytes, of: file.path)
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

/// Frames by columns in chunks that `ChunkDecoder` unpacks.
struct ChunkedFrames: StoredFrames {
    let element: HDF5ElementType
    let columnCount: Int
    let chunkFrames: Int
    let chunkColumns: Int
    private let isOneDimensional: Bool
    let decoder: ChunkDecoder

    /// nil where a filter is in the way that only the library undoes.
    init?(_ dataset: HDF5Dataset, element: HDF5ElementType) throws {
        guard case .chunked(let chunk) = dataset.layout, !chunk.isEmpty, chunk.allSatisfy({ $0 > 0 }) else { return nil }
        let shape = try dataset.shape
        columnCount = shape.count > 1 ? shape[1] : 1
        isOneDimensional = shape.count == 1
        chunkFrames = chunk[0]
        chunkColumns = chunk.count > 1 ? chunk[1] : 1
        self.element = element
        guard let decoder = try ChunkDecoder(dataset, element: element, kept: (columnCount + chunkColumns - 1) / chunkColumns) else { return nil }
        self.decoder = decoder
    }

    func visit(_ frames: SampleRange, columns: [Int], _ body: (StoredRows, SampleRange, Range<Int>) throws -> Void) throws {
        guard !frames.isEmpty else { return }
        let lines = frames.lowerBound / chunkFrames...(frames.upperBound - 1) / chunkFrames
        let wanted = lines.flatMap { line in Set(columns.map { $0 / chunkColumns }).sorted().map { (line: line, across: $0) } }
        // What another worker is unpacking comes last, so that nobody waits who could unpack something.
        let later = wanted.filter { decoder.isUnderWay(key($0.line, $0.across)) }
        let sooner = later.isEmpty ? wanted : wanted.filter { one in !later.contains { $0 == one } }
        for (line, across) in sooner + later {
            let held = line * chunkFrames..<(line + 1) * chunkFrames
            let part = held.clamped(to: frames)
            let chunk = try decoder.chunk(at: isOneDimensional ? [held.lowerBound] : [held.lowerBound, across * chunkColumns], key: key(line, across))
            guard let base = chunk.bytes.baseAddress else { continue }
            let start = UnsafeRawPointer(base) + (part.lowerBound - held.lowerBound) * chunkColumns * element.size
            let first = across * chunkColumns
            try body(
                StoredRows(start: start, element: element, stride: chunkColumns, count: part.count), part,
                first..<min(first + chunkColumns, columnCount))
        }
    }

    private func key(_ line: Int, _ across: Int) -> Int { line * ((columnCount + chunkColumns - 1) / chunkColumns) + across }
}
