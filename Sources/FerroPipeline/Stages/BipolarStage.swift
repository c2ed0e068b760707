// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
package import FerroDSP

/// `bipolar`: differences of neighbouring electrodes.
package struct BipolarStage: TransformStage {
    package static let documentation = StageDocumentation(
        "bipolar", .transform, takes: .signal, gives: .signal,
        "Each channel less the next one of its electrode group, from end to end along the group's longest axis (in the order of the channels "
            + "without positions); a group of n gives n - 1 channels, named a-b and placed in the middle.")
    private let place: ConfigPlace

    package init(_ parameters: StageParameters) throws { place = parameters.node.fixed }

    package func transform(for stream: StreamFormat) throws -> any SignalTransform {
        BipolarDerivation(pairs: try pairs(of: stream.electrodes))
    }

    package func electrodes(for stream: StreamFormat) throws -> [Electrode] {
        try pairs(of: stream.electrodes).map { pair in
            let (one, other) = (stream.electrodes[pair.plus], stream.electrodes[pair.minus])
            let position = one.position.flatMap { first in other.position.map { (first + $0) / 2 } }
            let location = one.location == other.location ? one.location : "\(one.location ?? "?")-\(other.location ?? "?")"
            return Electrode(id: "\(one.id)-\(other.id)", location: location, group: one.group, position: position)
        }
    }

    package func warnings(for stream: StreamFormat) -> [String] {
        let alone = channelsByGroup(stream.electrodes).filter { $0.count == 1 }.joined().map { stream.electrodes[$0].id }
        return alone.isEmpty ? [] : ["\(alone.joined(separator: ", ")) alone in its group, so in no difference"]
    }

    private func pairs(of electrodes: [Electrode]) throws -> [BipolarDerivation.Pair] {
        let pairs = channelsByGroup(electrodes).flatMap { channels in
            let line = alongTheGroup(channels, of: electrodes)
            return zip(line, line.dropFirst()).map { BipolarDerivation.Pair(plus: $0, minus: $1) }
        }
        guard !pairs.isEmpty else {
            throw place.error("no electrode group has two channels, so `bipolar` has no differences to take", expected: "a group of two or more")
        }
        return pairs
    }
}
