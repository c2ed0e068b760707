// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Synchronization

/// What the last first pass put down about its blocks for the main pass: a draft of every gatherer for each, up to a number of bytes.
final class DraftShelf: Sendable {
    private struct Block: Hashable {
        var segment: Int
        /// Frame of the series.
        var first: Int
    }

    private struct Shelved {
        var drafts: [any Sendable]
        /// Frame of the series after the block's last.
        var end: Int
    }

    private struct State {
        var drafts: [Block: Shelved] = [:]
        var byteCount = 0
    }

    private let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int) { self.capacity = capacity }

    /// Whether no more drafts are worth making.
    var isFull: Bool { state.withLock { $0.byteCount >= capacity } }

    /// Keeps the drafts of a block, one of each gatherer, where there is room.
    func put(_ drafts: [(draft: any Sendable, byteCount: Int)], of block: SampleRange, in segment: Int) {
        let size = drafts.reduce(0) { $0 + $1.byteCount }
        state.withLock { state in
            state.byteCount += size
            // What does not fit fills the shelf, so that later blocks are not drafted in vain.
            if state.byteCount <= capacity {
                state.drafts[Block(segment: segment, first: block.lowerBound)] = Shelved(drafts: drafts.map(\.draft), end: block.upperBound)
            }
        }
    }

    /// Drops the drafts that the gatherers, made with all findings, do not decide.
    func keepDecided(by gatherers: [any DraftingGatherer]) {
        state.withLock { state in
            state.drafts = state.drafts.filter { _, shelved in zip(gatherers, shelved.drafts).allSatisfy { $0.erasedDecides($1) } }
        }
    }

    /// The drafts of a block, which are gone from the shelf then.
    func take(_ block: SampleRange, in segment: Int) -> [any Sendable]? {
        state.withLock { $0.drafts.removeValue(forKey: Block(segment: segment, first: block.lowerBound))?.drafts }
    }

    /// What is left of a segment's frames between the blocks that are drafted.
    func gaps(in frames: SampleRange, of segment: Int) -> [SampleRange] {
        frames.gaps(between: state.withLock { state in state.drafts.filter { $0.key.segment == segment }.map { $0.key.first..<$0.value.end } })
    }
}
