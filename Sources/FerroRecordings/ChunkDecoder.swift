// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5

/// Which chunk: a number that no other of the dataset has, and the indices of its first element.
struct ChunkPlace {
    let key: Int
    let indices: [Int]
}

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
    /// Is shown the stored bytes of chunks, where they are read without the library.
    var witness: (any ByteWitness)?

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
    func chunk(at indices: [Int], key: Int) throws -> DecodedChunk {
        var found: DecodedChunk?
        try visit([ChunkPlace(key: key, indices: indices)]) { _, chunk in found = chunk }
        guard let found else { throw FerroError.internalError("the chunk at \(indices) was not handed out", at: dataset.place) }
        return found
    }

    private var keptChunks: Int { cache.capacity / max(1, chunk.reduce(element.size, *)) }

    /// How many chunks are decoded together: no more than a quarter of those that are kept.
    private var together: Int { min(inflatedTogether, max(1, keptChunks / 4)) }

    /// The most that one who decodes takes meanwhile: each chunk of a group packed, or shuffled, and unpacked.
    var unpackingBytes: Int { steps.isEmpty ? 0 : 2 * together * chunk.reduce(element.size, *) }

    /// How many chunks after those they want some who read in order may have decoded: a group for each, as far as chunks still wanted by the
    /// others are not pushed out.
    ///
    /// - Parameter across: chunks that lie side by side in the frames that are read.
    func reach(ofReaders readers: Int, across: Int) -> Int {
        guard together > 1, across > 0, readers < keptChunks else { return 0 }
        return max(0, min(readers * together, keptChunks - (readers + 2) * across))
    }

    /// Hands out chunks as they come: first those that are decoded, then those that nobody decodes yet, several at a time, last those that others are
    /// decoding.
    ///
    /// - Parameters:
    ///   - ahead: chunks that will be wanted soon: decoded along where there is room, and instead of waiting for others.
    ///   - body: is told which of the places a chunk belongs to.
    func visit(_ places: [ChunkPlace], ahead: [ChunkPlace] = [], _ body: (Int, DecodedChunk) throws -> Void) throws {
        // Some at a time, so that thousands of small chunks are not gone through for every few.
        for first in stride(from: 0, to: places.count, by: ChunkDecoder.lookedAtTogether) {
            let part = first..<min(first + ChunkDecoder.lookedAtTogether, places.count)
            try visit(places, part, ahead: part.upperBound == places.count ? ahead : [], body)
        }
    }

    private static let lookedAtTogether = 64

    private func visit(_ places: [ChunkPlace], _ part: Range<Int>, ahead: [ChunkPlace], _ body: (Int, DecodedChunk) throws -> Void) throws {
        var left = Array(part)
        let nextKeys = ahead.map(\.key)
        while !left.isEmpty {
            switch cache.turn(left.map { places[$0].key }, ahead: nextKeys, most: together) {
            case .take(let chunks):
                for (position, chunk) in chunks { try body(left[position], chunk) }
                let taken = Set(chunks.map(\.position))
                left = left.indices.filter { !taken.contains($0) }.map { left[$0] }
            case .make(let wanted, let further):
                let makes = wanted.map { places[left[$0]] } + further.map { ahead[$0] }
                let made = decode(makes.map(\.indices))
                cache.put(zip(makes, made).map { ($0.key, try? $1.get()) })
                // What was not asked for may fail unheard: who wants it tries again.
                for (position, result) in zip(wanted, made) { try body(left[position], try result.get()) }
                let done = Set(wanted)
                left = left.indices.filter { !done.contains($0) }.map { left[$0] }
            }
        }
    }

    /// Chunks on their way from the file.
    private struct Unpacking {
        var bytes: DecodedChunk
        /// A set bit says that this chunk went without the filter of that number.
        var skipped: UInt32
        /// False for the fill value, which is in this machine's order and was never filtered.
        var isStored = true
    }

    private func decode(_ places: [[Int]]) -> [Result<DecodedChunk, any Error>] {
        let size = chunk.reduce(element.size, *)
        var chunks = places.map { indices in
            Result {
                guard let stored = try storedBytes(indices) else { return Unpacking(bytes: try filled(size), skipped: .max, isStored: false) }
                return Unpacking(bytes: stored.chunk, skipped: stored.skipped)
            }
        }
        // The last filter applied is the first undone.
        for (number, step) in steps.enumerated().reversed() {
            let filtered = chunks.indices.filter { index in
                guard case .success(let one) = chunks[index] else { return false }
                return one.skipped & (1 << UInt32(number)) == 0
            }
            switch step {
            case .deflate: inflate(&chunks, filtered, places)
            case .shuffle:
                for index in filtered {
                    chunks[index] = chunks[index].flatMap { one in
                        guard one.bytes.bytes.count == size else { return .failure(damaged(places[index])) }
                        let next = DecodedChunk(byteCount: size)
                        unshuffle(UnsafeRawBufferPointer(one.bytes.bytes), into: next.bytes, elementSize: element.size)
                        return .success(Unpacking(bytes: next, skipped: one.skipped))
                    }
                }
            }
        }
        return zip(places, chunks).map { indices, result in
            result.flatMap { one in
                guard one.bytes.bytes.count == size else { return .failure(damaged(indices)) }
                if isSwapped, one.isStored { swapBytes(one.bytes.bytes, elementSize: element.size) }
                return .success(one.bytes)
            }
        }
    }

    private func inflate(_ chunks: inout [Result<Unpacking, any Error>], _ filtered: [Int], _ places: [[Int]]) {
        let packed = filtered.compactMap { try? chunks[$0].get() }
        let inflated = packed.map { _ in DecodedChunk(byteCount: chunk.reduce(element.size, *)) }
        let answers = inflateChunks(zip(packed, inflated).map { (UnsafeRawBufferPointer($0.bytes.bytes), $1.bytes) })
        for (position, index) in filtered.enumerated() {
            chunks[index] =
                answers[position]
                ? .success(Unpacking(bytes: inflated[position], skipped: packed[position].skipped)) : .failure(damaged(places[index]))
        }
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
        try witness?.see(UnsafeRawBufferPointer(bytes.bytes), at: stored.offset, of: file.path)
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
