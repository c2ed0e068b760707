// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// Subtracts from each channel, frame by frame, the median or the mean over its group of channels.
///
/// The median of an even number of channels is the mean of the two middle ones (NumPy's rule); the mean is summed in Float64
/// in the order of the group. A channel in no group, or alone in its group, is left as it is: subtracting a lone
/// channel from itself would erase it.
package struct CommonReference: SignalTransform {
    package enum Operator: String, Sendable, Codable, CaseIterable { case median, mean }

    package let `operator`: Operator
    /// Columns of each group.
    package let groups: [[Int]]
    /// The groups of two and more, with what their reference needs.
    let active: [ReferenceGroup]

    /// - Throws: `FerroError` (usage) when a column is negative, or stands in two groups or twice in one.
    package init(operator: Operator, groups: [[Int]]) throws {
        var seen = Set<Int>()
        for column in groups.joined() {
            guard column >= 0 else {
                throw FerroError.usage("there is no channel \(column)", expected: "columns counted from 0")
            }
            guard seen.insert(column).inserted else {
                throw FerroError.usage(
                    "channel \(column) stands in two reference groups or twice in one", expected: "every channel in one group at most")
            }
        }
        self.operator = `operator`
        self.groups = groups
        active = groups.filter { $0.count > 1 }.map { columns in
            ReferenceGroup(columns: columns, method: ReferenceMethod(`operator`, count: columns.count))
        }
    }

    /// - Precondition: every grouped column is a channel of the block.
    package func apply(_ block: SignalBlock, producing output: SampleRange, segmentFrames: Int) -> SignalBlock {
        apply(consuming: block.slice(output), producing: output, segmentFrames: segmentFrames)
    }

    package func apply(consuming block: consuming SignalBlock, producing output: SampleRange, segmentFrames: Int) -> SignalBlock {
        precondition(groups.joined().allSatisfy { $0 < block.channels })
        if block.frames != output { block = block.slice(output) }
        if !active.isEmpty { subtractReferences(active, from: &block) }
        return block
    }
}

struct ReferenceGroup: Sendable {
    let columns: [Int]
    let method: ReferenceMethod
}

/// How the reference of a group is found.
enum ReferenceMethod: Sendable {
    case mean
    case network(MedianNetwork)
    case selection

    /// Channels from which on a median is selected instead of sorted out by a network; both find the same value.
    static let selectedFrom = 12

    init(_ operator: CommonReference.Operator, count: Int) {
        switch `operator` {
        case .mean: self = .mean
        case .median: self = count < ReferenceMethod.selectedFrom ? .network(MedianNetwork(count: count)) : .selection
        }
    }
}
