// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// Frames that are handled together, one in each lane.
private typealias Times = SIMD16<Float>

/// What the references of a block's panels need, worked out once and without anything that is counted for its owners: tiles are many.
private struct ReferencePlan {
    struct Group {
        var count: Int
        /// First column where the group's columns follow each other, else −1.
        var first: Int
        /// Where its columns begin in `columns`.
        var start: Int
        /// Steps of its network in `steps`.
        var network: Range<Int>
        var middle: (lower: Int, upper: Int)
        var kind: Kind
    }
    enum Kind { case mean, network, selection }

    /// How a panel of sixteen or fewer columns loses its references.
    struct Panel {
        enum Way { case untouched, one, several }
        var way: Way
        /// The only group of a panel of sixteen, and the columns that it has there.
        var group: Int
        var mask: SIMDMask<SIMD16<Int32>>
        /// What of a vector, which of a narrower panel has several frames, is in no group.
        var padding: SIMDMask<SIMD16<Int32>>
    }

    var groups: [Group] = []
    var columns: [Int] = []
    var steps: [MedianNetwork.Step] = []
    var panels: [Panel] = []
    /// The group of each column; −1 for columns in none.
    var owners: [Int]

    /// Whether there is but one panel of two to eight columns, and one group, whose columns follow each other and are few.
    var isNarrowAndShared: Bool {
        panels.count == 1 && 2...8 ~= owners.count && groups.count == 1 && groups[0].first >= 0 && groups[0].kind != .selection
    }

    init(_ referenced: [ReferenceGroup], _ block: SignalBlock) {
        owners = [Int](repeating: -1, count: block.paddedChannels)
        for (number, group) in referenced.enumerated() {
            let first = group.columns[0]
            let follow = group.columns == Array(first..<first + group.columns.count)
            var made = Group(
                count: group.columns.count, first: follow ? first : -1, start: columns.count, network: 0..<0, middle: (0, 0), kind: .mean)
            switch group.method {
            case .mean: break
            case .selection: made.kind = .selection
            case .network(let network):
                made.kind = .network
                made.network = steps.count..<steps.count + network.steps.count
                made.middle = network.middle
                steps += network.steps
            }
            columns += group.columns
            for column in group.columns { owners[column] = number }
            groups.append(made)
        }
        for start in block.panelStarts {
            let own = owners[start..<start + block.panelWidth]
            let present = Set(own).subtracting([-1])
            var mask = SIMDMask<SIMD16<Int32>>(repeating: false)
            var padding = SIMDMask<SIMD16<Int32>>(repeating: true)
            for lane in 0..<Times.scalarCount {
                let owner = own[own.startIndex + lane % own.count]
                mask[lane] = owner >= 0
                padding[lane] = owner < 0
            }
            let isOne = present.count == 1 && own.count == Times.scalarCount
            panels.append(
                Panel(
                    way: present.isEmpty ? .untouched : isOne ? .one : .several, group: present.first ?? 0, mask: mask, padding: padding))
        }
    }
}

/// Subtracts the reference of each group from its channels, in place, in tiles of sixteen frames: a tile of a panel is as many vectors as the panel has columns.
///
/// Frames are independent, so a last tile of fewer frames is worked on in a copy whose missing frames repeat the last.
func subtractReferences(_ groups: [ReferenceGroup], from block: inout SignalBlock) {
    let plan = ReferencePlan(groups, block)
    let (count, width, channels) = (block.frames.count, block.panelWidth, block.paddedChannels)
    // Sixteen frames of every column, a group's columns gathered, the groups' references, and what turning back needs.
    let lanes = UnsafeMutablePointer<Times>.allocate(capacity: 2 * channels + groups.count + 48)
    defer { lanes.deallocate() }
    let tiles = ReferenceTiles(
        width: width, lanes: lanes, gathered: lanes + channels, references: lanes + 2 * channels, scratch: lanes + 2 * channels + groups.count)
    block.samples.withUnsafeMutableBufferPointer { samples in
        guard let base = samples.baseAddress else { return }
        let whole = plan.isNarrowAndShared ? tiles.subtractShared(plan, from: base, rows: count) : 0
        plan.panels.withUnsafeBufferPointer { panels in
            plan.owners.withUnsafeBufferPointer { owners in
                for first in stride(from: whole, to: count, by: Times.scalarCount) {
                    let rows = min(Times.scalarCount, count - first)
                    for panel in panels.indices where panels[panel].way != .untouched {
                        tiles.turn(base + panel &* width &* count + first &* width, panel, rows: rows)
                    }
                    tiles.findReferences(plan)
                    for panel in panels.indices where panels[panel].way != .untouched {
                        tiles.subtract(panels[panel], owners, panel, rows: rows, from: base + panel &* width &* count + first &* width)
                    }
                }
            }
        }
    }
}

