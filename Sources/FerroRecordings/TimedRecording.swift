// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// Which times of a recording count: those within some of its tables of intervals, without those of others.
package struct TimeSelection: Sendable, Equatable {
    /// Names of tables; empty means all times.
    package var within: [String] = []
    package var exclude: [String] = []

    package init(within: [String] = [], exclude: [String] = []) {
        self.within = within
        self.exclude = exclude
    }

    package var isEverything: Bool { within.isEmpty && exclude.isEmpty }
}

/// A recording of which some times count only: its segments and the observed times of its units are cut to them.
///
/// Nothing is joined: what was cut out is a gap, and no stage looks across it.
package struct TimedRecording: Recording {
    package let format: RecordingFormat
    package let path: String
    package let session: SessionFacts
    package let series: [SeriesDescription]
    package let problems: [RecordingProblem]
    package let unitCounts: (units: Int, spikes: Int)?

    private let inner: any Recording
    private let kept: [TimeInterval]
    private let removed: [TimeInterval]

    /// - Throws: `FerroError` (input) where the file has no such table.
    package init(_ recording: any Recording, _ selection: TimeSelection) throws {
        inner = recording
        let tables = try recording.intervals()
        func intervals(_ names: [String]) throws -> [TimeInterval] {
            try IntervalTable(
                name: "",
                intervals: names.flatMap { name in
                    guard let table = tables.first(where: { $0.name == name }) else {
                        let known = tables.map(\.name)
                        throw FerroError.input(
                            "the file has no intervals called `\(name)`", at: recording.path,
                            expected: known.isEmpty ? "a table of intervals" : "one of \(known.joined(separator: ", "))",
                            advice: nearestWord(to: name, among: known).map { "did you mean `\($0)`?" })
                    }
                    return table.intervals
                }
            ).merged
        }
        let kept = selection.within.isEmpty ? [TimeInterval(start: -.infinity, stop: .infinity)] : try intervals(selection.within)
        let removed = try intervals(selection.exclude)
        self.kept = kept
        self.removed = removed
        format = recording.format
        path = recording.path
        session = recording.session
        unitCounts = recording.unitCounts
        var left: [SeriesDescription] = []
        var problems = recording.problems
        for var series in recording.series {
            series.segments = series.segments.flatMap { $0.cut(to: kept, without: removed, at: series.rate) }
            if series.segments.isEmpty {
                problems.append(RecordingProblem(.refusal, "\(series.path): the intervals chosen leave no sample"))
            } else {
                left.append(series)
            }
        }
        series = left
        self.problems = problems
    }

    package func signal(of path: String) throws -> any SignalSource {
        let signal = try inner.signal(of: path)
        guard let description = series.first(where: { $0.path == path }) else {
            throw FerroError.input("the intervals chosen leave no sample", at: "\(self.path): \(path)")
        }
        return TimedSignal(inner: signal, description: description)
    }

    package func units() throws -> UnitTable {
        var table = try inner.units()
        for index in table.trains.indices {
            table.trains[index].observed = table.trains[index].observed.flatMap { $0.cut(to: kept, without: removed) }
        }
        return table
    }

    package func intervals() throws -> [IntervalTable] { try inner.intervals() }
}

/// The samples of a recording with other segments.
struct TimedSignal: SignalSource {
    let inner: any SignalSource
    let description: SeriesDescription

    func read(_ frames: SampleRange, columns: [Int], origin: Int) throws -> SignalBlock {
        try inner.read(frames, columns: columns, origin: origin)
    }
}

extension TimeInterval {
    /// What is left of the interval; both lists ascend and are disjoint.
    func cut(to kept: [TimeInterval], without removed: [TimeInterval]) -> [TimeInterval] {
        kept.flatMap { window -> [TimeInterval] in
            var left: [TimeInterval] = []
            var start = max(self.start, window.start)
            let stop = min(self.stop, window.stop)
            for hole in removed where hole.stop >= start && hole.start <= stop {
                if hole.start > start { left.append(TimeInterval(start: start, stop: hole.start)) }
                start = max(start, hole.stop)
            }
            if start < stop { left.append(TimeInterval(start: start, stop: stop)) }
            return left
        }
    }
}

extension Segment {
    /// What is left of the segment: frames whose time lies in an interval kept and in none removed, ends included.
    func cut(to kept: [TimeInterval], without removed: [TimeInterval], at rate: SampleRate) -> [Segment] {
        // Times that are multiples of a sample carry rounding, so a frame within a millionth of a sample of an end is on it.
        func first(from time: Double) -> Int { index(((time - start) * rate.hertz - 1e-6).rounded(.up)) }
        func end(at time: Double) -> Int { index(((time - start) * rate.hertz + 1e-6).rounded(.down) + 1) }
        func index(_ value: Double) -> Int { Int(min(max(value, 0), Double(frames.count))) }
        var left: [Segment] = []
        func keep(_ range: Range<Int>) {
            guard !range.isEmpty else { return }
            left.append(Segment(frames: range.shifted(by: frames.lowerBound), start: start + rate.seconds(range.lowerBound)))
        }
        for window in kept {
            var next = first(from: window.start)
            let stop = end(at: window.stop)
            for hole in removed {
                let from = first(from: hole.start)
                let to = end(at: hole.stop)
                guard to > next, from < stop, from < to else { continue }
                if from > next { keep(next..<from) }
                next = to
            }
            if next < stop { keep(next..<stop) }
        }
        return left
    }
}
