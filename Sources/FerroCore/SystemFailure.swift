// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

extension FerroError {
    /// What the system says why a file cannot be read or written, with what helps where that is known.
    ///
    /// - Parameters:
    ///   - what: what was tried, such as `the signal cannot be written`.
    ///   - code: the system's `errno`.
    package static func system(_ what: String, code: Int32, at place: String?) -> FerroError {
        let (reason, advice): (String, String?) =
            switch code {
            case ENOSPC: ("the disk is full", "make room on it, or choose another with -o; what was finished is kept")
            case EDQUOT: ("your quota of the disk is used up", "make room, or choose another disk with -o; what was finished is kept")
            case EFBIG: ("the file would be larger than the system allows", "raise the limit of your session (`ulimit -f`) or choose another disk with -o")
            case EACCES, EPERM, EROFS: (String(cString: strerror(code)), "choose a folder that you may write to")
            default: (String(cString: strerror(code)), nil)
            }
        return .input("\(what): \(reason)", at: place, advice: advice)
    }

    /// The same from an error of Foundation's files; without a code of the system it is told as `what` alone.
    package static func system(_ what: String, _ error: any Error, at place: String?) -> FerroError {
        let error = error as NSError
        let underlying = error.userInfo[NSUnderlyingErrorKey] as? NSError
        if let posix = [error, underlying].compactMap({ $0 }).first(where: { $0.domain == NSPOSIXErrorDomain }) {
            return .system(what, code: Int32(clamping: posix.code), at: place)
        }
        if error.domain == NSCocoaErrorDomain, error.code == CocoaError.Code.fileWriteOutOfSpace.rawValue { return .system(what, code: ENOSPC, at: place) }
        return .input(what, at: place, expected: "space and the right to write")
    }
}
