// SPDX-License-Identifier: GPL-3.0-or-later
#if arch(x86_64)
import _Builtin_intrinsics.intel
#endif

/// One deflate stream on its way: where it is read, where it is written and the bits between.
///
/// Of `held` the lowest six bits alone say how many of `bits` count; what is above them is left over from subtracting whole entries. Bits above
/// those that count may be there already: they are those that come next, so that putting them there again changes nothing.
struct InflateLane {
    var input: UnsafePointer<UInt8>
    var output: UnsafeMutablePointer<UInt8>
    var bits: UInt64 = 0
    var held: UInt64 = 0
    let tables: UnsafeMutablePointer<UInt32>
    let patterns: UnsafePointer<UInt8>
    let outputStart: UnsafeMutablePointer<UInt8>
    let inputEnd: UnsafePointer<UInt8>
    let outputEnd: UnsafeMutablePointer<UInt8>

    static let ended: UInt32 = 1
    static let damaged: UInt32 = 16

    /// Rounds of at most 56 bits twice, five literals and one match that surely stay within input and output.
    @inline(__always)
    var safeRounds: Int { min((inputEnd - input - 16) / 14, (outputEnd - output - 288) / 272) }

    @inline(__always)
    mutating func refill() {
        bits |= UInt64(littleEndian: UnsafeRawPointer(input).loadUnaligned(as: UInt64.self)) &<< held
        input += Int(7 &- (held &>> 3 & 7))
        held |= 56
    }

    @inline(__always)
    var nextEntry: UInt32 { tables[Int(bits & (1 << UInt64(InflateLayout.literalBits) - 1))] }

    @inline(__always)
    mutating func drop(_ entry: UInt32) {
        bits = bits &>> UInt64(entry)
        held = held &- UInt64(entry)
    }

    /// Puts a literal and looks the next entry up.
    @inline(__always)
    mutating func put(_ entry: UInt32) {
        output[0] = UInt8(truncatingIfNeeded: entry &>> 16)
        output += 1
        drop(entry)
    }

    /// The number that an entry stands for: the least one and the bits after the code.
    @inline(__always)
    static func value(_ entry: UInt32, _ bits: UInt64) -> Int {
        let own = bits & ((1 &<< UInt64(entry)) &- 1)
        return Int(entry &>> 16) &+ Int(truncatingIfNeeded: own &>> UInt64(entry &>> 8 & 15))
    }

    @inline(__always)
    func distanceEntry(_ bits: UInt64) -> UInt32 { tables[InflateLayout.distances + Int(bits & (1 << UInt64(InflateLayout.distanceBits) - 1))] }

    @inline(__always)
    var produced: Int { output - outputStart }

    /// Copies what lies `distance` back, up to 15 bytes more than `length`. A distance below 16 repeats what it has.
    @inline(__always)
    mutating func copy(_ length: Int, from distance: Int) {
        let source = output - distance
        #if arch(x86_64)
        let pattern = UnsafeRawPointer(patterns + min(distance, 16) &* 16).loadUnaligned(as: SIMD2<Int64>.self)
        let piece = UnsafeRawPointer(source).loadUnaligned(as: SIMD2<Int64>.self)
        UnsafeMutableRawPointer(output).storeBytes(of: _mm_shuffle_epi8(piece, pattern), as: SIMD2<Int64>.self)
        if length > 16 { copyLong(length, from: distance) }
        #else
        for index in 0..<length { output[index] = source[index] }
        #endif
        output += length
    }

    @inline(__always)
    private func copyLong(_ length: Int, from distance: Int) {
        let source = output - distance
        var done = 16
        if distance >= 16 {
            while done < length {
                let piece = UnsafeRawPointer(source + done).loadUnaligned(as: SIMD2<Int64>.self)
                UnsafeMutableRawPointer(output + done).storeBytes(of: piece, as: SIMD2<Int64>.self)
                done &+= 16
            }
        } else {
            while done < length {
                output[done] = source[done]
                done &+= 1
            }
        }
    }

    /// Follows the entry of one symbol, with 56 bits at hand and room for a match and 15 bytes more.
    @inline(__always)
    mutating func step(_ first: UInt32) -> UInt32 {
        var entry = first
        if entry & (InflateEntry.literal | InflateEntry.exception) == InflateEntry.exception {
            if entry & InflateEntry.isLink != 0 {
                let width = UInt64(15 - InflateLayout.literalBits)
                entry = tables[Int(entry &>> 16 & 0x7fff) &+ Int(bits &>> UInt64(InflateLayout.literalBits) & ((1 << width) - 1))]
            }
            if entry & (InflateEntry.literal | InflateEntry.exception) == InflateEntry.exception {
                guard entry & InflateEntry.isEnd != 0 else { return InflateLane.damaged }
                drop(entry & 63)
                return InflateLane.ended
            }
        }
        if entry & InflateEntry.literal != 0 {
            put(entry)
            return 0
        }
        let length = InflateLane.value(entry, bits)
        drop(entry)
        var far = distanceEntry(bits)
        if far & InflateEntry.exception != 0 {
            if far & InflateEntry.isLink != 0 {
                let width = UInt64(15 - InflateLayout.distanceBits)
                far = tables[Int(far &>> 16 & 0x7fff) &+ Int(bits &>> UInt64(InflateLayout.distanceBits) & ((1 << width) - 1))]
            }
            guard far & InflateEntry.exception == 0 else { return InflateLane.damaged }
        }
        let distance = InflateLane.value(far, bits)
        drop(far)
        guard distance <= produced else { return InflateLane.damaged }
        copy(length, from: distance)
        return 0
    }
}
