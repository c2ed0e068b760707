// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// Where a result stands in its NWB file; the writer and the reader share these names.
///
/// | what | where |
/// |---|---|
/// | units, one column per measure | `/units` |
/// | bursts, in order of their start | `/intervals/bursts` |
/// | stretches that were analysed | `/intervals/recorded` |
/// | a spectrum, one row per electrode | `/processing/ecephys/spectrum_STAGE` |
/// | its bands | `/processing/ecephys/bands_STAGE` |
/// | a stretch of the signal for figures | `/processing/ecephys/excerpt`, its columns' electrodes beside it |
/// | the session's facts as the input gives them | `/analysis/facts` |
///
/// NWB demands some texts (a start, a description, an area, an animal); where the input has none the file holds a substitute, and
/// `/analysis/facts` tells what was really given. A table that would have no rows is left out, because readers of NWB stumble over it; the
/// facts then tell that units or bursts were looked for.
///
/// The excerpt is a `TimeSeries`, not an `ElectricalSeries`: SpikeInterface takes any `ElectricalSeries` for the recording that the units
/// were found in, and would count their frames from the excerpt's start.
enum NWBResultLayout {
    static let units = "/units"
    static let bursts = "/intervals/bursts"
    static let recorded = "/intervals/recorded"
    static let module = "ecephys"
    static let excerpt = "/processing/ecephys/excerpt"
    static let excerptElectrodes = "/processing/ecephys/excerpt_electrodes"
    static let facts = "/analysis/facts"

    static func spectrum(_ name: String) -> String { "/processing/ecephys/spectrum_\(name)" }
    static func bands(_ name: String) -> String { "/processing/ecephys/bands_\(name)" }

    /// Columns of the units table; every other one is a measure.
    enum Unit {
        static let name = "unit_name"
        static let times = "spike_times"
        static let observed = "obs_intervals"
        static let electrodes = "electrodes"
        static let amplitudes = "spike_amplitudes"
        static let waveform = "waveform_mean"
        static let all: Set = [name, times, observed, electrodes, amplitudes, waveform]
    }

    enum Time {
        static let start = "start_time"
        static let stop = "stop_time"
    }

    enum BurstColumn {
        static let unit = "unit"
        static let first = "first_spike"
        static let count = "spike_count"
    }

    /// The electrode of a row of any table.
    static let electrode = "electrode"

    enum SpectrumColumn {
        static let stage = "stage"
        static let method = "method"
        static let windows = "window_count"
        static let frequencies = "frequency_hz"
        static let power = "power_uv2_per_hz"
    }

    enum BandColumn {
        static let band = "band"
        static let low = "low_hz"
        static let high = "high_hz"
        static let power = "power_uv2"
        static let share = "relative_power"
        static let peak = "peak_hz"
        static let density = "density_uv2_per_hz"
    }

    /// Names of facts; what a session has besides goes under its own name behind `other`.
    enum Fact {
        static let name = "recording"
        static let start = "session_start"
        static let description = "session_description"
        static let identifier = "session_identifier"
        static let subject = "subject_id"
        static let species = "species"
        static let sex = "sex"
        static let age = "age"
        /// How units and bursts were looked for, where none was found.
        static let units = "units"
        static let bursts = "bursts"
        /// A measure's meaning, where there is no unit to measure; one each, in their order.
        static let measure = "measure/"
        /// One per spectrum, in their order: the STAGE of its path.
        static let spectrum = "spectrum"
        static let other = "other/"
    }

    /// A text that NWB wants and that is not known.
    static func given(_ text: String?) -> String { text.flatMap { $0.isEmpty ? nil : $0 } ?? NWBFileBuilder.notGiven }

    /// The text as it was before `given`; nil for what was not known.
    static func known(_ text: String?) -> String? { text == NWBFileBuilder.notGiven ? nil : text }
}
