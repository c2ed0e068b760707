// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// Memory as wide as the lanes in which a few columns each of several stretches of rows lie side by side.
///
/// Rows are copied as wide as a power of two, padding included: what fills no channel is zero and is filtered to zero.
struct PackedLanes {
    /// Rows that are copied of one stretch before the next one's: few enough that they stay in the nearest cache.
    private static let rowsAtOnce = 64

    /// Columns that are copied of a row.
    private let width: Int
    /// Columns from one stretch to the next: three of three channels, so that five stretches fill sixteen lanes; a stretch's padding is where the
    /// next one's first column will be.
    private let pitch: Int
    private let lanes: Int
    private let count: Int
    let base: UnsafeMutablePointer<Float>

    /// Requires fewer columns than lanes.
    init(columns: Int, lanes: Int, rows: Int) {
        width = SignalBlock.panelWidth(forChannels: columns)
        pitch = PackedLanes.pitch(ofColumns: columns, lanes: lanes)
        self.lanes = lanes
        count = rows
        base = BlockPool.take(rows * lanes * MemoryLayout<Float>.stride).bindMemory(to: Float.self, capacity: rows * lanes)
    }

    func deallocate() { BlockPool.give(UnsafeMutableRawPointer(base)) }

    /// How many stretches of so many columns lie side by side; at least one.
    static func stretches(ofColumns columns: Int, lanes: Int) -> Int { max(1, lanes / pitch(ofColumns: columns, lanes: lanes)) }

    private static func pitch(ofColumns columns: Int, lanes: Int) -> Int {
        let width = SignalBlock.panelWidth(forChannels: columns)
        // The last stretch's padding has to lie within the lanes.
        return columns == 3 && (lanes / 3 - 1) * 3 + width <= lanes ? 3 : width
    }

    func rows(from first: Int) -> FloatRows { FloatRows(base: base + first * lanes, stride: lanes) }

    /// Brings in the rows of each stretch, whose columns beyond its own hold zeros; lanes that no stretch fills hold zeros.
    func bring(_ sources: [FloatRows]) {
        if (sources.count - 1) * pitch + width < lanes { base.initialize(repeating: 0, count: count * lanes) }
        let turned = areOneForEachLane(sources) ? bringTiles(sources) : 0
        for top in stride(from: turned, to: count, by: PackedLanes.rowsAtOnce) {
            let rows = min(PackedLanes.rowsAtOnce, count - top)
            for (number, source) in sources.enumerated() {
                let target = FloatRows(base: base + top * lanes + number * pitch, stride: lanes)
                copyRows(from: source.dropFirst(top), to: target, width: width, count: rows)
            }
        }
    }

    /// Copies `count` rows of each stretch that was brought in, from a row of its own on, to a place of its own. Columns beyond its own become zeros.
    func take(from first: Int, count: Int, into targets: [FloatRows]) {
        let turned = areOneForEachLane(targets) ? takeTiles(from: first, count: count, into: targets) : 0
        for top in stride(from: turned, to: count, by: PackedLanes.rowsAtOnce) {
            let rows = min(PackedLanes.rowsAtOnce, count - top)
            for (number, target) in targets.enumerated() {
                let source = FloatRows(base: base + (first + top) * lanes + number * pitch, stride: lanes)
                if pitch < width {
                    copyThrees(from: source, to: target.dropFirst(top), count: rows)
                } else {
                    copyRows(from: source, to: target.dropFirst(top), width: width, count: rows)
                }
            }
        }
    }

    // MARK: Single channels

    private typealias Times = SIMD16<Float>

    /// Whether sixteen blocks of one channel each fill the lanes, so that sixteen frames of all are a tile to be turned.
    private func areOneForEachLane(_ places: [FloatRows]) -> Bool {
        width == 1 && lanes == Times.scalarCount && places.count == lanes && places.allSatisfy { $0.stride == 1 }
    }

    /// Brings in whole tiles, and returns how many rows they are.
    private func bringTiles(_ sources: [FloatRows]) -> Int {
        let whole = count / lanes * lanes
        withUnsafeTemporaryAllocation(of: Times.self, capacity: lanes) { tile in
            guard let tile = tile.baseAddress else { return }
            for top in stride(from: 0, to: whole, by: lanes) {
                for number in 0..<lanes { tile[number] = UnsafeRawPointer(sources[number].base + top).loadUnaligned(as: Times.self) }
                turnTile(
                    UnsafeRawPointer(tile).assumingMemoryBound(to: Float.self), width: lanes,
                    into: UnsafeMutableRawPointer(base + top &* lanes).assumingMemoryBound(to: Times.self))
            }
        }
        return whole
    }

    /// Takes out whole tiles, and returns how many rows they are.
    private func takeTiles(from first: Int, count: Int, into targets: [FloatRows]) -> Int {
        let whole = count / lanes * lanes
        withUnsafeTemporaryAllocation(of: Times.self, capacity: lanes) { tile in
            guard let tile = tile.baseAddress else { return }
            for top in stride(from: 0, to: whole, by: lanes) {
                turnTile(base + (first &+ top) &* lanes, width: lanes, into: tile)
                for number in 0..<lanes { UnsafeMutableRawPointer(targets[number].base + top).storeBytes(of: tile[number], as: Times.self) }
            }
        }
        return whole
    }
}

private func copyRows(from source: FloatRows, to target: FloatRows, width: Int, count: Int) {
    switch width {
    case 1: copyRows(Float.self, source, target, count)
    case 2: copyRows(SIMD2<Float>.self, source, target, count)
    case 4: copyRows(SIMD4<Float>.self, source, target, count)
    default: copyRows(SIMD8<Float>.self, source, target, count)
    }
}

@inline(__always)
private func copyRows<Row: BitwiseCopyable>(_ type: Row.Type, _ source: FloatRows, _ target: FloatRows, _ count: Int) {
    for row in 0..<count {
        let value = UnsafeRawPointer(source.base + row &* source.stride).loadUnaligned(as: Row.self)
        UnsafeMutableRawPointer(target.base + row &* target.stride).storeBytes(of: value, as: Row.self)
    }
}

/// Copies rows of three, and a zero behind each.
private func copyThrees(from source: FloatRows, to target: FloatRows, count: Int) {
    for row in 0..<count {
        var value = UnsafeRawPointer(source.base + row &* source.stride).loadUnaligned(as: SIMD4<Float>.self)
        value[3] = 0
        UnsafeMutableRawPointer(target.base + row &* target.stride).storeBytes(of: value, as: SIMD4<Float>.self)
    }
}
