// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroDSP
import Testing

@Suite struct NotchTests {
    struct Reference: Decodable {
        struct Case: Decodable { var frequency: Double, q: Double, rate: Double, b: [Double], a: [Double] }
        var notch: [Case]
    }

    @Test func oneSectionEqualsSciPy() throws {
        for reference in try readReference("designs.json", as: Reference.self).notch {
            let notch = Notch(frequency: reference.frequency, q: reference.q)
            let section = try #require(try notch.sections(at: SampleRate(hertz: reference.rate)).sections.first)
            for (value, expected) in zip([section.b0, section.b1, section.b2, 1, section.a1, section.a2], reference.b + reference.a) {
                #expect(abs(value - expected) < 1e-13)
            }
        }
    }

    @Test func harmonicsKeepTheirBandwidthAndEndAtNyquist() throws {
        let rate = try SampleRate(hertz: 1250)
        let sections = try Notch(frequency: 50, q: 25, harmonics: Array(1...20)).sections(at: rate)
        #expect(sections.sections.count == 12)
        for harmonic in 1...12 {
            #expect(sections.magnitude(at: Double(50 * harmonic), rate: rate) < 1e-10)
            #expect(abs(sections.magnitude(at: Double(50 * harmonic) - 24, rate: rate) - 1) < 0.05)
        }
        let second = try Notch(frequency: 50, q: 25, harmonics: [2]).sections(at: rate)
        // −3 dB lie 2 Hz apart around 100 Hz, as they do around 50 Hz (the bilinear transform moves each a little).
        #expect(abs(second.magnitude(at: 99, rate: rate) - 0.5.squareRoot()) < 0.01)
        #expect(abs(second.magnitude(at: 101, rate: rate) - 0.5.squareRoot()) < 0.01)
    }

    @Test func impossibleNotchesAreRefused() throws {
        let rate = try SampleRate(hertz: 1000)
        for notch in [
            Notch(frequency: 0, q: 30), Notch(frequency: 500, q: 30), Notch(frequency: 50, q: 0), Notch(frequency: 50, q: .nan),
            Notch(frequency: 50, q: 30, harmonics: []), Notch(frequency: 50, q: 30, harmonics: [0, 1]),
            Notch(frequency: 50, q: 30, harmonics: [10]), Notch(frequency: 400, q: 0.5),
        ] {
            #expect { try notch.sections(at: rate) } throws: { ($0 as? FerroError)?.kind == .usage }
        }
    }

    @Test func humIsRemovedAndTheRestKept() throws {
        let rate = try SampleRate(hertz: 1250)
        let filter = ZeroPhaseFilter(try Notch(frequency: 50, q: 30, harmonics: [1, 2, 3]).sections(at: rate))
        let times = (0..<12_500).map { Double($0) / 1250 }
        let theta = times.map { Float(100 * sine(8 * $0)) }
        let hum = times.map { Float(40 * sine(50 * $0) + 20 * sine(150 * $0)) }
        let result = filter.whole(block([zip(theta, hum).map { $0 + $1 }])).channel(0)
        #expect(largestDifference(Array(result[3000..<9000]), Array(theta[3000..<9000])) < 0.5)
    }
}
