// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5

/// What is asked of every dataset of samples before one is read, whatever the format.
enum SampleStorage {
    /// The largest chunk that is decoded as a whole.
    private static let largestChunk = 1 << 30
    /// Arrays of today have some tens of thousands of sites.
    private static let mostColumns = 1_000_000

    /// Names of filters whose files do not always carry one (support.hdfgroup.org, registered filters).
    private static let registered = [
        305: "lzo", 307: "bzip2", 32000: "lzf", 32001: "blosc", 32004: "lz4", 32008: "bitshuffle", 32013: "zfp", 32015: "zstd", 32026: "blosc2",
    ]

    /// Refuses samples that were never written, that no filter at hand unpacks, or whose chunks do not fit into bounded memory.
    ///
    /// - Parameter owner: whose filter it is, where a vendor has one of its own.
    static func refuseUnreadable(_ data: HDF5Dataset, frames: Int, columns: Int, owner: String? = nil) throws {
        guard columns <= mostColumns else {
            throw FerroError.input(
                "the file promises \(columns) channels", at: data.place, expected: "at most \(mostColumns)",
                advice: "the file is damaged, or its samples are stored channels by frames where frames by channels are expected")
        }
        guard try data.layout == .elsewhere || isWritten(data) else {
            throw FerroError.input(
                "the file promises \(frames) frames but no sample was ever written", at: data.place,
                advice: "the acquisition was probably interrupted")
        }
        if let missing = data.filters.first(where: { !$0.isAvailable }) {
            let name = missing.name == "filter \(missing.id)" ? registered[missing.id] ?? "unnamed" : missing.name
            let supply = owner.map { "ask \($0) for the library of its filter" } ?? "install that filter"
            throw FerroError.input(
                "the samples are packed with the HDF5 filter `\(name)` (id \(missing.id)), which is not installed", at: data.place,
                advice:
                    "\(supply) and set the environment variable HDF5_PLUGIN_PATH to its folder, or repack the file with `h5repack -f GZIP=4` where it can be read"
            )
        }
        if case .chunked(let chunk) = data.layout {
            let bytes = chunk.reduce(Double(max(data.type.size, 1))) { $0 * Double($1) }
            guard bytes <= Double(largestChunk) else {
                throw FerroError.input(
                    "the samples lie in chunks of \(Bytes((bytes / 1e6).rounded() * 1e6)), each of which is read as a whole", at: data.place,
                    expected: "chunks of at most 1 GiB", advice: "repack the file with `h5repack -l CHUNK=…` and smaller chunks")
            }
        }
    }

    static func description(of data: HDF5Dataset) -> Storage {
        let isChunked =
            switch data.layout {
            case .chunked, .elsewhere: true
            case .contiguous, .compact: false
            }
        return Storage(layout: isChunked ? .chunked : .contiguous, filters: data.filters.map(\.name))
    }

    /// A warning where chunks are missing. Chunks beyond some tens of thousands are not counted, which would mean to read their whole
    /// index; then some of them are looked for, evenly spread.
    static func holes(in data: HDF5Dataset, shape: [Int]) throws -> [String] {
        guard case .chunked(let chunk) = data.layout, chunk.count == shape.count else { return [] }
        let grid = zip(shape, chunk).map { ($0 + $1 - 1) / max($1, 1) }
        let promised = count(grid)
        guard promised > mostCounted else {
            guard let written = try data.writtenChunks, written < promised else { return [] }
            return ["\(data.path): \(promised - written) of \(promised) chunks were never written and read as the fill value"]
        }
        let missing = sample(of: promised).count { data.storedChunkSize(at: indices(of: $0, grid, chunk)) == nil }
        guard missing > 0 else { return [] }
        return ["\(data.path): \(missing) of \(mostSampled) chunks looked for, out of \(promised), were never written and read as the fill value"]
    }

    /// Whether anything was written. A chunk that is found where it is looked for answers without reading the whole index.
    private static func isWritten(_ data: HDF5Dataset) throws -> Bool {
        if case .chunked(let chunk) = data.layout {
            let shape = try data.shape
            let grid = zip(shape, chunk).map { ($0 + $1 - 1) / max($1, 1) }
            let promised = count(grid)
            if chunk.count == shape.count, promised > mostCounted,
                sample(of: promised).contains(where: { data.storedChunkSize(at: indices(of: $0, grid, chunk)) != nil })
            {
                return true
            }
        }
        return data.storageSize > 0
    }

    private static let mostCounted = 20_000
    private static let mostSampled = 64
    private static let mostLocated = 4096

    /// The file to read stored chunks from, beside the library; nil where positions are not positions in the file (a user block), or where
    /// there are so many chunks that the library's way of telling their positions would take longer than to read them.
    static func fileOfChunks(_ dataset: HDF5Dataset) throws -> PositionedFile? {
        guard try dataset.file.userBlockSize == 0 else { return nil }
        if case .chunked(let chunk) = dataset.layout {
            let shape = try dataset.shape
            guard chunk.count == shape.count, count(zip(shape, chunk).map { ($0 + $1 - 1) / max($1, 1) }) <= mostLocated else { return nil }
        }
        return try PositionedFile(dataset.file.path)
    }

    private static func count(_ grid: [Int]) -> Int {
        grid.reduce(1) { product, length in
            let (result, overflow) = product.multipliedReportingOverflow(by: length)
            return overflow ? Int.max / 2 : result
        }
    }

    /// Numbers of chunks, evenly spread, the first and the last among them.
    private static func sample(of total: Int) -> [Int] {
        (0..<mostSampled).map { min(total - 1, Int((Double(total - 1) * Double($0) / Double(mostSampled - 1)).rounded())) }
    }

    /// The first element of a chunk by its number in row-major order.
    private static func indices(of number: Int, _ grid: [Int], _ chunk: [Int]) -> [Int] {
        var rest = number
        var indices = grid
        for axis in grid.indices.reversed() {
            indices[axis] = rest % grid[axis] * chunk[axis]
            rest /= grid[axis]
        }
        return indices
    }
}

extension HDF5Dataset {
    /// The chunks that are unpacked as wholes, for so many columns.
    func unpackedChunks(_ columns: Int) -> UnpackedChunks? {
        guard case .chunked(let chunk) = layout, let rows = chunk.first else { return nil }
        let width = chunk.count > 1 ? chunk[1] : 1
        let bytes = rows * width * type.size
        return UnpackedChunks(width: width, bytes: bytes, lineBytes: (columns + width - 1) / max(width, 1) * bytes)
    }
}
