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
    var decoder: ChunkDecoder
    /// Lines of chunks that are read in order, ascending and apart, and by how many; none where what follows the frames read may not be wanted.
    private var expected: [ClosedRange<Int>] = []
    private var readers = 0
    /// What will be read after what is expected.
    private var later: [SampleRange] = []
    let kept = KeptRows()

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

    /// Tells which frames are read from now on, in this order by so many together, and which after that.
    mutating func expect(_ stretches: [SampleRange], by workers: Int, before later: [SampleRange]) {
        expected = []
        readers = workers
        self.later = later
        for stretch in stretches where !stretch.isEmpty {
            guard let lines = unpackedLines(of: stretch) else { continue }
            if let last = expected.last, lines.lowerBound <= last.upperBound + 1 {
                expected[expected.count - 1] = last.lowerBound...max(last.upperBound, lines.upperBound)
            } else {
                expected.append(lines)
            }
        }
    }

    private func lines(of frames: SampleRange) -> ClosedRange<Int> { frames.lowerBound / chunkFrames...(frames.upperBound - 1) / chunkFrames }

    private func frames(ofLine line: Int) -> SampleRange { line * chunkFrames..<(line + 1) * chunkFrames }

    /// The lines of some frames without those at their ends whose rows are kept.
    private func unpackedLines(of frames: SampleRange) -> ClosedRange<Int>? {
        let all = lines(of: frames)
        func isKept(_ line: Int) -> Bool {
            let part = self.frames(ofLine: line).clamped(to: frames)
            return (0..<chunksAcross).contains { kept.piece(of: key(line, $0), with: part) != nil }
        }
        guard let first = all.first(where: { !isKept($0) }), let last = all.last(where: { !isKept($0) }) else { return nil }
        return first...last
    }

    private func keep(_ chunk: DecodedChunk, _ line: Int, _ across: Int) {
        let held = frames(ofLine: line)
        let wanted = later.map { $0.clamped(to: held) }.filter { !$0.isEmpty }
        kept.keep(wanted, of: chunk, holding: held, key: key(line, across))
    }

    /// The chunks that are wanted after those of a line, as many as may be decoded ahead.
    private func following(_ line: Int, across: [Int]) -> [ChunkPlace] {
        let reach = decoder.reach(ofReaders: readers, across: across.count)
        guard reach > 0 else { return [] }
        // The first stretch that goes further.
        var (low, high) = (0, expected.count)
        while low < high {
            let middle = (low + high) / 2
            if expected[middle].upperBound > line { high = middle } else { low = middle + 1 }
        }
        var places: [ChunkPlace] = []
        for stretch in expected[low...] {
            for next in max(stretch.lowerBound, line + 1)...stretch.upperBound {
                for column in across {
                    guard places.count < reach else { return places }
                    places.append(place(next, column))
                }
            }
        }
        return places
    }

    func visit(_ frames: SampleRange, columns: [Int], _ body: (StoredRows, SampleRange, Range<Int>) throws -> Void) throws {
        guard !frames.isEmpty else { return }
        let across = Set(columns.map { $0 / chunkColumns }).sorted()
        let lines = lines(of: frames)
        func hand(_ base: UnsafeRawPointer, from first: Int, _ part: SampleRange, _ across: Int) throws {
            let start = base + (part.lowerBound - first) * chunkColumns * element.size
            let column = across * chunkColumns
            try body(
                StoredRows(start: start, element: element, stride: chunkColumns, count: part.count), part,
                column..<min(column + chunkColumns, columnCount))
        }
        var wanted: [(line: Int, across: Int)] = []
        for line in lines {
            let part = self.frames(ofLine: line).clamped(to: frames)
            for across in across {
                if let piece = kept.piece(of: key(line, across), with: part), let base = piece.bytes.bytes.baseAddress {
                    try withExtendedLifetime(piece) { try hand(UnsafeRawPointer(base), from: piece.rows.lowerBound, part, across) }
                } else {
                    wanted.append((line, across))
                }
            }
        }
        guard !wanted.isEmpty else { return }
        try decoder.visit(wanted.map { place($0.line, $0.across) }, ahead: following(lines.upperBound, across: across)) { index, chunk in
            let (line, across) = wanted[index]
            let held = self.frames(ofLine: line)
            guard let base = chunk.bytes.baseAddress else { return }
            try hand(UnsafeRawPointer(base), from: held.lowerBound, held.clamped(to: frames), across)
            keep(chunk, line, across)
        }
    }

    private func place(_ line: Int, _ across: Int) -> ChunkPlace {
        ChunkPlace(key: key(line, across), indices: isOneDimensional ? [line * chunkFrames] : [line * chunkFrames, across * chunkColumns])
    }

    private var chunksAcross: Int { (columnCount + chunkColumns - 1) / chunkColumns }

    private func key(_ line: Int, _ across: Int) -> Int { line * chunksAcross + across }
}
