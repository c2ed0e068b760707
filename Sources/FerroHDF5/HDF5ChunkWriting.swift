// SPDX-License-Identifier: GPL-3.0-or-later
import CDeflate
import CHDF5
import FerroCore

extension HDF5Dataset {
    /// Lets an extendible dataset have so many rows.
    package func grow(toRows rows: Int) throws {
        try HDF5Library.locked {
            var lengths = try shape.map { hsize_t($0) }
            guard !lengths.isEmpty else { throw FerroError.internalError("a scalar does not grow", at: place) }
            lengths[0] = hsize_t(rows)
            try file.givingUpOnFailure { _ = try HDF5Library.check(H5Dset_extent(handle.id, lengths), "the dataset cannot grow", at: place) }
        }
    }

    /// Stores the chunk whose first element has these indices, its bytes filtered already by every filter of the dataset.
    package func write(filteredChunk bytes: [UInt8], at indices: [Int]) throws {
        try HDF5Library.locked {
            try file.givingUpOnFailure {
                try bytes.withUnsafeBytes { buffer in
                    _ = try HDF5Library.check(
                        H5Dwrite_chunk(handle.id, ferro_H5P_DEFAULT(), 0, indices.map { hsize_t($0) }, buffer.count, buffer.baseAddress),
                        "the chunk at \(indices) cannot be written", at: place)
                }
            }
        }
    }
}

/// HDF5's deflate filter (a zlib stream) with libdeflate. Needs no lock.
///
/// - Returns: nil where memory is out.
package func deflateChunk(_ source: UnsafeRawBufferPointer, level: Int) -> [UInt8]? {
    guard let input = source.baseAddress, let compressor = libdeflate_alloc_compressor(Int32(level)) else { return nil }
    defer { libdeflate_free_compressor(compressor) }
    let bound = libdeflate_zlib_compress_bound(compressor, source.count)
    let bytes = [UInt8](unsafeUninitializedCapacity: bound) { target, count in
        count = libdeflate_zlib_compress(compressor, input, source.count, target.baseAddress, bound)
    }
    return bytes.isEmpty ? nil : bytes
}
