// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Foundation

/// One kernel, timed in turn with a copy of the samples it works on.
struct BenchRow {
    private let name: String
    private let samples: Int
    private let times: [Double]
    private let ratios: [Double]

    /// - Parameter work: gives a number of its result, so that it is not optimised away.
    init(_ name: String, samples: Int, rounds: Int, copying block: SignalBlock, _ work: () -> Double) {
        self.name = name
        self.samples = samples
        var target = [Float](repeating: 0, count: block.samples.count)
        var sum = work()
        var times: [Double] = []
        var ratios: [Double] = []
        for _ in 0..<rounds {
            let copy = BenchRow.time {
                for _ in 0..<8 {
                    target.withUnsafeMutableBufferPointer { target in
                        block.samples.withUnsafeBufferPointer { _ = target.update(fromContentsOf: $0) }
                    }
                    sum += Double(target[target.count / 2])
                }
            }
            let kernel = BenchRow.time { sum += work() }
            times.append(kernel)
            ratios.append(kernel / (copy / 8))
        }
        self.times = times
        self.ratios = ratios
        if sum.isNaN { Swift.print("\(name): not a number") }
    }

    func print() {
        let rate = Double(samples) / times.median / 1e6
        let range = String(format: "%.1f (%.1f to %.1f)", ratios.median, ratios.min() ?? 0, ratios.max() ?? 0)
        Swift.print(name.padded(44) + String(format: "%.0f", rate).leftPadded(12) + range.leftPadded(26))
    }

    private static func time(_ work: () -> Void) -> Double { ContinuousClock().measure(work).seconds }
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
