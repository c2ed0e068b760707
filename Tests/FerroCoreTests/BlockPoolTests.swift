// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Testing

@Suite struct BlockPoolTests {
    @Test func piecesInUseAreApart() {
        let sizes = (0..<40).map { 1000 + $0 * 37_000 }
        let pieces = sizes.map { BlockPool.take($0) }
        for (index, (piece, size)) in zip(pieces, sizes).enumerated() { piece.initializeMemory(as: UInt8.self, repeating: UInt8(index), count: size) }
        for (index, (piece, size)) in zip(pieces, sizes).enumerated() {
            let bytes = UnsafeRawBufferPointer(start: piece, count: size)
            #expect(bytes.first == UInt8(index) && bytes.last == UInt8(index))
            #expect(bytes.allSatisfy { $0 == UInt8(index) })
        }
        for piece in pieces { BlockPool.give(piece) }
    }

    @Test func largePiecesBeginWhereAHugePageMay() {
        let sizes = [2 << 20, 5_000_001, 3 << 20, 9_999_999]
        let pieces = sizes.map { BlockPool.take($0) }
        for (index, (piece, size)) in zip(pieces, sizes).enumerated() {
            #expect(UInt(bitPattern: piece) % (2 << 20) == 0)
            piece.initializeMemory(as: UInt8.self, repeating: UInt8(index), count: size)
        }
        for (index, (piece, size)) in zip(pieces, sizes).enumerated() {
            let bytes = UnsafeRawBufferPointer(start: piece, count: size)
            #expect(bytes.allSatisfy { $0 == UInt8(index) })
        }
        for piece in pieces { BlockPool.give(piece) }
    }

    @Test func manyThreadsTakeAndGive() async {
        await withTaskGroup(of: Bool.self) { group in
            for task in 0..<8 {
                group.addTask {
                    var generator = SeededGenerator(seed: UInt64(task))
                    return (0..<200).allSatisfy { _ in
                        let words = BlockPool.smallest / 8 + generator.index(below: 1 << 16)
                        let piece = BlockPool.take(words * 8).bindMemory(to: Int.self, capacity: words)
                        for word in stride(from: 0, to: words, by: 256) { piece[word] = task &* words &+ word }
                        let isOwn = stride(from: 0, to: words, by: 256).allSatisfy { piece[$0] == task &* words &+ $0 }
                        BlockPool.give(UnsafeMutableRawPointer(piece))
                        return isOwn
                    }
                }
            }
            for await isOwn in group { #expect(isOwn) }
        }
        BlockPool.giveBack()
    }
}
