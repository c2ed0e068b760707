// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroDSP
import Testing

/// Cut-offs thousands of times below the sampling rate, over a minute of signal: whole and in blocks they are SciPy's Float64.
@Suite struct SlowFilterTests {
    struct Reference: Decodable {
        struct Case: Decodable, NamedDesign {
            var kind: String, order: Int, low: Double, high: Double, rate: Double, index: [Int]
            var zero_phase: [Double], zero_phase_rms: Double, causal: [Double], causal_rms: Double
            var name: String { "\(kind) of order \(order), \(low) to \(high) Hz" }
        }
        var frames: Int, seed: UInt64, offset: Int, cases: [Case]
    }

    private static let reference = try? readReference("slow.json", as: Reference.self)
    private static let input = reference.map { block([referenceSignal(frames: $0.frames, seed: $0.seed, offset: $0.offset)]) }

    private func compare(_ result: SignalBlock, _ frames: SampleRange, _ reference: Reference.Case, _ values: [Double], _ rms: Double, _ how: String) {
        for (index, expected) in zip(reference.index, values) where frames.contains(index) {
            let error = abs(Double(result[index, 0]) - expected) / rms
            #expect(error < 2e-6, "\(reference.name), \(how), frame \(index): \(error) of the RMS")
        }
    }

    @Test(arguments: 0..<9)
    func wholeAndBlocksAreSciPys(number: Int) throws {
        let reference = try #require(Self.reference).cases[number]
        let input = try #require(Self.input)
        let sections = try reference.sections()
        for (filter, values, rms) in [
            (ZeroPhaseFilter(sections), reference.zero_phase, reference.zero_phase_rms), (CausalFilter(sections), reference.causal, reference.causal_rms),
        ] as [(any SignalTransform, [Double], Double)] {
            compare(filter.whole(input), input.frames, reference, values, rms, "whole")
            // The step that a pipeline takes, and one that lies across it.
            for step in [max(4 * max(filter.margin.before, filter.margin.after), 8192), 333_333] {
                for first in stride(from: 0, to: input.frames.count, by: step) {
                    let wanted = first..<min(first + step, input.frames.count)
                    let needed = filter.inputFrames(for: wanted, segmentFrames: input.frames.count)
                    let part = filter.apply(input.slice(needed), producing: wanted, segmentFrames: input.frames.count)
                    compare(part, wanted, reference, values, rms, "blocks of \(step)")
                }
            }
        }
    }
}
