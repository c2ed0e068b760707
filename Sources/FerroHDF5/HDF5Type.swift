// SPDX-License-Identifier: GPL-3.0-or-later
import CHDF5
import FerroCore

/// The numbers that Swift and HDF5 share.
package enum HDF5ElementType: String, Sendable, CaseIterable {
    case int8, int16, int32, int64, uint8, uint16, uint32, uint64, float32, float64

    /// Bytes an element takes.
    package var size: Int {
        switch self {
        case .int8, .uint8: 1
        case .int16, .uint16: 2
        case .int32, .uint32, .float32: 4
        case .int64, .uint64, .float64: 8
        }
    }

    package var isFloat: Bool { self == .float32 || self == .float64 }
    package var isSigned: Bool { !rawValue.hasPrefix("u") }

    /// The library's own identifier of the type in this machine's byte order.
    var native: hid_t {
        switch self {
        case .int8: ferro_H5T_NATIVE_INT8()
        case .int16: ferro_H5T_NATIVE_INT16()
        case .int32: ferro_H5T_NATIVE_INT32()
        case .int64: ferro_H5T_NATIVE_INT64()
        case .uint8: ferro_H5T_NATIVE_UINT8()
        case .uint16: ferro_H5T_NATIVE_UINT16()
        case .uint32: ferro_H5T_NATIVE_UINT32()
        case .uint64: ferro_H5T_NATIVE_UINT64()
        case .float32: ferro_H5T_NATIVE_FLOAT()
        case .float64: ferro_H5T_NATIVE_DOUBLE()
        }
    }
}

/// A Swift number that HDF5 stores as it is.
package protocol HDF5Number: BitwiseCopyable, Sendable {
    static var hdf5Element: HDF5ElementType { get }
    static var zero: Self { get }
}

extension Int8: HDF5Number { package static var hdf5Element: HDF5ElementType { .int8 } }
extension Int16: HDF5Number { package static var hdf5Element: HDF5ElementType { .int16 } }
extension Int32: HDF5Number { package static var hdf5Element: HDF5ElementType { .int32 } }
extension Int64: HDF5Number { package static var hdf5Element: HDF5ElementType { .int64 } }
extension UInt8: HDF5Number { package static var hdf5Element: HDF5ElementType { .uint8 } }
extension UInt16: HDF5Number { package static var hdf5Element: HDF5ElementType { .uint16 } }
extension UInt32: HDF5Number { package static var hdf5Element: HDF5ElementType { .uint32 } }
extension UInt64: HDF5Number { package static var hdf5Element: HDF5ElementType { .uint64 } }
extension Float: HDF5Number { package static var hdf5Element: HDF5ElementType { .float32 } }
extension Double: HDF5Number { package static var hdf5Element: HDF5ElementType { .float64 } }

/// What the elements of a dataset or attribute are, as the file stores them.
package struct HDF5Type: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case integer, float
        /// Text of a fixed number of bytes.
        case fixedString = "fixed-length text"
        case variableString = "variable-length text"
        /// An 8-bit enumeration of FALSE and TRUE, which is how h5py stores truth values.
        case boolean
        case enumeration
        case objectReference = "object reference"
        case regionReference = "region reference"
        case compound, opaque, bitfield, time, array
        case variableLength = "variable-length sequence"
    }

    package enum ByteOrder: Sendable { case little, big, none }

    package let kind: Kind
    /// Bytes an element takes in the file.
    package let size: Int
    package let byteOrder: ByteOrder
    /// The number this is, apart from its byte order; nil for everything else and for odd layouts (12 bits in 16).
    package let element: HDF5ElementType?

    package var isNumeric: Bool { kind == .integer || kind == .float }
    package var isString: Bool { kind == .fixedString || kind == .variableString }

    /// `int16, big-endian` and the like, for messages.
    package var name: String {
        guard let element else { return kind.rawValue }
        return byteOrder == .big ? "\(element.rawValue), big-endian" : element.rawValue
    }

    /// Reads the description from the library; to be called under its lock.
    init(describing type: hid_t) {
        let size = H5Tget_size(type)
        let order = H5Tget_order(type)
        self.size = size
        byteOrder = order == H5T_ORDER_LE ? .little : order == H5T_ORDER_BE ? .big : .none
        kind = HDF5Type.kind(of: type)
        element = isNumericKind(kind) ? HDF5Type.element(of: type, order: order) : nil
    }

    private static func kind(of type: hid_t) -> Kind {
        switch H5Tget_class(type) {
        case H5T_INTEGER: .integer
        case H5T_FLOAT: .float
        case H5T_STRING: H5Tis_variable_str(type) > 0 ? .variableString : .fixedString
        case H5T_ENUM: isBoolean(type) ? .boolean : .enumeration
        case H5T_REFERENCE: H5Tequal(type, ferro_H5T_STD_REF_OBJ()) > 0 ? .objectReference : .regionReference
        case H5T_COMPOUND: .compound
        case H5T_VLEN: .variableLength
        case H5T_ARRAY: .array
        case H5T_BITFIELD: .bitfield
        case H5T_TIME: .time
        default: .opaque
        }
    }

    private static func isBoolean(_ type: hid_t) -> Bool {
        guard H5Tget_size(type) == 1, H5Tget_nmembers(type) == 2 else { return false }
        return H5Tget_member_index(type, "FALSE") >= 0 && H5Tget_member_index(type, "TRUE") >= 0
    }

    /// The element whose layout, given the same byte order, is exactly this type's.
    private static func element(of type: hid_t, order: H5T_order_t) -> HDF5ElementType? {
        HDF5ElementType.allCases.first { candidate in
            guard candidate.size == H5Tget_size(type) else { return false }
            let copy = H5Tcopy(candidate.native)
            defer { H5Tclose(copy) }
            if candidate.size > 1 {
                H5Tset_order(copy, order)
            }
            // One-byte types may claim either order.
            else {
                H5Tset_order(copy, order == H5T_ORDER_BE ? H5T_ORDER_BE : H5T_ORDER_LE)
            }
            return H5Tequal(copy, type) > 0
        }
    }
}

private func isNumericKind(_ kind: HDF5Type.Kind) -> Bool { kind == .integer || kind == .float }

/// Types that a writer makes; each is owned by the handle returned. To be called under the library's lock.
enum HDF5MadeType {
    /// Text of any length, UTF-8, ended by a zero byte.
    static func variableString(at place: String) throws -> HDF5Handle {
        let type = try HDF5Handle(H5Tcopy(ferro_H5T_C_S1()), orThrow: "a text type cannot be made", at: place)
        try HDF5Library.check(H5Tset_size(type.id, ferro_H5T_VARIABLE()), "a text type cannot be made", at: place)
        try HDF5Library.check(H5Tset_cset(type.id, H5T_CSET_UTF8), "a text type cannot be made", at: place)
        return type
    }

    /// h5py's truth values: an enumeration of int8 with FALSE = 0 and TRUE = 1.
    static func boolean(at place: String) throws -> HDF5Handle {
        let type = try HDF5Handle(H5Tenum_create(ferro_H5T_NATIVE_INT8()), orThrow: "a truth type cannot be made", at: place)
        for (name, value) in [("FALSE", Int8(0)), ("TRUE", Int8(1))] {
            try withUnsafePointer(to: value) {
                _ = try HDF5Library.check(H5Tenum_insert(type.id, name, $0), "a truth type cannot be made", at: place)
            }
        }
        return type
    }
}
