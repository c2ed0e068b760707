// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings
import Synchronization

/// A recording that counts the frames that are read of it.
final class CountedRecording: Recording {
    private let inner: any Recording
    private let count = Atomic(0)

    init(_ inner: any Recording) { self.inner = inner }

    var framesRead: Int { count.load(ordering: .relaxed) }
    func reset() { count.store(0, ordering: .relaxed) }

    var format: RecordingFormat { inner.format }
    var path: String { inner.path }
    var session: SessionFacts { inner.session }
    var series: [SeriesDescription] { inner.series }
    var problems: [RecordingProblem] { inner.problems }
    var unitCounts: (units: Int, spikes: Int)? { inner.unitCounts }
    func units() throws -> UnitTable { try inner.units() }
    func intervals() throws -> [IntervalTable] { try inner.intervals() }
    func signal(of path: String) throws -> any SignalSource { CountedSignal(inner: try inner.signal(of: path), recording: self) }

    private struct CountedSignal: SignalSource {
        let inner: any SignalSource
        let recording: CountedRecording
        var description: SeriesDescription { inner.description }

        func read(_ frames: SampleRange, columns: [Int], origin: Int) throws -> SignalBlock {
            recording.count.add(frames.count, ordering: .relaxed)
            return try inner.read(frames, columns: columns, origin: origin)
        }
    }
}
