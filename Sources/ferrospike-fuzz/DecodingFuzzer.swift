// SPDX-License-Identifier: GPL-3.0-or-later
//
// What libFuzzer calls: our own decoding of bytes that a file may hold. The first byte of an input chooses what is decoded. A finding is a crash, a
// report of a sanitizer, or a difference from the plain way to compute the same. Built by `make sanitize` alone.
import FerroCore
import Foundation

@testable import FerroHDF5
@testable import FerroRecordings

@_cdecl("LLVMFuzzerTestOneInput")
public func decodeOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 1 else { return 0 }
    var input = FuzzInput(bytes: Array(UnsafeBufferPointer(start: start + 1, count: count - 1)))
    // Whole recordings take a hundred times as long.
    switch start.pointee % 16 {
    case 0...1: fuzzInflation(&input)
    case 2...3: fuzzInflationInTurn(&input)
    case 4...6: fuzzShuffling(&input)
    case 7...9: fuzzPicking(&input)
    case 10...12: fuzzConversion(&input)
    default: RecordingFuzzer.shared?.fuzz(&input)
    }
    return 0
}

/// Bytes of an input, taken from the front; zeros when there are none left.
struct FuzzInput {
    private(set) var bytes: ArraySlice<UInt8>

    init(bytes: [UInt8]) { self.bytes = bytes[...] }

    var isEmpty: Bool { bytes.isEmpty }

    mutating func byte() -> Int { Int(bytes.popFirst() ?? 0) }
    mutating func word() -> Int { byte() | byte() << 8 }
    mutating func rest() -> [UInt8] {
        defer { bytes = [] }
        return Array(bytes)
    }
}

/// A difference that should not be there; libFuzzer keeps the input.
private func expect(_ holds: Bool, _ what: String) {
    guard !holds else { return }
    FileHandle.standardError.write(Data("Fatal error: \(what)\n".utf8))
    abort()
}

// MARK: Chunks

/// Both ways to inflate give the same bytes, or refuse.
private func fuzzInflation(_ input: inout FuzzInput) {
    let size = input.word()
    let piece = 1 + input.byte()
    let stream = input.rest()
    let whole = DecodedChunk(byteCount: size)
    let isWhole = stream.withUnsafeBytes { inflateChunk($0, into: whole.bytes) }
    var pieces: [UInt8] = []
    var position = 0
    let isStreamed = stream.withUnsafeBytes { all in
        inflateStream {
            let part = all[position..<min(position + piece, all.count)]
            position = part.endIndex
            return UnsafeRawBufferPointer(rebasing: part)
        } take: {
            // A stream may stand for a thousand times its length.
            if pieces.count < 1 << 20 { pieces += $0 }
        }
    }
    if isWhole, isStreamed, pieces.count < 1 << 20 { expect(pieces == Array(whole.bytes), "the two ways to inflate differ") }
}

/// Four streams, whole or damaged, are inflated in turn as libdeflate inflates each; what is decoded without it is what it decodes.
private func fuzzInflationInTurn(_ input: inout FuzzInput) {
    let way = input.byte()
    let changes = (0..<4).map { _ in (chunk: input.byte() % 4, at: input.word(), bits: UInt8(input.byte())) }
    let bytes = input.rest()
    // Repeated, so that the fast rounds, which stay away from the ends, have something to do.
    let times = 1 + (way >> 4) * 40
    let originals = (0..<4).map { lane -> [UInt8] in
        let own = Array(bytes.dropFirst(lane * (way & 3)))
        return (0..<times).flatMap { _ in own }
    }
    var streams = originals.map { original -> [UInt8] in
        // The input itself as a stream, or one made of it.
        way & 4 == 0 ? bytes : original.withUnsafeBytes { deflateChunk($0, level: 1 + way % 9) } ?? bytes
    }
    for change in changes where change.bits != 0 && !streams[change.chunk].isEmpty {
        streams[change.chunk][change.at % streams[change.chunk].count] ^= change.bits
    }
    // Memory of exactly their sizes, so that the sanitizer sees every byte beyond.
    let sources = streams.map { stream in
        let chunk = DecodedChunk(byteCount: stream.count)
        chunk.bytes.copyBytes(from: stream)
        return chunk
    }
    let sizes = zip(originals, streams).map { original, stream in
        let size = way & 4 == 0 ? inflatedSize(stream) : original.count
        return way & 8 == 0 ? size : max(0, size - 1)
    }
    let own = sizes.map { DecodedChunk(byteCount: $0) }
    let single = sizes.map { DecodedChunk(byteCount: $0) }
    let pairs = zip(sources, own).map { (source: UnsafeRawBufferPointer($0.bytes), target: $1.bytes) }
    let isOwn = inflateFour(pairs)
    let isSingle = zip(sources, single).map { inflateChunk(UnsafeRawBufferPointer($0.bytes), into: $1.bytes) }
    for lane in 0..<4 where isOwn[lane] {
        expect(isSingle[lane] && Array(own[lane].bytes) == Array(single[lane].bytes), "streams are inflated otherwise in turn")
    }
    let isTogether = inflateChunks(pairs)
    expect(isTogether == isSingle, "streams are refused otherwise in turn")
    for lane in 0..<4 where isSingle[lane] { expect(Array(own[lane].bytes) == Array(single[lane].bytes), "streams are inflated otherwise together") }
}

