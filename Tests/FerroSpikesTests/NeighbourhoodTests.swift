// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroSpikes
import Testing

@Suite("Neighbourhood")
struct NeighbourhoodTests {
    @Test("electrodes at most the radius away are neighbours, the electrode itself is not")
    func line() throws {
        let electrodes = (0..<4).map { Electrode(id: "\($0)", position: SIMD3(0, 25 * Double($0), 0)) }
        #expect(try Neighbourhood.within(Micrometres(50), of: electrodes) == [[1, 2], [0, 2, 3], [0, 1, 3], [1, 2]])
        #expect(try Neighbourhood.within(Micrometres(24), of: electrodes) == [[], [], [], []])
    }

    @Test("with an inner radius the neighbours form a ring, both radii included, never with the electrode itself")
    func ring() throws {
        let electrodes = (0..<6).map { Electrode(id: "\($0)", position: SIMD3(0, 20 * Double($0), 0)) }
        func ring(_ inner: Double, _ outer: Double) throws -> [[Int]] {
            try Neighbourhood.within(Micrometres(outer), from: Micrometres(inner), of: electrodes)
        }
        #expect(try ring(20, 40)[2] == [0, 1, 3, 4])
        #expect(try ring(21, 40)[2] == [0, 4])
        #expect(try ring(0, 20)[0] == [1])
        #expect(try ring(5, 15) == Array(repeating: [], count: 6))
    }

    @Test("positions that repeat from group to group are relative to the group, so groups do not exclude each other")
    func relativePositions() throws {
        let square = [SIMD3(0.0, 0, 0), SIMD3(25, 0, 0), SIMD3(0, 25, 0), SIMD3(25, 25, 0)]
        func tetrodes(_ shift: Double) -> [Electrode] {
            (0..<8).map { Electrode(id: "\($0)", group: "tetrode\($0 / 4)", position: square[$0 % 4] + SIMD3($0 < 4 ? 0 : shift, 0, 0)) }
        }
        let inGroups = (0..<8).map { channel in (channel / 4 * 4..<channel / 4 * 4 + 4).filter { $0 != channel } }
        #expect(try Neighbourhood.within(Micrometres(50), of: tetrodes(0)) == inGroups)
        #expect(try Neighbourhood.within(Micrometres(50), of: tetrodes(300)) == inGroups)
        // Shanks at places of their own see each other where they are near.
        #expect(try Neighbourhood.within(Micrometres(50), of: tetrodes(50))[1] == [0, 2, 3, 4, 5, 6])
    }

    @Test("a missing position is refused with what to write, but a single electrode needs none")
    func missing() throws {
        #expect(try Neighbourhood.within(Micrometres(50), of: [Electrode(id: "a")]) == [[]])
        let error = #expect(throws: FerroError.self) {
            try Neighbourhood.within(Micrometres(50), of: [Electrode(id: "a"), Electrode(id: "b", position: .zero)])
        }
        #expect(error?.kind == .usage)
        #expect(error?.description.contains("by-channel") == true)
        #expect(error?.description.contains("electrode a") == true)
    }
}
