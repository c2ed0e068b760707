// SPDX-License-Identifier: GPL-3.0-or-later
import CDeflate
import CHDF5
import FerroCore

/// Where the stored bytes of one chunk lie in the file.
package struct HDF5StoredChunk: Sendable, Equatable {
    /// Position of the first byte, counted from the end of the user block.
    package let offset: Int
    package let size: Int
    /// Bit i set: filter i was not applied to this chunk.
    package let skippedFilters: UInt32
}

extension HDF5Dataset {
    /// Where the chunk lies whose first element has these indices; nil where it was never written.
    ///
    /// HDF5 1.10 goes through its whole index for this: microseconds for thousands of chunks, tens of milliseconds for hundreds of
    /// thousands. `rawChunk` looks its chunk up.
    package func storedChunk(at indices: [Int]) throws -> HDF5StoredChunk? {
        try HDF5Library.locked {
            let first = indices.map { hsize_t($0) }
            var mask: UInt32 = 0
            var address = haddr_t(0)
            var size = hsize_t(0)
            try HDF5Library.check(
                H5Dget_chunk_info_by_coord(handle.id, first, &mask, &address, &size),
                "the chunk at \(indices) cannot be located", at: place)
            guard address != ferro_HADDR_UNDEF(), size > 0 else { return nil }
            return HDF5StoredChunk(offset: Int(clamping: address), size: Int(clamping: size), skippedFilters: mask)
        }
    }

    /// The stored bytes of the chunk whose first element has these indices, still filtered, read by the HDF5 library;
    /// nil where it was never written.
    package func rawChunk(at indices: [Int]) throws -> (bytes: [UInt8], skippedFilters: UInt32)? {
        try HDF5Library.locked {
            guard let size = storedChunkSize(at: indices) else { return nil }
            var mask: UInt32 = 0
            var bytes = [UInt8](repeating: 0, count: size)
            try bytes.withUnsafeMutableBytes { buffer in
                _ = try HDF5Library.check(
                    H5Dread_chunk(handle.id, ferro_H5P_DEFAULT(), indices.map { hsize_t($0) }, &mask, buffer.baseAddress),
                    "the chunk at \(indices) cannot be read", at: place)
            }
            return (bytes, mask)
        }
    }

    /// Bytes of the chunk whose first element has these indices, as stored; nil where it was never written.
    package func storedChunkSize(at indices: [Int]) -> Int? {
        HDF5Library.locked {
            var size = hsize_t(0)
            // A chunk without an address is an error to the library.
            guard H5Dget_chunk_storage_size(handle.id, indices.map { hsize_t($0) }, &size) >= 0, size > 0 else { return nil }
            return Int(clamping: size)
        }
    }

    /// Number of chunks that were written; nil for other layouts.
    package var writtenChunks: Int? {
        get throws {
            guard case .chunked = layout else { return nil }
            return try HDF5Library.locked {
                let space = try HDF5Handle(H5Dget_space(handle.id), orThrow: "the dataset has no shape", at: place)
                var count = hsize_t(0)
                try HDF5Library.check(H5Dget_num_chunks(handle.id, space.id, &count), "the chunks cannot be counted", at: place)
                return Int(clamping: count)
            }
        }
    }
}

/// Undoes HDF5's deflate filter (a zlib stream) with libdeflate, into exactly the bytes of `target`. Needs no lock.
///
/// - Returns: false where the stream is damaged or does not fill `target` exactly.
package func inflateChunk(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Bool {
    guard let input = source.baseAddress, let output = target.baseAddress, let decompressor = libdeflate_alloc_decompressor()
    else { return false }
    defer { libdeflate_free_decompressor(decompressor) }
    return libdeflate_zlib_decompress(decompressor, input, source.count, output, target.count, nil) == LIBDEFLATE_SUCCESS
}
