// SPDX-License-Identifier: GPL-3.0-or-later

/// One recording site, a column of a series.
package struct Electrode: Hashable, Sendable {
    /// The id the file gives it (NWB: the electrodes table's `id`; spike lists: the unit's name).
    package var id: String
    /// Brain area as the file writes it.
    package var location: String?
    /// Shank, tetrode or group of sites.
    package var group: String?
    /// Position in micrometres (x, y, z), where the file gives one.
    package var position: SIMD3<Double>?

    package init(id: String, location: String? = nil, group: String? = nil, position: SIMD3<Double>? = nil) {
        self.id = id
        self.location = location
        self.group = group
        self.position = position
    }
}
