// SPDX-License-Identifier: GPL-3.0-or-later
import CHDF5
import FerroCore

/// How the elements of a dataset lie in the file.
package enum HDF5Layout: Sendable, Equatable {
    /// In the dataset's header.
    case compact
    /// One stretch of the file.
    case contiguous
    /// Pieces of this shape, each filtered on its own.
    case chunked(shape: [Int])
    /// In other files: external storage or a virtual dataset.
    case elsewhere
}

/// A filter of a dataset's pipeline, in the order applied when writing.
package struct HDF5Filter: Sendable, Equatable {
    package let id: Int
    /// `deflate`, `shuffle`, `fletcher32`, `szip`, `nbit`, `scaleoffset`, or what the filter calls itself.
    package let name: String
    package let parameters: [UInt32]
    /// Whether the HDF5 library at hand can undo it.
    package let isAvailable: Bool
}

/// A dataset of an HDF5 file. Shape, type, layout and filters are read when it is opened.
package final class HDF5Dataset: HDF5Object {
    package let file: HDF5File
    package let path: String
    package let handle: HDF5Handle
    package let type: HDF5Type
    package let layout: HDF5Layout
    package let filters: [HDF5Filter]

    /// To be called under the library's lock.
    init(file: HDF5File, path: String, handle: HDF5Handle) throws {
        let place = "\(file.path): \(path)"
        self.file = file
        self.path = path
        self.handle = handle
        let type = try HDF5Handle(H5Dget_type(handle.id), orThrow: "the dataset has no type", at: place)
        self.type = HDF5Type(describing: type.id)
        let creation = try HDF5Handle(H5Dget_create_plist(handle.id), orThrow: "the dataset has no layout", at: place)
        layout = HDF5Dataset.layout(of: creation)
        filters = HDF5Dataset.filters(of: creation)
    }

    /// Lengths of the dimensions as they are now; empty for a scalar.
    package var shape: [Int] {
        get throws { try extent().current }
    }

    /// Lengths the dimensions may grow to; nil without limit.
    package var maximalShape: [Int?] {
        get throws { try extent().maximal }
    }

    /// Number of elements; 1 for a scalar, 0 for an empty dataset.
    package var count: Int {
        get throws {
            try HDF5Library.locked {
                let space = try HDF5Handle(H5Dget_space(handle.id), orThrow: "the dataset has no shape", at: place)
                return Int(max(0, H5Sget_simple_extent_npoints(space.id)))
            }
        }
    }

    /// Bytes the data takes in the file; 0 where nothing was written.
    package var storageSize: Int { HDF5Library.locked { Int(clamping: H5Dget_storage_size(handle.id)) } }

    /// Position in the file of a contiguous dataset's first byte; nil for other layouts and where nothing was written.
    package var fileOffset: Int? {
        guard layout == .contiguous, isInOwnFile else { return nil }
        return HDF5Library.locked {
            let offset = H5Dget_offset(handle.id)
            return offset == ferro_HADDR_UNDEF() ? nil : Int(clamping: offset)
        }
    }

    /// Whether the dataset lies in the file it was reached from, not in one that an external link points to.
    package var isInOwnFile: Bool {
        HDF5Library.locked {
            let length = H5Fget_name(handle.id, nil, 0)
            guard length > 0 else { return false }
            var buffer = [CChar](repeating: 0, count: length + 1)
            H5Fget_name(handle.id, &buffer, buffer.count)
            return text(of: buffer) == file.path
        }
    }

    /// The value that elements have where nothing was written.
    package func fillValue<Number: HDF5Number>(as type: Number.Type = Number.self) throws -> Number {
        try HDF5Library.locked {
            let creation = try HDF5Handle(H5Dget_create_plist(handle.id), orThrow: "the dataset has no layout", at: place)
            var value = Number.zero
            try HDF5Library.check(
                H5Pget_fill_value(creation.id, Number.hdf5Element.native, &value), "the fill value is unknown", at: place)
            return value
        }
    }

    private func extent() throws -> (current: [Int], maximal: [Int?]) {
        try HDF5Library.locked {
            let space = try HDF5Handle(H5Dget_space(handle.id), orThrow: "the dataset has no shape", at: place)
            guard H5Sget_simple_extent_type(space.id) != H5S_NULL else { return ([0], [0]) }
            let rank = Int(try HDF5Library.check(H5Sget_simple_extent_ndims(space.id), "the dataset has no shape", at: place))
            guard rank > 0 else { return ([], []) }
            var current = [hsize_t](repeating: 0, count: rank)
            var maximal = current
            H5Sget_simple_extent_dims(space.id, &current, &maximal)
            return (current.map { Int(clamping: $0) }, maximal.map { $0 == ferro_H5S_UNLIMITED() ? nil : Int(clamping: $0) })
        }
    }

    private static func layout(of creation: HDF5Handle) -> HDF5Layout {
        switch H5Pget_layout(creation.id) {
        case H5D_COMPACT: return .compact
        case H5D_CONTIGUOUS: return H5Pget_external_count(creation.id) > 0 ? .elsewhere : .contiguous
        case H5D_CHUNKED:
            var lengths = [hsize_t](repeating: 0, count: 32)
            let rank = Int(max(0, H5Pget_chunk(creation.id, 32, &lengths)))
            return .chunked(shape: lengths.prefix(rank).map { Int(clamping: $0) })
        default: return .elsewhere
        }
    }

    private static func filters(of creation: HDF5Handle) -> [HDF5Filter] {
        let known = [1: "deflate", 2: "shuffle", 3: "fletcher32", 4: "szip", 5: "nbit", 6: "scaleoffset"]
        return (0..<UInt32(max(0, H5Pget_nfilters(creation.id)))).map { index in
            var flags: UInt32 = 0
            var count = 32
            var parameters = [UInt32](repeating: 0, count: count)
            var name = [CChar](repeating: 0, count: 256)
            var configuration: UInt32 = 0
            let id = H5Pget_filter2(creation.id, index, &flags, &count, &parameters, name.count, &name, &configuration)
            let ownName = text(of: name)
            return HDF5Filter(
                id: Int(id), name: known[Int(id)] ?? (ownName.isEmpty ? "filter \(id)" : ownName),
                parameters: Array(parameters.prefix(count)), isAvailable: H5Zfilter_avail(id) > 0)
        }
    }
}
