// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
package import FerroDSP

/// `select-channels`: goes on with some of the channels.
package struct SelectChannelsStage: TransformStage {
    package static let documentation = StageDocumentation(
        "select-channels", .transform, takes: .signal, gives: .signal,
        "Keeps the channels of some brain areas, groups or electrodes, after a reference that needed them all, say. A channel has to match every key given.",
        parameters: [
            StageParameter("location", .words, .optional, "brain areas, as the file writes them"),
            StageParameter("group", .words, .optional, "electrode groups (shanks, tetrodes)"),
            StageParameter("electrode", .words, .optional, "ids of electrodes, or of pairs behind `bipolar`"),
        ])
    private let filter: ElectrodeFilter
    private let place: ConfigPlace

    package init(_ parameters: StageParameters) throws {
        filter = ElectrodeFilter(
            location: try parameters.optionalWords("location"), group: try parameters.optionalWords("group"), id: try parameters.optionalWords("electrode"))
        guard !filter.filters.isEmpty else {
            throw parameters.node.error("`select-channels` without a key selects nothing", expected: "`location`, `group` or `electrode`")
        }
        place = parameters.node.fixed
    }

    package func transform(for stream: StreamFormat) throws -> any SignalTransform {
        ChannelSelection(columns: try columns(of: stream.electrodes))
    }

    package func electrodes(for stream: StreamFormat) throws -> [Electrode] {
        try columns(of: stream.electrodes).map { stream.electrodes[$0] }
    }

    private func columns(of electrodes: [Electrode]) throws -> [Int] {
        let columns = filter.columns(of: electrodes)
        guard !columns.isEmpty else {
            let filters = filter.filters.map { (key: $0.key == "id" ? "electrode" : $0.key, values: $0.values) }
            let wanted = filters.map { "\($0.key) \($0.values.joined(separator: " or "))" }.joined(separator: ", ")
            let present = filters.map { key, _ in "\(key)s \(Set(electrodes.map { value(key, $0) }).sorted().joined(separator: ", "))" }
            throw place.error(
                "none of the \(electrodes.count) channels passes `select-channels`",
                expected: "\(wanted); the signal has the \(present.joined(separator: " and the "))")
        }
        return columns
    }

    private func value(_ key: String, _ electrode: Electrode) -> String {
        switch key {
        case "location": electrode.location ?? "(none)"
        case "group": electrode.group ?? "(none)"
        default: electrode.id
        }
    }
}
