// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
package import FerroDSP

/// `decimate`: lowers the sampling rate behind an anti-alias filter.
package struct DecimateStage: TransformStage {
    package static let documentation = StageDocumentation(
        "decimate", .transform, takes: .signal, gives: .signal,
        "Keeps one frame of n behind a linear-phase anti-alias filter, without delay.",
        parameters: [
            StageParameter(
                "rate", .frequency, .required,
                "the new sampling rate; the old one has to be a whole multiple of it (within 0.1 %)")
        ])
    private let rate: Hertz
    private let place: ConfigPlace

    package init(_ parameters: StageParameters) throws {
        rate = try parameters.frequency("rate")
        place = parameters.place(of: "rate").fixed
    }

    package func transform(for stream: StreamFormat) throws -> any SignalTransform {
        try place.locating { Decimator(factor: try Decimator.factor(from: stream.rate, to: SampleRate(hertz: rate.value))) }
    }
}