/// What a stream stands for, as far as it goes and up to a megabyte.
private func inflatedSize(_ stream: [UInt8]) -> Int {
    var size = 0
    var isGiven = false
    _ = stream.withUnsafeBytes { all in
        inflateStream {
            defer { isGiven = true }
            return isGiven ? nil : all
        } take: {
            size += $0.count
        }
    }
    return min(size, 1 << 20)
}

private func fuzzShuffling(_ input: inout FuzzInput) {
    let size = [1, 2, 4, 8][input.byte() % 4]
    let bytes = input.rest()
    let count = bytes.count / size
    let target = DecodedChunk(byteCount: bytes.count)
    bytes.withUnsafeBytes { unshuffle($0, into: target.bytes, elementSize: size) }
    let plain = bytes.indices.map { $0 < count * size ? bytes[$0 % size * count + $0 / size] : bytes[$0] }
    expect(Array(target.bytes) == plain, "bytes are unshuffled otherwise")
    if bytes.count % size == 0 { expect(plain.withUnsafeBytes { shuffled($0, elementSize: size) } == bytes, "shuffling does not lead back") }
    swapBytes(UnsafeMutableRawBufferPointer(rebasing: target.bytes[..<(count * size)]), elementSize: size)
    let swapped = (0..<count * size).map { plain[$0 / size * size + size - 1 - $0 % size] }
    expect(Array(target.bytes[..<(count * size)]) == swapped, "bytes are swapped otherwise")
}

/// Elements are picked out of pieces as they are out of the whole.
private func fuzzPicking(_ input: inout FuzzInput) {
    let size = [1, 2, 4, 8][input.byte() % 4]
    let isShuffled = input.byte() % 2 == 0
    let total = 1 + input.byte()
    var ranges: [Range<Int>] = []
    var next = input.byte() % total
    while next < total, ranges.count < 8 {
        let end = min(total, next + input.byte() % 16)
        ranges.append(next..<end)
        next = end + 1 + input.byte() % 8
    }
    let piece = 1 + input.byte()
    let given = input.rest()
    let bytes = (0..<total * size).map { given.isEmpty ? UInt8(truncatingIfNeeded: $0) : given[$0 % given.count] }
    let target = DecodedChunk(byteCount: ranges.reduce(0) { $0 + $1.count } * size)
    var picker = StreamPicker(ranges, of: total, elementSize: size, isShuffled: isShuffled, into: target.bytes)
    bytes.withUnsafeBytes { all in
        for first in stride(from: 0, to: all.count, by: piece) { picker.add(UnsafeRawBufferPointer(rebasing: all[first..<min(first + piece, all.count)])) }
    }
    let plain = ranges.joined().flatMap { element in (0..<size).map { bytes[isShuffled ? $0 * total + element : element * size + $0] } }
    expect(Array(target.bytes) == plain && picker.position == bytes.count, "elements are picked otherwise")
}

/// Stored numbers of every type, any choice of columns, into a block.
private func fuzzConversion(_ input: inout FuzzInput) {
    let element = HDF5ElementType.allCases[input.byte() % HDF5ElementType.allCases.count]
    let width = 1 + input.byte() % 40
    let columns = (0..<1 + input.byte() % 40).map { _ in input.byte() % width }
    let (gain, offset) = (Double(input.byte()) / 8, Double(input.byte()) - 128)
    let bytes = input.rest()
    let rows = bytes.count / (width * element.size)
    guard rows > 0 else { return }
    let stored = DecodedChunk(byteCount: rows * width * element.size)
    stored.bytes.copyBytes(from: bytes[..<stored.bytes.count])
    guard let base = stored.bytes.baseAddress else { return }
    let scale = MicrovoltScale(gains: columns.map { _ in gain }, offsets: columns.map { _ in offset })
    let block = SignalBlock(frames: 0..<rows, channels: columns.count) { target in
        guard let start = target.baseAddress else { return }
        target.initialize(repeating: 0)
        convertToMicrovolts(
            StoredRows(start: base, element: element, stride: width, count: rows), runs: ColumnRun.runs(of: columns, in: 0..<width), scale: scale,
            into: PanelRows(start: start, rows: rows, first: 0, panelWidth: SignalBlock.panelWidth(forChannels: columns.count)))
    }
    for row in 0..<rows {
        for (channel, column) in columns.enumerated() {
            let expected = Float(number(base + (row * width + column) * element.size, element) * gain + offset)
            let found = block[row, channel]
            // The last bit may differ by the multiply-add.
            expect(
                found == expected || found.isNaN && expected.isNaN || abs(found - expected) <= expected.ulp || !expected.isFinite,
                "numbers are converted otherwise")
        }
    }
}

private func number(_ at: UnsafeMutableRawPointer, _ element: HDF5ElementType) -> Double {
    switch element {
    case .int8: Double(at.loadUnaligned(as: Int8.self))
    case .int16: Double(at.loadUnaligned(as: Int16.self))
    case .int32: Double(at.loadUnaligned(as: Int32.self))
    case .int64: Double(at.loadUnaligned(as: Int64.self))
    case .uint8: Double(at.loadUnaligned(as: UInt8.self))
    case .uint16: Double(at.loadUnaligned(as: UInt16.self))
    case .uint32: Double(at.loadUnaligned(as: UInt32.self))
    case .uint64: Double(at.loadUnaligned(as: UInt64.self))
    case .float32: Double(at.loadUnaligned(as: Float.self))
    case .float64: at.loadUnaligned(as: Double.self)
    }
}
