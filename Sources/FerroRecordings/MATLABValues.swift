// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5

/// MATLAB values as its v7.3 files store them: cell arrays are arrays of references, text is UTF-16, and what is empty says so in an
/// attribute (its dataset then holds its size).
enum MATLABValues {
    static func isEmpty(_ dataset: HDF5Dataset) throws -> Bool { try (dataset.doubleAttribute("MATLAB_empty") ?? 0) != 0 }

    /// The cells of a cell array, in MATLAB's order; nil for a cell that points nowhere.
    static func cells(_ dataset: HDF5Dataset) throws -> [HDF5Dataset?] {
        guard try !isEmpty(dataset) else { return [] }
        return try dataset.readReferences().map { $0.isNull ? nil : try dataset.file.dataset(dataset.file.path(of: $0)) }
    }

    /// A vector of numbers; empty where MATLAB says it is.
    static func numbers(_ dataset: HDF5Dataset) throws -> [Double] {
        guard try !isEmpty(dataset) else { return [] }
        guard try dataset.shape.filter({ $0 != 1 }).count <= 1 else {
            throw FerroError.input("the array has the shape \(try dataset.shape)", at: dataset.place, expected: "one row or column")
        }
        return try dataset.read(Double.self)
    }

    /// Number of elements of a vector, without reading it.
    static func count(_ dataset: HDF5Dataset) throws -> Int { try isEmpty(dataset) ? 0 : dataset.count }

    static func text(_ dataset: HDF5Dataset) throws -> String {
        guard try !isEmpty(dataset) else { return "" }
        if dataset.type.isString { return try dataset.readStrings().joined() }
        guard try dataset.stringAttribute("MATLAB_class") == "char" else {
            throw FerroError.input("holds \(dataset.type.name)", at: dataset.place, expected: "text")
        }
        return String(decoding: try dataset.read(UInt16.self), as: UTF16.self)
    }

    /// Texts of a cell array of texts, or of one text.
    static func texts(_ dataset: HDF5Dataset) throws -> [String] {
        guard dataset.type.kind == .objectReference else { return [try text(dataset)] }
        return try cells(dataset).map { try $0.map(text) ?? "" }
    }

    /// The path that `/cells{2}` means: the second cell of a cell array, counted from 1 as MATLAB does; any other path is itself.
    static func resolved(_ path: String, in file: HDF5File) throws -> String {
        guard path.hasSuffix("}"), let open = path.lastIndex(of: "{"), let number = Int(path[path.index(after: open)...].dropLast()) else { return path }
        let array = try file.dataset(String(path[..<open]))
        let cells = try isEmpty(array) ? [] : array.readReferences()
        guard cells.indices.contains(number - 1), !cells[number - 1].isNull else {
            throw FerroError.input("there is no cell \(number) of \(cells.count)", at: array.place, expected: "cells counted from 1")
        }
        return try file.path(of: cells[number - 1])
    }
}
