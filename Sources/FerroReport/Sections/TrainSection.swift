// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroStudy

/// When units fire within their trains, group by group: intervals between spikes and autocorrelograms.
struct TrainSection {
    struct Figure {
        let heading: String
        let svg: String
        let caption: String
        let download: FigureDownload
    }

    let figures: [Figure]
    let note: String?

    init?(_ trains: GroupTrains, _ study: StudyWords) {
        let weights =
            "Means over the \(study.unit)s of a \(study.conditionWord), every \(study.unit) weighing the same (and every unit within its \(study.unit)); bands: 95 % intervals over \(study.unit)s (Student's t)."
        let made = [
            (
                heading: "Intervals between spikes",
                caption:
                    "Share of the intervals of a unit in classes of a tenth of a decade; intervals across gaps are not counted. \(weights)",
                column: "interval_s",
                plot: CurvePlot(
                    title: "Intervals between spikes by \(study.conditionWord)", xTitle: "Interval (s)", yTitle: "Intervals in a class (%)",
                    edges: GroupTrains.edges,
                    isLogarithmic: true, curves: trains.curves(.intervals))
            ),
            (
                heading: "Autocorrelograms",
                caption:
                    "Pairs of spikes of a unit by the time between them, over those that a unit of the same rate without memory would have (1, dashed), in classes of 1 ms. \(weights)",
                column: "lag_ms",
                plot: CurvePlot(
                    title: "Autocorrelograms by \(study.conditionWord)", xTitle: "Lag (ms)", yTitle: "Pairs ÷ chance",
                    edges: (0...GroupTrains.lagCount).map { 1000 * Double($0) * GroupTrains.lagWidth }, isLogarithmic: false,
                    curves: trains.curves(.autocorrelogram), reference: 1)
            ),
        ]
        guard made.contains(where: { !$0.plot.curves.isEmpty }) else { return nil }
        figures = made.map { one in
            let drawn = one.plot.drawn()
            return Figure(
                heading: one.heading, svg: drawn.text, caption: one.caption,
                download: FigureDownload(name: one.heading, title: one.heading, svg: drawn, data: FigureData.curves(one.plot, over: one.column)))
        }
        let isFiltered = study.definition.exclusions != nil
        let left =
            trains.leftOut == 0
            ? nil
            : "\(Numbers.counted(trains.leftOut, "unit has", "units have")) fewer than \(GroupTrains.leastSpikes) spikes or too short an observation and \(trains.leftOut == 1 ? "is" : "are") not in these figures."
        note =
            [left, isFiltered ? "Units that the exclusion criteria leave out of the statistics are in these figures." : nil].compactMap { $0 }
            .joined(separator: " ").nonEmpty
    }
}

extension String {
    /// nil in place of nothing.
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
