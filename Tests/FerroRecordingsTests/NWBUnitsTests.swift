// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5
import FerroRecordings
import Foundation
import Testing

/// The table of units of an NWB file: spikes, observed intervals, electrodes, and what is refused.
@Suite struct NWBUnitsTests {
    let folder: ScratchFolder
    init() throws { folder = try ScratchFolder() }

    /// Three units with 2, 0 and 1 spikes beside the small series of 20 ms; `more` adds columns.
    private func makeUnits(
        _ name: String = "units.nwb", ids: [Int64] = [4, 7, 2], times: [Double] = [0.001, 0.002, 0.003], ends: [Int64]? = [2, 2, 3],
        hasSeries: Bool = true, more: (HDF5Group) throws -> Void = { _ in }
    ) throws -> String {
        try makeNWB(
            folder, name, data: hasSeries ? writeCounts : { _ in }, hasTimes: hasSeries,
            spoil: { file in
                let table = try file.root.createGroup("units")
                try table.write("id", ids)
                try table.write("spike_times", times)
                if let ends { try table.write("spike_times_index", ends) }
                try more(table)
            })
    }

    private func refused(_ path: String) throws -> FerroError {
        let recording = try openRecording(path)
        let error = try #require(refusal { _ = try recording.units() })
        #expect(error.kind == .input)
        #expect(error.place?.hasPrefix("\(path): /units") == true)
        return error
    }

    private func addElectrodes(_ rows: [Int64], ends: [Int64]?, to table: HDF5Group) throws {
        let region = try table.write("electrodes", rows)
        try region.setAttribute("table", .reference(table.file.reference(to: "/general/extracellular_ephys/electrodes")))
        if let ends { try table.write("electrodes_index", ends) }
    }

    @Test func spikesOfEveryUnit() throws {
        let recording = try openRecording(makeUnits())
        #expect(try #require(recording.unitCounts) == (3, 3))
        let units = try recording.units()
        #expect(units.trains.map(\.id) == ["4", "7", "2"])
        #expect(units.trains.map(\.times) == [[0.001, 0.002], [], [0.003]])
        #expect(units.trains.map(\.electrode) == [nil, nil, nil])
        #expect(units.electrodes == [])
    }

    @Test func withoutObservedIntervalsTheSeriesStandForThemAndAWarningSaysSo() throws {
        let recording = try openRecording(makeUnits())
        #expect(recording.problems.map(\.severity) == [.warning])
        #expect(recording.problems[0].message.contains("taken to be observed while \(smallSeries) was recorded"))
        #expect(try recording.units().trains.allSatisfy { $0.observed == [TimeInterval(start: 0, stop: 0.02)] })

        let alone = try openRecording(makeUnits("alone.nwb", hasSeries: false))
        #expect(alone.problems.contains { $0.severity == .warning && $0.message.contains("their observed time is unknown") })
        #expect(try alone.units().trains.map(\.observed) == [[], [], []])
    }

