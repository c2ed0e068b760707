// SPDX-License-Identifier: GPL-3.0-or-later
import CHDF5
import FerroCore

extension HDF5Dataset {
    /// All elements in row-major order, converted to `Number` by HDF5 (which saturates at the ends of an integer's range).
    ///
    /// - Throws: `FerroError` (input) where the dataset holds no numbers or cannot be read.
    package func read<Number: HDF5Number>(_ type: Number.Type = Number.self) throws -> [Number] {
        try refuseUnless(self.type.isNumeric || self.type.kind == .boolean || self.type.kind == .enumeration, "numbers")
        return try HDF5Library.locked {
            let total = try count
            guard total > 0 else { return [] }
            try refuseWholeUnlessStored()
            if self.type.isNumeric {
                return try readWhole(total, zero: Number.zero, as: Number.hdf5Element.native)
            }
            // HDF5 does not convert an enumeration to a number: read its base type and convert that.
            let stored = try HDF5Handle(H5Dget_type(handle.id), orThrow: "the dataset has no type", at: place)
            let base = try HDF5Handle(H5Tget_super(stored.id), orThrow: "the dataset has no type", at: place)
            return try [Number](unsafeUninitializedCapacity: total) { buffer, initialized in
                let width = max(H5Tget_size(stored.id), H5Tget_size(base.id), MemoryLayout<Number>.size)
                let raw = UnsafeMutableRawPointer.allocate(byteCount: total * width, alignment: 16)
                defer { raw.deallocate() }
                try HDF5Library.check(
                    H5Dread(handle.id, stored.id, ferro_H5S_ALL(), ferro_H5S_ALL(), ferro_H5P_DEFAULT(), raw), "cannot be read", at: place)
                try HDF5Library.check(
                    H5Tconvert(base.id, Number.hdf5Element.native, total, raw, nil, ferro_H5P_DEFAULT()), "cannot be converted", at: place)
                let size = total * MemoryLayout<Number>.size
                UnsafeMutableRawBufferPointer(buffer).copyMemory(from: UnsafeRawBufferPointer(start: raw, count: size))
                initialized = total
            }
        }
    }

    /// All elements as text, in row-major order; a scalar gives one.
    package func readStrings() throws -> [String] {
        try refuseUnless(type.isString, "text")
        return try HDF5Library.locked {
            let total = try count
            guard total > 0 else { return [] }
            try refuseWholeUnlessStored()
            let stored = try HDF5Handle(H5Dget_type(handle.id), orThrow: "the dataset has no type", at: place)
            let space = try HDF5Handle(H5Dget_space(handle.id), orThrow: "the dataset has no shape", at: place)
            return try HDF5Text.read(total, type: stored, space: space, at: place) { memory, buffer in
                H5Dread(handle.id, memory, ferro_H5S_ALL(), ferro_H5S_ALL(), HDF5Library.transfers(of: stored.id, memory), buffer)
            }
        }
    }

    /// The only element as text.
    package func readString() throws -> String {
        let all = try readStrings()
        guard all.count == 1 else {
            throw FerroError.input("holds \(all.count) texts", at: place, expected: "one")
        }
        return all[0]
    }

    /// All elements as object references, in row-major order.
    package func readReferences() throws -> [HDF5Reference] {
        try refuseUnless(type.kind == .objectReference, "object references")
        return try HDF5Library.locked {
            let total = try count
            guard total > 0 else { return [] }
            try refuseWholeUnlessStored()
            return try readWhole(total, zero: hobj_ref_t(0), as: ferro_H5T_STD_REF_OBJ()).map { HDF5Reference(address: $0) }
        }
    }

    /// A block of elements, converted by HDF5 to `element` in this machine's byte order, into `buffer` in row-major order.
    ///
    /// - Parameters:
    ///   - ranges: one per dimension of the dataset, within its shape.
    ///   - buffer: at least as many bytes as the block needs.
    package func read(_ ranges: [Range<Int>], as element: HDF5ElementType, into buffer: UnsafeMutableRawBufferPointer) throws {
        try refuseUnless(type.isNumeric, "numbers")
        let total = ranges.reduce(1) { $0 * $1.count }
        guard total > 0 else { return }
        guard let base = buffer.baseAddress, buffer.count >= total * element.size else {
            throw FerroError.internalError("a buffer of \(buffer.count) bytes is too small for \(total) elements", at: place)
        }
        try HDF5Library.locked {
            let (space, memory) = try selection(ranges)
            try HDF5Library.check(
                H5Dread(handle.id, element.native, memory.id, space.id, ferro_H5P_DEFAULT(), base), "cannot be read", at: place)
        }
    }

