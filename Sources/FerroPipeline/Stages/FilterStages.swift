// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
package import FerroDSP

/// What the Butterworth stages share: order, phase, and the place that a refused cut-off is reported at.
private struct ButterworthSettings {
    static let parameters = [
        StageParameter("order", .integer(1...12), .standard("3"), "order of the Butterworth design; run forward and backward it counts twice"),
        StageParameter(
            "phase", .choice(["zero", "causal"]), .standard("zero"),
            "zero: forward and backward, no delay (scipy.signal.sosfiltfilt); causal: forward once (scipy.signal.sosfilt)"),
    ]
    let order: Int
    let phase: String
    let place: ConfigPlace

    init(_ parameters: StageParameters, edge: String) throws {
        order = try parameters.integer("order")
        phase = try parameters.choice("phase")
        place = parameters.place(of: edge).fixed
    }

    func filter(_ design: (Butterworth) throws -> SecondOrderSections) throws -> any SignalTransform {
        let sections = try place.locating { try design(Butterworth(order: order)) }
        return phase == "zero" ? ZeroPhaseFilter(sections) : CausalFilter(sections)
    }
}

/// `bandpass`: Butterworth band-pass.
package struct BandpassStage: TransformStage {
    package static let documentation = StageDocumentation(
        "bandpass", .transform, takes: .signal, gives: .signal,
        "Butterworth band-pass as second-order sections, designed in Float64.",
        parameters: [
            StageParameter("low", .frequency, .required, "the lower -3 dB edge"),
            StageParameter("high", .frequency, .required, "the upper -3 dB edge, below half the sampling rate"),
        ] + ButterworthSettings.parameters)
    private let low: Hertz
    private let high: Hertz
    private let settings: ButterworthSettings

    package init(_ parameters: StageParameters) throws {
        low = try parameters.frequency("low")
        high = try parameters.frequency("high")
        settings = try ButterworthSettings(parameters, edge: "high")
        guard low < high else {
            throw parameters.place(of: "low").error("the band runs from \(low) to \(high)", expected: "a low edge below the high edge")
        }
    }

    package func transform(for stream: StreamFormat) throws -> any SignalTransform {
        try settings.filter { try $0.bandpass(low.value...high.value, at: stream.rate) }
    }
}

/// `highpass`: Butterworth high-pass.
package struct HighpassStage: TransformStage {
    package static let documentation = StageDocumentation(
        "highpass", .transform, takes: .signal, gives: .signal, "Butterworth high-pass.",
        parameters: [StageParameter("cutoff", .frequency, .required, "the -3 dB edge")] + ButterworthSettings.parameters)
    private let cutoff: Hertz
    private let settings: ButterworthSettings

    package init(_ parameters: StageParameters) throws {
        cutoff = try parameters.frequency("cutoff")
        settings = try ButterworthSettings(parameters, edge: "cutoff")
    }

    package func transform(for stream: StreamFormat) throws -> any SignalTransform {
        try settings.filter { try $0.highpass(cutoff.value, at: stream.rate) }
    }
}

/// `lowpass`: Butterworth low-pass.
package struct LowpassStage: TransformStage {
    package static let documentation = StageDocumentation(
        "lowpass", .transform, takes: .signal, gives: .signal, "Butterworth low-pass.",
        parameters: [StageParameter("cutoff", .frequency, .required, "the -3 dB edge")] + ButterworthSettings.parameters)
    private let cutoff: Hertz
    private let settings: ButterworthSettings

    package init(_ parameters: StageParameters) throws {
        cutoff = try parameters.frequency("cutoff")
        settings = try ButterworthSettings(parameters, edge: "cutoff")
    }

    package func transform(for stream: StreamFormat) throws -> any SignalTransform {
        try settings.filter { try $0.lowpass(cutoff.value, at: stream.rate) }
    }
}
