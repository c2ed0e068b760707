// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
package import FerroDSP

/// `common-reference`: subtracts what all channels share.
package struct CommonReferenceStage: TransformStage {
    package static let documentation = StageDocumentation(
        "common-reference", .transform, takes: .signal, gives: .signal,
        "Subtracts the median or mean across channels, frame by frame. A channel that is alone in its group stays as it is.",
        parameters: [
            StageParameter("operator", .choice(["median", "mean"]), .standard("median"), "what is taken across the channels"),
            StageParameter(
                "scope", .choice(["global", "group"]), .standard("global"),
                "global: over all channels; group: over the channels of each electrode group (shank, tetrode)"),
        ])
    private let useMedian: Bool
    private let byGroup: Bool

    package init(_ parameters: StageParameters) throws {
        useMedian = try parameters.choice("operator") == "median"
        byGroup = try parameters.choice("scope") == "group"
    }

    package func transform(for stream: StreamFormat) throws -> any SignalTransform {
        try CommonReference(operator: useMedian ? .median : .mean, groups: groups(of: stream.electrodes))
    }

    /// A median of few channels is often the channel itself or its neighbour in rank, which pulls samples to 0: the noise, a median too,
    /// then comes out below its standard deviation while the tails stay (docs/detectors.md has the numbers).
    private static let fewChannels = 12

    package func warnings(for stream: StreamFormat) -> [String] {
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

    /// Channels of each group in order of their first channel; channels without a group name form one group.
    private func groups(of electrodes: [Electrode]) -> [[Int]] {
        guard byGroup else { return [Array(electrodes.indices)] }
        var order: [String?] = []
        var members: [String?: [Int]] = [:]
        for (channel, electrode) in electrodes.enumerated() {
            if members[electrode.group] == nil { order.append(electrode.group) }
            members[electrode.group, default: []].append(channel)
        }
        return order.compactMap { members[$0] }
    }
}
