// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroDSP
import Testing

@Suite struct ButterworthTests {
    @Test func cutoffsLieAtMinusThreeDecibel() throws {
        let rate = try SampleRate(hertz: 30_000)
        let sections = try Butterworth(order: 3).bandpass(300...6000, at: rate)
        #expect(abs(sections.magnitude(at: 300, rate: rate) - 0.5.squareRoot()) < 1e-12)
        #expect(abs(sections.magnitude(at: 6000, rate: rate) - 0.5.squareRoot()) < 1e-12)
        #expect(sections.magnitude(at: 0, rate: rate) < 1e-12)
        #expect(sections.sections.count == 3)
    }
}
