// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// The stretch of a recording that a block lies in, seen at the stream's own rate.
package struct SegmentContext: Sendable, Equatable {
    package var index: Int
    /// Frames of the segment in this stream; blocks count from 0.
    package var frames: Int
    /// Seconds on the recording's clock of the segment's frame 0.
    package var start: Double

    package init(index: Int, frames: Int, start: Double) {
        self.index = index
        self.frames = frames
        self.start = start
    }
}

/// Collects something from the blocks of a signal: partial results in parallel, merged in time order.
///
/// The gatherer itself never changes while blocks are worked on, so that any number of workers gives the same bits.
package protocol Gatherer: Sendable {
    associatedtype Partial: Sendable
    associatedtype Accumulated: Sendable

    /// Frames it must see around the frames it answers for.
    var margin: Margin { get }
    /// What one block says about the frames `core`. Runs on any worker.
    func partial(of block: SignalBlock, core: SampleRange, in segment: SegmentContext) -> Partial
    /// The accumulation before the first block.
    func start() -> Accumulated
    /// Adds a partial result. Called in time order, from one place; what is thrown ends the run.
    func merge(_ partial: Partial, in segment: SegmentContext, into accumulated: inout Accumulated) throws
    /// Tells what was found.
    func finish(_ accumulated: Accumulated, into findings: inout Findings) throws
    /// The gatherer for a first pass that sees a part of a recording: one that does with fewer samples, where an estimate loses little by it.
    var sparing: any Gatherer { get }
}

extension Gatherer {
    package var sparing: any Gatherer { self }
}

/// A gatherer that can put down what a block holds before the first passes have found what it needs, so that the main pass need not work out once more the
/// blocks that those passes have seen.
package protocol DraftingGatherer: Gatherer {
    associatedtype Draft: Sendable

    /// What one block holds about the frames `core`, open as far as it depends on what is not known yet; nil where that is not worth keeping. Runs on any
    /// worker, in a gatherer that was made without the findings.
    func draft(of block: SignalBlock, core: SampleRange, in segment: SegmentContext) -> Draft?
    /// Memory that a draft takes.
    func byteCount(of draft: Draft) -> Int
    /// Whether the findings, which are known now, leave the draft usable.
    func decides(_ draft: Draft) -> Bool
    /// The same as `partial` of the block that was drafted. Requires that it `decides` the draft.
    func partial(from draft: Draft, in segment: SegmentContext) -> Partial
}

extension DraftingGatherer {
    func erasedDraft(of block: SignalBlock, core: SampleRange, in segment: SegmentContext) -> (draft: any Sendable, byteCount: Int)? {
        draft(of: block, core: core, in: segment).map { ($0, byteCount(of: $0)) }
    }

    func erasedDecides(_ draft: any Sendable) -> Bool { (draft as? Draft).map(decides) ?? false }

    func erasedPartial(from draft: any Sendable, in segment: SegmentContext) -> (any Sendable)? {
        (draft as? Draft).map { partial(from: $0, in: segment) }
    }
}

/// Bridges for a list of gatherers of different kinds.
extension Gatherer {
    func erasedPartial(of block: SignalBlock, core: SampleRange, in segment: SegmentContext) -> any Sendable {
        partial(of: block, core: core, in: segment)
    }

    func erasedStart() -> any Sendable { start() }

    func erasedMerge(_ partial: any Sendable, in segment: SegmentContext, into accumulated: inout any Sendable) throws {
        guard let partial = partial as? Partial, var own = accumulated as? Accumulated else { return }
        // The box lets go first, so that the accumulation is changed in place.
        accumulated = ()
        try merge(partial, in: segment, into: &own)
        accumulated = own
    }

    func erasedFinish(_ accumulated: any Sendable, into findings: inout Findings) throws {
        guard let own = accumulated as? Accumulated else { throw FerroError.internalError("an accumulation was lost") }
        try finish(own, into: &findings)
    }
}
