// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// A published choice of the MaxInterval method's limits.
///
/// The presets contradict each other by an order of magnitude, so a result names the one it used.
/// Those made for cultures find few of the doublets and triplets that hippocampal pyramidal cells fire.
package struct MaxIntervalPreset: Sendable, Equatable {
    /// As written in a pipeline.
    package let name: String
    package let parameters: MaxIntervalBursts.Parameters
    /// Where the limits come from, in one line.
    package let source: String

    /// Intervals of complex spikes: ISI ≤ 9 ms, at least two spikes, nothing merged.
    package static let hippocampalComplexSpike = MaxIntervalPreset(
        "hippocampal-complex-spike", 0.009, 0.009, 0, 0, 2,
        "complex spikes of hippocampal pyramidal cells: intervals up to 9 ms, doublets count")
    /// Neuronal cultures on electrode arrays.
    package static let meartools = MaxIntervalPreset(
        "meartools", 0.1, 0.25, 0.3, 0.05, 5, "R package meaRtools (Gelfman et al. 2018), for cultures on electrode arrays")
    /// Neuronal cultures and retina on electrode arrays.
    package static let sjemea = MaxIntervalPreset(
        "sjemea", 0.1, 0.25, 0.8, 0.05, 6, "R package sjemea, as in Charlesworth et al. 2015, for cultures on electrode arrays")
    /// Neuronal cultures, chosen by comparison of burst detectors.
    package static let cotterill = MaxIntervalPreset(
        "cotterill", 0.17, 0.3, 0.2, 0.01, 3, "Cotterill et al. 2016 (J Neurophysiol 116:306), for cultures on electrode arrays")
    /// Single cortical units.
    package static let cortexSingleUnit = MaxIntervalPreset(
        "cortex-single-unit", 0.004, 0.02, 0.1, 0.008, 3, "single units of cortex, as used with NeuroExplorer")

    /// Every preset, the default first.
    package static let all = [hippocampalComplexSpike, meartools, sjemea, cotterill, cortexSingleUnit]

    private init(
        _ name: String, _ maxStart: Double, _ maxEnd: Double, _ minInterBurst: Double, _ minDuration: Double, _ minSpikes: Int,
        _ source: String
    ) {
        self.name = name
        parameters = MaxIntervalBursts.Parameters(
            maxStart: Seconds(maxStart), maxEnd: Seconds(maxEnd), minInterBurst: Seconds(minInterBurst),
            minDuration: Seconds(minDuration), minSpikes: minSpikes)
        self.source = source
    }

    /// The preset of a name.
    /// - Throws: `FerroError` (usage) for an unknown name, with the nearest known one.
    package static func named(_ name: String) throws -> MaxIntervalPreset {
        if let preset = all.first(where: { $0.name == name }) { return preset }
        let names = all.map(\.name)
        throw FerroError.usage(
            "there is no burst preset `\(name)`", expected: names.joined(separator: ", "),
            advice: nearestWord(to: name, among: names).map { "write `preset: \($0)` if that is what you mean" })
    }
}
