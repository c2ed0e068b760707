// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings

/// The tables beside `result.nwb`: the same numbers as comma-separated text with units in the column names (RFC 4180).
enum ResultTables {
    /// Rows that are made one by one as they are written.
    struct Table<Rows: Sequence<[String]>> {
        let columns: [String]
        let rows: Rows
    }

    /// `units.csv`: one row per unit. An empty field is a missing value.
    static func units(_ result: RecordingResult) -> Table<some Sequence<[String]>> {
        var names = ["unit_id", "electrode", "location", "group", "observed_s"]
        // Without the firing stage a reader still gets the counts.
        let counts = !result.metrics.contains { $0.name == "spike_count" }
        if counts { names.append("spike_count") }
        return Table(
            columns: names + result.metrics.map(\.name),
            rows: result.units.lazy.map { unit in
                let electrode = unit.train.electrode.map { result.electrodes[$0] }
                return [
                    unit.train.id, electrode?.id ?? "", electrode?.location ?? "", electrode?.group ?? "",
                    unit.train.observed.isEmpty ? "" : number(unit.train.observedSeconds),
                ] + (counts ? [String(unit.train.times.count)] : []) + unit.values.map { $0.map(number) ?? "" }
            })
    }

    /// `bursts.csv`: one row per burst, unit by unit.
    static func bursts(_ result: RecordingResult) -> Table<some Sequence<[String]>> {
        Table(
            columns: ["unit_id", "start_s", "stop_s", "spike_count", "duration_s", "first_spike"],
            rows: result.units.lazy.flatMap { unit in
                (unit.bursts ?? []).lazy.map { burst in
                    [
                        unit.train.id, number(burst.start), number(burst.stop), String(burst.spikes.count), number(burst.duration),
                        String(burst.spikes.lowerBound),
                    ]
                }
            })
    }

    /// `spectra.csv`: one row per electrode and frequency.
    static func spectra(_ result: RecordingResult) -> Table<some Sequence<[String]>> {
        Table(
            columns: ["electrode", "frequency_hz", "power_uv2_per_hz", "stage"],
            rows: result.spectra.lazy.flatMap { spectrum in
                zip(spectrum.electrodes, spectrum.power).lazy.flatMap { electrode, power in
                    zip(spectrum.frequencies, power).lazy.map { frequency, density in
                        [result.electrodes[electrode].id, number(frequency), number(density), spectrum.stage]
                    }
                }
            })
    }

    /// `bands.csv`: one row per electrode and band.
    static func bands(_ result: RecordingResult) -> Table<some Sequence<[String]>> {
        Table(
            columns: ["electrode", "band", "low_hz", "high_hz", "power_uv2", "relative_power", "peak_hz", "stage", "density_uv2_per_hz"],
            rows: result.spectra.lazy.flatMap { spectrum in
                spectrum.bands.lazy.map { band in
                    [
                        result.electrodes[band.electrode].id, band.band, number(band.low.value), number(band.high.value), number(band.power),
                        number(band.relativePower), band.peak.map(number) ?? "", spectrum.stage,
                        band.meanDensity.map(number) ?? "",
                    ]
                }
            })
    }

    private static func number(_ value: Double) -> String { CSVText.number(value) }
}
