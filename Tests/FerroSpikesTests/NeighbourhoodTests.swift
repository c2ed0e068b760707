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
