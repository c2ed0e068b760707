// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroHDF5
import FerroRecordings
import Testing

/// Which columns of the electrodes table make a position.
@Suite struct ElectrodePositionTests {
    let folder: ScratchFolder
    init() throws { folder = try ScratchFolder() }

    /// Positions of rows 1 and 0 of a table with these columns.
    private func positions(_ columns: [String: [Double]]) throws -> [SIMD3<Double>?] {
        let path = try makeNWB(
            folder,
            spoil: { file in
                let table = try file.group("/general/extracellular_ephys/electrodes")
                for (name, values) in columns { try table.write(name, values) }
            })
        return try #require(openRecording(path).series.first).electrodes.map(\.position)
    }

    @Test func relativeCoordinatesComeFirst() throws {
        #expect(try positions(["rel_x": [0, 20, 40], "rel_y": [0, 5, 0], "x": [1, 2, 3], "y": [1, 2, 3]]) == [SIMD3(20, 5, 0), SIMD3(0, 0, 0)])
        #expect(try positions(["rel_x": [0, 20, 40], "x": [1, 2, 3], "y": [4, 5, 6], "z": [7, 8, 9]]) == [SIMD3(2, 5, 8), SIMD3(1, 4, 7)])
        #expect(try positions([:]) == [nil, nil])
    }

    @Test func oneCoordinateIsALineOfSites() throws {
        #expect(try positions(["rel_x": [0, 20, 40]]) == [SIMD3(20, 0, 0), SIMD3(0, 0, 0)])
        #expect(try positions(["rel_y": [0, 20, 40]]) == [SIMD3(0, 20, 0), SIMD3(0, 0, 0)])
        #expect(try positions(["x": [0, 20, 40], "z": [1, 1, 1]]) == [SIMD3(20, 0, 0), SIMD3(0, 0, 0)])
        #expect(try positions(["rel_x": [0, .nan, 40]]) == [nil, SIMD3(0, 0, 0)])
    }

    @Test func oneCoordinateThatLeavesSitesAtOnePlaceIsNone() throws {
        #expect(try positions(["rel_x": [0, 20, 20]]) == [nil, nil])
        #expect(try positions(["rel_x": [.nan, .nan, .nan]]) == [nil, nil])
        // An axis that is there but unknown is not taken for 0.
        #expect(try positions(["rel_x": [0, 20, 40], "rel_y": [.nan, .nan, .nan]]) == [nil, nil])
    }

    @Test func aColumnOfAnotherLengthIsRefused() throws {
        let path = try makeNWB(
            folder, "short.nwb",
            spoil: { file in
                try file.group("/general/extracellular_ephys/electrodes").write("rel_x", [0.0, 20])
                try file.group("/general/extracellular_ephys/electrodes").write("rel_y", [0.0, 20, 40])
            })
        let recording = try openRecording(path)
        #expect(recording.series == [])
        #expect(recording.problems.first?.message.contains("the column `rel_x` has 2 rows, the table 3") == true)
    }
}
