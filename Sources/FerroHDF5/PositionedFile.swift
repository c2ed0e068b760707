// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A file read at given positions, by any number of threads at once and beside the HDF5 library.
package final class PositionedFile: Sendable {
    package let path: String
    private let descriptor: Int32

    package init(_ path: String) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw FerroError.input("the file cannot be opened: \(String(cString: strerror(errno)))", at: path)
        }
    }

    deinit { _ = close(descriptor) }

    /// Bytes in the file.
    package func size() throws -> Int {
        let end = lseek(descriptor, 0, SEEK_END)
        guard end >= 0 else { throw FerroError.input("the file has no size: \(String(cString: strerror(errno)))", at: path) }
        return Int(end)
    }

    /// Fills the whole buffer from the file.
    ///
    /// - Returns: false where the file ends before the buffer is full.
    /// - Throws: `FerroError` (input) for a read error.
    package func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws -> Bool {
        var done = 0
        while done < buffer.count {
            let got = try readSome(at: offset + done, into: UnsafeMutableRawBufferPointer(rebasing: buffer[done...]))
            guard got > 0 else { return false }
            done += got
        }
        return true
    }

    /// Reads from the file as many bytes as one call of the system gives.
    ///
    /// - Returns: how many; 0 at the end of the file.
    /// - Throws: `FerroError` (input) for a read error.
    package func readSome(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            let got = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
            if got >= 0 { return got }
            let code = errno
            if code != EINTR { throw FerroError.input("the file cannot be read: \(String(cString: strerror(code)))", at: path) }
        }
    }
}
