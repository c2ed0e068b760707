// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5

/// NWB's table of electrodes, row by row.
struct NWBElectrodeTable {
    static let usualPath = "/general/extracellular_ephys/electrodes"

    let path: String
    let rows: [Electrode]

    init(_ table: HDF5Group) throws {
        path = table.path
        guard table.exists("id") else {
            throw FerroError.input("the table of electrodes has no column `id`", at: table.place)
        }
        let ids = try table.dataset("id").read(Int64.self)
        let count = ids.count
        let locations = try NWBElectrodeTable.texts("location", in: table, count: count)
        let groups = try NWBElectrodeTable.texts("group_name", in: table, count: count)
        let positions = try NWBElectrodeTable.positions(in: table, count: count)
        rows = (0..<count).map {
            Electrode(id: "\(ids[$0])", location: locations?[$0], group: groups?[$0], position: positions?[$0])
        }
    }

    /// The electrodes of a region: rows of the table, in the region's order.
    static func electrodes(of region: HDF5Dataset, tables: inout [String: NWBElectrodeTable]) throws -> [Electrode] {
        let table = try table(of: region, known: &tables)
        return try region.read(Int64.self).map { row in
            guard table.rows.indices.contains(Int(clamping: row)) else {
                throw FerroError.input(
                    "the region names row \(row) of a table of \(table.rows.count) electrodes", at: region.place,
                    expected: "rows 0 to \(table.rows.count - 1) of \(table.path)")
            }
            return table.rows[Int(row)]
        }
    }

    /// The table a region points into; the usual one where it does not say.
    static func table(of region: HDF5Dataset, known: inout [String: NWBElectrodeTable]) throws -> NWBElectrodeTable {
        var path = usualPath
        if case .reference(let reference) = try region.attribute("table") { path = try region.file.path(of: reference) }
        if let table = known[path] { return table }
        let table = try NWBElectrodeTable(region.file.group(path))
        known[path] = table
        return table
    }

    private static func texts(_ column: String, in table: HDF5Group, count: Int) throws -> [String?]? {
        guard table.exists(column), let dataset = try? table.dataset(column), dataset.type.isString else { return nil }
        let texts = try dataset.readStrings()
        guard texts.count == count else {
            throw FerroError.input("the column has \(texts.count) rows, the table \(count)", at: dataset.place)
        }
        return texts.map { $0.isEmpty ? nil : $0 }
    }

    /// `rel_x`, `rel_y`, `rel_z` where present, else `x`, `y`, `z`, in micrometres; an electrode without a finite x and y has none.
    ///
    /// A table with one of x and y alone describes a line of sites, and the other axis is taken as 0, but only where that one
    /// coordinate tells all electrodes apart: two sites at one place are a sign that an axis is missing.
    private static func positions(in table: HDF5Group, count: Int) throws -> [SIMD3<Double>?]? {
        for prefix in ["rel_", ""] where table.exists(prefix + "x") && table.exists(prefix + "y") {
            let axes = try ["x", "y", "z"].map { try coordinates(prefix + $0, in: table, count: count) ?? [Double](repeating: 0, count: count) }
            let positions = (0..<count).map { row -> SIMD3<Double>? in
                let x = axes[0][row]
                let y = axes[1][row]
                let z = axes[2][row]
                return x.isFinite && y.isFinite ? SIMD3(x, y, z.isFinite ? z : 0) : nil
            }
            if positions.contains(where: { $0 != nil }) { return positions }
        }
        for prefix in ["rel_", ""] where table.exists(prefix + "x") != table.exists(prefix + "y") {
            let isAlongX = table.exists(prefix + "x")
            guard let line = try coordinates(prefix + (isAlongX ? "x" : "y"), in: table, count: count) else { continue }
            let known = line.filter(\.isFinite)
            guard !known.isEmpty, Set(known).count == known.count else { continue }
            return line.map { $0.isFinite ? (isAlongX ? SIMD3($0, 0, 0) : SIMD3(0, $0, 0)) : nil }
        }
        return nil
    }

    private static func coordinates(_ column: String, in table: HDF5Group, count: Int) throws -> [Double]? {
        guard table.exists(column) else { return nil }
        let values = try table.dataset(column).read(Double.self)
        guard values.count == count else {
            throw FerroError.input("the column `\(column)` has \(values.count) rows, the table \(count)", at: table.place)
        }
        return values
    }
}
