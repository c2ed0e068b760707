// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5
import FerroRecordings
import Foundation
import Testing

/// A result file that contradicts itself is refused with the table that does.
@Suite struct DamagedResultTests {
    let folder: ScratchFolder
    init() throws { folder = try ScratchFolder() }

    /// A small result built by hand: one electrode, units 5 and 9 with 3 and 0 spikes; `more` adds to it.
    private func makeResult(_ name: String = "result.nwb", facts: [(String, String)] = [], more: (HDF5File) throws -> Void = { _ in }) throws -> String {
        let path = folder.file(name)
        let file = try HDF5File.create(path)
        let all = [("recording", "small")] + facts
        try makeTable("/analysis/facts", in: file, ids: Array(0..<Int64(all.count)), columns: ["fact", "value"]) { table in
            try table.write("fact", strings: all.map(\.0))
            try table.write("value", strings: all.map(\.1))
        }
        try makeTable("/general/extracellular_ephys/electrodes", in: file, ids: [0], columns: ["location", "group_name", "channel_name"]) { table in
            for (column, text) in [("location", "vCA1"), ("group_name", "shank"), ("channel_name", "e0")] { try table.write(column, strings: [text]) }
        }
        try makeTable("/units", in: file, ids: [5, 9], columns: ["unit_name", "spike_times", "obs_intervals", "rate_hz"]) { table in
            try table.write("unit_name", strings: ["five", "nine"])
            try table.write("spike_times", [0.5, 1, 1.5])
            try table.write("spike_times_index", [UInt32(3), 3])
            try table.write("obs_intervals", [0.0, 2, 0, 2], shape: [2, 2])
            try table.write("obs_intervals_index", [UInt32(1), 2])
            try table.write("rate_hz", [1.5, 0])
        }
        try more(file)
        try file.close()
        return path
    }

    private func makeTable(
        _ path: String, in file: HDF5File, ids: [Int64], columns: [String], _ fill: (HDF5Group) throws -> Void
    ) throws {
        let table = try file.root.createGroup(path)
        try table.setAttribute("colnames", .strings(columns))
        try table.setAttribute("description", "of \(path)")
        try table.write("id", ids)
        try fill(table)
    }

    private func makeBursts(_ file: HDF5File, unit: Int64, first: Int64, count: Int64) throws {
        let columns = ["start_time", "stop_time", "unit", "first_spike", "spike_count"]
        try makeTable("/intervals/bursts", in: file, ids: [0], columns: columns) { table in
            try table.write("start_time", [0.5])
            try table.write("stop_time", [1.0])
            for (name, value) in [("unit", unit), ("first_spike", first), ("spike_count", count)] { try table.write(name, [value]) }
        }
    }

    private func makeRegion(_ rows: [Int64], _ name: String, in table: HDF5Group) throws {
        let region = try table.write(name, rows)
        try region.setAttribute("neurodata_type", "DynamicTableRegion")
        try region.setAttribute("table", .reference(table.file.reference(to: "/general/extracellular_ephys/electrodes")))
    }

    private func refused(_ path: String, at table: String) throws -> String {
        let error = try #require(refusal { _ = try readRecordingResult(path) })
        #expect(error.kind == .input)
        #expect(error.place?.hasPrefix("\(path): \(table)") == true, "\(error)")
        return error.what
    }

