// SPDX-License-Identifier: GPL-3.0-or-later
import CHDF5
import FerroCore
import Foundation
import Synchronization

/// The one door to the HDF5 library.
///
/// HDF5's rule (HDF Group, "Thread Safe Library"): a library built without `--enable-threadsafe` must not be entered by
/// two threads, "even if they access different files", and a thread-safe build serializes all calls behind one global
/// lock of its own. So this lock costs nothing that HDF5 does not already cost, and makes either build safe.
///
/// It is recursive because releasing the last reference to a handle calls HDF5 as well, possibly from inside a locked stretch.
enum HDF5Library {
    private static let lock = NSRecursiveLock()

    /// Files are closed by name. What is left when the program ends is what could not be closed, and the library would fall over that.
    private static let leavesItAtTheEnd: Void = { _ = H5dont_atexit() }()

    /// Transfers through a buffer of 64 kB. The library's own is 1 MB, which it fills with zeros before every transfer that converts, be it of one text.
    private static let smallTransfers: hid_t = {
        let list = H5Pcreate(ferro_H5P_DATASET_XFER())
        guard list >= 0, H5Pset_buffer(list, 1 << 16, nil, nil) >= 0 else { return ferro_H5P_DEFAULT() }
        return list
    }()

    /// How elements of the given types, at most, are transferred; the buffer has to hold one of them at least. To be called under the lock.
    static func transfers(of types: hid_t...) -> hid_t {
        types.allSatisfy { (1...1 << 12).contains(H5Tget_size($0)) } ? smallTransfers : ferro_H5P_DEFAULT()
    }

    static func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
        lock.lock()
        leavesItAtTheEnd
        // In a thread-safe build the error stack and its printing belong to the thread, hence here and not once. A stack that is left
        // on a thread would keep the library from closing when the program ends.
        H5Eset_auto2(ferro_H5E_DEFAULT(), nil, nil)
        defer {
            H5Eclear2(ferro_H5E_DEFAULT())
            lock.unlock()
        }
        return try body()
    }

    /// What the library says about the failure of the last call, innermost cause first; to be asked before any other call.
    static func errorStack() -> String {
        var reasons: [String] = []
        withUnsafeMutablePointer(to: &reasons) { pointer in
            _ = H5Ewalk2(
                ferro_H5E_DEFAULT(), H5E_WALK_UPWARD,
                { _, entry, data in
                    guard let entry, let data, let text = entry.pointee.desc else { return 0 }
                    let reason = String(cString: text)
                    if !reason.isEmpty { data.assumingMemoryBound(to: [String].self).pointee.append(reason) }
                    return 0
                }, pointer)
        }
        guard let first = reasons.first, let last = reasons.last else { return "HDF5 gives no reason" }
        return first == last ? "HDF5: \(first)" : "HDF5: \(last): \(first)"
    }

    /// Passes on the result of an HDF5 call; a negative one becomes an error that carries the library's own reason.
    ///
    /// The stack is read before `what` and `place` are evaluated, because building them may call HDF5 and clear it.
    @discardableResult
    static func check<Status: SignedInteger>(
        _ status: Status, _ what: @autoclosure () -> String, at place: @autoclosure () -> String
    ) throws -> Status {
        guard status < 0 else { return status }
        let reason = errorStack()
        // Where the system refused to read or write, its own word says more than the library's.
        if let code = reason.firstMatch(of: /errno = (\d+)/).flatMap({ Int32($0.output.1) }), code != 0 {
            throw FerroError.system(what(), code: code, at: place())
        }
        throw FerroError.input("\(what()): \(reason)", at: place())
    }
}

/// Owns one HDF5 identifier of any kind and gives it back when the last user lets go.
package final class HDF5Handle: Sendable {
    let id: hid_t
    private let isHandedOver = Atomic(false)

    init(_ id: hid_t) { self.id = id }

    /// Takes over the identifier that a call returned, or throws what the library says.
    convenience init(_ id: hid_t, orThrow what: @autoclosure () -> String, at place: @autoclosure () -> String) throws {
        self.init(try HDF5Library.check(id, what(), at: place()))
    }

    /// The identifier, which the caller gives back: once only, as the library does not survive a second attempt after one that failed.
    func handOver() -> hid_t {
        isHandedOver.store(true, ordering: .relaxed)
        return id
    }

    deinit {
        guard !isHandedOver.load(ordering: .relaxed) else { return }
        _ = HDF5Library.locked { H5Idec_ref(id) }
    }
}

/// A group or a dataset: something in a file that has a path and attributes.
package protocol HDF5Object: Sendable {
    var file: HDF5File { get }
    /// Absolute path inside the file.
    var path: String { get }
    var handle: HDF5Handle { get }
}

extension HDF5Object {
    /// `file: /path`, the place that errors name.
    package var place: String { "\(file.path): \(path)" }
}
