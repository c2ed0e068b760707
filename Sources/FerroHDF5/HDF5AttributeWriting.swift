// SPDX-License-Identifier: GPL-3.0-or-later
import CHDF5
import FerroCore

extension HDF5Object {
    /// Writes an attribute, replacing one of the same name.
    ///
    /// - Throws: `FerroError` (internal) for `region` and `unread`, which are only read.
    package func setAttribute(_ name: String, _ value: HDF5Value) throws {
        try HDF5Library.locked {
            switch value {
            case .string(let text): try put(name, strings: [text], isScalar: true)
            case .strings(let texts): try put(name, strings: texts, isScalar: false)
            case .double(let number): try put(name, [number], .number(.float64), isScalar: true)
            case .doubles(let numbers): try put(name, numbers, .number(.float64), isScalar: false)
            case .float(let number): try put(name, [number], .number(.float32), isScalar: true)
            case .floats(let numbers): try put(name, numbers, .number(.float32), isScalar: false)
            case .int64(let number): try put(name, [number], .number(.int64), isScalar: true)
            case .int64s(let numbers): try put(name, numbers, .number(.int64), isScalar: false)
            case .int32(let number): try put(name, [number], .number(.int32), isScalar: true)
            case .int32s(let numbers): try put(name, numbers, .number(.int32), isScalar: false)
            case .uint64(let number): try put(name, [number], .number(.uint64), isScalar: true)
            case .uint64s(let numbers): try put(name, numbers, .number(.uint64), isScalar: false)
            case .bool(let truth): try put(name, [Int8(truth ? 1 : 0)], .boolean, isScalar: true)
            case .bools(let truths): try put(name, truths.map { Int8($0 ? 1 : 0) }, .boolean, isScalar: false)
            case .reference(let reference): try put(name, [reference.address], .reference, isScalar: true)
            case .references(let references): try put(name, references.map(\.address), .reference, isScalar: false)
            case .region, .unread:
                throw FerroError.internalError("the attribute `\(name)` is of a kind that is only read", at: place)
            }
        }
    }

    /// Writes a text attribute.
    package func setAttribute(_ name: String, _ text: String) throws { try setAttribute(name, .string(text)) }

    private func put(_ name: String, strings: [String], isScalar: Bool) throws {
        try HDF5Text.withPointers(strings) { try put(name, $0, .string, isScalar: isScalar) }
    }

    private func put<Element: BitwiseCopyable>(_ name: String, _ values: [Element], _ type: HDF5NewType, isScalar: Bool) throws {
        let stored = try type.make(at: place)
        let space = try HDF5Group.newSpace(isScalar ? [] : [values.count], isExtendible: false, at: place)
        if H5Aexists(handle.id, name) > 0 {
            try HDF5Library.check(H5Adelete(handle.id, name), "the attribute `\(name)` cannot be replaced", at: place)
        }
        let attribute = try HDF5Handle(
            H5Acreate2(handle.id, name, stored.id, space.id, ferro_H5P_DEFAULT(), ferro_H5P_DEFAULT()),
            orThrow: "the attribute `\(name)` cannot be made", at: place)
        guard !values.isEmpty else { return }
        try values.withUnsafeBytes { bytes in
            _ = try HDF5Library.check(
                H5Awrite(attribute.id, stored.id, bytes.baseAddress), "the attribute `\(name)` cannot be written", at: place)
        }
    }
}
