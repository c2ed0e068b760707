// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
import FerroHDF5

/// A `DynamicTable` of an NWB file as plain values: what the writers write and the reader gives back.
package struct NWBTable: Sendable, Equatable {
    package var description: String
    /// One per row.
    package var ids: [Int]
    /// In the order of the table's `colnames`.
    package var columns: [NWBColumn]

    package init(description: String, ids: [Int], columns: [NWBColumn]) {
        self.description = description
        self.ids = ids
        self.columns = columns
    }

    package subscript(_ name: String) -> NWBColumn? { columns.first { $0.name == name } }
}

/// A named column with its meaning.
package struct NWBColumn: Sendable, Equatable {
    package enum Values: Sendable, Equatable {
        case doubles([Double])
        case integers([Int])
        case texts([String])
        case booleans([Bool])
        /// Rows of equal width.
        case matrix([[Double]], width: Int)
        case raggedDoubles([[Double]])
        case raggedFloats([[Float]])
        case raggedIntervals([[TimeInterval]])
        /// Row indices of the table at a path.
        case region([Int], table: String)
        case raggedRegion([[Int]], table: String)
        /// Paths of objects.
        case objects([String])
    }

    package var name: String
    package var description: String
    package var values: Values

    package init(_ name: String, _ description: String, _ values: Values) {
        self.name = name
        self.description = description
        self.values = values
    }

    package var doubles: [Double]? {
        switch values {
        case .doubles(let values): values
        case .integers(let values): values.map(Double.init)
        default: nil
        }
    }
    package var integers: [Int]? {
        switch values {
        case .integers(let values), .region(let values, _): values
        default: nil
        }
    }
    package var texts: [String]? { if case .texts(let values) = values { values } else { nil } }
    package var booleans: [Bool]? { if case .booleans(let values) = values { values } else { nil } }
    package var matrix: [[Double]]? { if case .matrix(let values, _) = values { values } else { nil } }
    package var raggedIntegers: [[Int]]? { if case .raggedRegion(let values, _) = values { values } else { nil } }
    package var raggedIntervals: [[TimeInterval]]? { if case .raggedIntervals(let values) = values { values } else { nil } }
    /// Float32 columns come back as Float64, which loses nothing.
    package var raggedDoubles: [[Double]]? { if case .raggedDoubles(let values) = values { values } else { nil } }
}

// MARK: Writing

extension NWBTable {
    /// Writes the table at an absolute path.
    func write(to file: HDF5File, at path: String, as kind: NWBSchema.Kind, identity: String) throws {
        let group = try file.root.createGroup(path)
        try group.mark(kind, identity: identity, path: path)
        try group.setAttribute("colnames", .strings(columns.map(\.name)))
        try group.setAttribute("description", description)
        let id = try group.write("id", ids.map(Int64.init))
        try id.mark(.common("ElementIdentifiers"), identity: identity, path: "\(path)/id")
        for column in columns { try column.write(to: group, identity: identity) }
    }
}

extension NWBColumn {
    fileprivate func write(to group: HDF5Group, identity: String) throws {
        switch values {
        case .doubles(let values): try data(group, identity) { try group.write(name, values) }
        case .integers(let values): try data(group, identity) { try group.write(name, values.map(Int64.init)) }
        case .texts(let values): try data(group, identity) { try group.write(name, strings: values) }
        case .booleans(let values): try data(group, identity) { try group.write(name, booleans: values) }
        case .matrix(let rows, let width):
            try data(group, identity) { try group.write(name, rows.flatMap { $0 }, shape: [rows.count, width]) }
        case .raggedDoubles(let rows): try ragged(group, identity, rows.map(\.count)) { try group.write(name, joined: rows) }
        case .raggedFloats(let rows): try ragged(group, identity, rows.map(\.count)) { try group.write(name, joined: rows) }
        case .raggedIntervals(let rows):
            let flat = rows.flatMap { $0 }
            try ragged(group, identity, rows.map(\.count)) {
                try group.write(name, flat.flatMap { [$0.start, $0.stop] }, shape: [flat.count, 2])
            }
        case .region(let rows, let table):
            try data(group, identity, table: table) { try group.write(name, rows.map(Int64.init)) }
        case .raggedRegion(let rows, let table):
            try ragged(group, identity, rows.map(\.count), table: table) { try group.write(name, rows.flatMap { $0 }.map(Int64.init)) }
        case .objects(let paths):
            try data(group, identity) { try group.write(name, references: paths.map { try group.file.reference(to: $0) }) }
        }
    }

    private func data(_ group: HDF5Group, _ identity: String, table: String? = nil, _ make: () throws -> HDF5Dataset) throws {
        let dataset = try make()
        let path = "\(group.path)/\(name)"
        try dataset.mark(.common(table == nil ? "VectorData" : "DynamicTableRegion"), identity: identity, path: path)
        try dataset.setAttribute("description", description)
        if let table { try dataset.setAttribute("table", .reference(try group.file.reference(to: table))) }
    }