private struct ReferenceTiles {
    let width: Int
    let lanes: UnsafeMutablePointer<Times>
    let gathered: UnsafeMutablePointer<Times>
    let references: UnsafeMutablePointer<Times>
    /// 32 vectors to turn back with, and sixteen for the copy of a last tile.
    let scratch: UnsafeMutablePointer<Times>

    func turn(_ top: UnsafePointer<Float>, _ panel: Int, rows: Int) {
        if rows == Times.scalarCount {
            turnTile(top, width: width, into: lanes + panel &* width)
        } else {
            let copy = UnsafeMutableRawPointer(scratch + 32).assumingMemoryBound(to: Float.self)
            fill(copy, from: top, rows: rows, width: width)
            turnTile(copy, width: width, into: lanes + panel &* width)
        }
    }

    /// Whole tiles of the only panel of a few channels that lose one reference.
    ///
    /// - Returns: the rows that are done.
    func subtractShared(_ plan: ReferencePlan, from top: UnsafeMutablePointer<Float>, rows: Int) -> Int {
        let (group, padding) = (plan.groups[0], plan.panels[0].padding)
        let whole = rows / Times.scalarCount * Times.scalarCount
        let framesAtOnce = Times.scalarCount / width
        var frames = SIMD16<Int32>.zero
        for lane in frames.indices { frames[lane] = Int32(lane / width) }
        plan.steps.withUnsafeBufferPointer { steps in
            for first in stride(from: 0, to: whole, by: Times.scalarCount) {
                let tile = top + first &* width
                turnTile(tile, width: width, into: lanes)
                let reference = group.kind == .mean ? laneMean(lanes + group.first, group.count) : laneMedian(lanes + group.first, steps, group.middle)
                for vector in 0..<width {
                    // As many frames as the vector has, each for all columns.
                    let spread = chosen(frames &+ Int32(truncatingIfNeeded: vector &* framesAtOnce), of: reference)
                    FerroDSP.subtract(spread.replacing(with: 0, where: padding), from: tile + Times.scalarCount &* vector)
                }
            }
        }
        return whole
    }

    @inline(__always)
    func findReferences(_ plan: ReferencePlan) {
        plan.groups.withUnsafeBufferPointer { groups in
            plan.columns.withUnsafeBufferPointer { columns in
                plan.steps.withUnsafeBufferPointer { steps in
                    for number in groups.indices {
                        let group = groups[number]
                        var values = lanes + group.first
                        if group.first < 0 {
                            values = gathered
                            for place in 0..<group.count { gathered[place] = lanes[columns[group.start + place]] }
                        }
                        switch group.kind {
                        case .mean: references[number] = laneMean(values, group.count)
                        case .selection: references[number] = selectMedian(values, count: group.count)
                        case .network:
                            references[number] = laneMedian(values, UnsafeBufferPointer(rebasing: steps[group.network]), group.middle)
                        }
                    }
                }
            }
        }
    }

    func subtract(
        _ panel: ReferencePlan.Panel, _ owners: UnsafeBufferPointer<Int>, _ number: Int, rows: Int, from top: UnsafeMutablePointer<Float>
    ) {
        if panel.way == .one {
            let reference = references[panel.group]
            for row in 0..<rows { FerroDSP.subtract(reference[row], from: top + row &* width, panel.mask) }
            return
        }
        let own = lanes + number &* width
        for column in 0..<width {
            let owner = owners[number &* width &+ column]
            own[column] = owner < 0 ? .zero : references[owner]
        }
        var lines = scratch
        if width == Times.scalarCount {
            // Turning a square twice brings it back.
            turnTile(UnsafeRawPointer(own).assumingMemoryBound(to: Float.self), width: width, into: scratch)
        } else {
            lines = turnedBack(own, width: width, scratch)
        }
        if rows == Times.scalarCount {
            for vector in 0..<width { FerroDSP.subtract(lines[vector], from: top + Times.scalarCount &* vector) }
        } else {
            let less = UnsafeRawPointer(lines).assumingMemoryBound(to: Float.self)
            for place in 0..<rows &* width { top[place] -= less[place] }
        }
    }
}

