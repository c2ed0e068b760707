// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
package import FerroDSP
import FerroSpikes

/// `common-reference`: subtracts what all channels share, or those around each.
package struct CommonReferenceStage: TransformStage {
    package static let documentation = StageDocumentation(
        "common-reference", .transform, takes: .signal, gives: .signal,
        "Subtracts the median or mean across channels, frame by frame. A channel that is alone in its group stays as it is.",
        parameters: [
            StageParameter("operator", .choice(["median", "mean"]), .standard("median"), "what is taken across the channels"),
            StageParameter(
                "scope", .choice(["global", "group", "local"]), .standard("global"),
                "global: over all channels; group: over the channels of each electrode group (shank, tetrode); local: over the channels around each"),
            StageParameter("inner", .length, .optional, "with `scope: local`, electrodes nearer than this are not in the reference; left out, all are"),
            StageParameter("outer", .length, .optional, "needed with `scope: local`: electrodes farther than this are not in the reference"),
        ])
    private enum Scope {
        case global, group
        case local(inner: Micrometres, outer: Micrometres)
    }
    private let useMedian: Bool
    private let scope: Scope
    private let place: ConfigPlace

    package init(_ parameters: StageParameters) throws {
        useMedian = try parameters.choice("operator") == "median"
        let word = try parameters.choice("scope")
        scope = word == "local" ? try CommonReferenceStage.ring(parameters) : word == "group" ? .group : .global
        if word != "local" {
            for key in ["inner", "outer"] where try parameters.optionalLength(key) != nil {
                throw parameters.place(of: key).error("`\(key)` says nothing with `scope: \(word)`", advice: "leave it out, or write `scope: local`")
            }
        }
        place = parameters.place(of: "scope").fixed
    }

    private static func ring(_ parameters: StageParameters) throws -> Scope {
        guard let outer = try parameters.optionalLength("outer") else {
            throw parameters.place(of: "scope").error("`scope: local` needs `outer`", expected: "how far the reference of a channel reaches, such as `200 um`")
        }
        let inner = try parameters.optionalLength("inner") ?? Micrometres(0)
        guard outer.value > 0, inner <= outer else {
            throw parameters.place(of: "outer").error(
                "a ring from \(inner) to \(outer) is empty", expected: "an outer radius above zero and not below the inner one")
        }
        return .local(inner: inner, outer: outer)
    }

    package func transform(for stream: StreamFormat) throws -> any SignalTransform {
        let kind: CommonReference.Operator = useMedian ? .median : .mean
        if let neighbours = try place.locating({ try neighbours(of: stream.electrodes) }) {
            return try LocalReference(operator: kind, neighbours: neighbours)
        }
        return try CommonReference(operator: kind, groups: groups(of: stream.electrodes))
    }

    private func neighbours(of electrodes: [Electrode]) throws -> [[Int]]? {
        guard case .local(let inner, let outer) = scope else { return nil }
        return try Neighbourhood.within(outer, from: inner, of: electrodes, advice: "use `scope: global`")
    }

    /// A median of few channels is often the channel itself or its neighbour in rank, which pulls samples to 0: the noise, a median too,
    /// then comes out below its standard deviation while the tails stay (docs/detectors.md has the numbers).
    private static let fewChannels = 12

    package func warnings(for stream: StreamFormat) -> [String] {
        if let neighbours = try? neighbours(of: stream.electrodes) {
            let alone = zip(stream.electrodes, neighbours).filter(\.1.isEmpty).map(\.0.id)
            return alone.isEmpty ? [] : ["no electrodes in the ring around \(alone.joined(separator: ", ")), so nothing is subtracted there"]
        }
        guard useMedian else { return [] }
        let few = groups(of: stream.electrodes).map(\.count).filter { (3..<Self.fewChannels).contains($0) }
        guard let smallest = few.min(), let largest = few.max() else { return [] }
        let sizes = smallest == largest ? "\(smallest)" : "\(smallest) to \(largest)"
        return [
            "\(few.count == 1 ? "one group has" : "\(few.count) groups have") \(sizes) channels, and the median of so few takes noise from the channels "
                + "themselves: 5 x noise lies near 4 standard deviations, and noise passes for spikes; use `scope: global` over \(Self.fewChannels) channels or more, "
                + "`operator: mean`, or no common-reference"
        ]
    }

    private func groups(of electrodes: [Electrode]) -> [[Int]] {
        if case .group = scope { return channelsByGroup(electrodes) }
        return [Array(electrodes.indices)]
    }
}
