// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5
import FerroRecordings
import Foundation
import Testing

/// Every bad input is refused in a sentence that names the place and says what was expected.
@Suite struct RefusalTests {
    let folder: ScratchFolder
    init() throws { folder = try ScratchFolder() }

    /// The refusal of the only series of a file that opens all the same.
    private func seriesRefusal(_ path: String, declared: RecordingDeclarations = .none) throws -> FerroError {
        let recording = try openRecording(path, declared: declared)
        #expect(recording.series == [])
        #expect(recording.problems.first?.severity == .refusal)
        let error = try #require(refusal { _ = try recording.signal(of: smallSeries) })
        #expect(error.kind == .input)
        #expect(error.place?.hasPrefix(path) == true)
        #expect(recording.problems.first?.message.contains(error.what) == true)
        #expect(recording.problems.first?.message.contains(folder.path) == false)
        return error
    }

    @Test func aSoundFileIsRead() throws {
        let recording = try openRecording(try makeNWB(folder))
        #expect(recording.problems == [])
        let block = try recording.signal(of: smallSeries).read(3..<5, columns: [1, 0], origin: 0)
        #expect(block.channel(0) == [31, 41])
        #expect(block.channel(1) == [30, 40])
        #expect(recording.series[0].electrodes.map(\.location) == ["vCA1", "CA1"])
    }

    @Test func whatIsNoRecording() throws {
        let text = folder.file("text.nwb")
        try Data("not a recording".utf8).write(to: URL(fileURLWithPath: text))
        #expect(refusal { _ = try openRecording(text) }?.what == "this is not an HDF5 file")
        #expect(refusal { _ = try openRecording(folder.file("none.nwb")) }?.what == "there is no such file")
        #expect(refusal { _ = try openRecording(folder.path) }?.what == "this is a folder")

        let other = folder.file("other.h5")
        let file = try HDF5File.create(other)
        try file.root.write("Data/Recording_0/x", [1.0])
        try file.close()
        let mcs = refusal { _ = try openRecording(other) }
        #expect(mcs?.what == "this looks like a Multi Channel Systems file but does not name its protocol")
        #expect(mcs?.expected?.contains("McsHdf5ProtocolVersion") == true)

        let unknown = folder.file("unknown.h5")
        let second = try HDF5File.create(unknown)
        try second.root.write("voltage", [1.0])
        try second.close()
        #expect(refusal { _ = try openRecording(unknown) }?.what == "the layout of this HDF5 file is unknown")
        #expect(refusal { _ = try openRecording(unknown) }?.advice?.contains("voltage") == true)

        let old = folder.file("old.nwb")
        let third = try HDF5File.create(old)
        try third.root.write("nwb_version", string: "NWB-1.0.6")
        try third.close()
        #expect(refusal { _ = try openRecording(old) }?.what == "this is NWB-1.0.6, a layout of NWB before version 2")
    }

