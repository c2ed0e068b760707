// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings

/// The tables beside `result.nwb`: the same numbers as comma-separated text with units in the column names (RFC 4180).
enum ResultTables {
    /// `units.csv`: one row per unit. An empty field is a missing value.
    static func units(_ result: RecordingResult) -> String {
        var names = ["unit_id", "electrode", "location", "group", "observed_s"]
        // Without the firing stage a reader still gets the counts.
        let counts = !result.metrics.contains { $0.name == "spike_count" }
        if counts { names.append("spike_count") }
        return table(
            names + result.metrics.map(\.name),
            result.units.map { unit in
                let electrode = unit.train.electrode.map { result.electrodes[$0] }
                return [
                    unit.train.id, electrode?.id ?? "", electrode?.location ?? "", electrode?.group ?? "",
                    unit.train.observed.isEmpty ? "" : number(unit.train.observedSeconds),
                ] + (counts ? [String(unit.train.times.count)] : []) + unit.values.map { $0.map(number) ?? "" }
            })
    }

    /// `bursts.csv`: one row per burst, unit by unit.
    static func bursts(_ result: RecordingResult) -> String {
        table(
            ["unit_id", "start_s", "stop_s", "spike_count", "duration_s", "first_spike"],
            result.units.flatMap { unit in
                (unit.bursts ?? []).map { burst in
                    [
                        unit.train.id, number(burst.start), number(burst.stop), String(burst.spikes.count), number(burst.duration),
                        String(burst.spikes.lowerBound),
                    ]
                }
            })
    }

    /// `spectra.csv`: one row per electrode and frequency.
    static func spectra(_ result: RecordingResult) -> String {
        table(
            ["electrode", "frequency_hz", "power_uv2_per_hz", "stage"],
            result.spectra.flatMap { spectrum in
                zip(spectrum.electrodes, spectrum.power).flatMap { electrode, power in
                    zip(spectrum.frequencies, power).map { frequency, density in
                        [result.electrodes[electrode].id, number(frequency), number(density), spectrum.stage]
                    }
                }
            })
    }

    /// `bands.csv`: one row per electrode and band.
    static func bands(_ result: RecordingResult) -> String {
        table(
            ["electrode", "band", "low_hz", "high_hz", "power_uv2", "relative_power", "peak_hz", "stage", "density_uv2_per_hz"],
            result.spectra.flatMap { spectrum in
                spectrum.bands.map { band in
                    [
                        result.electrodes[band.electrode].id, band.band, number(band.low.value), number(band.high.value), number(band.power),
                        number(band.relativePower), band.peak.map(number) ?? "", spectrum.stage,
                        band.meanDensity.map(number) ?? "",
                    ]
                }
            })
    }

    private static func table(_ header: [String], _ rows: [[String]]) -> String {
        var table = CSVText(columns: header)
        for row in rows { table.append(row) }
        return table.text
    }

    private static func number(_ value: Double) -> String { CSVText.number(value) }
}
