// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Foundation

/// The background of one segment, made forward in time in blocks of any whole number of steps; the samples do not
/// depend on the blocks. Memory depends on channels and block length only.
///
/// Each channel owns a stream of random numbers; what channels share (theta, part of the field potential, common noise)
/// has streams of its own.
struct BackgroundSynthesizer {
    /// Block lengths are multiples of this many frames.
    let step: Int
    private let field: FieldPotential
    private let spline: [SIMD4<Float>]
    private let noise: Float
    private let ownField: Float
    private let sharedField: Float
    private let commonNoise: Float
    private var groups: [ChannelGroup]
    private var sharedKnots: FieldComponents
    private var sharedDraws: NormalLanes
    private var commonDraws: NormalLanes
    private var theta: ThetaRhythm?
    private let channels: Int

    init(_ spec: BackgroundSpec, channels: Int, rate: SampleRate, seed: UInt64, segment: Int) {
        let field = FieldPotential(exponent: spec.exponent, rate: rate)
        self.field = field
        self.channels = channels
        step = field.factor
        spline = field.spline
        noise = Float(spec.noise.value)
        ownField = Float(spec.lfp.value * (1 - spec.shared).squareRoot())
        sharedField = Float(spec.lfp.value * spec.shared.squareRoot())
        commonNoise = Float(spec.commonNoise.value)
        func lanes(_ purpose: DrawPurpose, _ indices: Range<Int>) -> NormalLanes {
            NormalLanes(indices.map { SeededGenerator(seed: seed, purpose, segment: segment, index: $0) })
        }
        sharedDraws = lanes(.sharedLFP, 0..<1)
        commonDraws = lanes(.common, 0..<1)
        sharedKnots = FieldComponents(field, &sharedDraws)
        theta = spec.theta.map { ThetaRhythm($0, stepRate: field.stepRate, draws: lanes(.theta, 0..<1)) }
        groups = []
        for first in stride(from: 0, to: channels, by: 8) {
            var draws = lanes(.thermal, first..<min(first + 8, channels))
            let components = FieldComponents(field, &draws)
            groups.append(ChannelGroup(draws: draws, components: components, knots: (.zero, .zero, .zero)))
        }
        // The first frame needs three knots behind it.
        for _ in 0..<3 {
            let shared = nextSharedKnot()
            for index in groups.indices { groups[index].push(shared, field, ownField) }
        }
    }

    private mutating func nextSharedKnot() -> Float {
        var value: Float = 0
        if sharedField > 0 {
            sharedKnots.advance(field, &sharedDraws)
            value += sharedField * sharedKnots.sum(field)[0]
        }
        if theta != nil { value += theta?.next() ?? 0 }
        return value
    }

    /// Overwrites the block with the next `block.frames` frames. Requires a multiple of `step`.
    mutating func fill(_ block: inout LaneBlock) {
        let steps = block.frames / step
        let shared = (0..<steps).map { _ in nextSharedKnot() }
        let common = nextCommonNoise(block.frames)
        let width = block.groups
        block.lanes.withUnsafeMutableBufferPointer { lanes in
            for index in groups.indices {
                // A local copy keeps the state in registers.
                var group = groups[index]
                for stepIndex in 0..<steps {
                    let (k0, k1, k2) = group.knots
                    let knots = Knots(k0, k1, k2, group.push(shared[stepIndex], field, ownField))
                    let start = stepIndex * step
                    for phase in stride(from: 0, to: step, by: 2) {
                        let frame = start + phase
                        let (first, second) = group.draws.pair()
                        lanes[frame * width + index] = knots.at(spline[phase]) + first * noise + common[frame]
                        if phase + 1 < step {
                            lanes[(frame + 1) * width + index] = knots.at(spline[phase + 1]) + second * noise + common[frame + 1]
                        }
                    }
                }
                groups[index] = group
            }
        }
    }

    /// One number a frame from one lane, pair after pair (whole steps are even, or single frames whose second number is dropped).
    private mutating func nextCommonNoise(_ frames: Int) -> [Float] {
        var values = [Float](repeating: 0, count: frames)
        guard commonNoise > 0 else { return values }
        if step == 1 {
            for frame in 0..<frames { values[frame] = commonNoise * commonDraws.pair().0[0] }
        } else {
            for frame in stride(from: 0, to: frames, by: 2) {
                let (first, second) = commonDraws.pair()
                values[frame] = commonNoise * first[0]
                values[frame + 1] = commonNoise * second[0]
            }
        }
        return values
    }
}

