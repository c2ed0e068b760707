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

    /// Fills the whole buffer from the file.
    ///
    /// - Returns: false where the file ends before the buffer is full.
    /// - Throws: `FerroError` (input) for a read error.
    package func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws -> Bool {
        guard var position = buffer.baseAddress else { return true }
        var missing = buffer.count
        var place = offset
        while missing > 0 {
            let got = pread(descriptor, position, missing, off_t(place))
            if got < 0 {
                let code = errno
                if code == EINTR { continue }
                throw FerroError.input("the file cannot be read: \(String(cString: strerror(code)))", at: path)
            }
            guard got > 0 else { return false }
            position += got
            place += got
            missing -= got
        }
        return true
    }
}
