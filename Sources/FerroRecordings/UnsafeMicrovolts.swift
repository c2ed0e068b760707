// SPDX-License-Identifier: GPL-3.0-or-later
//
// The loops between stored numbers and Float32 microvolts. Goals, in order: the value is computed in Float64 and rounded once;
// every sample costs the same, without a branch; the loops vectorise for the element type they are compiled for.
import FerroCore
import FerroHDF5

/// microvolts = stored × gain + offset, in Float64, one gain and offset per column of the dataset.
struct MicrovoltScale: Sendable, Equatable {
    var gains: [Double]
    var offsets: [Double]

    /// The scale of some of the columns.
    func selecting(_ columns: [Int]) -> MicrovoltScale {
        MicrovoltScale(gains: columns.map { gains[$0] }, offsets: columns.map { offsets[$0] })
    }
}

/// Neighbouring columns of the source that become neighbouring channels of one panel of the block.
struct ColumnRun: Sendable, Equatable {
    var source: Int
    var channel: Int
    var count: Int

    /// The runs of `columns` that lie in the stretch `held` of the dataset's columns, counted from its start.
    static func runs(of columns: [Int], in held: Range<Int>) -> [ColumnRun] {
        var runs: [ColumnRun] = []
        for (channel, column) in columns.enumerated() where held.contains(column) {
            let source = column - held.lowerBound
            if let last = runs.last, last.source + last.count == source, last.channel + last.count == channel, channel % 16 != 0 {
                runs[runs.count - 1].count += 1
            } else {
                runs.append(ColumnRun(source: source, channel: channel, count: 1))
            }
        }
        return runs
    }
}

/// Stored rows in memory, in this machine's byte order.
struct StoredRows {
    var start: UnsafeRawPointer
    var element: HDF5ElementType
    /// Elements from one row to the next.
    var stride: Int
    var count: Int
}

/// Rows of a block that is being made, panel by panel as `SignalBlock` holds them.
struct PanelRows {
    let start: UnsafeMutablePointer<Float>
    /// Frames of the whole block.
    let rows: Int
    /// The first of these rows.
    let first: Int
    let panelWidth: Int

    /// Where a channel's first sample goes; the next lies `panelWidth` floats on.
    func column(_ channel: Int) -> UnsafeMutablePointer<Float> {
        start + SignalBlock.place(row: first, channel, rows: rows, panelWidth: panelWidth)
    }
}

/// Converts stored rows into rows of a block.
func convertToMicrovolts(_ rows: StoredRows, runs: [ColumnRun], scale: MicrovoltScale, into target: PanelRows) {
    switch rows.element {
    case .int8: convert(rows, Int8.self, runs, scale, target)
    case .int16: convert(rows, Int16.self, runs, scale, target)
    case .int32: convert(rows, Int32.self, runs, scale, target)
    case .int64: convert(rows, Int64.self, runs, scale, target)
    case .uint8: convert(rows, UInt8.self, runs, scale, target)
    case .uint16: convert(rows, UInt16.self, runs, scale, target)
    case .uint32: convert(rows, UInt32.self, runs, scale, target)
    case .uint64: convert(rows, UInt64.self, runs, scale, target)
    case .float32: convert(rows, Float.self, runs, scale, target)
    case .float64: convert(rows, Double.self, runs, scale, target)
    }
}

private protocol StoredSample: BitwiseCopyable {
    var double: Double { get }
}

extension Int8: StoredSample { @inline(__always) fileprivate var double: Double { Double(self) } }
extension Int16: StoredSample { @inline(__always) fileprivate var double: Double { Double(self) } }
extension Int32: StoredSample { @inline(__always) fileprivate var double: Double { Double(self) } }
extension Int64: StoredSample { @inline(__always) fileprivate var double: Double { Double(self) } }
extension UInt8: StoredSample { @inline(__always) fileprivate var double: Double { Double(self) } }
extension UInt16: StoredSample { @inline(__always) fileprivate var double: Double { Double(self) } }
extension UInt32: StoredSample { @inline(__always) fileprivate var double: Double { Double(self) } }
extension UInt64: StoredSample { @inline(__always) fileprivate var double: Double { Double(self) } }
extension Float: StoredSample { @inline(__always) fileprivate var double: Double { Double(self) } }
extension Double: StoredSample { @inline(__always) fileprivate var double: Double { self } }

