// SPDX-License-Identifier: GPL-3.0-or-later
import CHDF5
import FerroCore

/// A pointer to a group or dataset, valid within its file.
package struct HDF5Reference: Hashable, Sendable {
    var address: hobj_ref_t

    /// Points nowhere, as an empty cell of a reference array does.
    package var isNull: Bool { address == 0 || address == ferro_HADDR_UNDEF() }
}

/// A pointer to part of a dataset, valid within its file.
package struct HDF5RegionReference: Hashable, Sendable {
    /// Path of the dataset it points into.
    package var path: String
    /// Number of elements selected.
    package var count: Int
    /// Per dimension the first and the last index selected.
    package var bounds: [ClosedRange<Int>]
}

extension HDF5File {
    /// A reference to the object at an absolute path.
    package func reference(to path: String) throws -> HDF5Reference {
        try HDF5Library.locked {
            var address: hobj_ref_t = 0
            try HDF5Library.check(
                H5Rcreate(&address, try identifier(), path, H5R_OBJECT, -1), "no reference can be made to this object",
                at: "\(self.path): \(path)")
            return HDF5Reference(address: address)
        }
    }

    /// The absolute path of what a reference points to.
    package func path(of reference: HDF5Reference) throws -> String {
        try HDF5Library.locked {
            var address = reference.address
            let file = try identifier()
            let object = try HDF5Handle(
                H5Rdereference2(file, ferro_H5P_DEFAULT(), H5R_OBJECT, &address), orThrow: "a reference leads nowhere", at: path)
            return try HDF5File.name(of: object, in: path)
        }
    }

    /// What a region reference of the file (12 bytes) points to; to be called under the library's lock.
    func region(_ bytes: UnsafeRawPointer) throws -> HDF5RegionReference {
        let file = try identifier()
        let object = try HDF5Handle(
            H5Rdereference2(file, ferro_H5P_DEFAULT(), H5R_DATASET_REGION, bytes), orThrow: "a region reference leads nowhere", at: path)
        let space = try HDF5Handle(
            H5Rget_region(file, H5R_DATASET_REGION, bytes), orThrow: "a region reference selects nothing", at: path)
        let rank = Int(H5Sget_simple_extent_ndims(space.id))
        var first = [hsize_t](repeating: 0, count: max(rank, 1))
        var last = first
        let count = H5Sget_select_npoints(space.id)
        let hasBounds = count > 0 && rank > 0 && H5Sget_select_bounds(space.id, &first, &last) >= 0
        return HDF5RegionReference(
            path: try HDF5File.name(of: object, in: path), count: Int(max(count, 0)),
            bounds: hasBounds ? (0..<rank).map { Int(first[$0])...Int(last[$0]) } : [])
    }

    private static func name(of object: HDF5Handle, in file: String) throws -> String {
        let length = try HDF5Library.check(H5Iget_name(object.id, nil, 0), "a referenced object has no name", at: file)
        guard length > 0 else { throw FerroError.input("a referenced object has no path", at: file) }
        var buffer = [CChar](repeating: 0, count: length + 1)
        H5Iget_name(object.id, &buffer, buffer.count)
        return text(of: buffer)
    }
}

/// The text before the first zero byte.
func text(of buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
