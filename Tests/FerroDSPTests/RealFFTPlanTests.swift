// SPDX-License-Identifier: GPL-3.0-or-later
import FerroDSP
import Foundation
import Testing

@Suite struct RealFFTPlanTests {
    @Test(arguments: [1, 2, 3, 8, 15, 64, 97, 250])
    func equalsTheNaiveSum(count: Int) {
        let signal = referenceSignal(frames: count, seed: 4, offset: 10).map(Double.init)
        let bins = RealFFTPlan(count: count).transform(signal)
        #expect(bins.count == count / 2 + 1)
        let size = signal.map(abs).reduce(0, +)
        for (bin, value) in bins.enumerated() {
            var real = 0.0
            var imaginary = 0.0
            for (index, sample) in signal.enumerated() {
                let cycles = Double(bin * index % count) / Double(count)
                real += sample * cos(2 * .pi * cycles)
                imaginary -= sample * sine(cycles)
            }
            #expect(abs(value.real - real) < 1e-14 * size * 4 && abs(value.imaginary - imaginary) < 1e-14 * size * 4)
        }
    }

    @Test func plansAreMadeUsedAndDestroyedByManyTasks() async {
        let shared = RealFFTPlan(count: 500)
        let signal = referenceSignal(frames: 500, seed: 1, offset: 0).map(Double.init)
        let expected = shared.transform(signal).map(\.real)
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<64 {
                group.addTask {
                    _ = RealFFTPlan(count: 100 + number).transform([Double](repeating: 1, count: 100 + number))
                    return shared.transform(signal).map(\.real) == expected
                        && RealFFTPlan(count: 500).transform(signal).map(\.real) == expected
                }
            }
            for await same in group { #expect(same) }
        }
    }
}