    @Test func observedIntervals() throws {
        let path = try makeUnits(more: { table in
            try table.write("obs_intervals", [0, 1, 1, 2.5, 0.5, 3], shape: [3, 2])
            try table.write("obs_intervals_index", [Int64(2), 2, 3])
        })
        let recording = try openRecording(path)
        #expect(recording.problems == [])
        #expect(
            try recording.units().trains.map(\.observed) == [
                [TimeInterval(start: 0, stop: 1), TimeInterval(start: 1, stop: 2.5)], [], [TimeInterval(start: 0.5, stop: 3)],
            ])
    }

    @Test func observedIntervalsThatAreNone() throws {
        func refusedIntervals(_ bounds: [Double], shape: [Int], ends: [Int64]?) throws -> String {
            try refused(
                makeUnits(more: { table in
                    try table.write("obs_intervals", bounds, shape: shape)
                    if let ends { try table.write("obs_intervals_index", ends) }
                })
            ).what
        }
        let disorder = "the observed intervals of row 0 overlap or are out of order"
        #expect(try refusedIntervals([0, 1, 0.5, 2], shape: [2, 2], ends: [2, 2, 2]) == disorder)
        #expect(try refusedIntervals([2, 1], shape: [1, 2], ends: [1, 1, 1]) == disorder)
        #expect(try refusedIntervals([0, .nan], shape: [1, 2], ends: [1, 1, 1]) == disorder)
        #expect(try refusedIntervals([0, 1, 2], shape: [1, 3], ends: [1, 1, 1]) == "the observed intervals have the shape [1, 3]")
        #expect(try refusedIntervals([0, 1], shape: [2], ends: nil) == "the observed intervals have the shape [2]")
        #expect(try refusedIntervals([0, 1], shape: [1, 2], ends: nil) == "there are 1 values for 3 rows")
    }

    @Test(arguments: [[2, 1, 3], [2, 2, 4], [2, 2, 2], [2, 3], [-1, 2, 3], [2, 2, 3, 3]] as [[Int64]])
    func anIndexThatDoesNotDivideTheSpikes(_ ends: [Int64]) throws {
        let error = try refused(makeUnits(ends: ends))
        #expect(error.what == "the index does not divide 3 values among 3 rows")
        #expect(error.place?.hasSuffix("/units/spike_times_index") == true)
        #expect(error.expected == "3 ascending ends, the last 3")
    }

    @Test func withoutAnIndexEveryUnitHasOneSpike() throws {
        #expect(try openRecording(makeUnits(ends: nil)).units().trains.map(\.times) == [[0.001], [0.002], [0.003]])
        let error = try refused(makeUnits("more.nwb", times: [0.001, 0.002], ends: nil))
        #expect(error.what == "there are 2 values for 3 rows")
        #expect(error.expected == "`spike_times_index`")
    }

    @Test func theElectrodeOfAUnitIsToldWhereThereIsExactlyOne() throws {
        let path = try makeUnits(more: { try addElectrodes([2, 0, 1], ends: [1, 1, 3], to: $0) })
        let units = try openRecording(path).units()
        #expect(units.trains.map(\.electrode) == [2, nil, nil])
        #expect(units.electrodes.map(\.location) == ["CA1", "vCA1", "DG"])
        let each = try makeUnits("each.nwb", more: { try addElectrodes([2, 0, 1], ends: nil, to: $0) })
        #expect(try openRecording(each).units().trains.map(\.electrode) == [2, 0, 1])
    }

    @Test(arguments: [3, -1, Int64.max]) func anElectrodeThatIsNotInTheTable(_ row: Int64) throws {
        let error = try refused(makeUnits(more: { try addElectrodes([0, row, 1], ends: [1, 2, 3], to: $0) }))
        #expect(error.what == "a unit names row \(row) of a table of 3 electrodes")
        #expect(error.expected == "rows 0 to 2")
    }

    @Test func timesThatAreNoNumbersOrOutOfOrder() throws {
        #expect(try refused(makeUnits(times: [0.001, .nan, 0.003])).what == "spike 1 of unit 4 has no finite time")
        #expect(try refused(makeUnits(times: [0.001, 0.002, .infinity])).what == "spike 0 of unit 2 has no finite time")
        let error = try refused(makeUnits(times: [0.002, 0.001, 0.003]))
        #expect(error.what == "the spikes of unit 4 are out of order at spike 1: 0.002 s is followed by 0.001 s")
        #expect(error.advice?.contains("find out why") == true)
    }

    @Test func idsThatOccurTwice() throws {
        #expect(try refused(makeUnits(ids: [4, 4, 2])).what == "the unit id 4 occurs more than once")
    }

    @Test func aFileWithoutUnits() throws {
        let recording = try openRecording(try makeNWB(folder))
        #expect(recording.unitCounts == nil)
        #expect(refusal { _ = try recording.units() }?.what == "the file holds no spike times")
    }
}
