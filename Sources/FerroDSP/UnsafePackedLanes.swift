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
        base = .allocate(capacity: rows * lanes)
    }

    func deallocate() { base.deallocate() }

    func rows(from first: Int) -> FloatRows { FloatRows(base: base + first * lanes, stride: lanes) }

    /// Brings in the rows of each block from a frame on; lanes that no block fills hold zeros.
    func bring(_ blocks: [(SignalBlock, first: Int)]) {
        if blocks.count * panelWidth < lanes { base.initialize(repeating: 0, count: count * lanes) }
        withExtendedLifetime(blocks) {
            // Taken out once: a block's memory is its own as long as the block lives.
            let sources = blocks.compactMap { block, first in
                block.samples.withUnsafeBufferPointer { $0.baseAddress }.map { $0 + block.place(first, 0) }
            }
            for top in stride(from: 0, to: count, by: PackedLanes.rowsAtOnce) {
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
        for top in stride(from: 0, to: count, by: PackedLanes.rowsAtOnce) {
            let rows = min(PackedLanes.rowsAtOnce, count - top)
            for (number, target) in targets.enumerated() {
                copyRows(
                    from: base + (first + top) * lanes + number * panelWidth, every: lanes, to: target + top * panelWidth, every: panelWidth,
                    width: panelWidth, count: rows)
            }
        }
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
