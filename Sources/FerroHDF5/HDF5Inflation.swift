// SPDX-License-Identifier: GPL-3.0-or-later
import CZlib

/// Undoes HDF5's deflate filter (a zlib stream) piece by piece, in memory that does not grow with the stream. Needs no lock.
///
/// Several times slower than `inflateChunk`, which wants all of a chunk in memory, packed and unpacked.
///
/// - Parameters:
///   - next: the next bytes of the stream, valid until it is asked again; nil or none at the end.
///   - take: is given the inflated bytes in order.
/// - Returns: false where the stream is damaged or ends early.
package func inflateStream(next: () throws -> UnsafeRawBufferPointer?, take: (UnsafeRawBufferPointer) -> Void) rethrows -> Bool {
    var stream = z_stream()
    guard inflateInit_(&stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return false }
    defer { inflateEnd(&stream) }
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 64)
    defer { room.deallocate() }
    let bytes = room.bindMemory(to: UInt8.self)
    while let piece = try next(), !piece.isEmpty {
        // zlib only reads what it is given.
        stream.next_in = UnsafeMutablePointer(mutating: piece.bindMemory(to: UInt8.self).baseAddress)
        stream.avail_in = UInt32(clamping: piece.count)
        repeat {
            stream.next_out = bytes.baseAddress
            stream.avail_out = UInt32(room.count)
            let status = inflate(&stream, Z_NO_FLUSH)
            guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else { return false }
            take(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(room)[..<(room.count - Int(stream.avail_out))]))
            if status == Z_STREAM_END { return true }
        } while stream.avail_out == 0
    }
    return false
}
