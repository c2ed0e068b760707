// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroDSP
import Testing

@Suite struct SettlingTests {
    /// Impulse response by the plain difference equations.
    private func impulseResponse(_ sections: SecondOrderSections, frames: Int) -> [Double] {
        var response = [Double](repeating: 0, count: frames)
        response[0] = 1
        for section in sections.sections {
            var (x1, x2, y1, y2) = (0.0, 0.0, 0.0, 0.0)
            for frame in 0..<frames {
                let x = response[frame]
                let y = section.b0 * x + section.b1 * x1 + section.b2 * x2 - section.a1 * y1 - section.a2 * y2
                (x2, x1, y2, y1) = (x1, x, y1, y)
                response[frame] = y
            }
        }
        return response
    }

    @Test(arguments: [
        (3, 300.0, 6000.0, 30_000.0), (5, 4.0, 12.0, 1250.0), (3, 0.5, 12.0, 1250.0), (8, 100.0, 250.0, 1250.0),
        // Wide bands: real poles, near each other at the first.
        (1, 1000.0, 4000.0, 30_000.0), (3, 1.0, 600.0, 1250.0),
    ])
    func tailIsBelowTheToleranceAndNotBefore(order: Int, low: Double, high: Double, rate: Double) throws {
        let sections = try Butterworth(order: order).bandpass(low: low, high: high, at: SampleRate(hertz: rate))
        let frames = sections.settlingFrames(to: 1e-7)
        let response = impulseResponse(sections, frames: 3 * frames + 1000).map(abs)
        let total = response.reduce(0, +)
        #expect(response[frames...].reduce(0, +) < 1e-7 * total)
        #expect(response[max(0, frames - 65)...].reduce(0, +) > 0.9e-7 * total)
    }

    @Test func slowFiltersNeedMoreFrames() throws {
        let rate = try SampleRate(hertz: 30_000)
        let fast = ZeroPhaseFilter(try Butterworth(order: 3).bandpass(300...6000, at: rate))
        let slow = ZeroPhaseFilter(try Butterworth(order: 3).bandpass(4...12, at: rate))
        #expect(fast.margin.before > fast.extensionFrames && fast.margin.before < 1000)
        #expect(slow.margin.before > 60_000)
        #expect(CausalFilter(slow.sections).margin == Margin(before: slow.margin.before, after: 0))
    }
}
