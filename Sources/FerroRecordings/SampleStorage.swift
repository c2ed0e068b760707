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
        guard data.layout == .elsewhere || data.storageSize > 0 else {
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

    /// A warning where chunks are missing.
    static func holes(in data: HDF5Dataset, shape: [Int]) throws -> [String] {
        guard case .chunked(let chunk) = data.layout, chunk.count == shape.count, let written = try data.writtenChunks else { return [] }
        let promised = zip(shape, chunk).map { ($0 + $1 - 1) / max($1, 1) }.reduce(1, *)
        guard written < promised else { return [] }
        return ["\(data.path): \(promised - written) of \(promised) chunks were never written and read as the fill value"]
    }
}

extension HDF5Dataset {
    /// Bytes of the chunks that one frame of so many columns lies in, once unpacked.
    func lineBytes(_ columns: Int) -> Int {
        guard case .chunked(let chunk) = layout, let rows = chunk.first else { return 0 }
        let width = chunk.count > 1 ? chunk[1] : 1
        return (columns + width - 1) / max(width, 1) * rows * width * type.size
    }
}
