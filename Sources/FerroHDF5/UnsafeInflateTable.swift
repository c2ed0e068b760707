// SPDX-License-Identifier: GPL-3.0-or-later

/// The codes of one block of a deflate stream (RFC 1951, DOI 10.17487/RFC1951, section 3.2), as tables that the next bits index.
///
/// A code of at most as many bits as a table has is found at every index that ends in it; the index of a longer one leads to a table of its own
/// for the bits that follow. What an entry says:
///
///     bit 31      a literal, whose byte stands in bits 16-23
///     bit 15      neither a literal nor a length or a distance: bit 14 ends the block, bit 13 is an error, bit 12 leads to the table that
///                 begins at the entry of bits 16-30
///     bits 16-30  otherwise the least length or distance
///     bits 8-11   bits of the code
///     bits 0-5    bits of the code and of the number after it
enum InflateEntry {
    static let literal: UInt32 = 1 << 31
    static let exception: UInt32 = 1 << 15
    static let end: UInt32 = 1 << 15 | 1 << 14
    static let invalid: UInt32 = 1 << 15 | 1 << 13
    static let link: UInt32 = 1 << 15 | 1 << 12
    static let isEnd: UInt32 = 1 << 14
    static let isLink: UInt32 = 1 << 12
}

/// Where the tables lie in a lane's memory, counted in entries. The literals' and the distances' first tables are neighbours: 10 KB a lane,
/// so that those of four lanes stay in the first-level cache.
enum InflateLayout {
    static let literalBits = 11
    static let distanceBits = 9
    static let literals = 0
    static let distances = 1 << literalBits
    static let literalLinks = distances + 1 << distanceBits
    /// At most 143 tables of 16 entries: two codes at least in each.
    static let distanceLinks = literalLinks + 144 * 16
    /// At most 15 tables of 64 entries.
    static let count = distanceLinks + 16 * 64
}

/// What the symbols of RFC 1951, section 3.2.5, stand for, as entries without the bits of their codes.
struct InflateSymbols {
    /// 288 of literals and lengths, 32 of distances, 19 of lengths of codes.
    let entries: UnsafeMutablePointer<UInt32>
    static let distances = 288
    static let codeLengths = 320
    static let count = 339

    static func fill(_ entries: UnsafeMutablePointer<UInt32>) {
        for symbol in 0..<256 { entries[symbol] = InflateEntry.literal | UInt32(symbol) << 16 }
        entries[256] = InflateEntry.end
        var length: UInt32 = 3
        for symbol in 0..<28 {
            let extra = symbol < 8 ? 0 : UInt32(symbol / 4 - 1)
            entries[257 + symbol] = length << 16 | extra
            length += 1 << extra
        }
        entries[285] = 258 << 16
        for symbol in 286..<288 { entries[symbol] = InflateEntry.invalid }
        var distance: UInt32 = 1
        for symbol in 0..<30 {
            let extra = symbol < 4 ? 0 : UInt32(symbol / 2 - 1)
            entries[distances + symbol] = distance << 16 | extra
            distance += 1 << extra
        }
        for symbol in 30..<32 { entries[distances + symbol] = InflateEntry.invalid }
        for symbol in 0..<19 { entries[codeLengths + symbol] = UInt32(symbol) << 16 }
    }
}

/// Fills a table for a canonical code (RFC 1951, section 3.2.2).
///
/// Codes of few bits are entered once; each time the length grows, the table so far is doubled, so that no entry is worked out twice.
///
/// - Parameters:
///   - lengths: bits of each symbol's code, 0 to 15; 0 for symbols that do not occur.
///   - symbols: what the symbols stand for.
///   - tables: the memory of all tables.
///   - start: where the first table begins, with `tableBits` bits.
///   - links: where the tables of longer codes begin.
///   - sorted: memory for as many numbers as there are symbols.
/// - Returns: false where the code is incomplete or has more codes than fit.
@inline(never)
func fillInflateTable(
    _ lengths: UnsafePointer<UInt8>, count: Int, symbols: UnsafePointer<UInt32>, into tables: UnsafeMutablePointer<UInt32>, start: Int, tableBits: Int,
    links: Int, sorted: UnsafeMutablePointer<UInt16>
) -> Bool {
    withUnsafeTemporaryAllocation(of: Int.self, capacity: 34) { memory in
        guard let counts = memory.baseAddress else { return false }
        let offsets = counts + 17
        for length in 0..<17 { counts[length] = 0 }
        for symbol in 0..<count { counts[Int(lengths[symbol])] &+= 1 }
        counts[0] = 0
        var room = 0
        var offset = 0
        for length in 1...15 {
            offsets[length] = offset
            offset &+= counts[length]
            room &+= counts[length] &<< (15 &- length)
        }
        guard room == 1 << 15 else { return false }
        for symbol in 0..<count {
            let length = Int(lengths[symbol])
            guard length != 0 else { continue }
            sorted[offsets[length]] = UInt16(truncatingIfNeeded: symbol)
            offsets[length] &+= 1
        }

        let table = tables + start
        var next = sorted
        // The code with its first bit lowest, as it comes from the stream.
        var code = 0
        var size = 1
        for length in 1...tableBits {
            (table + size).update(from: table, count: size)
            size &<<= 1
            let bits = UInt32(truncatingIfNeeded: length &<< 8 | length)
            for _ in 0..<counts[length] {
                table[code] = symbols[Int(next[0])] &+ bits
                next += 1
                code = following(code, within: size &- 1)
            }
        }
        var link = links
        var prefix = -1
        let width = 15 &- tableBits
        for length in tableBits &+ 1..<16 {
            let bits = UInt32(truncatingIfNeeded: length &<< 8 | length)
            for _ in 0..<counts[length] {
                let head = code & (size &- 1)
                if head != prefix {
                    prefix = head
                    table[head] = InflateEntry.link | UInt32(truncatingIfNeeded: link) &<< 16
                    link &+= 1 &<< width
                }
                let entry = symbols[Int(next[0])] &+ bits
                next += 1
                var index = code &>> tableBits
                while index < 1 &<< width {
                    tables[link &- 1 &<< width &+ index] = entry
                    index &+= 1 &<< (length &- tableBits)
                }
                code = following(code, within: (1 &<< length) &- 1)
            }
        }
        return true
    }
}

/// The next code of the same length, both with their first bit lowest; 0 after the last.
@inline(__always)
private func following(_ code: Int, within mask: Int) -> Int {
    let zeros = ~code & mask
    guard zeros != 0 else { return 0 }
    let highest = 1 &<< (63 &- zeros.leadingZeroBitCount)
    return code & (highest &- 1) | highest
}
