// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroStatistics

/// Mean spectra of the groups.
struct SpectrumSection {
    struct Figure {
        let svg: String
        let caption: String
        let download: FigureDownload
    }

    let figures: [Figure]
    let note: String?

    init?(_ spectra: GroupSpectra, _ study: StudyWords) {
        let made = spectra.spectra()
        guard !made.figures.isEmpty else { return nil }
        figures = made.figures.map { spectrum in
            let plot = SpectrumPlot(frequencies: spectrum.frequencies, curves: spectrum.curves, bands: spectrum.bands)
            let bands = spectrum.bands.map { "\($0.name) \(shortest($0.low))–\(shortest($0.high)) Hz" }
            let drawn = plot.drawn()
            return Figure(
                svg: drawn.text,
                caption:
                    "Stage “\(spectrum.stage)”, \(SpectrumSection.name(of: spectrum.method)). Geometric means over the \(study.unit)s of a \(study.conditionWord) (over electrodes and recordings within each \(study.unit)); bands: 95 % intervals of the mean at every frequency (Student's t)."
                    + (plot.relativePower == nil ? "" : " Below: the means over that of \(study.label(of: .control)), smoothed over near frequencies.")
                    + (plot.cutAt.map { " Drawn up to \(shortest($0)) Hz of \(shortest(spectrum.frequencies.last ?? 0)) Hz." } ?? "")
                    + (bands.isEmpty ? "" : " Shaded: \(bands.joined(separator: ", "))."),
                download: FigureDownload(
                    name: "spectra-\(spectrum.stage)", title: "Power spectra, \(spectrum.stage)", svg: drawn, data: FigureData.spectrum(plot)))
        }
        note =
            made.leftOut == 0
            ? nil : "\(Numbers.counted(made.leftOut, "recording has", "recordings have")) spectra at other frequencies and cannot be averaged here."
    }

    /// A method as a reader knows it.
    static func name(of method: String) -> String { method == "welch" ? "Welch's method" : method }
}
