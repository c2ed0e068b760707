// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
package import FerroDSP
import FerroSpikes

/// `whiten`: makes the channels uncorrelated and equally strong.
package struct WhitenStage: EstimatingTransformStage {
    package static let documentation = StageDocumentation(
        "whiten", .transform, takes: .signal, gives: .signal,
        "ZCA whitening: channels become uncorrelated and equally strong, so that what many share does not pass for spikes. Put it behind a high-pass.",
        parameters: [
            StageParameter("scope", .choice(["global", "local"]), .standard("global"), "global: over all channels; local: each channel with those around it"),
            StageParameter("radius", .length, .optional, "with `scope: local`, where it is needed: electrodes this near are whitened together"),
            StageParameter(
                "regularisation", .number(1e-9...1), .standard("0.001"),
                "added to the variances, as a share of their mean: it bounds what directions without signal are raised by"),
            StageParameter(
                "estimate-over", .duration, .standard("10 s"), "how much of the recording, in stretches spread evenly, the covariance is taken from"),
            StageParameter(
                "scale", .choice(["median-deviation"]), .standard("median-deviation"),
                "median-deviation: every channel is as strong as the channel in the middle was, so that values stay in microvolts"),
        ])
    private let radius: Micrometres?
    private let regularisation: Double
    private let estimateOver: Seconds
    private let place: ConfigPlace

    package init(_ parameters: StageParameters) throws {
        let isLocal = try parameters.choice("scope") == "local"
        let given = try parameters.optionalLength("radius")
        if isLocal, given == nil {
            throw parameters.place(of: "scope").error("`scope: local` needs `radius`", expected: "how far a channel is whitened, such as `100 um`")
        }
        if !isLocal, given != nil {
            throw parameters.place(of: "radius").error("`radius` says nothing with `scope: global`", advice: "leave it out, or write `scope: local`")
        }
        radius = given
        regularisation = try parameters.number("regularisation")
        estimateOver = try parameters.duration("estimate-over")
        guard estimateOver.value > 0 else {
            throw parameters.place(of: "estimate-over").error("no signal is left to take the covariance from", expected: "a duration above zero")
        }
        place = parameters.place(of: given == nil ? "scope" : "radius").fixed
    }

    package func transform(for stream: StreamFormat) throws -> any SignalTransform {
        _ = try neighbours(of: stream.electrodes)
        return ChannelMatrix(rows: Whitening.identity(stream.electrodes.count))
    }

    package func estimator(for stream: StreamFormat, id: String) throws -> (gatherer: any Gatherer, seconds: Double) {
        (CovarianceGatherer(id: id, channels: stream.electrodes.count), estimateOver.value)
    }

    package func transform(for stream: StreamFormat, id: String, findings: Findings) throws -> any SignalTransform {
        guard let covariance = findings.covariances[id] else { throw FerroError.internalError("\(id) was not estimated") }
        let neighbours = try neighbours(of: stream.electrodes)
        return try place.locating {
            ChannelMatrix(rows: try Whitening.weights(covariance: covariance.matrix, regularisation: regularisation, neighbours: neighbours))
        }
    }

    private func neighbours(of electrodes: [Electrode]) throws -> [[Int]]? {
        guard let radius else { return nil }
        return try place.locating { try Neighbourhood.within(radius, of: electrodes, advice: "use `scope: global`") }
    }
}

/// The covariance of the channels over the blocks it is shown.
struct CovarianceGatherer: Gatherer {
    let id: String
    let channels: Int
    let margin = Margin.none

    func partial(of block: SignalBlock, core: SampleRange, in segment: SegmentContext) -> ChannelCovariance {
        var covariance = ChannelCovariance(channels: channels)
        covariance.add(block, frames: core)
        return covariance
    }

    func start() -> ChannelCovariance { ChannelCovariance(channels: channels) }

    func merge(_ partial: ChannelCovariance, in segment: SegmentContext, into accumulated: inout ChannelCovariance) {
        accumulated.merge(partial)
    }

    func finish(_ accumulated: ChannelCovariance, into findings: inout Findings) throws { findings.covariances[id] = accumulated }
}
