// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings
import FerroStatistics
import FerroStudy
import Foundation

/// Mean power spectra of the groups: geometric means over the electrodes of a recording, the recordings of a subject (and the
/// subjects of a cage), and the experimental units of a group, with 95 % intervals over the last.
struct GroupSpectra {
    struct Spectrum {
        var frequencies: [Double]
        var curves: [SpectrumPlot.Curve]
        var bands: [SpectrumPlot.Band]
        var method: String
        var stage: String
    }

    /// Mean logarithm of the power over the electrodes of one recording.
    private struct Entry {
        var condition: String
        var subject: String
        var cage: String?
        var stage: String
        var method: String
        var frequencies: [Double]
        var logPower: [Double]
        var bands: [SpectrumPlot.Band]
    }

    private let study: StudyWords
    private var entries: [Entry] = []

    init(study: StudyWords) { self.study = study }

    /// Takes the spectra of a recording; what it holds beside them is not kept.
    mutating func take(_ result: RecordingResult, of recording: StudyRecording) {
        guard let condition = study.condition(of: recording) else { return }
        for spectrum in result.spectra where !spectrum.power.isEmpty {
            let logs = spectrum.frequencies.indices.map { index -> Double in
                let powers = spectrum.power.compactMap { row in row.indices.contains(index) && row[index] > 0 ? log(row[index]) : nil }
                return Sample.mean(powers) ?? .nan
            }
            var bands: [SpectrumPlot.Band] = []
            for band in spectrum.bands {
                let one = SpectrumPlot.Band(name: band.band, low: band.low.value, high: band.high.value)
                if !bands.contains(one) { bands.append(one) }
            }
            entries.append(
                Entry(
                    condition: condition, subject: recording.subject, cage: recording.cage, stage: spectrum.stage, method: spectrum.method,
                    frequencies: spectrum.frequencies, logPower: logs, bands: bands))
        }
    }

    /// One figure for each stage that made spectra, in the order met; recordings on another grid of frequencies are left out and counted.
    func spectra() -> (figures: [Spectrum], leftOut: Int) {
        var figures: [Spectrum] = []
        var leftOut = 0
        var stages: [String] = []
        for entry in entries where !stages.contains(entry.stage) { stages.append(entry.stage) }
        for stage in stages {
            let own = entries.filter { $0.stage == stage }
            guard let first = own.first else { continue }
            let same = own.filter { $0.frequencies == first.frequencies }
            leftOut += own.count - same.count
            let curves = study.conditions.compactMap { condition in curve(condition, same.filter { $0.condition == condition.name }) }
            if !curves.isEmpty {
                figures.append(Spectrum(frequencies: first.frequencies, curves: curves, bands: first.bands, method: first.method, stage: stage))
            }
        }
        return (figures, leftOut)
    }

    private func curve(_ condition: Condition, _ entries: [Entry]) -> SpectrumPlot.Curve? {
        let subjects = averaged(entries.map { (key: $0.subject, values: $0.logPower) })
        var units = subjects
        if study.definition.unitOfAnalysis == .cage {
            let cages = Dictionary(entries.map { ($0.subject, $0.cage ?? $0.subject) }) { first, _ in first }
            units = averaged(subjects.map { (key: cages[$0.key] ?? $0.key, values: $0.values) })
        }
        guard let count = units.first?.values.count else { return nil }
        var mean: [Double] = []
        var low: [Double] = []
        var high: [Double] = []
        let t = units.count >= 2 ? StudentT(degreesOfFreedom: Double(units.count - 1)).quantile(0.975) : nil
        for index in 0..<count {
            let sample = Sample(units.map { $0.values[index] }.filter { $0.isFinite })
            let middle = sample.mean ?? .nan
            mean.append(exp(middle))
            // Where there is no power there is no logarithm, and a gap in the band.
            if let t {
                let half = t * (sample.sem ?? .nan)
                low.append(exp(middle - half))
                high.append(exp(middle + half))
            }
        }
        return SpectrumPlot.Curve(
            label: condition.label, style: study.style(of: condition.name), power: mean, low: low, high: high,
            n: units.count, isControl: condition.role == .control)
    }

    private func averaged(_ rows: [(key: String, values: [Double])]) -> [(key: String, values: [Double])] {
        let byKey = Dictionary(grouping: rows, by: \.key)
        return byKey.keys.sorted().compactMap { key in
            guard let rows = byKey[key], let first = rows.first else { return nil }
            let means = first.values.indices.map { index in Sample.mean(rows.map { $0.values[index] }) ?? .nan }
            return (key, means)
        }
    }
}
