// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5

/// What is asked of every dataset of samples before one is read, whatever the format.
enum SampleStorage {
    /// The largest chunk that is decoded as a whole.
    private static let largestChunk = 1 << 30

    /// Names of filters whose files do not always carry one (support.hdfgroup.org, registered filters).
    private static let registered = [
        305: "lzo", 307: "bzip2", 32000: "lzf", 32001: "blosc", 32004: "lz4", 32008: "bitshuffle", 32013: "zfp", 32015: "zstd", 32026: "blosc2",
    ]

    /// Refuses samples that were never written, that no filter at hand unpacks, or whose chunks do not fit into bounded memory.
    ///
    /// - Parameter owner: whose filter it is, where a vendor has one of its own.
    static func refuseUnreadable(_ data: HDF5Dataset, frames: Int, owner: String? = nil) throws {
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
        let promised = grid.reduce(1, *)
        guard promised > mostCounted else {
            guard let written = try data.writtenChunks, written < promised else { return [] }
            return ["\(data.path): \(promised - written) of \(promised) chunks were never written and read as the fill value"]
        }
        let missing = try sample(of: promised).count { try data.storedChunk(at: indices(of: $0, grid, chunk)) == nil }
        guard missing > 0 else { return [] }
        return ["\(data.path): \(missing) of \(mostSampled) chunks looked for, out of \(promised), were never written and read as the fill value"]
    }

    /// Whether anything was written. A chunk that is found where it is looked for answers without reading the whole index.
    private static func isWritten(_ data: HDF5Dataset) throws -> Bool {
        if case .chunked(let chunk) = data.layout {
            let shape = try data.shape
            let grid = zip(shape, chunk).map { ($0 + $1 - 1) / max($1, 1) }
            let promised = grid.reduce(1, *)
            if chunk.count == shape.count, promised > mostCounted,
                try sample(of: promised).contains(where: { try data.storedChunk(at: indices(of: $0, grid, chunk)) != nil })
            {
                return true
            }
        }
        return data.storageSize > 0
    }

    private static let mostCounted = 20_000
    private static let mostSampled = 512

    /// Numbers of chunks, evenly spread, the first and the last among them.
    private static func sample(of count: Int) -> [Int] { (0..<mostSampled).map { Int((Double(count - 1) * Double($0) / Double(mostSampled - 1)).rounded()) } }

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
