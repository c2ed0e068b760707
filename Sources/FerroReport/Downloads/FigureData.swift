// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings
import FerroStatistics
import FerroStudy

/// The numbers behind each figure as a table, in the units that its axes show. An empty field is undefined.
enum FigureData {
    static func rescue(_ rows: [NormalizationRow]) -> CSVText {
        var table = CSVText(columns: [
            "outcome", "treated", "rescue", "fieller_low", "fieller_high", "bootstrap_low", "bootstrap_high", "rescue_status", "verdict",
        ])
        for row in rows {
            table.append(
                [row.outcome, row.treated ?? ""]
                    + [row.rescue, row.fiellerLow, row.fiellerHigh, row.bootstrapLow, row.bootstrapHigh].map(CSVText.number)
                    + [row.rescueStatus.rawValue, row.verdict.rawValue])
        }
        return table
    }

    /// Every dot, mean and difference of an estimation plot, also the dots that a crowded plot leaves out, and the densities of the
    /// bootstrap draws: `value` is the place, `density` the share of draws per unit of the analysis scale (on the log scale, of ln).
    ///
    /// - Parameter hasUnits: whether the dots of single units are in it; they are the bulk, and the distributions have them as well.
    static func estimation(_ plot: EstimationPlot, hasUnits: Bool) -> CSVText {
        var table = CSVText(columns: ["group", "what", "name", "value", "low", "high", "density"])
        let words = plot.words
        let difference = words.isLog ? "ratio" : "difference"
        for column in plot.columns {
            let group = column.row.group
            func append(_ what: String, _ name: String, _ value: Double?, _ low: Double? = nil, _ high: Double? = nil) {
                table.append([group, what, name] + [value, low, high].map { CSVText.number($0.map(words.native)) } + [""])
            }
            if hasUnits { for cell in column.cells { table.append([group, "unit", "", unit(cell, words), "", "", ""]) } }
            for point in column.row.points { append(plot.unitName, point.name, point.value) }
            let interval = EstimationPlot.interval(of: column.row)
            append("mean", "", column.row.mean, interval?.low, interval?.high)
            for (contrast, reference) in [(column.toControl, "control"), (column.toPerturbed, "perturbed")] {
                guard let contrast, contrast.estimate != nil else { continue }
                append("\(difference) to \(reference)", "", contrast.estimate, contrast.low, contrast.high)
                guard let draws = contrast.bootstrap else { continue }
                append("bootstrap interval to \(reference)", "", nil, draws.low, draws.high)
                for (index, density) in draws.densities.enumerated() {
                    table.append([
                        group, "draws to \(reference)", "", Numbers.plain(words.native(draws.place(index)), digits: 5), "", "",
                        Numbers.plain(density, digits: 4),
                    ])
                }
            }
        }
        return table
    }

    /// Units are the bulk of a page, so that they have eight digits.
    private static func unit(_ value: Double, _ words: OutcomeWords) -> String { Numbers.plain(words.native(value), digits: 8) }

    /// The values of every unit, a column an experimental unit and its group; short columns end in empty fields.
    static func units(_ groups: [GroupRow], _ words: OutcomeWords) -> CSVText {
        let columns = groups.flatMap { group in group.points.map { (name: "\(group.group)/\($0.name)", cells: $0.cells.map { unit($0, words) }) } }
        var table = CSVText(columns: columns.map(\.name))
        for row in 0..<(columns.map(\.cells.count).max() ?? 0) {
            table.append(columns.map { $0.cells.indices.contains(row) ? $0.cells[row] : "" })
        }
        return table
    }

    /// The control range and the shares inside it with their intervals; the units are in a table of their own.
    static func distribution(_ plot: DistributionPlot) -> CSVText {
        var table = CSVText(columns: ["group", "what", "name", "value", "low", "high"])
        let words = plot.words
        if let range = plot.range {
            // As exact as the units, so that a unit on a limit lies on it here as well.
            table.append(["", "control range", "", ""] + [range.lowerBound, range.upperBound].map { unit($0, words) })
        }
        for curve in plot.curves {
            if let share = curve.share.share {
                table.append([curve.name, "share in control range", ""] + [share, curve.share.low, curve.share.high].map(CSVText.number))
            }
        }
        return table
    }

    static func scatter(_ plot: ScatterPlot, _ covariate: Covariate) -> CSVText {
        var table = CSVText(columns: ["group", plot.unitName, covariate.name, plot.words.definition.name])
        for cloud in plot.clouds {
            for point in cloud.points {
                table.append([cloud.name, point.name, CSVText.number(point.x), CSVText.number(plot.words.native(point.y))])
            }
        }
        return table
    }

    static func spectrum(_ plot: SpectrumPlot) -> CSVText {
        var table = CSVText(columns: ["group", "frequency_hz", "power_uv2_per_hz", "low", "high"])
        for curve in plot.curves {
            for index in plot.shown {
                func text(_ values: [Double]) -> String {
                    values.indices.contains(index) && values[index].isFinite ? Numbers.plain(values[index], digits: 6) : ""
                }
                table.append([curve.label, CSVText.number(plot.frequencies[index]), text(curve.power), text(curve.low), text(curve.high)])
            }
        }
        return table
    }

    /// Mean curves of the groups, a row a class.
    static func curves(_ plot: CurvePlot, over column: String) -> CSVText {
        var table = CSVText(columns: ["group", "n", "\(column)_from", "\(column)_to", "mean", "low", "high"])
        for curve in plot.curves {
            for (index, point) in curve.points.enumerated() {
                func text(_ value: Double?) -> String { value.flatMap { $0.isFinite ? Numbers.plain($0, digits: 6) : nil } ?? "" }
                table.append(
                    [curve.name, "\(curve.n)"] + [plot.edges[index], plot.edges[index + 1]].map { Numbers.plain($0, digits: 6) }
                        + [point.mean, point.low, point.high].map(text))
            }
        }
        return table
    }

    /// A time to the microsecond.
    private static func seconds(_ time: Double) -> String { CSVText.number((time * 1e6).rounded() / 1e6) }

    /// Spikes and bursts inside the stretch shown, in seconds of the recording's clock.
    static func raster(_ excerpt: RasterExcerpt) -> CSVText {
        var table = CSVText(columns: ["unit", "what", "start_s", "stop_s"])
        for row in excerpt.rows {
            for spike in row.spikes { table.append([row.name, "spike", seconds(spike), ""]) }
            for burst in row.bursts {
                table.append([row.name, "burst", seconds(burst.start), seconds(burst.stop)])
            }
        }
        return table
    }

    /// One row a sample and one column an electrode, in microvolts to a tenth; `spikes` names the electrodes with a detected spike.
    static func voltage(_ excerpt: VoltageExcerpt) -> CSVText {
        let traces = excerpt.traces
        var table = CSVText(columns: ["time_s"] + traces.map { "electrode \($0.name) (uV)" } + ["spikes"])
        let spikes = traces.map { Set($0.spikes) }
        for frame in 0..<(traces.map(\.samples.count).max() ?? 0) {
            let values = traces.map { trace -> String in
                guard trace.samples.indices.contains(frame), trace.samples[frame].isFinite else { return "" }
                return CSVText.number((Double(trace.samples[frame]) * 10).rounded() / 10)
            }
            let marked = zip(traces, spikes).filter { $0.1.contains(frame) }.map(\.0.name).joined(separator: ";")
            table.append([seconds(excerpt.start + excerpt.rate.seconds(frame))] + values + [marked])
        }
        return table
    }
}
