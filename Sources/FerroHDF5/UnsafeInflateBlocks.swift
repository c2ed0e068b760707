// SPDX-License-Identifier: GPL-3.0-or-later

/// What stands between the symbols of a stream: the heads of blocks, blocks stored as they are, and the last symbols, near an end of memory.
extension InflateLane {
    /// Takes bits in, up to the end of the input.
    @inline(__always)
    mutating func refillCarefully() {
        if inputEnd - input >= 8 { return refill() }
        while held & 63 < 56, input < inputEnd {
            bits |= UInt64(input[0]) &<< held
            input += 1
            held = held & 63 &+ 8
        }
    }

    /// The next bits, which must be there.
    @inline(__always)
    private mutating func take(_ count: UInt64) -> Int? {
        guard held & 63 >= count else { return nil }
        let value = bits & ((1 &<< count) &- 1)
        bits = bits &>> count
        held = held &- count
        return Int(truncatingIfNeeded: value)
    }

    /// What a block's head announces.
    enum Head { case stored, coded, damaged }

    /// Reads a block's head and fills the tables of its codes.
    mutating func readHead(_ workspace: InflateWorkspace) -> (head: Head, isLast: Bool) {
        refillCarefully()
        guard let last = take(1), let kind = take(2) else { return (.damaged, false) }
        switch kind {
        case 0: return (.stored, last == 1)
        case 1: return (fixedCodes(workspace) ? .coded : .damaged, last == 1)
        case 2: return (ownCodes(workspace) ? .coded : .damaged, last == 1)
        default: return (.damaged, false)
        }
    }

    /// The codes of RFC 1951, section 3.2.6.
    private func fixedCodes(_ workspace: InflateWorkspace) -> Bool {
        let lengths = workspace.lengths
        for symbol in 0..<288 { lengths[symbol] = symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8 }
        for symbol in 288..<320 { lengths[symbol] = 5 }
        return fillTables(workspace, literals: 288, distances: 32)
    }

    /// The codes of RFC 1951, section 3.2.7: their lengths are coded in turn.
    private mutating func ownCodes(_ workspace: InflateWorkspace) -> Bool {
        let lengths = workspace.lengths
        guard let literals = take(5), let distances = take(5), let codes = take(4), literals <= 29 else { return false }
        let (literalCount, distanceCount) = (literals + 257, distances + 1)
        for symbol in 0..<19 { lengths[symbol] = 0 }
        for index in 0..<codes + 4 {
            refillCarefully()
            guard let length = take(3) else { return false }
            lengths[Int(workspace.order[index])] = UInt8(truncatingIfNeeded: length)
        }
        // The tables of the literals are filled only after this one is done with.
        guard
            fillInflateTable(
                lengths, count: 19, symbols: workspace.symbols + InflateSymbols.codeLengths, into: tables, start: 0, tableBits: 7, links: 128,
                sorted: workspace.sorted)
        else { return false }
        let count = literalCount + distanceCount
        var index = 0
        while index < count {
            refillCarefully()
            let entry = tables[Int(bits & 127)]
            guard take(UInt64(entry & 63)) != nil else { return false }
            let symbol = entry &>> 16
            if symbol < 16 {
                lengths[index] = UInt8(truncatingIfNeeded: symbol)
                index &+= 1
                continue
            }
            var repeated: UInt8 = 0
            let times: Int
            switch symbol {
            case 16:
                guard index > 0, let more = take(2) else { return false }
                repeated = lengths[index &- 1]
                times = 3 &+ more
            case 17:
                guard let more = take(3) else { return false }
                times = 3 &+ more
            default:
                guard let more = take(7) else { return false }
                times = 11 &+ more
            }
            guard index &+ times <= count else { return false }
            for _ in 0..<times {
                lengths[index] = repeated
                index &+= 1
            }
        }
        return fillTables(workspace, literals: literalCount, distances: distanceCount)
    }

    private func fillTables(_ workspace: InflateWorkspace, literals: Int, distances: Int) -> Bool {
        fillInflateTable(
            workspace.lengths, count: literals, symbols: workspace.symbols, into: tables, start: InflateLayout.literals,
            tableBits: InflateLayout.literalBits, links: InflateLayout.literalLinks, sorted: workspace.sorted)
            && fillInflateTable(
                workspace.lengths + literals, count: distances, symbols: workspace.symbols + InflateSymbols.distances, into: tables,
                start: InflateLayout.distances, tableBits: InflateLayout.distanceBits, links: InflateLayout.distanceLinks, sorted: workspace.sorted)
    }

    /// Goes back to the first byte of which no bit was taken.
    mutating func alignToByte() {
        input -= Int(held & 63) / 8
        bits = 0
        held = 0
    }

    /// Copies a block that is stored as it is (RFC 1951, section 3.2.4).
    mutating func copyStored() -> Bool {
        alignToByte()
        guard inputEnd - input >= 4 else { return false }
        let count = Int(input[0]) | Int(input[1]) << 8
        guard count ^ 0xffff == Int(input[2]) | Int(input[3]) << 8 else { return false }
        input += 4
        guard inputEnd - input >= count, outputEnd - output >= count else { return false }
        output.update(from: input, count: count)
        input += count
        output += count
        return true
    }

    /// Decodes to the end of the block.
    ///
    /// - Returns: `ended` or `damaged`.
    mutating func finishBlock() -> UInt32 {
        while true {
            var rounds = safeRounds
            guard rounds > 0 else { return finishCarefully() }
            repeat {
                rounds &-= 1
                refill()
                var entry = nextEntry
                var index = 0
                while index < 4, entry & InflateEntry.literal != 0 {
                    put(entry)
                    entry = nextEntry
                    index &+= 1
                }
                refill()
                let found = step(entry)
                if found != 0 { return found }
            } while rounds != 0
        }
    }

    /// Decodes to the end of the block, asking for every byte whether it is there.
    private mutating func finishCarefully() -> UInt32 {
        while true {
            refillCarefully()
            var entry = nextEntry
            if entry & (InflateEntry.literal | InflateEntry.exception) == InflateEntry.exception, entry & InflateEntry.isLink != 0 {
                let width = UInt64(15 - InflateLayout.literalBits)
                entry = tables[Int(entry &>> 16 & 0x7fff) &+ Int(bits &>> UInt64(InflateLayout.literalBits) & ((1 << width) - 1))]
            }
            guard UInt64(entry & 63) <= held & 63 else { return InflateLane.damaged }
            if entry & InflateEntry.literal != 0 {
                guard output < outputEnd else { return InflateLane.damaged }
                put(entry)
                continue
            }
            if entry & InflateEntry.exception != 0 {
                guard entry & InflateEntry.isEnd != 0 else { return InflateLane.damaged }
                drop(entry & 63)
                return InflateLane.ended
            }
            let length = InflateLane.value(entry, bits)
            drop(entry)
            var far = distanceEntry(bits)
            if far & InflateEntry.exception != 0, far & InflateEntry.isLink != 0 {
                let width = UInt64(15 - InflateLayout.distanceBits)
                far = tables[Int(far &>> 16 & 0x7fff) &+ Int(bits &>> UInt64(InflateLayout.distanceBits) & ((1 << width) - 1))]
            }
            guard far & InflateEntry.exception == 0, UInt64(far & 63) <= held & 63 else { return InflateLane.damaged }
            let distance = InflateLane.value(far, bits)
            drop(far)
            guard distance <= produced, length <= outputEnd - output else { return InflateLane.damaged }
            for index in 0..<length { output[index] = output[index - distance] }
            output += length
        }
    }
}
