// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// Which channels are near each other.
package enum Neighbourhood {
    /// For each electrode the others at most `radius` away, and at least `inner`, ascending.
    ///
    /// A single electrode has no neighbours and needs no position. Where two electrodes of different groups stand at one place, the
    /// positions are relative to each group (tetrodes that all have the same four positions), so only electrodes of one group are
    /// neighbours: what two tetrodes see at once are two spikes.
    /// - Throws: `FerroError` (usage) when an electrode has no position.
    /// - Parameter advice: what can be done without positions.
    package static func within(
        _ radius: Micrometres, from inner: Micrometres = Micrometres(0), of electrodes: [Electrode], advice: String = "detect with `method: by-channel`"
    ) throws -> [[Int]] {
        guard electrodes.count > 1 else { return electrodes.map { _ in [] } }
        let positions = try electrodes.map { electrode in
            guard let position = electrode.position, position.x.isFinite, position.y.isFinite, position.z.isFinite else {
                throw FerroError.usage(
                    "electrode \(electrode.id) has no position, so its neighbours within \(radius) are not known",
                    expected: "a position in micrometres for every electrode",
                    advice: "\(advice), or add the positions to the file's electrodes")
            }
            return position
        }
        let isRelative = positionsAreRelative(electrodes, positions)
        return positions.indices.map { channel in
            positions.indices.filter { other in
                if isRelative, electrodes[channel].group != electrodes[other].group { return false }
                let apart = positions[channel] - positions[other]
                let squared = (apart * apart).sum()
                return other != channel && squared <= radius.value * radius.value && squared >= inner.value * inner.value
            }
        }
    }

    private static func positionsAreRelative(_ electrodes: [Electrode], _ positions: [SIMD3<Double>]) -> Bool {
        var groups: [SIMD3<Double>: String?] = [:]
        for (electrode, position) in zip(electrodes, positions) {
            if let known = groups[position], known != electrode.group { return true }
            groups[position] = .some(electrode.group)
        }
        return false
    }
}
