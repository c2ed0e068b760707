// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
import Foundation

/// A recording worked out down to the last spike, before any sample is made.
package struct RecordingPlan: Sendable {
    package let spec: RecordingSpec
    package let electrodes: [Electrode]
    package let segments: [Segment]
    package let frames: Int
    package let neurons: [PlannedNeuron]
    /// Microvolts per count as the file will say it, after rounding to Float32 volts.
    package let resolution: Double
    /// Standard deviation of the background behind the 300-6000 Hz band-pass, microvolts; nil where the rate is too low for the band.
    package let bandDeviation: Double?

    /// - Throws: `FerroError` (usage) for whatever in the description cannot be simulated.
    package init(_ spec: RecordingSpec) throws {
        self.spec = spec
        try spec.electrodes.check()
        try spec.background.check(rate: spec.rate)
        electrodes = spec.electrodes.electrodes
        try spec.checkDuration()
        try spec.checkBand()
        try spec.storage.check()
        frames = spec.rate.frames(in: spec.duration)
        resolution = Double(Float(spec.storage.resolution.value * 1e-6)) * 1e6
        segments = try spec.segments()
        let deviation = BandPass.fits(spec.rate) ? spec.background.bandDeviation(rate: spec.rate) : nil
        bandDeviation = deviation
        let (electrodes, segments) = (electrodes, segments)
        // Worked out once for each shape: the trough behind the band-pass is a sum over thousands of frequencies.
        var shapes: [NeuronSpec.Waveform: FilteredWaveform] = [:]
        for kind in Set(spec.neurons.map(\.waveform)) { shapes[kind] = FilteredWaveform(kind, rate: spec.rate) }
        neurons = try spec.neurons.enumerated().map { index, neuron in
            let shape = shapes[neuron.waveform] ?? FilteredWaveform(neuron.waveform, rate: spec.rate)
            return try PlannedNeuron(
                neuron, index: index, spec: spec, shape: shape, electrodes: electrodes, segments: segments, bandDeviation: deviation ?? 0)
        }
    }
}

extension RecordingSpec {
    func checkDuration() throws {
        guard rate.frames(in: duration) > 0, duration.value <= 86_400 * 7 else {
            throw FerroError.usage("a recording of \(duration) cannot be simulated", expected: "one sample to one week")
        }
    }

    func checkBand() throws {
        guard neurons.isEmpty || BandPass.fits(rate) else {
            throw FerroError.usage(
                "spikes cannot be simulated at \(rate)", expected: "more than 12.6 kHz, so that the 300-6000 Hz band is there",
                advice: "raise the rate, or leave the neurons out")
        }
    }

    /// The stretches between the gaps.
    func segments() throws -> [Segment] {
        let frames = rate.frames(in: duration)
        var segments: [Segment] = []
        var first = 0
        var clock = 0.0
        for gap in gaps {
            let last = rate.frames(in: gap.after)
            guard last > first, last < frames, gap.duration.value >= 2 / rate.hertz else {
                throw FerroError.usage(
                    "a gap of \(gap.duration) after \(gap.after) is impossible",
                    expected: "gaps in time order, inside the recording, of two samples or more")
            }
            segments.append(Segment(frames: first..<last, start: clock))
            clock += rate.seconds(last - first) + gap.duration.value
            first = last
        }
        segments.append(Segment(frames: first..<frames, start: clock))
        return segments
    }
}

extension StorageSpec {
    func check() throws {
        guard resolution.value > 0 else {
            throw FerroError.usage("a resolution of \(resolution) is impossible", expected: "a positive voltage per count")
        }
    }
}

/// A spike shape with what the 300-6000 Hz band-pass leaves of its trough.
private struct FilteredWaveform {
    let waveform: SpikeWaveform
    let trough: Double

    init(_ kind: NeuronSpec.Waveform, rate: SampleRate) {
        waveform = SpikeWaveform(kind, rate: rate)
        trough = waveform.troughAfterBandPass(rate: rate)
    }
}

/// One neuron with its spikes.
package struct PlannedNeuron: Sendable {
    /// Nearest electrode.
    package let electrode: Int
    /// Mean rate that was drawn, spikes a second.
    package let firing: Double
    package let waveform: SpikeWaveform
    /// Trough of a full-size spike on the nearest electrode, microvolts (positive).
    package let amplitude: Double
    /// Lane groups it reaches, with the amplitude on each of their channels.
    package let reach: [(group: Int, gains: SIMD8<Float>)]
    /// One per segment, in frames of the segment.
    package let trains: [SimulatedTrain]

    fileprivate init(
        _ spec: NeuronSpec, index: Int, spec recording: RecordingSpec, shape: FilteredWaveform, electrodes: [Electrode], segments: [Segment],
        bandDeviation: Double
    ) throws {
        var draws = SeededGenerator(seed: recording.seed, .placement, index: index)
        let offset = SIMD2(draws.normal(), draws.normal()) * min(5, recording.electrodes.pitch.value / 6)
        let spread = draws.normal()
        let positions = electrodes.map { SIMD2($0.position?.x ?? 0, $0.position?.y ?? 0) }
        let place: SIMD2<Double>
        switch spec.place {
        case .automatic: place = positions[index % positions.count] + offset
        case .electrode(let chosen):
            guard positions.indices.contains(chosen) else {
                throw FerroError.usage("neuron \(index) sits at electrode \(chosen), which does not exist", expected: "0 to \(positions.count - 1)")
            }
            place = positions[chosen] + offset
        case .position(let position): place = position
        }
        // Each neuron lies 15 um above the plane, so that none touches a site.
        let distances = positions.map { (($0 - place) * ($0 - place)).sum() + 225 }.map { $0.squareRoot() }
        let nearest = distances.indices.min { (distances[$0], $0) < (distances[$1], $1) } ?? 0
        electrode = nearest
        waveform = shape.waveform
        // Without any background the ratio has no meaning; 1 uV then stands for its denominator.
        let amplitude = spec.snr * (bandDeviation > 0 ? bandDeviation : 1) / shape.trough
        self.amplitude = amplitude
        let full = SpikeWaveform.attenuation(distance: distances[nearest])
        let gains = distances.map { amplitude * SpikeWaveform.attenuation(distance: $0) / full }
        reach = stride(from: 0, to: gains.count, by: 8).compactMap { first in
            var lanes = SIMD8<Float>.zero
            for lane in 0..<min(8, gains.count - first) where gains[first + lane] > amplitude * 0.002 { lanes[lane] = Float(gains[first + lane]) }
            return lanes == .zero ? nil : (first / 8, lanes)
        }
        let firing = spec.rate.value * exp(spec.rateSpread * spread)
        self.firing = firing
        let model: SpikeTrainModel
        do {
            model = try SpikeTrainModel(spec, firing: firing, rate: recording.rate)
        } catch let error as FerroError {
            throw error.inside("neuron \(index)")
        }
        trains = segments.enumerated().map { number, segment in
            model.train(frames: segment.frames.count, seed: recording.seed, segment: number, neuron: index)
        }
    }
}