@inline(__always)
private func convert<Sample: StoredSample>(
    _ rows: StoredRows, _ type: Sample.Type, _ runs: [ColumnRun], _ scale: MicrovoltScale, _ target: PanelRows
) {
    let source = rows.start.assumingMemoryBound(to: Sample.self)
    let width = target.panelWidth
    scale.gains.withUnsafeBufferPointer { gains in
        scale.offsets.withUnsafeBufferPointer { offsets in
            for run in runs {
                let channels = run.channel..<run.channel + run.count
                let gain = gains[run.channel]
                let offset = offsets[run.channel]
                let isUniform = channels.allSatisfy { gains[$0] == gain && offsets[$0] == offset }
                let from = source + run.source
                let to = target.column(run.channel)
                if run.count == width, rows.stride == width, width < 16 {
                    convertFlat(from, rows.count * width, gains: Array(gains[channels]), offsets: Array(offsets[channels]), to)
                } else if isUniform, run.count == 16 {
                    convertSixteen(from, rows, SIMD16(repeating: gain), SIMD16(repeating: offset), to)
                } else if run.count == 16 {
                    convertSixteen(from, rows, SIMD16(gains[channels]), SIMD16(offsets[channels]), to)
                } else if isUniform, run.count >= 8 {
                    for row in 0..<rows.count { convertLine(from + row &* rows.stride, to + row &* width, run.count, gain, offset) }
                } else {
                    // Too narrow for vectors across channels: down each column instead, after the rows that may be read beyond their end.
                    var done = 0
                    if width == 4 || width == 8, run.count > width / 2, run.channel == 0 {
                        done = convertRows(from, rows, gains: Array(gains[channels]), offsets: Array(offsets[channels]), to, width)
                    }
                    for channel in channels {
                        let gain = gains[channel]
                        let offset = offsets[channel]
                        var from = source + run.source + (channel - run.channel) + done * rows.stride
                        var to = target.column(channel) + done * width
                        for _ in done..<rows.count {
                            to.pointee = Float(from.pointee.double * gain + offset)
                            from += rows.stride
                            to += width
                        }
                    }
                }
            }
        }
    }
}

/// Rows of a whole panel of sixteen channels. Lanes are named one by one: conversions of whole vectors become calls.
@inline(__always)
private func convertSixteen<Sample: StoredSample>(
    _ source: UnsafePointer<Sample>, _ rows: StoredRows, _ gain: SIMD16<Double>, _ offset: SIMD16<Double>, _ target: UnsafeMutablePointer<Float>
) {
    for row in 0..<rows.count {
        let at = source + row &* rows.stride
        let stored = SIMD16<Double>(
            at[0].double, at[1].double, at[2].double, at[3].double, at[4].double, at[5].double, at[6].double, at[7].double, at[8].double, at[9].double,
            at[10].double, at[11].double, at[12].double, at[13].double, at[14].double, at[15].double)
        let value = stored * gain + offset
        let answer = SIMD16<Float>(
            Float(value[0]), Float(value[1]), Float(value[2]), Float(value[3]), Float(value[4]), Float(value[5]), Float(value[6]), Float(value[7]),
            Float(value[8]), Float(value[9]), Float(value[10]), Float(value[11]), Float(value[12]), Float(value[13]), Float(value[14]), Float(value[15]))
        UnsafeMutableRawPointer(target + row &* 16).storeBytes(of: answer, as: SIMD16<Float>.self)
    }
}

/// Rows of a whole panel of few channels, sixteen samples at a time as they lie in memory.
@inline(__always)
private func convertFlat<Sample: StoredSample>(
    _ source: UnsafePointer<Sample>, _ count: Int, gains: [Double], offsets: [Double], _ target: UnsafeMutablePointer<Float>
) {
    var gain = SIMD16<Double>.zero
    var offset = SIMD16<Double>.zero
    for lane in 0..<16 {
        gain[lane] = gains[lane % gains.count]
        offset[lane] = offsets[lane % gains.count]
    }
    let whole = count / 16
    let rows = StoredRows(start: UnsafeRawPointer(source), element: .int8, stride: 16, count: whole)
    convertSixteen(source, rows, gain, offset, target)
    for place in 16 * whole..<count { target[place] = Float(source[place].double * gain[place & 15] + offset[place & 15]) }
}