    /// A block of elements as an array.
    package func read<Number: HDF5Number>(_ ranges: [Range<Int>], as type: Number.Type = Number.self) throws -> [Number] {
        let total = ranges.reduce(1) { $0 * $1.count }
        return try [Number](unsafeUninitializedCapacity: total) { buffer, initialized in
            try read(ranges, as: Number.hdf5Element, into: UnsafeMutableRawBufferPointer(buffer))
            initialized = total
        }
    }

    /// The dataset's space with a block selected, and a space of the block's own shape; under the library's lock.
    func selection(_ ranges: [Range<Int>]) throws -> (file: HDF5Handle, memory: HDF5Handle) {
        let current = try shape
        guard ranges.count == current.count, !ranges.isEmpty,
            zip(ranges, current).allSatisfy({ $0.lowerBound >= 0 && $0.upperBound <= $1 })
        else {
            throw FerroError.internalError("the block \(ranges) is not within the shape \(current)", at: place)
        }
        let space = try HDF5Handle(H5Dget_space(handle.id), orThrow: "the dataset has no shape", at: place)
        let start = ranges.map { hsize_t($0.lowerBound) }
        let lengths = ranges.map { hsize_t($0.count) }
        try HDF5Library.check(
            H5Sselect_hyperslab(space.id, H5S_SELECT_SET, start, nil, lengths, nil), "the block cannot be selected", at: place)
        let memory = try HDF5Handle(
            H5Screate_simple(Int32(lengths.count), lengths, nil), orThrow: "the block cannot be selected", at: place)
        return (space, memory)
    }

    private func readWhole<Element>(_ total: Int, zero: Element, as memory: hid_t) throws -> [Element] {
        try [Element](unsafeUninitializedCapacity: total) { buffer, initialized in
            try HDF5Library.check(
                H5Dread(handle.id, memory, ferro_H5S_ALL(), ferro_H5S_ALL(), ferro_H5P_DEFAULT(), buffer.baseAddress),
                "cannot be read", at: place)
            initialized = total
        }
    }

    private func refuseUnless(_ holds: Bool, _ wanted: String) throws {
        guard holds else { throw FerroError.input("holds \(type.name)", at: place, expected: wanted) }
    }
}

/// Reading and writing text, which datasets and attributes do alike. To be called under the library's lock.
enum HDF5Text {
    /// `transfer` is H5Dread or H5Aread into a buffer of the memory type given to it.
    static func read(
        _ count: Int, type stored: HDF5Handle, space: HDF5Handle, at place: String,
        transfer: (hid_t, UnsafeMutableRawPointer) -> herr_t
    ) throws -> [String] {
        if H5Tis_variable_str(stored.id) > 0 {
            // A damaged type may be of another size, and the library writes as much as it says.
            guard H5Tget_size(stored.id) == MemoryLayout<UnsafeMutablePointer<CChar>?>.size else {
                throw FerroError.input("the type of the text is damaged", at: place, advice: "copy the file again from its source")
            }
            var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
            return try pointers.withUnsafeMutableBytes { buffer in
                guard let base = buffer.baseAddress else { return [] }
                try HDF5Library.check(transfer(stored.id, base), "the text cannot be read", at: place)
                defer { H5Dvlen_reclaim(stored.id, space.id, ferro_H5P_DEFAULT(), base) }
                return buffer.bindMemory(to: UnsafeMutablePointer<CChar>?.self).map { $0.map { String(cString: $0) } ?? "" }
            }
        }
        let width = H5Tget_size(stored.id)
        let padsWithSpaces = H5Tget_strpad(stored.id) == H5T_STR_SPACEPAD
        var bytes = [UInt8](repeating: 0, count: count * width)
        try bytes.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return }
            try HDF5Library.check(transfer(stored.id, base), "the text cannot be read", at: place)
        }
        return (0..<count).map { index in
            var part = bytes[index * width..<(index + 1) * width].prefix { $0 != 0 }
            if padsWithSpaces { while part.last == UInt8(ascii: " ") { part.removeLast() } }
            return String(decoding: part, as: UTF8.self)
        }
    }

    /// Hands out pointers to the texts as zero-terminated UTF-8, in order.
    static func withPointers<Result>(_ texts: [String], _ body: ([UnsafePointer<CChar>?]) throws -> Result) rethrows -> Result {
        let copies = texts.map { text in
            let bytes = text.utf8CString
            let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: bytes.count)
            _ = copy.initialize(from: bytes)
            return copy
        }
        defer { copies.forEach { $0.deallocate() } }
        return try body(copies.map { UnsafePointer($0.baseAddress) })
    }
}
