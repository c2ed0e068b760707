// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// Which channels see the same spikes.
package enum Neighbourhood {
    /// For each electrode the others at most `radius` away, ascending.
    ///
    /// A single electrode has no neighbours and needs no position.
    /// - Throws: `FerroError` (usage) when an electrode has no position.
    package static func within(_ radius: Micrometres, of electrodes: [Electrode]) throws -> [[Int]] {
        guard electrodes.count > 1 else { return electrodes.map { _ in [] } }
        let positions = try electrodes.map { electrode in
            guard let position = electrode.position, position.x.isFinite, position.y.isFinite, position.z.isFinite else {
                throw FerroError.usage(
                    "electrode \(electrode.id) has no position, so its neighbours within \(radius) are not known",
                    expected: "a position in micrometres for every electrode",
                    advice: "detect with `method: by-channel`, or add the positions to the file's electrodes")
            }
            return position
        }
        return positions.indices.map { channel in
            positions.indices.filter { other in
                let apart = positions[channel] - positions[other]
                return other != channel && (apart * apart).sum() <= radius.value * radius.value
            }
        }
    }
}
