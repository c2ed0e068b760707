// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Testing

@testable import FerroPipeline

@Suite("Block grid")
struct BlockGridTests {
    @Test("reads cover every frame of every segment once, in blocks that do not depend on how many are read at once", arguments: [1, 2, 5, 100])
    func covers(blocksPerRead: Int) {
        let lengths = [1000, 1, 256, 0, 257, 5000]
        let grid = BlockGrid(segmentFrames: lengths, step: 256, blocksPerRead: blocksPerRead)
        let reads = Array(grid)
        #expect(reads.count == grid.count)
        #expect(reads.allSatisfy { (1...blocksPerRead).contains($0.blocks.count) })
        #expect(reads.map(\.segment) == reads.map(\.segment).sorted())
        for (segment, frames) in lengths.enumerated() {
            let blocks = reads.filter { $0.segment == segment }.flatMap(\.blocks)
            #expect(blocks == stride(from: 0, to: frames, by: 256).map { $0..<min($0 + 256, frames) })
            #expect(reads.filter { $0.segment == segment }.reduce(0) { $0 + $1.frames } == frames)
        }
    }

    @Test("without frames there is nothing to read")
    func empty() {
        #expect(BlockGrid(segmentFrames: [], step: 8, blocksPerRead: 1).isEmpty)
        #expect(BlockGrid(segmentFrames: [0, 0], step: 8, blocksPerRead: 1).isEmpty)
    }
}
