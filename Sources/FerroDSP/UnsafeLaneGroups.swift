// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// The columns of a block that one loop filters side by side, group after group.
///
/// A panel is walked where it lies, as many channels at a time as fill the lanes; a panel narrower than the lanes is brought into memory
/// of their width first. A last panel of many of which channels fill half or less is cut along time, where no end of the segment is touched, and its
/// pieces, each with the rows around it that a recursion has to see, lie side by side as a panel of their own: the same pieces whatever the lanes.
/// Columns that no channel fills are answered with zeros.
///
/// The answer may take the place of the samples, in the same memory from the same start: a group's answer covers its own lanes of panels that are
/// done with, as long as it is written after all of the group's rows are read.
struct LaneGroups {
    /// Rows that one loop walks.
    struct Run {
        var rows: FloatRows
        var count: Int
        /// Of the rows, those answered for.
        var answered: Range<Int>
        /// Begins with the first row answered for.
        var answer: FloatRows
    }

    let channels: Int
    let panelWidth: Int
    /// Frames that the memory of the samples holds.
    let held: SampleRange
    /// Frames that are read; within those held.
    let frames: SampleRange
    /// Frames that are answered for.
    let output: SampleRange
    /// Whether neither what is read begins nor ends where the segment does, so that a frame's answer may be found from fewer frames around it.
    let isInner: Bool

    init(block: SignalBlock, frames: SampleRange, output: SampleRange, isInner: Bool) {
        channels = block.channels
        panelWidth = block.panelWidth
        held = block.frames
        self.frames = frames
        self.output = output
        self.isInner = isInner
    }

    func forEach(_ samples: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, _ body: (Run) -> Void) {
        for start in stride(from: 0, to: channels, by: panelWidth) {
            let place = SignalBlock.place(row: frames.lowerBound - held.lowerBound, start, rows: held.count, panelWidth: panelWidth)
            let source = FloatRows(base: UnsafeMutablePointer(mutating: samples + place), stride: panelWidth)
            let answer = FloatRows(base: target + start * output.count, stride: panelWidth)
            if panelWidth < Lanes.scalarCount {
                widened(source, answer, body)
                continue
            }
            let filled = min(channels - start, panelWidth)
            if let pieces = pieces(ofColumns: filled) {
                inPieces(source, answer, columns: filled, pieces, body)
            } else {
                inLanes(Run(rows: source, count: frames.count, answered: answered, answer: answer), columns: filled, body)
            }
        }
    }

    /// A panel, as many columns at a time as there are lanes.
    private func inLanes(_ panel: Run, columns: Int, _ body: (Run) -> Void) {
        for lane in stride(from: 0, to: panelWidth, by: Lanes.scalarCount) {
            var run = panel
            run.answer = panel.answer.columns(from: lane)
            if lane < columns {
                run.rows = panel.rows.columns(from: lane)
                body(run)
            } else {
                run.answer.clear(panel.answered.count, columns: Lanes.scalarCount)
            }
        }
    }

    /// Of the rows that are read, those answered for.
    private var answered: Range<Int> { output.shifted(by: -frames.lowerBound) }

    private func widened(_ source: FloatRows, _ answer: FloatRows, _ body: (Run) -> Void) {
        let width = Lanes.scalarCount
        let rows = UnsafeMutablePointer<Float>.allocate(capacity: width * (frames.count + output.count))
        defer { rows.deallocate() }
        let answers = rows + width * frames.count
        for row in 0..<frames.count {
            let to = rows + row * width
            to.initialize(from: source.base + row * source.stride, count: source.stride)
            (to + source.stride).initialize(repeating: 0, count: width - source.stride)
        }
        body(Run(rows: FloatRows(base: rows, stride: width), count: frames.count, answered: answered, answer: FloatRows(base: answers, stride: width)))
        for row in 0..<output.count {
            (answer.base + row * answer.stride).initialize(from: answers + row * width, count: answer.stride)
        }
    }

    // MARK: Pieces

    /// Stretches of what is answered for, of the same length, that go side by side.
    private struct Pieces {
        /// First row of each among the rows answered for; the last one begins early where it would reach beyond.
        var starts: [Int]
        var count: Int
    }

    /// Pieces of a panel that channels fill so little that this is less work; nil elsewhere.
    private func pieces(ofColumns columns: Int) -> Pieces? {
        guard isInner, columns < channels, columns < panelWidth else { return nil }
        let number = PackedLanes.stretches(ofColumns: columns, lanes: panelWidth)
        let each = (output.count + number - 1) / number
        let around = frames.count - output.count
        guard number > 1, 4 * (each + around) <= 3 * frames.count else { return nil }
        return Pieces(starts: (0..<number).map { min($0 * each, output.count - each) }, count: each)
    }

    private func inPieces(_ rows: FloatRows, _ answer: FloatRows, columns: Int, _ pieces: Pieces, _ body: (Run) -> Void) {
        let count = pieces.count + frames.count - output.count
        let lead = answered.lowerBound
        let packed = PackedLanes(columns: columns, lanes: panelWidth, rows: count)
        defer { packed.deallocate() }
        packed.bring(pieces.starts.map { rows.dropFirst($0) })
        inLanes(
            Run(rows: packed.rows(from: 0), count: count, answered: lead..<lead + pieces.count, answer: packed.rows(from: lead)), columns: panelWidth, body)
        answer.clear(output.count, columns: panelWidth)
        packed.take(from: lead, count: pieces.count, into: pieces.starts.map { answer.dropFirst($0) })
    }
}
