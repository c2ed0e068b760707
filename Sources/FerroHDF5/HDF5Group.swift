// SPDX-License-Identifier: GPL-3.0-or-later
import CHDF5
import FerroCore

/// A named entry of a group.
package struct HDF5Link: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case group, dataset
        /// A type stored by name.
        case namedType
        /// Points to a path of the same file, which may not exist.
        case soft(target: String)
        /// Points into another file.
        case external(file: String, path: String)
    }

    package let name: String
    package let kind: Kind
}

/// A group of an HDF5 file.
package final class HDF5Group: HDF5Object {
    package let file: HDF5File
    package let path: String
    package let handle: HDF5Handle

    init(file: HDF5File, path: String, handle: HDF5Handle) {
        self.file = file
        self.path = path
        self.handle = handle
    }

    /// What the group holds, sorted by name. Soft and external links are told apart, not followed.
    package func links() throws -> [HDF5Link] {
        try HDF5Library.locked {
            var info = H5G_info_t()
            try HDF5Library.check(H5Gget_info(handle.id, &info), "the group cannot be listed", at: place)
            return try (0..<info.nlinks).map { index in try link(named: try linkName(index)) }
        }
    }

    /// Names of what the group holds, sorted.
    package func names() throws -> [String] { try links().map(\.name) }

    /// Whether something is at this path, relative to the group, be it a link that leads nowhere.
    package func exists(_ relative: String) -> Bool { file.exists(absolute(relative)) }

    package func group(_ relative: String) throws -> HDF5Group { try file.group(absolute(relative)) }
    package func dataset(_ relative: String) throws -> HDF5Dataset { try file.dataset(absolute(relative)) }

    /// The absolute path of something named relative to this group.
    package func absolute(_ relative: String) -> String {
        if relative.hasPrefix("/") { return relative }
        return path == "/" ? "/\(relative)" : "\(path)/\(relative)"
    }

    private func linkName(_ index: hsize_t) throws -> String {
        func fetch(_ buffer: UnsafeMutablePointer<CChar>?, _ size: Int) -> Int {
            H5Lget_name_by_idx(handle.id, ".", H5_INDEX_NAME, H5_ITER_INC, index, buffer, size, ferro_H5P_DEFAULT())
        }
        let length = try HDF5Library.check(fetch(nil, 0), "an entry of the group has no name", at: place)
        var buffer = [CChar](repeating: 0, count: length + 1)
        try HDF5Library.check(fetch(&buffer, buffer.count), "an entry of the group has no name", at: place)
        return text(of: buffer)
    }

    private func link(named name: String) throws -> HDF5Link {
        var type: Int32 = 0
        var size = 0
        try HDF5Library.check(ferro_H5Lget_info(handle.id, name, &type, &size), "the entry `\(name)` cannot be read", at: place)
        if type == H5L_TYPE_HARD.rawValue {
            let object = try HDF5Handle(
                H5Oopen(handle.id, name, ferro_H5P_DEFAULT()), orThrow: "the entry `\(name)` cannot be opened", at: place)
            let kind: HDF5Link.Kind =
                switch H5Iget_type(object.id) {
                case H5I_GROUP: .group
                case H5I_DATASET: .dataset
                default: .namedType
                }
            return HDF5Link(name: name, kind: kind)
        }
        var value = [CChar](repeating: 0, count: size + 1)
        try HDF5Library.check(
            H5Lget_val(handle.id, name, &value, value.count, ferro_H5P_DEFAULT()), "the link `\(name)` cannot be read", at: place)
        guard type == H5L_TYPE_EXTERNAL.rawValue else { return HDF5Link(name: name, kind: .soft(target: text(of: value))) }
        var fileName: UnsafePointer<CChar>?
        var target: UnsafePointer<CChar>?
        try HDF5Library.check(
            H5Lunpack_elink_val(value, size, nil, &fileName, &target), "the external link `\(name)` cannot be read", at: place)
        return HDF5Link(
            name: name, kind: .external(file: fileName.map { String(cString: $0) } ?? "", path: target.map { String(cString: $0) } ?? ""))
    }
}

extension HDF5File {
    /// Whether something is at this absolute path. What lies behind a link that leads nowhere, or that may not be followed, counts as there, so that
    /// opening it says why not: what a file means to say must not pass for unsaid.
    package func exists(_ path: String) -> Bool {
        HDF5Library.locked {
            do { return try resolved(path) != nil || leadsNowhere(path) } catch { return true }
        }
    }

    /// Whether something can be reached at this absolute path; a link that leads nowhere reaches nothing.
    package func reaches(_ path: String) -> Bool {
        HDF5Library.locked {
            do { return try resolved(path) != nil } catch { return true }
        }
    }

    /// Opens the group at an absolute path, through links where there are any.
    package func group(_ path: String) throws -> HDF5Group {
        try HDF5Library.locked {
            let file = try identifier()
            guard let target = try resolved(path) else { throw missing("group", path) }
            let handle = try HDF5Handle(
                H5Gopen2(file, target, ferro_H5P_DEFAULT()), orThrow: "this is not a group that can be opened", at: "\(self.path): \(path)")
            return HDF5Group(file: self, path: path, handle: handle)
        }
    }

    /// Opens the dataset at an absolute path, through links where there are any.
    package func dataset(_ path: String) throws -> HDF5Dataset {
        try HDF5Library.locked {
            let file = try identifier()
            guard let target = try resolved(path) else { throw missing("dataset", path) }
            let handle = try HDF5Handle(
                H5Dopen2(file, target, ferro_H5P_DEFAULT()), orThrow: "this is not a dataset that can be opened", at: "\(self.path): \(path)")
            let dataset = try HDF5Dataset(file: self, path: path, handle: handle)
            try dataset.refuseOtherFiles()
            try dataset.refuseImpossibleSize()
            return dataset
        }
    }

    private func missing(_ what: String, _ path: String) -> FerroError {
        let isLink = (try? leadsNowhere(path)) ?? false
        return .input(isLink ? "the link leads nowhere" : "there is no \(what) here", at: "\(self.path): \(path)", expected: isLink ? "a \(what)" : nil)
    }
}
