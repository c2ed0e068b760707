// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5
import Testing

@Suite struct HDF5RoundTripTests {
    let folder: ScratchFolder
    init() throws { folder = try ScratchFolder() }

    private func roundTrip<Number: HDF5Number & Equatable>(_ values: [Number]) throws {
        let path = folder.file("\(Number.hdf5Element.rawValue).h5")
        let file = try HDF5File.create(path)
        try file.root.write("a/b/values", values, shape: [values.count / 2, 2])
        try file.root.write("chunked", values, storage: .chunked([3], deflate: 4, shuffle: true))
        try file.close()
        let reader = try HDF5File.open(path)
        for name in ["a/b/values", "chunked"] {
            let dataset = try reader.root.dataset(name)
            #expect(dataset.type.element == Number.hdf5Element)
            #expect(try dataset.read(Number.self) == values)
        }
        #expect(try reader.dataset("/a/b/values").shape == [values.count / 2, 2])
        let filters = try reader.dataset("/chunked").filters.map(\.name)
        #expect(filters == ["shuffle", "deflate"])
        #expect(try reader.dataset("/chunked").layout == .chunked(shape: [3]))
    }

    @Test func numbersOfEveryTypeComeBackExactly() throws {
        try roundTrip([Int8.min, -1, 0, .max])
        try roundTrip([Int16.min, -1, 0, .max])
        try roundTrip([Int32.min, -1, 0, .max])
        try roundTrip([Int64.min, -1, 0, .max])
        try roundTrip([UInt8.min, 1, 128, .max])
        try roundTrip([UInt16.min, 1, 128, .max])
        try roundTrip([UInt32.min, 1, 128, .max])
        try roundTrip([UInt64.min, 1, 128, .max])
        try roundTrip([Float.leastNonzeroMagnitude, -1.5, 0, .infinity])
        try roundTrip([Double.leastNonzeroMagnitude, -1.5, 0, .infinity])
    }

