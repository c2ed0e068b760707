// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// Runs independent jobs on several workers and hands their results over in the order of the jobs.
///
/// At most `workers + 2` results exist at once: a job is started for each result handed over, so memory does not
/// grow with the number of jobs. Of several jobs that fail, the error of the first in their order is thrown, whichever failed first.
package func runInOrder<Job: Sendable, Product: Sendable>(
    _ jobs: some RandomAccessCollection<Job> & Sendable, workers: Int, work: @escaping @Sendable (Job) throws -> Product,
    deliver: (Job, Product) throws -> Void
) async throws {
    // More would only queue.
    let workers = min(max(workers, 1), 4096)
    try await withThrowingTaskGroup(of: (Int, Result<Product, any Error>).self) { group in
        var started = 0
        // With one worker, one job is under way at a time; results of others wait for their turn.
        var waiting: [Int: Result<Product, any Error>] = [:]
        var delivered = 0
        var running = 0

        func startMore() {
            while started < jobs.count, running < workers, started < delivered + workers + 2 {
                let index = started
                let job = jobs[jobs.index(jobs.startIndex, offsetBy: index)]
                group.addTask { (index, Result { try work(job) }) }
                started += 1
                running += 1
            }
        }
        startMore()
        while let (index, result) = try await group.next() {
            running -= 1
            waiting[index] = result
            startMore()
            while let next = waiting.removeValue(forKey: delivered) {
                try Interruption.check()
                try deliver(jobs[jobs.index(jobs.startIndex, offsetBy: delivered)], next.get())
                delivered += 1
                startMore()
            }
        }
    }
}
