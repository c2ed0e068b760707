// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroDSP
import Testing

/// The laws of the transforms that have no law suite of their own.
@Suite struct TransformLawTests {
    private func rate() throws -> SampleRate { try SampleRate(hertz: 30_000) }

    /// Recursive filters begin anew in every block, so that cutting a segment differently moves rounding and no more; on one grid every bit stays.
    private func lawsOfRecursion(_ name: String, _ sections: SecondOrderSections, channels: Int, frames: Int, within: Double = 1e-5) {
        let input = referenceBlock(frames: frames, channels: channels)
        let other = referenceBlock(frames: frames, channels: channels, offset: -70)
        for filter in [ZeroPhaseFilter(sections), CausalFilter(sections)] as [any SignalTransform] {
            let laws = TransformLaws(name: "\(name) \(type(of: filter))", transform: filter, tolerance: 1e-5)
            laws.cutting(input, seed: UInt64(channels))
            laws.forgetsScratch(input)
            laws.channelsAlone(input)
            laws.linear(input, other, within: within)
            let margin = filter.margin.before
            if frames > 2 * margin + 400 { laws.timeShift(input, by: 137, away: margin, within: 1e-5) }
            let plain = filter.chunked(input, step: 900)
            for extra in [1, 17, frames] { #expect(filter.chunked(input, step: 900, extra: extra).samples == plain.samples, "\(laws.name): grid") }
        }
    }

    @Test(arguments: lawfulChannels)
    func bandpass(channels: Int) throws {
        for (order, low, high) in [(3, 300.0, 6000.0), (5, 300, 6000), (1, 1000, 5000)] {
            let sections = try Butterworth(order: order).bandpass(low...high, at: rate())
            lawsOfRecursion("bandpass \(order)", sections, channels: channels, frames: channels > 8 ? 1200 : 3000)
        }
    }

    @Test(arguments: lawfulChannels)
    func highpassLowpassAndNotch(channels: Int) throws {
        let frames = channels > 8 ? 1200 : 3000
        lawsOfRecursion("highpass", try Butterworth(order: 2).highpass(500, at: rate()), channels: channels, frames: frames)
        lawsOfRecursion("lowpass", try Butterworth(order: 4).lowpass(800, at: rate()), channels: channels, frames: frames)
        lawsOfRecursion("notch", try Notch(frequency: 1000, q: 5, harmonics: [1, 2, 3]).sections(at: rate()), channels: channels, frames: frames)
    }

    @Test(arguments: lawfulChannels)
    func decimation(channels: Int) {
        for factor in [1, 2, 5, 24] {
            let laws = TransformLaws(name: "decimate by \(factor)", transform: Decimator(factor: factor))
            let input = referenceBlock(frames: channels > 8 ? 1603 : 3603, channels: channels)
            laws.cutting(input, seed: UInt64(channels))
            laws.forgetsScratch(input)
            laws.channelsAlone(input)
            laws.linear(input, referenceBlock(frames: input.frames.count, channels: channels, offset: -70))
            laws.timeShift(input, by: 2 * factor, away: channels > 8 ? 28 : 60, within: 0)
        }
    }

    @Test(arguments: lawfulChannels, CommonReference.Operator.allCases)
    func commonReference(channels: Int, operator: CommonReference.Operator) throws {
        let groups = [Array(0..<(channels + 1) / 2), Array((channels + 1) / 2..<channels)]
        for groups in [[Array(0..<channels)], groups] {
            let laws = TransformLaws(name: "\(`operator`) of \(groups.count)", transform: try CommonReference(operator: `operator`, groups: groups))
            let input = referenceBlock(frames: 700, channels: channels)
            laws.cutting(input, seed: UInt64(channels))
            laws.forgetsScratch(input)
            laws.timeShift(input, by: 137, away: 0, within: 0)
            if `operator` == .mean { laws.linear(input, referenceBlock(frames: 700, channels: channels, offset: 7), within: 1e-5) }
        }
    }

    @Test func shortSegments() throws {
        let sections = try Butterworth(order: 3).bandpass(300...6000, at: rate())
        for frames in [1, 2, 3, 12, 40] {
            let input = referenceBlock(frames: frames, channels: 3)
            for transform in [ZeroPhaseFilter(sections), CausalFilter(sections), Decimator(factor: 7)] as [any SignalTransform] {
                TransformLaws(name: "\(type(of: transform)) on \(frames)", transform: transform, tolerance: 1e-5).cutting(input)
            }
        }
    }
}