    @Test func listsOneAfterTheOtherComeBackAsOne() throws {
        let path = folder.file("joined.h5")
        let file = try HDF5File.create(path)
        // Pieces of a megabyte that end within, at the end of, and after lists; then none at all.
        let long = (0..<5).map { list in (0..<[70_000, 0, 61_072, 300_000, 3][list]).map { Double(list) + Double($0) * 1e-6 } }
        let lists = ["long": long, "short": [[1.5], [], [2, 3]], "endsEmpty": [[1], []], "empty": [[], []], "none": []]
        for (name, lists) in lists { try file.root.write(name, joined: lists) }
        try file.close()
        let reader = try HDF5File.open(path)
        for (name, lists) in lists { #expect(try reader.root.dataset(name).read(Double.self) == lists.flatMap { $0 }, "\(name)") }
    }

    @Test func textsWiderThanTheBufferOfTransfersComeBack() throws {
        let path = folder.file("wide.h5")
        let file = try HDF5File.create(path)
        let texts = [String(repeating: "firing ", count: 20_000), "", "µV"]
        try file.root.write("texts", strings: texts)
        try file.close()
        #expect(try HDF5File.open(path).root.dataset("texts").readStrings() == texts)
    }

    @Test func textTruthAndReferencesComeBack() throws {
        let path = folder.file("others.h5")
        let file = try HDF5File.create(path)
        let root = try file.root
        try root.write("text", string: "µV – Spannung")
        try root.write("texts", strings: ["", "vCA1", "β"])
        try root.write("none", strings: [])
        try root.write("truths", booleans: [true, false, true])
        try root.createGroup("deep/er")
        try root.write("references", references: [file.reference(to: "/deep/er"), file.reference(to: "/texts")])
        try root.createSoftLink("soft", to: "/texts")
        try root.createSoftLink("dangling", to: "/nowhere")
        try root.write("scalar", scalar: Int32(7))
        try file.close()

        let reader = try HDF5File.open(path)
        #expect(try reader.dataset("/text").readString() == "µV – Spannung")
        #expect(try reader.dataset("/text").shape == [])
        #expect(try reader.dataset("/texts").readStrings() == ["", "vCA1", "β"])
        #expect(try reader.dataset("/none").readStrings() == [])
        #expect(try reader.dataset("/truths").type.kind == .boolean)
        #expect(try reader.dataset("/truths").read(Int64.self) == [1, 0, 1])
        #expect(try reader.dataset("/scalar").read(Double.self) == [7])
        let references = try reader.dataset("/references").readReferences()
        #expect(try references.map { try reader.path(of: $0) } == ["/deep/er", "/texts"])
        #expect(try reader.dataset("/soft").readStrings().count == 3)
        // A link that leads nowhere is no silence.
        #expect(reader.exists("/dangling"))
        #expect(throws: FerroError.self) { _ = try reader.group("/dangling") }
        #expect(!reader.exists("/nowhere/at/all"))
        #expect(reader.exists("/deep/er"))
        let links = try reader.root.links()
        #expect(links.map(\.name) == ["dangling", "deep", "none", "references", "scalar", "soft", "text", "texts", "truths"])
        #expect(links.first { $0.name == "soft" }?.kind == .soft(target: "/texts"))
        #expect(links.first { $0.name == "deep" }?.kind == .group)
        #expect(links.first { $0.name == "text" }?.kind == .dataset)
    }

    @Test func attributesOfEveryKindComeBack() throws {
        let path = folder.file("attributes.h5")
        let file = try HDF5File.create(path)
        let group = try file.root.createGroup("g")
        let reference = try file.reference(to: "/g")
        let values: [(String, HDF5Value, HDF5Value)] = [
            ("string", .string("volts"), .string("volts")), ("strings", .strings(["a", "µ"]), .strings(["a", "µ"])),
            ("double", .double(0.1), .double(0.1)), ("doubles", .doubles([0.1, 2]), .doubles([0.1, 2])),
            ("float", .float(0.1), .double(Double(Float(0.1)))), ("int64", .int64(-3), .int64(-3)),
            ("int32", .int32(4), .int64(4)), ("int32s", .int32s([4]), .int64s([4])), ("uint64", .uint64(.max), .uint64(.max)),
            ("bool", .bool(true), .bool(true)), ("bools", .bools([false, true]), .bools([false, true])),
            ("reference", .reference(reference), .reference(reference)),
            ("references", .references([reference, reference]), .references([reference, reference])),
            ("nothing", .strings([]), .strings([])),
        ]
        for (name, value, _) in values { try group.setAttribute(name, value) }
        try group.setAttribute("string", "replaced")
        try file.close()
        let reader = try HDF5File.open(path).group("/g")
        #expect(try reader.attributeNames() == values.map(\.0).sorted())
        for (name, _, expected) in values where name != "string" { #expect(try reader.attribute(name) == expected) }
        #expect(try reader.stringAttribute("string") == "replaced")
        #expect(try reader.doubleAttribute("int32") == 4)
        #expect(try reader.attribute("absent") == nil)
    }

    @Test func rowsAreAppendedAndReadInBlocks() throws {
        let path = folder.file("rows.h5")
        let file = try HDF5File.create(path)
        let grown = try file.root.createDataset(
            "grown", of: .number(.int16), shape: [0, 3], storage: .chunked([4, 3], deflate: 1, isExtendible: true))
        let preset = try file.root.createDataset("preset", of: .number(.int16), shape: [10, 3])
        for first in stride(from: 0, to: 10, by: 2) {
            let rows = (first * 3..<(first + 2) * 3).map { Int16($0) }
            try grown.append(rows)
            try preset.write(rows: first, rows)
        }
        try file.close()
        let reader = try HDF5File.open(path)
        for name in ["grown", "preset"] {
            let dataset = try reader.root.dataset(name)
            #expect(try dataset.shape == [10, 3])
            #expect(try dataset.read([3..<5, 1..<3], as: Int16.self) == [10, 11, 13, 14])
            #expect(try dataset.read([3..<5, 1..<3], as: Double.self) == [10, 11, 13, 14])
            #expect(try dataset.read([3..<3, 0..<3], as: Float.self) == [])
            #expect(throws: FerroError.self) { try dataset.read([9..<11, 0..<3], as: Int16.self) }
        }
        #expect(try reader.dataset("/grown").maximalShape == [nil, 3])
        #expect(try reader.dataset("/preset").fileOffset != nil)
        #expect(try reader.dataset("/grown").fileOffset == nil)
    }

    @Test func aFileWrittenTwiceHasTheSameBytes() throws {
        func make(_ name: String) throws -> String {
            let path = folder.file(name)
            let file = try HDF5File.create(path)
            try file.root.write("a/x", [1.0, 2, 3], storage: .chunked([2], deflate: 4))
            try file.group("/a").setAttribute("unit", "volts")
            try file.close()
            return path
        }
        let first = try bytes(of: make("first.h5"))
        #expect(try bytes(of: make("second.h5")) == first)
    }
}
