// SPDX-License-Identifier: GPL-3.0-or-later
import CHDF5
import FerroCore

/// How a new dataset is laid out in the file.
package struct HDF5Storage: Sendable, Equatable {
    /// Shape of the chunks; nil for one contiguous stretch.
    package var chunk: [Int]?
    /// 0 (none) to 9; needs chunks.
    package var deflate: Int
    /// Bytes of equal weight are stored side by side, which deflates better; needs chunks.
    package var shuffle: Bool
    /// The first dimension may grow without limit; needs chunks.
    package var isExtendible: Bool

    package init(chunk: [Int]? = nil, deflate: Int = 0, shuffle: Bool = false, isExtendible: Bool = false) {
        self.chunk = chunk
        self.deflate = deflate
        self.shuffle = shuffle
        self.isExtendible = isExtendible
    }

    package static let contiguous = HDF5Storage()

    package static func chunked(_ shape: [Int], deflate: Int = 0, shuffle: Bool = false, isExtendible: Bool = false) -> HDF5Storage {
        HDF5Storage(chunk: shape, deflate: deflate, shuffle: shuffle, isExtendible: isExtendible)
    }
}

/// What elements a new dataset holds.
package enum HDF5NewType: Sendable, Equatable {
    case number(HDF5ElementType)
    /// UTF-8 of any length.
    case string
    /// h5py's enumeration of FALSE and TRUE.
    case boolean
    case reference
}

extension HDF5Group {
    /// Creates a group, and those on the way to it.
    @discardableResult
    package func createGroup(_ relative: String) throws -> HDF5Group {
        let target = absolute(relative)
        return try HDF5Library.locked {
            let links = try intermediateLinks()
            let creation = try HDF5Handle(H5Pcreate(ferro_H5P_GROUP_CREATE()), orThrow: "no group can be made", at: place)
            H5Pset_obj_track_times(creation.id, false)
            let made = try HDF5Handle(
                H5Gcreate2(try file.identifier(), target, links.id, creation.id, ferro_H5P_DEFAULT()),
                orThrow: "the group cannot be made", at: "\(file.path): \(target)")
            return HDF5Group(file: file, path: target, handle: made)
        }
    }

    /// Creates a dataset, and the groups on the way to it. An empty shape makes a scalar.
    ///
    /// Elements that are never written are zero (or empty).
    package func createDataset(
        _ relative: String, of type: HDF5NewType, shape: [Int], storage: HDF5Storage = .contiguous
    ) throws -> HDF5Dataset {
        let target = absolute(relative)
        let place = "\(file.path): \(target)"
        return try HDF5Library.locked {
            let links = try intermediateLinks()
            let creation = try datasetCreation(storage, at: place)
            let space = try HDF5Group.newSpace(shape, isExtendible: storage.isExtendible, at: place)
            let stored = try type.make(at: place)
            let made = try HDF5Handle(
                H5Dcreate2(
                    try file.identifier(), target, stored.id, space.id, links.id, creation.id, ferro_H5P_DEFAULT()),
                orThrow: "the dataset cannot be made", at: place)
            return try HDF5Dataset(file: file, path: target, handle: made)
        }
    }

    /// Writes numbers as a dataset. `shape` defaults to one dimension.
    @discardableResult
    package func write<Number: HDF5Number>(
        _ relative: String, _ values: [Number], shape: [Int]? = nil, storage: HDF5Storage = .contiguous
    ) throws -> HDF5Dataset {
        try make(relative, .number(Number.hdf5Element), shape ?? [values.count], values.count, storage) { dataset in
            try dataset.transfer(values, as: Number.hdf5Element.native)
        }
    }

    /// Writes lists of numbers one after the other as a dataset of one dimension, about a megabyte at a time, so that they are not all held twice.
    @discardableResult
    package func write<Number: HDF5Number>(_ relative: String, joined lists: [[Number]]) throws -> HDF5Dataset {
        let total = lists.reduce(0) { $0 + $1.count }
        return try make(relative, .number(Number.hdf5Element), [total], total, .contiguous) { dataset in
            let most = (1 << 20) / MemoryLayout<Number>.stride
            var piece: [Number] = []
            piece.reserveCapacity(min(total, most + (lists.map(\.count).max() ?? 0)))
            var first = 0
            for (index, list) in lists.enumerated() {
                piece += list
                guard piece.count >= most || index == lists.count - 1 else { continue }
                try dataset.write(rows: first, piece)
                first += piece.count
                piece.removeAll(keepingCapacity: true)
            }
        }
    }

