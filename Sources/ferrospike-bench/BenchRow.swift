// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// One kernel, to be timed in turn with a copy of a million Float32 samples.
struct BenchRow {
    let name: String
    let samples: Int
    private let work: () throws -> Double

    /// - Parameter work: gives a number of its result, so that it is not optimised away.
    init(_ name: String, samples: Int, _ work: @escaping () throws -> Double) {
        self.name = name
        self.samples = samples
        self.work = work
    }

    struct Timing {
        /// Seconds of each round.
        var times: [Double]
        /// How many times as long as the copy of its round, a sample.
        var ratios: [Double]
    }

    func measure(rounds: Int = 9) throws -> Timing {
        let copied = 1 << 20
        let source = [Float](repeating: 1, count: copied)
        var target = [Float](repeating: 0, count: copied)
        var sum = try work()
        var timing = Timing(times: [], ratios: [])
        for _ in 0..<rounds {
            let copy = seconds {
                for _ in 0..<8 {
                    target.withUnsafeMutableBufferPointer { target in
                        source.withUnsafeBufferPointer { _ = target.update(fromContentsOf: $0) }
                    }
                    sum += Double(target[target.count / 2])
                }
            }
            let kernel = try seconds { sum += try work() }
            timing.times.append(kernel)
            timing.ratios.append(kernel / Double(samples) / (copy / Double(8 * copied)))
        }
        if sum.isNaN { print("\(name): not a number") }
        return timing
    }

    /// Processor seconds of this thread: what else the machine does does not count.
    private func seconds(_ work: () throws -> Void) rethrows -> Double {
        let start = BenchRow.processorSeconds
        try work()
        return BenchRow.processorSeconds - start
    }

    private static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

extension [Double] {
    var median: Double {
        let sorted = sorted()
        return sorted.isEmpty ? .nan : (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
    }
}

extension String {
    func padded(_ width: Int) -> String { self + String(repeating: " ", count: Swift.max(0, width - count)) }
    func leftPadded(_ width: Int) -> String { String(repeating: " ", count: Swift.max(0, width - count)) + self }
}