    @Test func aSoundOneIsRead() throws {
        let result = try readRecordingResult(makeResult(more: { try makeBursts($0, unit: 5, first: 1, count: 2) }))
        let observed = [TimeInterval(start: 0, stop: 2)]
        #expect(result.name == "small")
        #expect(result.electrodes == [Electrode(id: "e0", location: "vCA1", group: "shank")])
        #expect(result.metrics == [MetricDescription(name: "rate_hz", meaning: "")])
        #expect(
            result.units == [
                UnitResult(
                    train: SpikeTrain(id: "five", times: [0.5, 1, 1.5], observed: observed),
                    bursts: [Burst(spikes: 1..<3, start: 0.5, stop: 1)], values: [1.5]),
                UnitResult(train: SpikeTrain(id: "nine", times: [], observed: observed), bursts: [], values: [0]),
            ])
        #expect(result.burstsDescription == "of /intervals/bursts")
    }

    @Test func burstsThatFitNoUnit() throws {
        func burst(unit: Int64, first: Int64, count: Int64) throws -> String {
            try refused(makeResult(more: { try makeBursts($0, unit: unit, first: first, count: count) }), at: "/intervals/bursts")
        }
        #expect(try burst(unit: 0, first: 0, count: 2) == "burst 0 is of unit 0, which is not in the table of units")
        for (first, count) in [(2, 2), (-1, 2), (0, -1), (Int64.max, 2), (0, Int64.max)] as [(Int64, Int64)] {
            #expect(try burst(unit: 5, first: first, count: count) == "burst 0 lies outside its unit's spikes")
        }
        #expect(try burst(unit: 9, first: 0, count: 1) == "burst 0 lies outside its unit's spikes")
    }

    @Test func unitsOnElectrodesThatAreNotThere() throws {
        for row in [1, -1] as [Int64] {
            let path = try makeResult(more: { file in
                let table = try file.group("/units")
                try table.setAttribute("colnames", .strings(["unit_name", "spike_times", "obs_intervals", "electrodes", "rate_hz"]))
                try makeRegion([row], "electrodes", in: table)
                try table.write("electrodes_index", [UInt32(1), 1])
            })
            #expect(try refused(path, at: "/units") == "a unit sits on no electrode of the file")
        }
    }

    @Test func columnsThatAreMissingOrDoNotFit() throws {
        let missing = try makeResult(more: { try $0.group("/units").setAttribute("colnames", .strings(["spike_times", "obs_intervals"])) })
        #expect(try refused(missing, at: "/units") == "the table has no column `unit_name`")
        let short = try makeResult(more: { file in
            let table = try file.group("/units")
            try table.setAttribute("colnames", .strings(["unit_name", "spike_times", "obs_intervals", "rate_hz", "cv"]))
            try table.write("cv", [1.0])
        })
        #expect(try refused(short, at: "/units") == "the column `cv` does not fit the table of 2 rows")
        let text = try makeResult(more: { file in
            let table = try file.group("/units")
            try table.setAttribute("colnames", .strings(["unit_name", "spike_times", "obs_intervals", "rate_hz", "quality"]))
            try table.write("quality", strings: ["good", "mua"])
        })
        #expect(try refused(text, at: "/units") == "the column `quality` does not fit the table of 2 rows")
    }

    @Test func aSpectrumThatIsMissing() throws {
        let path = try makeResult(facts: [("spectrum", "lfp")])
        #expect(try refused(path, at: "/processing/ecephys/spectrum_lfp") == "the spectrum is missing")
    }

    @Test func aSpectrumThatDoesNotFit() throws {
        func spectrum(row: Int64, frequencies: Int, densities: Int) throws -> String {
            let path = try makeResult(
                facts: [("spectrum", "lfp")],
                more: { file in
                    let columns = ["electrode", "stage", "method", "window_count", "frequency_hz", "power_uv2_per_hz"]
                    try makeTable("/processing/ecephys/spectrum_lfp", in: file, ids: [0], columns: columns) { table in
                        try makeRegion([row], "electrode", in: table)
                        try table.write("stage", strings: ["lfp"])
                        try table.write("method", strings: ["welch"])
                        try table.write("window_count", [Int64(3)])
                        try table.write("frequency_hz", [Double](repeating: 1, count: frequencies), shape: [1, frequencies])
                        try table.write("power_uv2_per_hz", [Double](repeating: 1, count: densities), shape: [1, densities])
                    }
                })
            return try refused(path, at: "/processing/ecephys/spectrum_lfp")
        }
        #expect(try spectrum(row: 0, frequencies: 3, densities: 4) == "there is not one density at every frequency")
        #expect(try spectrum(row: 1, frequencies: 3, densities: 3) == "a row is of no electrode of the file")
    }

    @Test func anExcerptThatDoesNotFitItsElectrodes() throws {
        func excerpt(columns: Int, rows: [Int64], rate: Double?) throws -> String {
            let path = try makeResult(more: { file in
                let series = try file.root.createGroup("/processing/ecephys/excerpt")
                try series.write("data", [Float](repeating: 1, count: 4 * columns), shape: [4, columns])
                let start = try series.write("starting_time", scalar: 0.0)
                if let rate { try start.setAttribute("rate", .double(rate)) }
                let ids = Array(0..<Int64(rows.count))
                try makeTable("/processing/ecephys/excerpt_electrodes", in: file, ids: ids, columns: ["electrode"]) {
                    try makeRegion(rows, "electrode", in: $0)
                }
            })
            return try refused(path, at: "/processing/ecephys/excerpt")
        }
        #expect(try excerpt(columns: 2, rows: [0], rate: 100) == "the excerpt does not fit its electrodes")
        #expect(try excerpt(columns: 1, rows: [1], rate: 100) == "the excerpt does not fit its electrodes")
        #expect(try excerpt(columns: 1, rows: [0], rate: nil) == "the excerpt has no time")
    }
}