    /// Writes one number.
    @discardableResult
    package func write<Number: HDF5Number>(_ relative: String, scalar value: Number) throws -> HDF5Dataset {
        try write(relative, [value], shape: [])
    }

    /// Writes texts as UTF-8 of any length.
    @discardableResult
    package func write(
        _ relative: String, strings values: [String], shape: [Int]? = nil, storage: HDF5Storage = .contiguous
    ) throws -> HDF5Dataset {
        try make(relative, .string, shape ?? [values.count], values.count, storage) { dataset in
            let type = try HDF5MadeType.variableString(at: dataset.place)
            try HDF5Text.withPointers(values) { try dataset.transfer($0, as: type.id) }
        }
    }

    /// Writes one text.
    @discardableResult
    package func write(_ relative: String, string value: String) throws -> HDF5Dataset {
        try write(relative, strings: [value], shape: [])
    }

    /// Writes truth values the way h5py does.
    @discardableResult
    package func write(
        _ relative: String, booleans values: [Bool], shape: [Int]? = nil, storage: HDF5Storage = .contiguous
    ) throws -> HDF5Dataset {
        try make(relative, .boolean, shape ?? [values.count], values.count, storage) { dataset in
            let type = try HDF5MadeType.boolean(at: dataset.place)
            try dataset.transfer(values.map { Int8($0 ? 1 : 0) }, as: type.id)
        }
    }

    /// Writes object references.
    @discardableResult
    package func write(
        _ relative: String, references values: [HDF5Reference], shape: [Int]? = nil, storage: HDF5Storage = .contiguous
    ) throws -> HDF5Dataset {
        try make(relative, .reference, shape ?? [values.count], values.count, storage) { dataset in
            try dataset.transfer(values.map(\.address), as: ferro_H5T_STD_REF_OBJ())
        }
    }

    /// Makes a link by path; the target need not exist yet.
    package func createSoftLink(_ relative: String, to target: String) throws {
        try HDF5Library.locked {
            let links = try intermediateLinks()
            _ = try HDF5Library.check(
                H5Lcreate_soft(target, try file.identifier(), absolute(relative), links.id, ferro_H5P_DEFAULT()),
                "the link cannot be made", at: "\(file.path): \(absolute(relative))")
        }
    }

    private func make(
        _ relative: String, _ type: HDF5NewType, _ shape: [Int], _ count: Int, _ storage: HDF5Storage,
        fill: (HDF5Dataset) throws -> Void
    ) throws -> HDF5Dataset {
        guard shape.reduce(1, *) == count else {
            throw FerroError.internalError("\(count) values do not fill the shape \(shape)", at: "\(file.path): \(absolute(relative))")
        }
        return try HDF5Library.locked {
            let dataset = try createDataset(relative, of: type, shape: shape, storage: storage)
            if count > 0 { try fill(dataset) }
            return dataset
        }
    }

    private func intermediateLinks() throws -> HDF5Handle {
        let links = try HDF5Handle(H5Pcreate(ferro_H5P_LINK_CREATE()), orThrow: "nothing can be made here", at: place)
        H5Pset_create_intermediate_group(links.id, 1)
        H5Pset_char_encoding(links.id, H5T_CSET_UTF8)
        return links
    }