private func fill(_ copy: UnsafeMutablePointer<Float>, from top: UnsafePointer<Float>, rows: Int, width: Int) {
    for row in 0..<Times.scalarCount {
        for column in 0..<width { copy[row * width + column] = top[min(row, rows - 1) * width + column] }
    }
}

@inline(__always)
private func subtract(_ reference: Float, from place: UnsafeMutablePointer<Float>, _ mask: SIMDMask<SIMD16<Int32>>) {
    let value = UnsafeRawPointer(place).loadUnaligned(as: Times.self)
    let less = value.replacing(with: value - Times(repeating: reference), where: mask)
    UnsafeMutableRawPointer(place).storeBytes(of: less, as: Times.self)
}

@inline(__always)
private func subtract(_ references: Times, from place: UnsafeMutablePointer<Float>) {
    let value = UnsafeRawPointer(place).loadUnaligned(as: Times.self)
    UnsafeMutableRawPointer(place).storeBytes(of: value - references, as: Times.self)
}

// MARK: Turning back

/// The way back to a narrow panel: rows as they lie there, in `lanes` or in `scratch`.
///
/// Weaving the first half of a tile's vectors together with the second turns the binary number of each sample's place left by one digit: log₂ w times
/// bring the frames before the columns. The numbers of vectors are not known to the compiler, which would join the rounds into one tangle.
private func turnedBack(_ lanes: UnsafeMutablePointer<Times>, width: Int, _ scratch: UnsafeMutablePointer<Times>) -> UnsafeMutablePointer<Times> {
    let half = width >> 1
    var (from, to) = (lanes, scratch)
    for _ in 0..<width.trailingZeroBitCount {
        for row in 0..<half {
            let (left, right) = (from[row], from[row &+ half])
            to[2 &* row] = weave(left, right, 0)
            to[2 &* row &+ 1] = weave(left, right, 8)
        }
        (from, to) = (to, from == lanes ? scratch + 16 : from)
    }
    return from
}

/// Eight values of each in turn, from `first` on.
@inline(__always)
private func weave(_ left: Times, _ right: Times, _ first: Int) -> Times {
    Times(
        left[first], right[first], left[first + 1], right[first + 1], left[first + 2], right[first + 2], left[first + 3], right[first + 3],
        left[first + 4], right[first + 4], left[first + 5], right[first + 5], left[first + 6], right[first + 6], left[first + 7], right[first + 7])
}

extension ReferenceMethod {
    /// The reference of `count` channels in each lane. The values may be left in another order.
    @inline(__always)
    func reference(of lanes: UnsafeMutablePointer<SIMD16<Float>>, count: Int) -> SIMD16<Float> {
        switch self {
        case .mean: laneMean(lanes, count)
        case .network(let network): network.steps.withUnsafeBufferPointer { laneMedian(lanes, $0, network.middle) }
        case .selection: selectMedian(lanes, count: count)
        }
    }
}

/// Lanes are named one by one: conversions of whole vectors become calls.
@inline(__always)
private func laneMean(_ lanes: UnsafeMutablePointer<Times>, _ count: Int) -> Times {
    var sum = SIMD16<Double>.zero
    for index in 0..<count {
        let value = lanes[index]
        sum += SIMD16<Double>(
            Double(value[0]), Double(value[1]), Double(value[2]), Double(value[3]), Double(value[4]), Double(value[5]), Double(value[6]), Double(value[7]),
            Double(value[8]), Double(value[9]), Double(value[10]), Double(value[11]), Double(value[12]), Double(value[13]), Double(value[14]),
            Double(value[15]))
    }
    return Times(sum / Double(count))
}
