// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Synchronization

/// Runs independent jobs on several workers and hands their results over in the order of the jobs.
///
/// At most `workers + 2` results exist at once: a job is let in for each result handed over, so memory does not grow with the number of jobs. Handing
/// over is the work of one of them, who takes a place for it; those let in go on meanwhile. Of several jobs that fail, the error of the first in their
/// order is thrown, whichever failed first.
package func runInOrder<Job: Sendable, Product: Sendable>(
    _ jobs: some RandomAccessCollection<Job> & Sendable, workers: Int, work: @escaping @Sendable (Job) throws -> Product,
    deliver: (Job, Product) throws -> Void
) async throws {
    // More would only queue.
    let workers = min(max(workers, 1), 4096)
    let benches = Benches(workers)
    try await withThrowingTaskGroup(of: (Int, Result<Product, any Error>).self) { group in
        var started = 0
        var waiting: [Int: Result<Product, any Error>] = [:]
        var delivered = 0

        func startMore() {
            while started < jobs.count, started < delivered + workers + 2 {
                let index = started
                let job = jobs[jobs.index(jobs.startIndex, offsetBy: index)]
                group.addTask {
                    await benches.take()
                    defer { benches.leave() }
                    return (
                        index,
                        Result {
                            try Task.checkCancellation()
                            return try work(job)
                        }
                    )
                }
                started += 1
            }
        }
        startMore()
        while let (index, result) = try await group.next() {
            waiting[index] = result
            guard waiting[delivered] != nil else { continue }
            await benches.take(next: true)
            defer { benches.leave() }
            while let next = waiting.removeValue(forKey: delivered) {
                try Interruption.check()
                try deliver(jobs[jobs.index(jobs.startIndex, offsetBy: delivered)], next.get())
                delivered += 1
                startMore()
            }
        }
    }
}

/// Places for so many at a time, taken in the order of coming or next.
private final class Benches: Sendable {
    private struct State {
        var free: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(_ count: Int) { state = Mutex(State(free: count)) }

    func take(next: Bool = false) async {
        await withCheckedContinuation { newcomer in
            let isFree = state.withLock { state in
                guard state.free > 0 else {
                    state.waiting.insert(newcomer, at: next ? 0 : state.waiting.count)
                    return false
                }
                state.free -= 1
                return true
            }
            if isFree { newcomer.resume() }
        }
    }

    func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.free += 1
            return nil
        }
        next?.resume()
    }
}
