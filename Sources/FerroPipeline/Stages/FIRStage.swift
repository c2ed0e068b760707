// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
package import FerroDSP

/// `fir`: a linear-phase filter of finite length.
package struct FIRStage: TransformStage {
    package static let documentation = StageDocumentation(
        "fir", .transform, takes: .signal, gives: .signal,
        "Windowed-sinc (Kaiser) filter: band-pass, high-pass without `high`, low-pass without `low`; a linear phase and a length that is known.",
        parameters: [
            StageParameter("low", .frequency, .optional, "the lower -6 dB edge; left out, everything below `high` passes"),
            StageParameter("high", .frequency, .optional, "the upper -6 dB edge; left out, everything above `low` passes"),
            StageParameter("transition", .frequency, .required, "width from pass-band to stop-band, centred on each edge; the narrower, the longer the filter"),
            StageParameter("attenuation", .number(50...120), .standard("60"), "of the stop-band in dB; the ripple of the pass-band is as small"),
            StageParameter(
                "phase", .choice(["zero", "linear"]), .standard("zero"),
                "zero: the delay is taken out, peaks stay where they are; linear: the delay of half the filter's length stays in, and the past alone counts"),
        ])
    private let low: Hertz?
    private let high: Hertz?
    private let transition: Hertz
    private let attenuation: Double
    private let phase: WindowedSinc.Phase
    private let place: ConfigPlace

    package init(_ parameters: StageParameters) throws {
        low = try parameters.optionalFrequency("low")
        high = try parameters.optionalFrequency("high")
        transition = try parameters.frequency("transition")
        attenuation = try parameters.number("attenuation")
        phase = try parameters.choice("phase") == "linear" ? .linear : .zero
        guard low != nil || high != nil else {
            throw parameters.node.error("`fir` without an edge passes everything", expected: "`low`, `high` or both")
        }
        place = parameters.place(of: "transition").fixed
    }

    package func transform(for stream: StreamFormat) throws -> any SignalTransform {
        try place.locating { try filter(for: stream) }
    }

    package func warnings(for stream: StreamFormat) -> [String] {
        guard phase == .linear, let filter = try? filter(for: stream) else { return [] }
        return ["times are \(Seconds(stream.rate.seconds(filter.delay))) late, the delay that `phase: linear` leaves in"]
    }

    private func filter(for stream: StreamFormat) throws -> WindowedSinc {
        try WindowedSinc(
            low: low?.value, high: high?.value, transition: transition.value, attenuation: attenuation, phase: phase, at: stream.rate)
    }
}
