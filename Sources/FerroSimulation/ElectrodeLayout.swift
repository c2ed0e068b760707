// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// Where the recording sites are.
package struct ElectrodeLayout: Sendable, Equatable {
    package enum Geometry: String, Sendable, CaseIterable {
        /// One column of sites, `pitch` apart.
        case linear
        /// Squares of four sites, `pitch` apart, ten pitches from one square to the next.
        case tetrode
        /// A square array, filled row by row, `pitch` apart.
        case grid
    }

    package var geometry: Geometry
    package var count: Int
    package var pitch: Micrometres
    /// Brain area.
    package var location: String
    /// Sites of a group; nil puts a tetrode into each group, and everything else into one.
    package var groupSize: Int?

    package init(geometry: Geometry, count: Int, pitch: Micrometres, location: String = "vCA1", groupSize: Int? = nil) {
        self.geometry = geometry
        self.count = count
        self.pitch = pitch
        self.location = location
        self.groupSize = groupSize
    }

    /// The sites, with positions in micrometres in the plane z = 0 and groups named `shank0`, `shank1`, … or `tetrode0`, ….
    package var electrodes: [Electrode] {
        let side = (1...max(count, 1)).first { $0 * $0 >= count } ?? 1
        return (0..<count).map { index in
            let spot: (x: Int, y: Int) =
                switch geometry {
                case .linear: (0, index)
                case .tetrode: (index % 2 + index / 4 * 10, index / 2 % 2)
                case .grid: (index % side, index / side)
                }
            let size = groupSize ?? (geometry == .tetrode ? 4 : max(count, 1))
            return Electrode(
                id: "\(index)", location: location, group: "\(geometry == .tetrode ? "tetrode" : "shank")\(index / size)",
                position: SIMD3(Double(spot.x) * pitch.value, Double(spot.y) * pitch.value, 0))
        }
    }

    func check() throws {
        guard (1...4096).contains(count) else {
            throw FerroError.usage("\(count) electrodes cannot be simulated", expected: "1 to 4096")
        }
        guard pitch.value > 0 else { throw FerroError.usage("a pitch of \(pitch) is impossible", expected: "a positive distance") }
        if let groupSize, groupSize < 1 { throw FerroError.usage("groups of \(groupSize) electrodes are impossible", expected: "at least 1") }
    }
}
