// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
package import FerroDSP

/// `notch`: removes mains hum and its harmonics.
package struct NotchStage: TransformStage {
    package static let documentation = StageDocumentation(
        "notch", .transform, takes: .signal, gives: .signal,
        "Second-order notch (scipy.signal.iirnotch) at the mains frequency and its harmonics.",
        parameters: [
            StageParameter("frequency", .frequency, .required, "the mains frequency, 50 Hz or 60 Hz"),
            StageParameter("q", .number(0.5...1000), .standard("30"), "the quality: frequency over -3 dB width"),
            StageParameter("harmonics", .integer(1...50), .standard("1"), "how many multiples are removed, the first included"),
            StageParameter(
                "phase", .choice(["zero", "causal"]), .standard("zero"), "zero: forward and backward; causal: forward once"),
        ])
    private let frequency: Hertz
    private let quality: Double
    private let harmonics: Int
    private let phase: String
    private let place: ConfigPlace

    package init(_ parameters: StageParameters) throws {
        frequency = try parameters.frequency("frequency")
        quality = try parameters.number("q")
        harmonics = try parameters.integer("harmonics")
        phase = try parameters.choice("phase")
        place = parameters.place(of: "frequency").fixed
    }

    package func transform(for stream: StreamFormat) throws -> any SignalTransform {
        let sections = try place.locating {
            try Notch(frequency: frequency.value, q: quality, harmonics: Array(1...harmonics)).sections(at: stream.rate)
        }
        return phase == "zero" ? ZeroPhaseFilter(sections) : CausalFilter(sections)
    }
}
