// SPDX-License-Identifier: GPL-3.0-or-later
import CHDF5
import FerroCore
import Foundation
import Synchronization

/// An open HDF5 file. Closes itself when the last group and dataset taken from it are gone; a file that was written is
/// closed with `close()`, which reports what a silent closing would swallow (a full disk).
package final class HDF5File: Sendable {
    /// Path as the caller gave it.
    package let path: String
    package let isWritable: Bool
    /// Whether links, raw storage and virtual datasets may lead into other files; refused unless the user allows it.
    package let allowsExternal: Bool
    private let handle: Mutex<HDF5Handle?>
    private let isGivenUp = Mutex(false)
    /// Chunks that the library keeps unpacked for a dataset it reads itself.
    package static let chunkCacheBytes = 16 << 20

    private init(path: String, isWritable: Bool, allowsExternal: Bool = false, handle: HDF5Handle) {
        self.path = path
        self.isWritable = isWritable
        self.allowsExternal = allowsExternal
        self.handle = Mutex(handle)
    }

    /// Opens for reading, without a lock on the file (network file systems often cannot give one).
    ///
    /// - Parameter allowsExternal: whether what the file says may be read from other files that it names.
    /// - Throws: `FerroError` (input) for a path that does not exist, is a directory, may not be read, is not HDF5 or is cut off.
    package static func open(_ path: String, allowsExternal: Bool = false) throws -> HDF5File {
        try refuseUnreadable(path)
        return try HDF5Library.locked {
            guard H5Fis_hdf5(path) > 0 else {
                throw FerroError.input(
                    "this is not an HDF5 file", at: path,
                    expected: "the HDF5 signature at the beginning", advice: "check that the file was copied completely")
            }
            let access = try fileAccess(at: path)
            // Room for chunks of several megabytes: one that does not fit is unpacked anew for every read within it.
            H5Pset_cache(access.id, 0, 1009, chunkCacheBytes, 0.75)
            let id = H5Fopen(path, ferro_H5F_ACC_RDONLY(), access.id)
            if id < 0 {
                let reason = HDF5Library.errorStack()
                if reason.contains("truncated file") {
                    throw FerroError.input(
                        "the file is cut off: \(reason)", at: path, expected: "the length the file's own header states",
                        advice: "copy it again from its source")
                }
                throw FerroError.input("the file cannot be opened: \(reason)", at: path)
            }
            return HDF5File(path: path, isWritable: false, allowsExternal: allowsExternal, handle: HDF5Handle(id))
        }
    }

    /// Creates a file, replacing one that exists. Bytes depend on what is written only: no times are recorded.
    package static func create(_ path: String) throws -> HDF5File {
        try HDF5Library.locked {
            let access = try fileAccess(at: path)
            let handle = try HDF5Handle(
                H5Fcreate(path, ferro_H5F_ACC_TRUNC(), ferro_H5P_DEFAULT(), access.id), orThrow: "the file cannot be created", at: path)
            return HDF5File(path: path, isWritable: true, handle: handle)
        }
    }

    /// Writes everything to the file and closes it with all groups and datasets taken from it; using those afterwards throws.
    package func close() throws {
        try HDF5Library.locked {
            guard let open = handle.withLock({ $0 }) else { return }
            if isWritable { try flush() }
            handle.withLock { $0 = nil }
            try HDF5Library.check(H5Fclose(open.handOver()), "the file cannot be closed", at: path)
        }
    }

    package func flush() throws {
        try HDF5Library.locked {
            let id = try identifier()
            guard !isGivenUp.withLock({ $0 }) else { throw FerroError.input("the file could not be written to its end", at: path) }
            _ = try givingUpOnFailure { try HDF5Library.check(H5Fflush(id, H5F_SCOPE_GLOBAL), "the file cannot be written", at: path) }
        }
    }

    /// Closes a file that is not to be kept. What is not yet written goes nowhere.
    package func discard() {
        HDF5Library.locked {
            giveUp()
            guard let open = handle.withLock({ $0 }) else { return }
            handle.withLock { $0 = nil }
            H5Fclose(open.handOver())
        }
    }

    /// Writes something; where that fails, the file is given up. To be called under the library's lock.
    func givingUpOnFailure<Result>(_ write: () throws -> Result) throws -> Result {
        do { return try write() } catch {
            giveUp()
            throw error
        }
    }

    /// From here on, what the library writes to the file goes nowhere, which never fails.
    ///
    /// HDF5 1.10 closes a dataset by halves when the disk is full and what it holds of it cannot be written, and falls when it closes it again.
    private func giveUp() {
        guard isWritable, let open = handle.withLock({ $0 }) else { return }
        isGivenUp.withLock { $0 = true }
        var descriptor: UnsafeMutableRawPointer?
        guard H5Fget_vfd_handle(open.id, ferro_H5P_DEFAULT(), &descriptor) >= 0, let descriptor else { return }
        let nowhere = Foundation.open("/dev/null", O_RDWR)
        guard nowhere >= 0 else { return }
        dup2(nowhere, descriptor.load(as: Int32.self))
        Foundation.close(nowhere)
    }

    package var root: HDF5Group {
        get throws { try group("/") }
    }

    /// Bytes before the HDF5 part of the file (MATLAB's header of 512); addresses in the file count from there.
    package var userBlockSize: Int {
        get throws {
            try HDF5Library.locked {
                let plist = try HDF5Handle(H5Fget_create_plist(try identifier()), orThrow: "the file has no creation properties", at: path)
                var size: hsize_t = 0
                try HDF5Library.check(H5Pget_userblock(plist.id, &size), "the user block is unknown", at: path)
                return Int(clamping: size)
            }
        }
    }

    /// The identifier of the open file; to be used under the library's lock.
    func identifier() throws -> hid_t {
        guard let open = handle.withLock({ $0 }) else { throw FerroError.internalError("the file is closed already", at: path) }
        return open.id
    }

    private static func fileAccess(at path: String) throws -> HDF5Handle {
        let access = try HDF5Handle(H5Pcreate(ferro_H5P_FILE_ACCESS()), orThrow: "HDF5 cannot be started", at: path)
        ferro_H5Pset_no_file_locking(access.id)
        H5Pset_fclose_degree(access.id, H5F_CLOSE_STRONG)
        return access
    }

    private static func refuseUnreadable(_ path: String) throws {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw FerroError.input("there is no such file", at: path, advice: "check the path")
        }
        guard !isDirectory.boolValue else {
            throw FerroError.input("this is a folder", at: path, expected: "an HDF5 file")
        }
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw FerroError.input("the file may not be read", at: path, expected: "read permission")
        }
    }
}
