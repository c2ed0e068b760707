// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// Memory as wide as the lanes in which blocks of few channels, one panel each, lie side by side.
///
/// Their rows are copied whole, padding included: what fills no channel is zero and is filtered to zero.
struct PackedLanes {
    /// Rows that are copied of one block before the next block's: few enough that they stay in the nearest cache.
    private static let rowsAtOnce = 64

    private let panelWidth: Int
    private let lanes: Int
    private let count: Int
    let base: UnsafeMutablePointer<Float>

    /// Requires a width that divides the number of lanes.
    init(panelWidth: Int, lanes: Int, rows: Int) {
        self.panelWidth = panelWidth
        self.lanes = lanes
        count = rows
        base = BlockPool.take(rows * lanes * MemoryLayout<Float>.stride).bindMemory(to: Float.self, capacity: rows * lanes)
    }

    func deallocate() { BlockPool.give(UnsafeMutableRawPointer(base)) }

    func rows(from first: Int) -> FloatRows { FloatRows(base: base + first * lanes, stride: lanes) }

    /// Brings in the rows of each block from a frame on; lanes that no block fills hold zeros.
    func bring(_ blocks: [(SignalBlock, first: Int)]) {
        if blocks.count * panelWidth < lanes { base.initialize(repeating: 0, count: count * lanes) }
        withExtendedLifetime(blocks) {
            // Taken out once: a block's memory is its own as long as the block lives.
            let sources = blocks.compactMap { block, first in
                block.samples.withUnsafeBufferPointer { $0.baseAddress }.map { $0 + block.place(first, 0) }
            }
            let turned = isOneForEachLane(sources.count) ? bringTiles(sources) : 0
            for top in stride(from: turned, to: count, by: PackedLanes.rowsAtOnce) {
                let rows = min(PackedLanes.rowsAtOnce, count - top)
                for (number, source) in sources.enumerated() {
                    copyRows(
                        from: source + top * panelWidth, every: panelWidth, to: base + top * lanes + number * panelWidth, every: lanes, width: panelWidth,
                        count: rows)
                }
            }
        }
    }

    /// Copies `count` rows, for each block that was brought in from a row of its own on, to a panel of its own.
    func take(from first: Int, count: Int, into targets: [UnsafeMutablePointer<Float>]) {
        let turned = isOneForEachLane(targets.count) ? takeTiles(from: first, count: count, into: targets) : 0
        for top in stride(from: turned, to: count, by: PackedLanes.rowsAtOnce) {
            let rows = min(PackedLanes.rowsAtOnce, count - top)
            for (number, target) in targets.enumerated() {
                copyRows(
                    from: base + (first + top) * lanes + number * panelWidth, every: lanes, to: target + top * panelWidth, every: panelWidth,
                    width: panelWidth, count: rows)
            }
        }
    }

    // MARK: Single channels

    private typealias Times = SIMD16<Float>

    /// Whether sixteen blocks of one channel each fill the lanes, so that sixteen frames of all are a tile to be turned.
    private func isOneForEachLane(_ blocks: Int) -> Bool { panelWidth == 1 && lanes == Times.scalarCount && blocks == lanes }

    /// Brings in whole tiles, and returns how many rows they are.
    private func bringTiles(_ sources: [UnsafePointer<Float>]) -> Int {
        let whole = count / lanes * lanes
        withUnsafeTemporaryAllocation(of: Times.self, capacity: lanes) { tile in
            guard let tile = tile.baseAddress else { return }
            for top in stride(from: 0, to: whole, by: lanes) {
                for number in 0..<lanes { tile[number] = UnsafeRawPointer(sources[number] + top).loadUnaligned(as: Times.self) }
                turnTile(
                    UnsafeRawPointer(tile).assumingMemoryBound(to: Float.self), width: lanes,
                    into: UnsafeMutableRawPointer(base + top &* lanes).assumingMemoryBound(to: Times.self))
            }
        }
        return whole
    }

    /// Takes out whole tiles, and returns how many rows they are.
    private func takeTiles(from first: Int, count: Int, into targets: [UnsafeMutablePointer<Float>]) -> Int {
        let whole = count / lanes * lanes
        withUnsafeTemporaryAllocation(of: Times.self, capacity: lanes) { tile in
            guard let tile = tile.baseAddress else { return }
            for top in stride(from: 0, to: whole, by: lanes) {
                turnTile(base + (first &+ top) &* lanes, width: lanes, into: tile)
                for number in 0..<lanes { UnsafeMutableRawPointer(targets[number] + top).storeBytes(of: tile[number], as: Times.self) }
            }
        }
        return whole
    }
}

private func copyRows(
    from source: UnsafePointer<Float>, every sourceStride: Int, to target: UnsafeMutablePointer<Float>, every targetStride: Int, width: Int, count: Int
) {
    switch width {
    case 1: copyRows(Float.self, source, sourceStride, target, targetStride, count)
    case 2: copyRows(SIMD2<Float>.self, source, sourceStride, target, targetStride, count)
    case 4: copyRows(SIMD4<Float>.self, source, sourceStride, target, targetStride, count)
    default: copyRows(SIMD8<Float>.self, source, sourceStride, target, targetStride, count)
    }
}

@inline(__always)
private func copyRows<Row: BitwiseCopyable>(
    _ type: Row.Type, _ source: UnsafePointer<Float>, _ sourceStride: Int, _ target: UnsafeMutablePointer<Float>, _ targetStride: Int, _ count: Int
) {
    for row in 0..<count {
        let value = UnsafeRawPointer(source + row &* sourceStride).loadUnaligned(as: Row.self)
        UnsafeMutableRawPointer(target + row &* targetStride).storeBytes(of: value, as: Row.self)
    }
}