    @Test func aTruncatedFile() throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: makeNWB(folder)))
        let cut = folder.file("cut.nwb")
        try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: cut))
        #expect(refusal { _ = try openRecording(cut) }?.what.contains("cut off") == true)
    }

    @Test(arguments: [true, false]) func aFileCutOffAfterItWasOpened(isChunked: Bool) throws {
        let path = try makeNWB(
            folder,
            data: { series in
                let storage: HDF5Storage = isChunked ? .chunked([1000, 2], deflate: 1) : .contiguous
                // Noise, so that the chunks do not shrink to nothing.
                var generator = SeededGenerator(seed: 1)
                let data = try series.write(
                    "data", (0..<200_000).map { _ in Int16(truncatingIfNeeded: generator.next()) }, shape: [100_000, 2], storage: storage)
                try data.setAttribute("unit", "volts")
                try data.setAttribute("conversion", .double(1e-6))
            })
        let recording = try openRecording(path)
        let signal = try recording.signal(of: smallSeries)
        #expect(truncate(path, 100_000) == 0)
        let error = refusal { _ = try signal.read(0..<100_000, columns: [0, 1], origin: 0) }
        #expect(error?.kind == .input)
        #expect(error?.what.contains("the file ends") == true, "\(String(describing: error))")
        #expect(error?.place == "\(path): \(smallSeries)/data")
    }

    @Test func damagedChunks() throws {
        let path = try makeNWB(
            folder,
            data: { series in
                let data = try series.write(
                    "data", (0..<20_000).map { Int16(truncatingIfNeeded: $0) }, shape: [10_000, 2], storage: .chunked([10_000, 2], deflate: 1))
                try data.setAttribute("unit", "volts")
                try data.setAttribute("conversion", .double(1e-6))
            })
        let chunk: HDF5StoredChunk? = try {
            let file = try HDF5File.open(path)
            return try file.dataset(smallSeries + "/data").storedChunk(at: [0, 0])
        }()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let stored = try #require(chunk)
        for index in 100..<200 { bytes[stored.offset + index] ^= 0x55 }
        try bytes.write(to: URL(fileURLWithPath: path))
        let signal = try openRecording(path).signal(of: smallSeries)
        #expect(refusal { _ = try signal.read(0..<10, columns: [0], origin: 0) }?.what.contains("damaged") == true)
    }

    @Test func missingPieces() throws {
        #expect(try seriesRefusal(makeNWB(folder, "a.nwb", data: { _ in })).what == "the series has no samples")
        let untimed = try seriesRefusal(makeNWB(folder, "b.nwb", hasTimes: false))
        #expect(untimed.what == "the series does not say when its samples were taken")
        let unrated = try seriesRefusal(
            makeNWB(
                folder, "c.nwb", hasTimes: false,
                spoil: { file in
                    try file.group(smallSeries).write("starting_time", scalar: 0.0)
                }))
        #expect(unrated.what == "the series has no sampling rate")
        let still = try seriesRefusal(
            makeNWB(
                folder, "d.nwb",
                spoil: { file in
                    try file.dataset(smallSeries + "/starting_time").setAttribute("rate", .double(0))
                }))
        #expect(still.what.contains("0.0 Hz is impossible"))
    }

    @Test func noScaleOrUnit() throws {
        func counts(_ attributes: [(String, HDF5Value)]) -> (HDF5Group) throws -> Void {
            { series in
                let data = try series.write("data", [Int16](repeating: 1, count: 40), shape: [20, 2])
                for (name, value) in attributes { try data.setAttribute(name, value) }
            }
        }
        let unitless = try makeNWB(folder, "a.nwb", data: counts([("conversion", .double(1e-6))]))
        let error = try seriesRefusal(unitless)
        #expect(error.what == "the samples have no unit")
        #expect(error.advice?.contains("declare `unit: V`") == true)
        #expect(
            try openRecording(unitless, declared: RecordingDeclarations(unit: "mV")).signal(of: smallSeries)
                .read(0..<1, columns: [0], origin: 0).channel(0) == [1e-3])

        let scaleless = try makeNWB(folder, "b.nwb", data: counts([("unit", .string("volts"))]))
        #expect(try seriesRefusal(scaleless).what == "the samples are int16 without a scale")
        #expect(
            try openRecording(scaleless, declared: RecordingDeclarations(conversion: 2e-6)).signal(of: smallSeries)
                .read(0..<1, columns: [0], origin: 0).channel(0) == [2])

        let amperes = try makeNWB(folder, "c.nwb", data: counts([("unit", .string("amperes")), ("conversion", .double(1))]))
        #expect(try seriesRefusal(amperes, declared: RecordingDeclarations(unit: "V")).what == "the samples are in `amperes`, which is no voltage")
        let zero = try makeNWB(folder, "d.nwb", data: counts([("unit", .string("volts")), ("conversion", .double(0))]))
        #expect(try seriesRefusal(zero).what == "the conversion is 0.0")

        let counted = try makeNWB(folder, "e.nwb", data: counts([("unit", .string("volts")), ("conversion", .double(1))]))
        let recording = try openRecording(counted)
        #expect(recording.problems.map(\.severity) == [.warning])
        #expect(recording.problems[0].message.contains("the scale was probably never set"))
    }

    @Test func zeroChannelsOrSamples() throws {
        func empty(_ shape: [Int]) -> (HDF5Group) throws -> Void {
            { series in
                let data = try series.write("data", [Int16](), shape: shape)
                try data.setAttribute("unit", "volts")
                try data.setAttribute("conversion", .double(1))
            }
        }
        #expect(try seriesRefusal(makeNWB(folder, "a.nwb", data: empty([0, 2]))).what == "the series holds no frames")
        #expect(try seriesRefusal(makeNWB(folder, "b.nwb", data: empty([0]))).what == "the series holds no frames")
        #expect(try seriesRefusal(makeNWB(folder, "c.nwb", data: empty([20, 0]))).what == "the series holds no channels")
        let promised = try makeNWB(
            folder, "d.nwb",
            data: { series in
                let data = try series.createDataset("data", of: .number(.int16), shape: [20, 2])
                try data.setAttribute("unit", "volts")
                try data.setAttribute("conversion", .double(1e-6))
            })
        #expect(try seriesRefusal(promised).what == "the file promises 20 frames but no sample was ever written")
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity]) func samplesThatAreNoNumbers(_ value: Float) throws {
        for storage in [HDF5Storage.contiguous, .chunked([6, 2], deflate: 3, shuffle: true)] {
            let path = try makeNWB(
                folder, "bad-\(storage.deflate).nwb",
                data: { series in
                    var samples = [Float](repeating: 1, count: 40)
                    samples[2 * 13 + 1] = value
                    try series.write("data", samples, shape: [20, 2], storage: storage).setAttribute("unit", "volts")
                })
            let signal = try openRecording(path).signal(of: smallSeries)
            #expect(try signal.read(0..<13, columns: [0, 1], origin: 0).channel(1) == [Float](repeating: 1e6, count: 13))
            #expect(try signal.read(0..<20, columns: [0], origin: 0).frames.count == 20)
            let error = refusal { _ = try signal.read(10..<20, columns: [1, 0], origin: 5) }
            #expect(error?.kind == .input)
            #expect(error?.what == "the sample at frame 13, column 1 is \(value.isNaN ? "not a number" : "infinite")")
            #expect(error?.place == "\(path): \(smallSeries)/data")
        }
    }

    @Test func timestampsOutOfOrder() throws {
        func refusalOf(_ name: String, _ times: [Double], unit: String = "seconds") throws -> FerroError {
            try seriesRefusal(
                makeNWB(
                    folder, name, hasTimes: false,
                    spoil: { file in
                        try file.group(smallSeries).write("timestamps", times).setAttribute("unit", unit)
                    }))
        }
        var times = (0..<20).map { Double($0) / 1000 }
        times[7] = 0.0055
        #expect(try refusalOf("a.nwb", times).what == "the timestamps do not increase at frame 7: 0.006 s is followed by 0.0055 s")
        times[7] = .nan
        #expect(try refusalOf("b.nwb", times).what == "the timestamp of frame 7 is not a finite number")
        #expect(try refusalOf("c.nwb", Array(times[8...])).what == "there are 12 timestamps for 20 frames")
        #expect(try refusalOf("d.nwb", (0..<20).map { Double($0) }, unit: "ms").what == "times are in `ms`")
    }

    @Test func electrodesOutOfRange() throws {
        let beyond = try seriesRefusal(makeNWB(folder, "a.nwb", region: [0, 3]))
        #expect(beyond.what == "the region names row 3 of a table of 3 electrodes")
        #expect(try seriesRefusal(makeNWB(folder, "b.nwb", region: [0, -1])).what.contains("row -1"))
        #expect(try seriesRefusal(makeNWB(folder, "c.nwb", region: [0, 1, 2])).what == "the series has 2 channels but names 3 electrodes")
    }

    @Test func theRestStaysReadable() throws {
        let path = try makeNWB(
            folder,
            spoil: { file in
                let second = try file.root.createGroup("acquisition/Broken")
                try second.setAttribute("neurodata_type", "ElectricalSeries")
            })
        let recording = try openRecording(path)
        #expect(recording.series.map(\.path) == [smallSeries])
        #expect(recording.problems.map(\.message) == ["/acquisition/Broken: the series has no samples (expected a dataset `data`)"])
    }

    @Test func chunksThatWereNeverWritten() throws {
        let path = try makeNWB(
            folder,
            data: { series in
                let data = try series.createDataset("data", of: .number(.int16), shape: [20, 2], storage: .chunked([5, 2], deflate: 1))
                try data.write(rows: 5, [Int16](repeating: 7, count: 10))
                try data.setAttribute("unit", "volts")
                try data.setAttribute("conversion", .double(1e-6))
            })
        let recording = try openRecording(path)
        #expect(
            recording.problems.map(\.message) == [
                "/acquisition/ElectricalSeries/data: 3 of 4 chunks were never written and read as the fill value"
            ])
        let block = try recording.signal(of: smallSeries).read(0..<20, columns: [1], origin: 0)
        #expect(block.channel(0) == [Float](repeating: 0, count: 5) + [Float](repeating: 7, count: 5) + [Float](repeating: 0, count: 10))
    }

    @Test func chunksThatAreTooManyToCount() throws {
        let path = try makeNWB(
            folder, "many.nwb",
            data: { series in
                let data = try series.createDataset("data", of: .number(.int16), shape: [21_000, 1], storage: .chunked([1, 1]))
                try data.write(rows: 0, (0..<10_500).map { Int16($0) })
                try data.setAttribute("unit", "volts")
                try data.setAttribute("conversion", .double(1e-6))
            }, region: [0])
        let recording = try openRecording(path)
        #expect(
            recording.problems.map(\.message) == [
                "/acquisition/ElectricalSeries/data: 32 of 64 chunks looked for, out of 21000, were never written and read as the fill value"
            ])
        let block = try recording.signal(of: smallSeries).read(10_490..<10_510, columns: [0], origin: 0)
        #expect(block.channel(0) == (10_490..<10_510).map { $0 < 10_500 ? Float($0) : 0 })

        let empty = try makeNWB(
            folder, "empty.nwb",
            data: { series in
                let data = try series.createDataset("data", of: .number(.int16), shape: [21_000, 1], storage: .chunked([1, 1]))
                try data.setAttribute("unit", "volts")
                try data.setAttribute("conversion", .double(1e-6))
            }, region: [0])
        #expect(try seriesRefusal(empty).what == "the file promises 21000 frames but no sample was ever written")
    }
}
