// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore

/// What a simulated recording is to contain: the whole description, from which every sample follows.
package struct RecordingSpec: Sendable, Equatable {
    package var seed: UInt64
    /// Recorded time; gaps come on top of it.
    package var duration: Seconds
    package var rate: SampleRate
    package var electrodes: ElectrodeLayout
    package var neurons: [NeuronSpec]
    package var background: BackgroundSpec
    package var storage: StorageSpec
    /// Interruptions in time order.
    package var gaps: [GapSpec]
    /// Written to the file, with an animal of that name.
    package var subject: String

    package init(
        seed: UInt64, duration: Seconds, rate: SampleRate, electrodes: ElectrodeLayout, neurons: [NeuronSpec],
        background: BackgroundSpec = BackgroundSpec(), storage: StorageSpec = StorageSpec(), gaps: [GapSpec] = [],
        subject: String = "simulated"
    ) {
        self.seed = seed
        self.duration = duration
        self.rate = rate
        self.electrodes = electrodes
        self.neurons = neurons
        self.background = background
        self.storage = storage
        self.gaps = gaps
        self.subject = subject
    }
}

/// One neuron.
package struct NeuronSpec: Sendable, Equatable {
    package enum Place: Sendable, Equatable {
        /// Neuron i sits beside electrode i, counted round.
        case automatic
        case electrode(Int)
        /// Micrometres in the plane of the electrodes.
        case position(SIMD2<Double>)
    }

    /// Shape of the extracellular spike.
    package enum Waveform: String, Sendable, CaseIterable {
        /// Trough to peak 0.5 ms.
        case pyramidal
        /// Trough to peak 0.25 ms.
        case interneuron
    }

    package var place: Place
    /// Trough of a full-size spike on the nearest electrode over the standard deviation of the background there, both after a zero-phase
    /// third-order Butterworth band-pass of 300 to 6000 Hz.
    package var snr: Double
    /// Mean rate of all spikes, those in bursts included.
    package var rate: Hertz
    /// Standard deviation of the natural logarithm of the rate from neuron to neuron: the rate is drawn, its median is `rate`.
    package var rateSpread: Double
    /// Shape of the gamma-distributed intervals between events; 1 is a Poisson process.
    package var shape: Double
    /// No two spikes are closer.
    package var refractory: Seconds
    package var bursting: BurstingSpec?
    /// Coefficient of variation of the amplitude from spike to spike.
    package var amplitudeJitter: Double
    package var waveform: Waveform
    package var modulation: ModulationSpec?

    package init(
        place: Place = .automatic, snr: Double, rate: Hertz, rateSpread: Double = 0, shape: Double = 1,
        refractory: Seconds = Seconds(0.002), bursting: BurstingSpec? = nil, amplitudeJitter: Double = 0.05,
        waveform: Waveform = .pyramidal, modulation: ModulationSpec? = nil
    ) {
        self.place = place
        self.snr = snr
        self.rate = rate
        self.rateSpread = rateSpread
        self.shape = shape
        self.refractory = refractory
        self.bursting = bursting
        self.amplitudeJitter = amplitudeJitter
        self.waveform = waveform
        self.modulation = modulation
    }
}

/// Complex-spike bursts: a neuron's events are single spikes or bursts.
package struct BurstingSpec: Sendable, Equatable {
    /// Fraction of the events that are bursts.
    package var fraction: Double
    /// Number of spikes; each further spike is half as frequent, so that doublets are the most common.
    package var spikes: ClosedRange<Int>
    /// Intervals inside a burst are uniform over this range.
    package var interval: ClosedRange<Seconds>
    /// Loss of amplitude from each spike of a burst to the next.
    package var decrement: Double
    /// Least silence before and after a burst.
    package var separation: Seconds

    package init(
        fraction: Double, spikes: ClosedRange<Int> = 2...6, interval: ClosedRange<Seconds> = Seconds(0.003)...Seconds(0.008),
        decrement: Double = 0.12, separation: Seconds = Seconds(0.03)
    ) {
        self.fraction = fraction
        self.spikes = spikes
        self.interval = interval
        self.decrement = decrement
        self.separation = separation
    }
}

/// A slow sinusoidal change of the rate around its mean.
package struct ModulationSpec: Sendable, Equatable {
    /// Largest change as a fraction of the mean rate, below 1.
    package var depth: Double
    package var period: Seconds

    package init(depth: Double, period: Seconds) {
        self.depth = depth
        self.period = period
    }
}

/// Everything in the signal that is not a spike. Each part may be zero.
package struct BackgroundSpec: Sendable, Equatable {
    /// Standard deviation of white noise, independent on each channel.
    package var noise: Microvolts
    /// Standard deviation of white noise common to all channels.
    package var commonNoise: Microvolts
    /// Standard deviation of the local field potential, with a power spectrum of 1/f^exponent from 0.5 to some 300 Hz.
    package var lfp: Microvolts
    /// Between 0.1 and 2.
    package var exponent: Double
    /// Share of the local field potential's power that all channels have in common.
    package var shared: Double
    package var theta: ThetaSpec?

    package init(
        noise: Microvolts = Microvolts(8), commonNoise: Microvolts = Microvolts(0), lfp: Microvolts = Microvolts(0),
        exponent: Double = 1, shared: Double = 0.8, theta: ThetaSpec? = nil
    ) {
        self.noise = noise
        self.commonNoise = commonNoise
        self.lfp = lfp
        self.exponent = exponent
        self.shared = shared
        self.theta = theta
    }
}

/// A narrow-band rhythm, the same on all channels, waxing and waning.
package struct ThetaSpec: Sendable, Equatable {
    package var frequency: Hertz
    /// Amplitude of the sinusoid of the same power.
    package var amplitude: Microvolts
    /// Half-power width of the spectral peak.
    package var bandwidth: Hertz

    package init(frequency: Hertz, amplitude: Microvolts, bandwidth: Hertz = Hertz(1)) {
        self.frequency = frequency
        self.amplitude = amplitude
        self.bandwidth = bandwidth
    }
}

/// How the samples are stored: int16 with a scale.
package struct StorageSpec: Sendable, Equatable {
    package enum Layout: String, Sendable, CaseIterable { case contiguous, gzip }
    package var layout: Layout
    /// Microvolts per count. The file holds it as a Float32 in volts, and the samples are scaled with that value.
    package var resolution: Microvolts

    package init(layout: Layout = .contiguous, resolution: Microvolts = Microvolts(0.195)) {
        self.layout = layout
        self.resolution = resolution
    }
}

/// An interruption of the recording.
package struct GapSpec: Sendable, Equatable {
    /// Recorded time before it, counted without earlier gaps.
    package var after: Seconds
    package var duration: Seconds

    package init(after: Seconds, duration: Seconds) {
        self.after = after
        self.duration = duration
    }
}
