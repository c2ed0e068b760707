// SPDX-License-Identifier: GPL-3.0-or-later
import CHDF5
import FerroCore

/// The value of an attribute. Reading gives `int64`, `uint64` (only where an int64 cannot hold it), `double`, `string`, `bool`
/// and their arrays; writing stores exactly the type named.
package enum HDF5Value: Sendable, Equatable {
    case string(String)
    case strings([String])
    case double(Double)
    case doubles([Double])
    case float(Float)
    case floats([Float])
    case int64(Int64)
    case int64s([Int64])
    case int32(Int32)
    case int32s([Int32])
    case uint64(UInt64)
    case uint64s([UInt64])
    case bool(Bool)
    case bools([Bool])
    case reference(HDF5Reference)
    case references([HDF5Reference])
    case region(HDF5RegionReference)
    /// A type that is not read, by its name.
    case unread(String)
}

extension HDF5Object {
    /// Names of the attributes, sorted.
    package func attributeNames() throws -> [String] {
        try HDF5Library.locked {
            let count = try HDF5Library.check(H5Aget_num_attrs(handle.id), "the attributes cannot be listed", at: place)
            return try (0..<hsize_t(count)).map { index in
                func fetch(_ buffer: UnsafeMutablePointer<CChar>?, _ size: Int) -> Int {
                    H5Aget_name_by_idx(handle.id, ".", H5_INDEX_NAME, H5_ITER_INC, index, buffer, size, ferro_H5P_DEFAULT())
                }
                let length = try HDF5Library.check(fetch(nil, 0), "an attribute has no name", at: place)
                var buffer = [CChar](repeating: 0, count: length + 1)
                try HDF5Library.check(fetch(&buffer, buffer.count), "an attribute has no name", at: place)
                return text(of: buffer)
            }
        }
    }

    /// The value of an attribute; nil where there is none of this name.
    package func attribute(_ name: String) throws -> HDF5Value? {
        try HDF5Library.locked {
            guard try HDF5Library.check(H5Aexists(handle.id, name), "the attribute `\(name)` is unreadable", at: place) > 0 else { return nil }
            let attribute = try HDF5Handle(
                H5Aopen(handle.id, name, ferro_H5P_DEFAULT()), orThrow: "the attribute `\(name)` cannot be opened", at: place)
            return try HDF5AttributeReader(attribute: attribute, file: file, place: "\(place) (attribute `\(name)`)").value()
        }
    }

    /// The attribute as text; nil where there is none or it is something else. An array of one text counts.
    package func stringAttribute(_ name: String) throws -> String? {
        switch try attribute(name) {
        case .string(let value): value
        case .strings(let values) where values.count == 1: values[0]
        default: nil
        }
    }

    /// The attribute as texts; one text counts as an array of one.
    package func stringsAttribute(_ name: String) throws -> [String]? {
        switch try attribute(name) {
        case .string(let value): [value]
        case .strings(let values): values
        default: nil
        }
    }

    /// The attribute as a number; nil where there is none or it is something else. An array of one number counts.
    package func doubleAttribute(_ name: String) throws -> Double? {
        switch try attribute(name) {
        case .double(let value): value
        case .doubles(let values) where values.count == 1: values[0]
        case .int64(let value): Double(value)
        case .int64s(let values) where values.count == 1: Double(values[0])
        case .uint64(let value): Double(value)
        default: nil
        }
    }
}

/// Reads one attribute; used under the library's lock.
private struct HDF5AttributeReader {
    let attribute: HDF5Handle
    let file: HDF5File
    let place: String
    private static let mostBytes = 1 << 28

    func value() throws -> HDF5Value {
        let stored = try HDF5Handle(H5Aget_type(attribute.id), orThrow: "has no type", at: place)
        let space = try HDF5Handle(H5Aget_space(attribute.id), orThrow: "has no shape", at: place)
        let type = HDF5Type(describing: stored.id)
        let isScalar = H5Sget_simple_extent_type(space.id) == H5S_SCALAR
        let count = Int(max(0, H5Sget_simple_extent_npoints(space.id)))
        // An attribute lies in a header; what claims more than any header holds is damage.
        guard Double(count) * Double(max(type.size, 1)) <= Double(HDF5AttributeReader.mostBytes) else {
            throw FerroError.input("declares \(count) elements of \(type.size) bytes", at: place, expected: "what fits into a header")
        }
        func wrap<Element>(_ values: [Element], _ one: (Element) -> HDF5Value, _ many: ([Element]) -> HDF5Value) -> HDF5Value {
            if isScalar, let first = values.first { one(first) } else { many(values) }
        }
        switch type.kind {
        case .fixedString, .variableString:
            let texts = count == 0 ? [] : try HDF5Text.read(count, type: stored, space: space, at: place) { H5Aread(attribute.id, $0, $1) }
            return wrap(texts, HDF5Value.string, HDF5Value.strings)
        case .float:
            return wrap(try numbers(count, 0.0, ferro_H5T_NATIVE_DOUBLE()), HDF5Value.double, HDF5Value.doubles)
        case .integer where type.element == .uint64:
            let values = try numbers(count, UInt64(0), ferro_H5T_NATIVE_UINT64())
            if values.contains(where: { $0 > UInt64(Int64.max) }) { return wrap(values, HDF5Value.uint64, HDF5Value.uint64s) }
            return wrap(values.map { Int64($0) }, HDF5Value.int64, HDF5Value.int64s)
        case .integer:
            return wrap(try numbers(count, Int64(0), ferro_H5T_NATIVE_INT64()), HDF5Value.int64, HDF5Value.int64s)
        case .boolean:
            let made = try HDF5MadeType.boolean(at: place)
            return wrap(try numbers(count, Int8(0), made.id).map { $0 != 0 }, HDF5Value.bool, HDF5Value.bools)
        case .objectReference:
            let references = try numbers(count, hobj_ref_t(0), ferro_H5T_STD_REF_OBJ()).map { HDF5Reference(address: $0) }
            return wrap(references, HDF5Value.reference, HDF5Value.references)
        case .regionReference where isScalar:
            var bytes = [UInt8](repeating: 0, count: max(type.size, 16))
            try HDF5Library.check(H5Aread(attribute.id, ferro_H5T_STD_REF_DSETREG(), &bytes), "cannot be read", at: place)
            return .region(
                try bytes.withUnsafeBytes { raw in
                    guard let base = raw.baseAddress else { throw FerroError.internalError("an empty region reference", at: place) }
                    return try file.region(base)
                })
        default:
            return .unread(type.name)
        }
    }

    private func numbers<Element: BitwiseCopyable>(_ count: Int, _ zero: Element, _ memory: hid_t) throws -> [Element] {
        guard count > 0 else { return [] }
        var values = [Element](repeating: zero, count: count)
        try values.withUnsafeMutableBytes { bytes in
            _ = try HDF5Library.check(H5Aread(attribute.id, memory, bytes.baseAddress), "cannot be read", at: place)
        }
        return values
    }
}