    /// The flattened values, and beside them the end of each row.
    private func ragged(
        _ group: HDF5Group, _ identity: String, _ counts: [Int], table: String? = nil, _ make: () throws -> HDF5Dataset
    ) throws {
        try data(group, identity, table: table, make)
        var end: UInt64 = 0
        let ends = counts.map { count in
            end += UInt64(count)
            return end
        }
        // SpikeInterface joins the ends to a signed zero, which NumPy makes fractions of where they have 64 bits without a sign.
        let index =
            end <= UInt32.max
            ? try group.write("\(name)_index", ends.map { UInt32($0) }) : try group.write("\(name)_index", ends)
        let path = "\(group.path)/\(name)"
        try index.mark(.common("VectorIndex"), identity: identity, path: "\(path)_index")
        try index.setAttribute("description", "Index for VectorData '\(name)'")
        try index.setAttribute("target", .reference(try group.file.reference(to: path)))
    }
}

// MARK: Reading

extension NWBTable {
    /// Reads a table of a file; nil where there is no such group.
    ///
    /// Columns of kinds that Ferrospike does not write (compound values, doubly ragged columns, object references) are left out.
    /// - Throws: `FerroError` (input) for a file that cannot be opened or a table that contradicts itself.
    package static func read(_ path: String, in filePath: String) throws -> NWBTable? {
        try read(path, in: try HDF5File.open(filePath))
    }

    static func read(_ path: String, in file: HDF5File) throws -> NWBTable? {
        guard file.exists(path) else { return nil }
        let group = try file.group(path)
        let names = try group.stringsAttribute("colnames") ?? []
        let ids: [Int64] = group.exists("id") ? try group.dataset("id").read() : []
        return NWBTable(
            description: try group.stringAttribute("description") ?? "", ids: ids.map(Int.init(clamping:)),
            columns: try names.compactMap { try NWBColumn.read($0, in: group) })
    }
}

extension NWBColumn {
    fileprivate static func read(_ name: String, in group: HDF5Group) throws -> NWBColumn? {
        guard group.exists(name), !group.exists("\(name)_index_index") else { return nil }
        let dataset = try group.dataset(name)
        let isRegion = try dataset.stringAttribute("neurodata_type") == "DynamicTableRegion"
        let table = isRegion ? try target(of: dataset) : nil
        let shape = try dataset.shape
        var values: Values?
        if group.exists("\(name)_index") {
            let ends: [Int64] = try group.dataset("\(name)_index").read()
            if let table {
                let flat: [Int64] = try dataset.read()
                values = .raggedRegion(try split(flat.map(Int.init(clamping:)), at: ends, place: dataset.place), table: table)
            } else if dataset.type.isNumeric, shape.count == 2, shape[1] == 2 {
                let flat: [Double] = try dataset.read()
                let intervals = (0..<shape[0]).map { TimeInterval(start: flat[2 * $0], stop: flat[2 * $0 + 1]) }
                values = .raggedIntervals(try split(intervals, at: ends, place: dataset.place))
            } else if dataset.type.isNumeric, shape.count == 1 {
                values = .raggedDoubles(try split(try dataset.read(), at: ends, place: dataset.place))
            }
        } else if let table {
            values = .region(try dataset.read(Int64.self).map(Int.init(clamping:)), table: table)
        } else if shape.count == 2, dataset.type.isNumeric {
            let flat: [Double] = try dataset.read()
            values = .matrix((0..<shape[0]).map { Array(flat[$0 * shape[1]..<($0 + 1) * shape[1]]) }, width: shape[1])
        } else if shape.count == 1 {
            switch dataset.type.kind {
            case .float: values = .doubles(try dataset.read())
            case .integer: values = .integers(try dataset.read(Int64.self).map(Int.init(clamping:)))
            case .boolean: values = .booleans(try dataset.read(Int8.self).map { $0 != 0 })
            case .fixedString, .variableString: values = .texts(try dataset.readStrings())
            default: break
            }
        }
        return try values.map { NWBColumn(name, try dataset.stringAttribute("description") ?? "", $0) }
    }

    private static func target(of dataset: HDF5Dataset) throws -> String? {
        guard case .reference(let reference) = try dataset.attribute("table") else { return nil }
        return try dataset.file.path(of: reference)
    }

    private static func split<Element>(_ flat: [Element], at ends: [Int64], place: String) throws -> [[Element]] {
        var first = 0
        return try ends.map { end in
            guard let last = Int(exactly: end), last >= first, last <= flat.count else {
                throw FerroError.input(
                    "a row ends at \(end) of \(flat.count) values", at: place, expected: "ends that rise and stay within the values")
            }
            defer { first = last }
            return Array(flat[first..<last])
        }
    }
}