    private func datasetCreation(_ storage: HDF5Storage, at place: String) throws -> HDF5Handle {
        let creation = try HDF5Handle(H5Pcreate(ferro_H5P_DATASET_CREATE()), orThrow: "no dataset can be made", at: place)
        H5Pset_obj_track_times(creation.id, false)
        guard let chunk = storage.chunk else {
            guard storage.deflate == 0, !storage.shuffle, !storage.isExtendible else {
                throw FerroError.internalError("filters and growth need chunks", at: place)
            }
            return creation
        }
        let lengths = chunk.map { hsize_t(max(1, $0)) }
        try HDF5Library.check(H5Pset_chunk(creation.id, Int32(lengths.count), lengths), "such chunks cannot be made", at: place)
        if storage.shuffle { try HDF5Library.check(H5Pset_shuffle(creation.id), "bytes cannot be shuffled", at: place) }
        if storage.deflate > 0 {
            try HDF5Library.check(H5Pset_deflate(creation.id, UInt32(storage.deflate)), "data cannot be deflated", at: place)
        }
        return creation
    }

    /// A new data space of a shape; scalar where the shape is empty.
    static func newSpace(_ shape: [Int], isExtendible: Bool, at place: String) throws -> HDF5Handle {
        guard !shape.isEmpty else { return try HDF5Handle(H5Screate(H5S_SCALAR), orThrow: "no scalar can be made", at: place) }
        let lengths = shape.map { hsize_t($0) }
        var limits = lengths
        if isExtendible { limits[0] = ferro_H5S_UNLIMITED() }
        return try HDF5Handle(
            H5Screate_simple(Int32(lengths.count), lengths, limits), orThrow: "such a shape cannot be made", at: place)
    }
}

extension HDF5Dataset {
    /// Writes rows (indices of the first dimension, all of the others) in row-major order, growing an extendible dataset as needed.
    package func write<Number: HDF5Number>(rows first: Int, _ values: [Number]) throws {
        try values.withUnsafeBytes { try write(rows: first, $0, as: Number.hdf5Element) }
    }

    /// Writes whole rows from memory, from row `first` on. The number of rows follows from the number of bytes.
    package func write(rows first: Int, _ bytes: UnsafeRawBufferPointer, as element: HDF5ElementType) throws {
        try HDF5Library.locked {
            let current = try shape
            let row = current.dropFirst().reduce(1, *)
            guard !current.isEmpty, row > 0, bytes.count % (row * element.size) == 0 else {
                throw FerroError.internalError("\(bytes.count) bytes are not whole rows of the shape \(current)", at: place)
            }
            let rows = bytes.count / (row * element.size)
            guard rows > 0 else { return }
            if first + rows > current[0] {
                var grown = current.map { hsize_t($0) }
                grown[0] = hsize_t(first + rows)
                try file.givingUpOnFailure { _ = try HDF5Library.check(H5Dset_extent(handle.id, grown), "the dataset cannot grow", at: place) }
            }
            let (space, memory) = try selection([first..<first + rows] + current.dropFirst().map { 0..<$0 })
            try file.givingUpOnFailure {
                _ = try HDF5Library.check(
                    H5Dwrite(handle.id, element.native, memory.id, space.id, ferro_H5P_DEFAULT(), bytes.baseAddress),
                    "cannot be written", at: place)
            }
        }
    }

    /// Writes rows after the last one of an extendible dataset.
    package func append<Number: HDF5Number>(_ values: [Number]) throws {
        try HDF5Library.locked { try write(rows: try shape.first ?? 0, values) }
    }

    /// Writes all elements from memory of the given type; under the library's lock.
    func transfer<Element: BitwiseCopyable>(_ values: [Element], as memory: hid_t) throws {
        try file.givingUpOnFailure {
            try values.withUnsafeBytes { bytes in
                _ = try HDF5Library.check(
                    H5Dwrite(handle.id, memory, ferro_H5S_ALL(), ferro_H5S_ALL(), HDF5Library.transfers(of: memory), bytes.baseAddress),
                    "cannot be written", at: place)
            }
        }
    }
}

extension HDF5NewType {
    /// The library's type; under its lock.
    func make(at place: String) throws -> HDF5Handle {
        switch self {
        case .number(let element): try HDF5Handle(H5Tcopy(element.native), orThrow: "no type can be made", at: place)
        case .string: try HDF5MadeType.variableString(at: place)
        case .boolean: try HDF5MadeType.boolean(at: place)
        case .reference: try HDF5Handle(H5Tcopy(ferro_H5T_STD_REF_OBJ()), orThrow: "no type can be made", at: place)
        }
    }
}
