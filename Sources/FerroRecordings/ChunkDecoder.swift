// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5

/// Chunks of a dataset of one or two dimensions with at most shuffle and deflate: located under HDF5's lock, then read, inflated and
/// unshuffled outside it. The chunks used last stay decoded.
struct ChunkDecoder: Sendable {
    let dataset: HDF5Dataset
    let element: HDF5ElementType
    let chunk: [Int]
    /// nil where the library reads the stored bytes.
    private let file: PositionedFile?
    private let isSwapped: Bool
    private let steps: [Step]
    private let cache: ChunkCache

    private enum Step { case shuffle, deflate }

    /// nil where a filter is in the way that only the library undoes.
    ///
    /// - Parameter kept: chunks that are worth keeping decoded at once.
    init?(_ dataset: HDF5Dataset, element: HDF5ElementType, kept: Int) throws {
        guard case .chunked(let chunk) = dataset.layout, chunk.count == (try dataset.shape.count), dataset.isInOwnFile, dataset.type.element == element
        else { return nil }
        var steps: [Step] = []
        for filter in dataset.filters {
            switch filter.id {
            case 1: steps.append(.deflate)
            case 2: steps.append(.shuffle)
            default: return nil
            }
        }
        self.dataset = dataset
        self.element = element
        self.chunk = chunk
        self.steps = steps
        isSwapped = dataset.type.byteOrder == .big
        file = try SampleStorage.fileOfChunks(dataset)
        cache = ChunkCache(capacity: max(16 << 20, 3 * kept * chunk.reduce(element.size, *)))
    }

    /// The chunk whose first element has these indices, in this machine's byte order.
    func chunk(at indices: [Int], key: Int) throws -> DecodedChunk { try cache.chunk(key) { try decode(indices) } }

    /// Whether another is unpacking the chunk.
    func isUnderWay(_ key: Int) -> Bool { cache.isUnderWay(key) }

    private func decode(_ indices: [Int]) throws -> DecodedChunk {
        let size = chunk.reduce(element.size, *)
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
            let bytes = DecodedChunk(byteCount: raw.bytes.count)
            bytes.bytes.copyBytes(from: raw.bytes)
            return (bytes, raw.skippedFilters)
        }
        guard let stored = try dataset.storedChunk(at: indices) else { return nil }
        let bytes = DecodedChunk(byteCount: stored.size)
        guard try file.read(at: stored.offset, into: bytes.bytes) else {
            throw FerroError.input(
                "the file ends within the chunk at \(indices)", at: dataset.place, expected: "all the samples its header promises",
                advice: "copy the file again from its source")
        }
        return (bytes, stored.skippedFilters)
    }

    /// A chunk that was never written reads as the dataset's fill value.
    private func filled(_ size: Int) throws -> DecodedChunk {
        let target = DecodedChunk(byteCount: size)
        func fill<Number: HDF5Number>(_ type: Number.Type) throws {
            target.bytes.bindMemory(to: Number.self).initialize(repeating: try dataset.fillValue(as: type))
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
        return target
    }

    private func damaged(_ indices: [Int]) -> FerroError {
        .input("the compressed samples of the chunk at \(indices) are damaged", at: dataset.place, advice: "copy the file again from its source")
    }
}