/// Four neighbouring knots of a spline, in eight lanes.
private struct Knots {
    let k0: SIMD8<Float>, k1: SIMD8<Float>, k2: SIMD8<Float>, k3: SIMD8<Float>

    @inline(__always)
    init(_ k0: SIMD8<Float>, _ k1: SIMD8<Float>, _ k2: SIMD8<Float>, _ k3: SIMD8<Float>) {
        self.k0 = k0
        self.k1 = k1
        self.k2 = k2
        self.k3 = k3
    }

    @inline(__always)
    func at(_ weights: SIMD4<Float>) -> SIMD8<Float> {
        let early = k0 * weights[0] + k1 * weights[1]
        let late = k2 * weights[2] + k3 * weights[3]
        return early + late
    }
}

/// Eight channels: their random numbers, the state of their field potential and its last three knots.
private struct ChannelGroup {
    var draws: NormalLanes
    var components: FieldComponents
    var knots: (SIMD8<Float>, SIMD8<Float>, SIMD8<Float>)

    /// Makes the next knot and moves the window; returns the knot.
    @discardableResult
    @inline(__always)
    mutating func push(_ shared: Float, _ field: FieldPotential, _ amplitude: Float) -> SIMD8<Float> {
        var knot = SIMD8<Float>(repeating: shared)
        if amplitude > 0 {
            components.advance(field, &draws)
            knot += components.sum(field) * amplitude
        }
        knots = (knots.1, knots.2, knot)
        return knot
    }
}

/// The first-order components of a field potential, in eight lanes.
private struct FieldComponents {
    private var states: InlineArray<6, SIMD8<Float>>

    /// Starts in the stationary distribution.
    init(_ field: FieldPotential, _ draws: inout NormalLanes) {
        states = InlineArray(repeating: .zero)
        for index in states.indices { states[index] = draws.pair().0 }
    }

    @inline(__always)
    mutating func advance(_ field: FieldPotential, _ draws: inout NormalLanes) {
        let (n0, n1) = draws.pair()
        let (n2, n3) = draws.pair()
        let (n4, n5) = draws.pair()
        let numbers: InlineArray<6, SIMD8<Float>> = [n0, n1, n2, n3, n4, n5]
        for index in states.indices {
            states[index] = states[index] * Float(field.decay[index]) + numbers[index] * Float(field.drive[index])
        }
    }

    @inline(__always)
    func sum(_ field: FieldPotential) -> SIMD8<Float> {
        var sum = SIMD8<Float>.zero
        for index in states.indices { sum += states[index] * Float(field.weights[index]) }
        return sum
    }
}

/// A carrier whose complex envelope is white noise through two equal first-order low-passes.
///
/// The two stages make the peak fall with the fourth power of the distance from its centre. Each has its corner at
/// bandwidth/2/sqrt(sqrt 2 - 1), so that the density is halved at bandwidth/2 from the centre.
private struct ThetaRhythm {
    private var draws: NormalLanes
    private var envelope: (first: SIMD2<Double>, second: SIMD2<Double>) = (.zero, .zero)
    private var carrier = SIMD2<Double>(1, 0)
    private let rotation: SIMD2<Double>
    private let decay: Double
    private let amplitude: Double

    init(_ spec: ThetaSpec, stepRate: Double, draws: NormalLanes) {
        self.draws = draws
        let angle = 2 * Double.pi * spec.frequency.value / stepRate
        rotation = SIMD2(cos(angle), sin(angle))
        let corner = spec.bandwidth.value / 2 / (2.0.squareRoot() - 1).squareRoot()
        let decay = exp(-2 * .pi * corner / stepRate)
        self.decay = decay
        // Variance of two equal recursions in series: (1 + a^2)/(1 - a^2)^3; a sinusoid of amplitude A has variance A^2/2.
        let gain = (1 - decay * decay) * ((1 - decay * decay) / (1 + decay * decay)).squareRoot()
        amplitude = spec.amplitude.value / 2.0.squareRoot() * gain
        // Long enough for the start from zero to be forgotten.
        for _ in 0..<Int(5 * stepRate / corner) { _ = next() }
    }

    mutating func next() -> Float {
        let (real, imaginary) = draws.pair()
        envelope.first = envelope.first * decay + SIMD2(Double(real[0]), Double(imaginary[0]))
        envelope.second = envelope.second * decay + envelope.first
        carrier = SIMD2(
            carrier.x * rotation.x - carrier.y * rotation.y, carrier.x * rotation.y + carrier.y * rotation.x)
        return Float(amplitude * (envelope.second.x * carrier.x - envelope.second.y * carrier.y))
    }
}
