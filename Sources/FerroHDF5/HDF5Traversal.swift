// SPDX-License-Identifier: GPL-3.0-or-later
import CHDF5
import FerroCore

extension HDF5File {
    /// How many links are followed for one path, as many as the library itself follows.
    private static let mostLinks = 16

    /// The path with the soft links on it replaced by what they point to; nil where nothing is there. To be called under the library's lock.
    ///
    /// Links are followed here and not by the library, so that none leads into another file unheard.
    /// - Throws: `FerroError` (input) for a link into another file that may not be followed, and for links that go in circles.
    func resolved(_ path: String) throws -> String? {
        var walk = Walk()
        return try resolved(path, asked: path, &walk)
    }

    /// What a walk along links has met.
    private struct Walk {
        var followed = 0
        /// A link whose target is not there.
        var leadsNowhere = false
    }

    /// Whether a link on the path leads nowhere. To be called under the library's lock.
    func leadsNowhere(_ path: String) throws -> Bool {
        var walk = Walk()
        return try resolved(path, asked: path, &walk) == nil && walk.leadsNowhere
    }

    private func resolved(_ path: String, asked: String, _ walk: inout Walk) throws -> String? {
        let file = try identifier()
        var reached = ""
        var isInOtherFile = false
        // H5Lexists fails, rather than denies, where a step on the way is missing: ask step by step.
        for step in path.split(separator: "/") where step != "." {
            let next = "\(reached)/\(step)"
            guard H5Lexists(file, next, ferro_H5P_DEFAULT()) > 0 else { return nil }
            var kind: Int32 = 0
            var size = 0
            try HDF5Library.check(ferro_H5Lget_info(file, next, &kind, &size), "the link cannot be read", at: "\(self.path): \(next)")
            if kind == H5L_TYPE_EXTERNAL.rawValue {
                let target = try externalTarget(next, size)
                guard allowsExternal else {
                    throw FerroError.input(
                        "this is a link to \(target.path) in another file, \(target.file)", at: "\(self.path): \(asked)",
                        expected: "everything in one file", advice: "allow it with --allow-external if you trust where the file comes from")
                }
                isInOtherFile = true
                reached = next
            } else if kind == H5L_TYPE_SOFT.rawValue, !isInOtherFile {
                walk.followed += 1
                guard walk.followed <= HDF5File.mostLinks else {
                    throw FerroError.input(
                        "the links from here go in circles, or over more than \(HDF5File.mostLinks) steps", at: "\(self.path): \(asked)")
                }
                let target = try softTarget(next, size)
                guard let place = try resolved(target.hasPrefix("/") ? target : "\(reached)/\(target)", asked: asked, &walk) else {
                    walk.leadsNowhere = true
                    return nil
                }
                reached = place == "/" ? "" : place
            } else {
                reached = next
            }
        }
        guard !reached.isEmpty else { return "/" }
        return H5Oexists_by_name(file, reached, ferro_H5P_DEFAULT()) > 0 ? reached : nil
    }

    private func softTarget(_ path: String, _ size: Int) throws -> String {
        var value = [CChar](repeating: 0, count: size + 1)
        try HDF5Library.check(
            H5Lget_val(try identifier(), path, &value, value.count, ferro_H5P_DEFAULT()), "the link cannot be read", at: "\(self.path): \(path)")
        return text(of: value)
    }

    private func externalTarget(_ path: String, _ size: Int) throws -> (file: String, path: String) {
        var value = [CChar](repeating: 0, count: size + 1)
        try HDF5Library.check(
            H5Lget_val(try identifier(), path, &value, value.count, ferro_H5P_DEFAULT()), "the link cannot be read", at: "\(self.path): \(path)")
        var file: UnsafePointer<CChar>?
        var target: UnsafePointer<CChar>?
        try HDF5Library.check(H5Lunpack_elink_val(value, size, nil, &file, &target), "the link cannot be read", at: "\(self.path): \(path)")
        return (file.map { String(cString: $0) } ?? "", target.map { String(cString: $0) } ?? "")
    }
}

/// What tells two objects of open files apart: the same object reached by two paths has one identity.
package struct HDF5Identity: Hashable, Sendable {
    let file: UInt
    let address: UInt64
}

extension HDF5Object {
    package var identity: HDF5Identity {
        get throws {
            try HDF5Library.locked {
                var file: UInt = 0
                var address: UInt64 = 0
                try HDF5Library.check(ferro_H5Oget_identity(handle.id, &file, &address), "the object has no address", at: place)
                return HDF5Identity(file: file, address: address)
            }
        }
    }
}

extension HDF5Dataset {
    /// Refuses samples that lie in other files, as external raw storage or behind a virtual dataset, unless they are allowed.
    func refuseOtherFiles(depth: Int = 0) throws {
        guard layout == .elsewhere, !file.allowsExternal else { return }
        try HDF5Library.locked {
            let creation = try HDF5Handle(H5Dget_create_plist(handle.id), orThrow: "the dataset has no layout", at: place)
            if H5Pget_external_count(creation.id) > 0 {
                var name = [CChar](repeating: 0, count: 4096)
                var offset = off_t(0)
                var size = hsize_t(0)
                H5Pget_external(creation.id, 0, name.count - 1, &name, &offset, &size)
                throw inOtherFile(text(of: name))
            }
            var sources = 0
            guard H5Pget_layout(creation.id) == H5D_VIRTUAL, H5Pget_virtual_count(creation.id, &sources) >= 0 else { return }
            for index in 0..<sources {
                let name = virtualText { H5Pget_virtual_filename(creation.id, index, $0, $1) }
                guard name == "." else { throw inOtherFile(name) }
                let source = virtualText { H5Pget_virtual_dsetname(creation.id, index, $0, $1) }
                guard depth < 4, !source.contains("%") else {
                    throw FerroError.input(
                        "the samples are pieced together from \(source), which cannot be checked", at: place, expected: "a dataset that holds its samples",
                        advice: "copy them into one dataset, with `h5repack` for example")
                }
                // Opening the source checks links and its own storage; a missing one reads as the fill value.
                guard let target = try file.resolved(source) else { continue }
                let handle = try HDF5Handle(
                    H5Dopen2(try file.identifier(), target, ferro_H5P_DEFAULT()), orThrow: "its source \(source) cannot be opened", at: place)
                try HDF5Dataset(file: file, path: source, handle: handle).refuseOtherFiles(depth: depth + 1)
            }
        }
    }

    private func inOtherFile(_ name: String) -> FerroError {
        .input(
            "the samples lie in another file, \(name)", at: place, expected: "everything in one file",
            advice: "allow it with --allow-external if you trust where the file comes from")
    }

    private func virtualText(_ fetch: (UnsafeMutablePointer<CChar>?, Int) -> Int) -> String {
        let length = fetch(nil, 0)
        guard length > 0 else { return "" }
        var buffer = [CChar](repeating: 0, count: length + 1)
        _ = fetch(&buffer, buffer.count)
        return text(of: buffer)
    }
}
