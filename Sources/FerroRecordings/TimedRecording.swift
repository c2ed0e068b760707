// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// Which times of a recording count: those within some of its tables of intervals, without those of others, and inside a stretch.
package struct TimeSelection: Sendable, Equatable {
    /// Names of tables; empty means all times.
    package var within: [String] = []
    package var exclude: [String] = []
    /// A stretch in seconds of the recording's clock, ends included; nil means all times.
    package var stretch: TimeInterval?

    package init(within: [String] = [], exclude: [String] = [], stretch: TimeInterval? = nil) {
        self.within = within
        self.exclude = exclude
        self.stretch = stretch
    }

    package var isEverything: Bool { within.isEmpty && exclude.isEmpty && stretch == nil }
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
        let whole = selection.stretch ?? TimeInterval(start: -.infinity, stop: .infinity)
        let kept = selection.within.isEmpty ? [whole] : try intervals(selection.within).flatMap { $0.cut(to: [whole], without: []) }
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
        let wasObserved = table.trains.contains { !$0.observed.isEmpty }
        for index in table.trains.indices {
            let whole = table.trains[index].observed
            table.trains[index].observed = whole.flatMap { $0.cut(to: kept, without: removed) }
            table.trains[index].dropSpikes(in: whole)
        }
        guard !wasObserved || table.trains.contains(where: { !$0.observed.isEmpty }) else {
            throw FerroError.input("the times chosen lie outside of what was observed of every unit", at: path)
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

    func shown(to witness: any ByteWitness) -> any SignalSource { TimedSignal(inner: inner.shown(to: witness), description: description) }
    func readInOrder(_ stretches: [SampleRange], by workers: Int, before later: [SampleRange]) -> any SignalSource {
        TimedSignal(inner: inner.readInOrder(stretches, by: workers, before: later), description: description)
    }
    var unpackingBytes: Int { inner.unpackingBytes }
}

extension SpikeTrain {
    /// Drops the spikes that lie in `whole` and not in what is observed now; those that were outside of it before stay, for others to tell.
    fileprivate mutating func dropSpikes(in whole: [TimeInterval]) {
        func inside(_ intervals: [TimeInterval]) -> [Bool] {
            var place = 0
            return times.map { time in
                while place < intervals.count, intervals[place].stop < time { place += 1 }
                return place < intervals.count && intervals[place].start <= time
            }
        }
        let stay = zip(inside(whole), inside(observed)).map { $1 || !$0 }
        guard stay.contains(false) else { return }
        if amplitudes.count == times.count { amplitudes = zip(amplitudes, stay).filter(\.1).map(\.0) }
        times = zip(times, stay).filter(\.1).map(\.0)
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
