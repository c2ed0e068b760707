// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// Everything a run found in one recording: what `result.nwb` and the tables beside it say.
package struct RecordingResult: Sendable, Equatable {
    /// Name of the recording: the input's file name without its extension.
    package var name: String
    package var session: SessionFacts
    package var electrodes: [Electrode]
    /// Observed stretches of the analysed series, in seconds on the recording's clock.
    package var segments: [TimeInterval]
    package var units: [UnitResult]
    /// One line about how the units were found, such as `locally exclusive threshold events, 5 x MAD noise`.
    package var unitsDescription: String
    package var burstsDescription: String
    /// Columns of `units.csv` after the identifying ones, in order; every unit has a value or nil under each name.
    package var metrics: [MetricDescription]
    package var spectra: [SpectrumResult]
    package var excerpt: Excerpt?

    package init(
        name: String, session: SessionFacts, electrodes: [Electrode], segments: [TimeInterval], units: [UnitResult] = [],
        unitsDescription: String = "", burstsDescription: String = "", metrics: [MetricDescription] = [],
        spectra: [SpectrumResult] = [], excerpt: Excerpt? = nil
    ) {
        self.name = name
        self.session = session
        self.electrodes = electrodes
        self.segments = segments
        self.units = units
        self.unitsDescription = unitsDescription
        self.burstsDescription = burstsDescription
        self.metrics = metrics
        self.spectra = spectra
        self.excerpt = excerpt
    }
}

/// One column of the units table.
package struct MetricDescription: Sendable, Equatable {
    /// Column name with its unit, such as `firing_rate_hz`.
    package var name: String
    /// Definition in a sentence, with its source.
    package var meaning: String
    package init(name: String, meaning: String) {
        self.name = name
        self.meaning = meaning
    }
}

/// A unit with its bursts, its waveform and its measures.
package struct UnitResult: Sendable, Equatable {
    package var train: SpikeTrain
    /// nil where no burst detector ran.
    package var bursts: [Burst]?
    /// Parallel to `RecordingResult.metrics`; nil is a missing value.
    package var values: [Double?]
    /// Mean filtered waveform on the unit's own electrode in microvolts.
    package var meanWaveform: [Float]?
    /// The rate the mean waveform is sampled at; nil where there is none.
    package var waveformRate: SampleRate?

    package init(
        train: SpikeTrain, bursts: [Burst]? = nil, values: [Double?] = [], meanWaveform: [Float]? = nil, waveformRate: SampleRate? = nil
    ) {
        self.train = train
        self.bursts = bursts
        self.values = values
        self.meanWaveform = meanWaveform
        self.waveformRate = waveformRate
    }
}

/// A power spectrum of every electrode.
package struct SpectrumResult: Sendable, Equatable {
    /// Id of the stage that made it.
    package var stage: String
    package var method: String
    package var frequencies: [Double]
    /// Indices into the result's electrodes, one per row of `power`.
    package var electrodes: [Int]
    /// One-sided density in µV²/Hz, electrode by electrode.
    package var power: [[Double]]
    /// How many windows were averaged.
    package var windows: Int
    package var bands: [BandResult]

    package init(
        stage: String, method: String, frequencies: [Double], electrodes: [Int], power: [[Double]], windows: Int,
        bands: [BandResult] = []
    ) {
        self.stage = stage
        self.method = method
        self.frequencies = frequencies
        self.electrodes = electrodes
        self.power = power
        self.windows = windows
        self.bands = bands
    }
}

/// Power of one electrode in one band, a row of `bands.csv`.
package struct BandResult: Sendable, Equatable {
    package var electrode: Int
    package var band: String
    package var low: Hertz
    package var high: Hertz
    /// Integral of the density over the band in µV².
    package var power: Double
    /// Share of the power between the spectrum's first positive frequency and its last.
    package var relativePower: Double
    /// Frequency of the largest density inside the band; nil when that is at an edge of the band (no peak).
    package var peak: Double?
    /// Mean density over the frequencies of the band, ends included, in µV²/Hz: what bands of different width are compared by.
    package var meanDensity: Double?

    package init(
        electrode: Int, band: String, low: Hertz, high: Hertz, power: Double, relativePower: Double, peak: Double?, meanDensity: Double? = nil
    ) {
        self.electrode = electrode
        self.band = band
        self.low = low
        self.high = high
        self.power = power
        self.relativePower = relativePower
        self.peak = peak
        self.meanDensity = meanDensity
    }
}

/// A short stretch of the signal in which spikes were detected, kept for figures.
package struct Excerpt: Sendable, Equatable {
    package var rate: SampleRate
    /// Time of the first frame in seconds on the recording's clock.
    package var start: Double
    /// Indices into the result's electrodes.
    package var electrodes: [Int]
    /// Microvolts, electrode by electrode.
    package var samples: [[Float]]
    package init(rate: SampleRate, start: Double, electrodes: [Int], samples: [[Float]]) {
        self.rate = rate
        self.start = start
        self.electrodes = electrodes
        self.samples = samples
    }
}