/// Rows of a panel of four or eight with fewer channels, each read to eight numbers; padding becomes zero. Returns how many rows could be read so far.
@inline(__always)
private func convertRows<Sample: StoredSample>(
    _ source: UnsafePointer<Sample>, _ rows: StoredRows, gains: [Double], offsets: [Double], _ target: UnsafeMutablePointer<Float>, _ width: Int
) -> Int {
    var gain = SIMD8<Double>.zero
    var offset = SIMD8<Double>.zero
    var padding = SIMDMask<SIMD8<Int32>>(repeating: true)
    for lane in gains.indices {
        gain[lane] = gains[lane]
        offset[lane] = offsets[lane]
        padding[lane] = false
    }
    let last = (rows.count - 1) * rows.stride + gains.count
    let count = last < 8 || rows.stride < gains.count ? 0 : (last - 8) / rows.stride + 1
    for row in 0..<count {
        let at = source + row &* rows.stride
        let stored = SIMD8<Double>(
            at[0].double, at[1].double, at[2].double, at[3].double, at[4].double, at[5].double, at[6].double, at[7].double)
        let value = stored * gain + offset
        let answer = SIMD8<Float>(
            Float(value[0]), Float(value[1]), Float(value[2]), Float(value[3]), Float(value[4]), Float(value[5]), Float(value[6]), Float(value[7]))
        let padded = answer.replacing(with: 0, where: padding)
        if width == 4 {
            UnsafeMutableRawPointer(target + row &* 4).storeBytes(of: padded.lowHalf, as: SIMD4<Float>.self)
        } else {
            UnsafeMutableRawPointer(target + row &* 8).storeBytes(of: padded, as: SIMD8<Float>.self)
        }
    }
    return count
}

@inline(__always)
private func convertLine<Sample: StoredSample>(
    _ source: UnsafePointer<Sample>, _ target: UnsafeMutablePointer<Float>, _ count: Int, _ gain: Double, _ offset: Double
) {
    for index in 0..<count { target[index] = Float(source[index].double * gain + offset) }
}

/// Whether all values are finite: the largest bit pattern without its sign is below that of infinity.
func allFinite(_ values: UnsafeBufferPointer<Float>) -> Bool {
    var largest: UInt32 = 0
    for value in values { largest = max(largest, value.bitPattern & 0x7fff_ffff) }
    return largest < Float.infinity.bitPattern
}

/// Turns big-endian elements into this machine's order, or back, in place.
func swapBytes(_ buffer: UnsafeMutableRawBufferPointer, elementSize: Int) {
    switch elementSize {
    case 2: for index in buffer.bindMemory(to: UInt16.self).indices { swap(buffer, index, UInt16.self) }
    case 4: for index in buffer.bindMemory(to: UInt32.self).indices { swap(buffer, index, UInt32.self) }
    case 8: for index in buffer.bindMemory(to: UInt64.self).indices { swap(buffer, index, UInt64.self) }
    default: break
    }
}

@inline(__always)
private func swap<Word: FixedWidthInteger>(_ buffer: UnsafeMutableRawBufferPointer, _ index: Int, _ type: Word.Type) {
    let words = buffer.assumingMemoryBound(to: Word.self)
    words[index] = words[index].byteSwapped
}

/// Undoes HDF5's shuffle filter: byte b of element i lies at `b × count + i`; what is left over at the end lies as it is.
func unshuffle(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, elementSize: Int) {
    guard let from = source.baseAddress, let to = target.baseAddress else { return }
    let count = source.count / max(elementSize, 1)
    let bytes = from.assumingMemoryBound(to: UInt8.self)
    if elementSize == 2 {
        let whole = count & ~15
        for index in Swift.stride(from: 0, to: whole, by: 16) {
            let low = (from + index).loadUnaligned(as: SIMD16<UInt8>.self)
            let high = (from + (count &+ index)).loadUnaligned(as: SIMD16<UInt8>.self)
            (to + 2 &* index).storeBytes(of: weave(low, high), as: SIMD32<UInt8>.self)
        }
        let words = to.assumingMemoryBound(to: UInt16.self)
        for index in whole..<count { words[index] = UInt16(bytes[index]) | UInt16(bytes[count + index]) &<< 8 }
    } else if elementSize == 4 {
        let words = to.assumingMemoryBound(to: UInt32.self)
        for index in 0..<count {
            let low = UInt32(bytes[index]) | UInt32(bytes[count + index]) &<< 8
            words[index] = low | UInt32(bytes[2 * count + index]) &<< 16 | UInt32(bytes[3 * count + index]) &<< 24
        }
    } else {
        let output = to.assumingMemoryBound(to: UInt8.self)
        for byte in 0..<elementSize {
            for index in 0..<count { output[index * elementSize + byte] = bytes[byte * count + index] }
        }
    }
    let done = count * elementSize
    if done < source.count { (to + done).copyMemory(from: from + done, byteCount: source.count - done) }
}

/// Bytes of both in turn.
@inline(__always)
private func weave(_ low: SIMD16<UInt8>, _ high: SIMD16<UInt8>) -> SIMD32<UInt8> {
    SIMD32(
        low[0], high[0], low[1], high[1], low[2], high[2], low[3], high[3], low[4], high[4], low[5], high[5], low[6], high[6], low[7], high[7], low[8], high[8],
        low[9], high[9], low[10], high[10], low[11], high[11], low[12], high[12], low[13], high[13], low[14], high[14], low[15], high[15])
}
