// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroDSP
import Testing

@Suite struct ButterworthTests {
    struct Designs: Decodable {
        struct Case: Decodable, NamedDesign, CustomTestStringConvertible {
            var kind: String, order: Int, low: Double, high: Double, rate: Double
            var sos: [[Double]], zi: [[Double]], at: [Double], real: [Double], imaginary: [Double]
            var testDescription: String { "\(kind) \(order) \(low)-\(high) at \(rate)" }
        }
        var butterworth: [Case]
    }

    @Test func sectionsAndResponsesEqualSciPy() throws {
        for design in try readReference("designs.json", as: Designs.self).butterworth {
            let sections = try design.sections()
            #expect(sections.sections.count == design.sos.count, "\(design.testDescription)")
            for (index, frequency) in design.at.enumerated() {
                let (real, imaginary) = sections.response(at: frequency, rate: try design.sampleRate)
                let size = (design.real[index] * design.real[index] + design.imaginary[index] * design.imaginary[index]).squareRoot()
                let error = max(abs(real - design.real[index]), abs(imaginary - design.imaginary[index])) / size
                // A denominator near 1 − 2z + z² is as small as the squared distance of the slowest pole to the unit circle:
                // the last bit of a coefficient counts that much more, in SciPy's value as in this one.
                let distance = 1 - sections.slowestPoleRadius
                #expect(error < 1e-12 + 2 * 0x1p-52 / (distance * distance), "\(design.testDescription) at \(frequency) Hz: \(error)")
            }
            for (section, expected) in zip(sections.sections, design.sos) {
                let values = [section.b0, section.b1, section.b2, 1, section.a1, section.a2]
                for (value, reference) in zip(values, expected) {
                    #expect(abs(value - reference) <= 1e-11 * max(1e-3, abs(reference)), "\(design.testDescription): \(values) \(expected)")
                }
            }
            let largest = design.zi.joined().map(abs).max() ?? 0
            for (state, expected) in zip(sections.steadyState, design.zi) {
                #expect(abs(state.first - expected[0]) < 1e-8 * largest, "\(design.testDescription)")
                #expect(abs(state.second - expected[1]) < 1e-8 * largest, "\(design.testDescription)")
            }
        }
    }

    @Test(arguments: Butterworth.orders)
    func cutoffsLieAtMinusThreeDecibel(order: Int) throws {
        let rate = try SampleRate(hertz: 30_000)
        let sections = try Butterworth(order: order).bandpass(300...6000, at: rate)
        #expect(abs(sections.magnitude(at: 300, rate: rate) - 0.5.squareRoot()) < 1e-9)
        #expect(abs(sections.magnitude(at: 6000, rate: rate) - 0.5.squareRoot()) < 1e-9)
        #expect(sections.magnitude(at: 0, rate: rate) < 1e-12)
        #expect(sections.sections.count == order)
        #expect(sections.slowestPoleRadius < 1)
        #expect(try Butterworth(order: order).lowpass(500, at: rate).magnitude(at: 0, rate: rate) - 1 < 1e-9)
        #expect(abs(try Butterworth(order: order).highpass(500, at: rate).magnitude(at: 15_000, rate: rate) - 1) < 1e-9)
    }

    @Test func impossibleDesignsAreRefusedWithTheNyquistFrequency() throws {
        let rate = try SampleRate(hertz: 1250)
        let design = Butterworth(order: 3)
        for attempt: () throws -> SecondOrderSections in [
            { try design.bandpass(0...12, at: rate) }, { try design.bandpass(-4...12, at: rate) },
            { try design.bandpass(12...12, at: rate) }, { try design.bandpass(low: 12, high: 4, at: rate) },
            { try design.lowpass(.nan, at: rate) }, { try Butterworth(order: 0).lowpass(10, at: rate) },
            { try Butterworth(order: 13).highpass(10, at: rate) },
        ] {
            #expect { try attempt() } throws: { ($0 as? FerroError)?.kind == .usage }
        }
        #expect { try design.bandpass(300...6000, at: rate) } throws: { "\($0)".contains("the Nyquist frequency, 625 Hz") }
    }
}
