// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// Channels of each electrode group in order of their first channel; channels without a group name form one group.
func channelsByGroup(_ electrodes: [Electrode]) -> [[Int]] {
    var order: [String?] = []
    var members: [String?: [Int]] = [:]
    for (channel, electrode) in electrodes.enumerated() {
        if members[electrode.group] == nil { order.append(electrode.group) }
        members[electrode.group, default: []].append(channel)
    }
    return order.compactMap { members[$0] }
}

/// The channels of a group from one end to the other: by the axis along which the group is longest, in the order of the channels where positions
/// are equal along it or one is not known.
func alongTheGroup(_ channels: [Int], of electrodes: [Electrode]) -> [Int] {
    let positions = channels.compactMap { electrodes[$0].position }
    guard positions.count == channels.count, let first = positions.first else { return channels }
    let low = positions.reduce(first) { SIMD3(min($0.x, $1.x), min($0.y, $1.y), min($0.z, $1.z)) }
    let high = positions.reduce(first) { SIMD3(max($0.x, $1.x), max($0.y, $1.y), max($0.z, $1.z)) }
    let extent = high - low
    let axis = (0..<3).reduce(0) { extent[$1] > extent[$0] ? $1 : $0 }
    return zip(channels, positions).sorted { ($0.1[axis], $0.0) < ($1.1[axis], $1.0) }.map(\.0)
}
