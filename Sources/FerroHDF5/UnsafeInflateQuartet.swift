// SPDX-License-Identifier: GPL-3.0-or-later

/// Decodes four streams in turn until one of them ends its block, is damaged or comes near the end of its input or output.
///
/// What a stream's next symbol is stands in a table at the bits that follow the last one: look up, shift, look up, each waiting for the one before. One
/// stream alone leaves most of the processor idle meanwhile; with four, one works while the others wait. Streams of the same kind of data mostly
/// stand at symbols of the same kind, so the rounds in which all have a literal, and those in which all have a match, do without asking each.
///
/// - Returns: for each stream, shifted by its number, `InflateLane.ended` or `damaged`; 0 where one is near an end.
func inflateInterleaved(_ lanes: UnsafeMutablePointer<InflateLane>) -> UInt32 {
    var a = lanes[0]
    var b = lanes[1]
    var c = lanes[2]
    var d = lanes[3]
    var found: UInt32 = 0
    while found == 0 {
        var rounds = min(min(a.safeRounds, b.safeRounds), min(c.safeRounds, d.safeRounds))
        guard rounds > 0 else { break }
        repeat {
            rounds &-= 1
            a.refill()
            b.refill()
            c.refill()
            d.refill()
            var ea = a.nextEntry
            var eb = b.nextEntry
            var ec = c.nextEntry
            var ed = d.nextEntry
            if Int32(bitPattern: ea & eb & ec & ed) < 0 {
                var index = 0
                // Five literals of at most 11 bits are in every refill.
                repeat {
                    a.put(ea)
                    b.put(eb)
                    c.put(ec)
                    d.put(ed)
                    ea = a.nextEntry
                    eb = b.nextEntry
                    ec = c.nextEntry
                    ed = d.nextEntry
                    index &+= 1
                } while index < 4 && Int32(bitPattern: ea & eb & ec & ed) < 0
                if index == 4 {
                    if Int32(bitPattern: ea & eb & ec & ed) < 0 {
                        a.put(ea)
                        b.put(eb)
                        c.put(ec)
                        d.put(ed)
                    }
                    continue
                }
                a.refill()
                b.refill()
                c.refill()
                d.refill()
            }
            if (ea | eb | ec | ed) & (InflateEntry.literal | InflateEntry.exception) == 0 {
                let va = a.bits &>> UInt64(ea)
                let vb = b.bits &>> UInt64(eb)
                let vc = c.bits &>> UInt64(ec)
                let vd = d.bits &>> UInt64(ed)
                let fa = a.distanceEntry(va)
                let fb = b.distanceEntry(vb)
                let fc = c.distanceEntry(vc)
                let fd = d.distanceEntry(vd)
                let da = InflateLane.value(fa, va)
                let db = InflateLane.value(fb, vb)
                let dc = InflateLane.value(fc, vc)
                let dd = InflateLane.value(fd, vd)
                let before = (a.produced &- da) | (b.produced &- db) | (c.produced &- dc) | (d.produced &- dd)
                if (fa | fb | fc | fd) & InflateEntry.exception == 0, before >= 0 {
                    let la = InflateLane.value(ea, a.bits)
                    let lb = InflateLane.value(eb, b.bits)
                    let lc = InflateLane.value(ec, c.bits)
                    let ld = InflateLane.value(ed, d.bits)
                    a.drop(ea)
                    b.drop(eb)
                    c.drop(ec)
                    d.drop(ed)
                    a.drop(fa)
                    b.drop(fb)
                    c.drop(fc)
                    d.drop(fd)
                    a.copy(la, from: da)
                    b.copy(lb, from: db)
                    c.copy(lc, from: dc)
                    d.copy(ld, from: dd)
                    continue
                }
            }
            found = a.step(ea)
            found |= b.step(eb) &<< 1
            found |= c.step(ec) &<< 2
            found |= d.step(ed) &<< 3
        } while rounds != 0 && found == 0
    }
    lanes[0] = a
    lanes[1] = b
    lanes[2] = c
    lanes[3] = d
    return found
}
