// SPDX-License-Identifier: GPL-3.0-or-later
import CDeflate

/// The memory that four streams are decoded with: tables of each, and what they share.
struct InflateWorkspace {
    let tables: UnsafeMutablePointer<UInt32>
    /// What symbols stand for.
    let symbols: UnsafeMutablePointer<UInt32>
    /// For distances 0 to 16, which of 16 bytes before the output go where.
    let patterns: UnsafeMutablePointer<UInt8>
    /// The order in which lengths of codes of lengths come (RFC 1951, section 3.2.7).
    let order: UnsafeMutablePointer<UInt8>
    let lengths: UnsafeMutablePointer<UInt8>
    let sorted: UnsafeMutablePointer<UInt16>
    private let memory: UnsafeMutableRawPointer

    init(lanes: Int) {
        let tableBytes = lanes * InflateLayout.count * 4
        memory = .allocate(byteCount: tableBytes + 4096, alignment: 64)
        tables = memory.bindMemory(to: UInt32.self, capacity: lanes * InflateLayout.count)
        symbols = (memory + tableBytes).bindMemory(to: UInt32.self, capacity: InflateSymbols.count)
        patterns = (memory + tableBytes + 1408).bindMemory(to: UInt8.self, capacity: 272)
        order = (memory + tableBytes + 1728).bindMemory(to: UInt8.self, capacity: 19)
        lengths = (memory + tableBytes + 1792).bindMemory(to: UInt8.self, capacity: 320)
        sorted = (memory + tableBytes + 2176).bindMemory(to: UInt16.self, capacity: 320)
        InflateSymbols.fill(symbols)
        for distance in 0...16 {
            for byte in 0..<16 { patterns[distance * 16 + byte] = UInt8(distance == 0 ? 0 : byte % distance) }
        }
        for (index, symbol) in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15].enumerated() { order[index] = UInt8(symbol) }
    }

    func free() { memory.deallocate() }
}

/// How many chunks `inflateChunks` works on at once.
package let inflatedTogether = 4

/// Undoes HDF5's deflate filter (a zlib stream) of several chunks, each into exactly the bytes of its target; four at a time, in turn. Needs no lock.
///
/// What is anything but plain here is given to libdeflate whole, which decides: the answers and the bytes are those of `inflateChunk`.
///
/// - Returns: for each chunk, false where its stream is damaged or does not fill its target exactly.
package func inflateChunks(_ chunks: [(source: UnsafeRawBufferPointer, target: UnsafeMutableRawBufferPointer)]) -> [Bool] {
    var first = 0
    var answers: [Bool] = []
    while chunks.count - first >= 4 {
        let four = chunks[first..<first + 4]
        for (chunk, isDone) in zip(four, inflateFour(Array(four))) { answers.append(isDone || inflateChunk(chunk.source, into: chunk.target)) }
        first += 4
    }
    for chunk in chunks[first...] { answers.append(inflateChunk(chunk.source, into: chunk.target)) }
    return answers
}

private enum Standing { case head, symbols, done, failed }

/// - Returns: which of four chunks were inflated; of the others libdeflate has to say what they are.
func inflateFour(_ chunks: [(source: UnsafeRawBufferPointer, target: UnsafeMutableRawBufferPointer)]) -> [Bool] {
    let workspace = InflateWorkspace(lanes: 4)
    defer { workspace.free() }
    var lanes: [InflateLane] = []
    for (index, chunk) in chunks.enumerated() {
        guard let input = chunk.source.bindMemory(to: UInt8.self).baseAddress, let output = chunk.target.bindMemory(to: UInt8.self).baseAddress,
            hasPlainHead(chunk.source)
        else { return chunks.map { _ in false } }
        lanes.append(
            InflateLane(
                input: input + 2, output: output, tables: workspace.tables + index * InflateLayout.count, patterns: workspace.patterns, outputStart: output,
                inputEnd: input + chunk.source.count, outputEnd: output + chunk.target.count))
    }
    var standings = [Standing](repeating: .head, count: 4)
    var isLast = [false, false, false, false]
    lanes.withUnsafeMutableBufferPointer { lanes in
        guard let start = lanes.baseAddress else { return }
        func end(_ index: Int) {
            if isLast[index] {
                standings[index] = isWhole(&start[index], chunks[index].target) ? .done : .failed
            } else {
                standings[index] = .head
            }
        }
        while true {
            for index in 0..<4 {
                while standings[index] == .head {
                    let (head, last) = start[index].readHead(workspace)
                    isLast[index] = last
                    switch head {
                    case .coded: standings[index] = .symbols
                    case .damaged: standings[index] = .failed
                    case .stored: if start[index].copyStored() { end(index) } else { standings[index] = .failed }
                    }
                }
            }
            let isTogether = standings.allSatisfy { $0 == .symbols }
            let found = isTogether ? inflateInterleaved(start) : 0
            if found == 0 {
                guard standings.contains(.symbols) else { return }
                // Near an end, or without all four: what is left of a block is short, or comes alone.
                for index in 0..<4 where standings[index] == .symbols {
                    if start[index].finishBlock() == InflateLane.ended { end(index) } else { standings[index] = .failed }
                }
            } else {
                for index in 0..<4 {
                    if found & (InflateLane.damaged << UInt32(index)) != 0 {
                        standings[index] = .failed
                    } else if found & (InflateLane.ended << UInt32(index)) != 0 {
                        end(index)
                    }
                }
            }
        }
    }
    return standings.map { $0 == .done }
}

/// Whether the stream begins as RFC 1950, section 2.2, has it, without a preset dictionary.
private func hasPlainHead(_ source: UnsafeRawBufferPointer) -> Bool {
    guard source.count >= 6 else { return false }
    return source[0] & 15 == 8 && source[0] >> 4 <= 7 && source[1] & 32 == 0 && (Int(source[0]) << 8 | Int(source[1])) % 31 == 0
}

/// Whether a stream at its end filled its target, with the sum that is stored behind it (RFC 1950, section 9).
private func isWhole(_ lane: inout InflateLane, _ target: UnsafeMutableRawBufferPointer) -> Bool {
    lane.alignToByte()
    guard lane.output == lane.outputEnd, lane.inputEnd - lane.input >= 4 else { return false }
    let stored = UInt32(bigEndian: UnsafeRawPointer(lane.input).loadUnaligned(as: UInt32.self))
    return libdeflate_adler32(1, target.baseAddress, target.count) == stored
}
