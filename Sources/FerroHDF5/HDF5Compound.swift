// SPDX-License-Identifier: GPL-3.0-or-later
import CHDF5
import FerroCore

// Tables whose rows are records (compound values), read one named column at a time.
extension HDF5Dataset {
    /// Names of the columns, in the order of the file; empty where the elements are no records.
    package func columnNames() throws -> [String] {
        guard type.kind == .compound else { return [] }
        return try HDF5Library.locked {
            let stored = try HDF5Handle(H5Dget_type(handle.id), orThrow: "the dataset has no type", at: place)
            return (0..<UInt32(max(0, H5Tget_nmembers(stored.id)))).compactMap { index in
                guard let name = H5Tget_member_name(stored.id, index) else { return nil }
                defer { H5free_memory(name) }
                return String(cString: name)
            }
        }
    }

    /// A column of numbers, converted to `Number` by HDF5.
    ///
    /// - Throws: `FerroError` (input) where there is no such column or it holds no numbers.
    package func readColumn<Number: HDF5Number>(_ name: String, as type: Number.Type = Number.self) throws -> [Number] {
        try HDF5Library.locked {
            let member = try member(name)
            let kind = HDF5Type(describing: member.id)
            let isSingle = kind.kind == .array && H5Tget_size(member.id) == elementSize(member)
            guard kind.isNumeric || kind.kind == .boolean || kind.kind == .enumeration || isSingle else {
                throw FerroError.input("the column `\(name)` holds \(kind.name)", at: place, expected: "numbers")
            }
            let total = try count
            guard total > 0 else { return [] }
            try refuseWholeUnlessStored()
            var memory = Number.hdf5Element.native
            var made: HDF5Handle?
            if isSingle {
                var one = hsize_t(1)
                let array = try HDF5Handle(H5Tarray_create2(memory, 1, &one), orThrow: "a type cannot be made", at: place)
                memory = array.id
                made = array
            }
            let record = try record(name, memory, MemoryLayout<Number>.size)
            return try withExtendedLifetime(made) {
                try [Number](unsafeUninitializedCapacity: total) { buffer, initialized in
                    try HDF5Library.check(
                        H5Dread(handle.id, record.id, ferro_H5S_ALL(), ferro_H5S_ALL(), ferro_H5P_DEFAULT(), buffer.baseAddress),
                        "the column `\(name)` cannot be read", at: place)
                    initialized = total
                }
            }
        }
    }

    /// A column of text.
    package func readTextColumn(_ name: String) throws -> [String] {
        try HDF5Library.locked {
            let member = try member(name)
            let kind = HDF5Type(describing: member.id)
            guard kind.isString else { throw FerroError.input("the column `\(name)` holds \(kind.name)", at: place, expected: "text") }
            let total = try count
            guard total > 0 else { return [] }
            try refuseWholeUnlessStored()
            let space = try HDF5Handle(H5Dget_space(handle.id), orThrow: "the dataset has no shape", at: place)
            // A record of this one text lies in memory as the text alone does.
            let record = try record(name, member.id, H5Tget_size(member.id))
            return try HDF5Text.read(total, type: member, space: space, at: place) { _, buffer in
                H5Dread(handle.id, record.id, ferro_H5S_ALL(), ferro_H5S_ALL(), ferro_H5P_DEFAULT(), buffer)
            }
        }
    }

    private func member(_ name: String) throws -> HDF5Handle {
        guard type.kind == .compound else { throw FerroError.input("holds \(type.name)", at: place, expected: "records with a column `\(name)`") }
        let stored = try HDF5Handle(H5Dget_type(handle.id), orThrow: "the dataset has no type", at: place)
        let index = H5Tget_member_index(stored.id, name)
        guard index >= 0 else {
            throw FerroError.input(
                "there is no column `\(name)`", at: place, expected: "one of \(try columnNames().joined(separator: ", "))")
        }
        return try HDF5Handle(H5Tget_member_type(stored.id, UInt32(index)), orThrow: "the column `\(name)` has no type", at: place)
    }

    private func record(_ name: String, _ memory: hid_t, _ size: Int) throws -> HDF5Handle {
        let record = try HDF5Handle(H5Tcreate(H5T_COMPOUND, size), orThrow: "a type cannot be made", at: place)
        try HDF5Library.check(H5Tinsert(record.id, name, 0, memory), "a type cannot be made", at: place)
        return record
    }

    private func elementSize(_ array: HDF5Handle) -> Int {
        let base = H5Tget_super(array.id)
        guard base >= 0 else { return 0 }
        defer { H5Tclose(base) }
        return H5Tget_size(base)
    }
}
