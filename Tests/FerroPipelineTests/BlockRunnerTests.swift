// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline
import Foundation
import Synchronization
import Testing

@Suite("Block runner")
struct BlockRunnerTests {
    @Test("results come in the order of the jobs, each once", arguments: [1, 2, 3, 8])
    func order(workers: Int) async throws {
        var delivered: [Int] = []
        try await runInOrder(0..<200, workers: workers) { job in
            // Unequal work, so that later jobs overtake.
            (0..<(job % 7) * 2000).reduce(job) { $0 ^ $1 } ^ (0..<(job % 7) * 2000).reduce(0) { $0 ^ $1 }
        } deliver: { job, product in
            #expect(product == job)
            delivered.append(job)
        }
        #expect(delivered == Array(0..<200))
    }

    @Test("no more than workers + 2 results exist at once", arguments: [1, 2, 4])
    func bounded(workers: Int) async throws {
        let started = Mutex(0)
        var delivered = 0
        try await runInOrder(0..<100, workers: workers) { _ in
            started.withLock { $0 += 1 }
        } deliver: { _, _ in
            #expect(started.withLock { $0 } <= delivered + workers + 2)
            delivered += 1
        }
        #expect(delivered == 100)
    }

    @Test("no more than the workers are at work at once, whoever hands over among them", arguments: [1, 2, 3])
    func busy(workers: Int) async throws {
        let busy = Mutex((now: 0, most: 0))
        @Sendable func spend() {
            busy.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
            usleep(200)
            busy.withLock { $0.now -= 1 }
        }
        try await runInOrder(0..<60, workers: workers) { _ in
            spend()
        } deliver: { _, _ in
            spend()
        }
        #expect(busy.withLock { $0.most } <= workers)
    }

    @Test("jobs let in go on while a result is handed over", .enabled(if: ProcessInfo.processInfo.activeProcessorCount > 1))
    func goingOn() async throws {
        let done = Mutex(0)
        try await runInOrder(0..<20, workers: 2) { _ in
            done.withLock { $0 += 1 }
        } deliver: { job, _ in
            // Three more than what was handed over are let in.
            for _ in 0..<50_000 where done.withLock({ $0 }) < min(job + 4, 20) { usleep(200) }
            #expect(done.withLock { $0 } >= min(job + 4, 20))
        }
    }

    @Test("of several failures the first in order is told, whichever happened first", arguments: [1, 2, 3, 8])
    func firstFailure(workers: Int) async {
        for _ in 0..<20 {
            let error = await #expect(throws: FerroError.self) {
                try await runInOrder(0..<50, workers: workers) { job in
                    // The earlier failure takes longer.
                    if job == 20 { _ = (0..<200_000).reduce(0) { $0 ^ $1 } }
                    if job >= 20 { throw FerroError.input("job \(job)") }
                } deliver: { job, _ in
                    #expect(job < 20)
                }
            }
            #expect(error?.what == "job 20")
        }
    }

    @Test("no jobs are done at once")
    func nothing() async throws {
        try await runInOrder([Int](), workers: 2) {
            $0
        } deliver: { _, _ in
            Issue.record("nothing was to be delivered")
        }
    }
}
