// SPDX-License-Identifier: GPL-3.0-or-later
//
// Goals, in order: the value of every sample independent of how it was reached; Float64 throughout; states in registers and as
// few operations as the recursion needs. Everything generic stays in this one file, so that it is specialised in every build.
//
// A section b0 (1 + c1 z⁻¹ + c2 z⁻²)/(1 + a1 z⁻¹ + a2 z⁻²) in transposed direct form II, its gain b0 taken out and both states with
// their sign turned, needs no negation:
//     y = x − m;   m ← n − c1 x + a1 y;   n ← a2 y − c2 x
// A Butterworth band-pass has as many zeros at 1 as at −1. Joined in pairs they make every numerator 1 − z⁻²,
//     y = x − m;   m ← n + a1 y;   n ← a2 y + x
// which are a subtraction and two fused multiply-adds.

#if FERROSPIKE_AVX512
/// Channels of one frame that a loop filters side by side: the states of two vectors of 512 bits hide each other's latency.
typealias Lanes = SIMD16<Double>
#else
/// Channels of one frame that a loop filters side by side: the states of five sections fill the registers of 256 bits.
typealias Lanes = SIMD4<Double>
#endif

// Rows are addressed by a multiplication that traps on overflow. The trap costs nothing beside the recursion, and a loop with a second way
// out is not unrolled, which would take the states of five sections out of their registers.

/// Rows of Float32 samples, seen through a window as wide as the lanes.
struct FloatRows {
    let base: UnsafeMutablePointer<Float>
    /// Floats from one row to the next; negative to walk backward.
    let stride: Int

    func dropFirst(_ rows: Int) -> FloatRows { FloatRows(base: base + rows * stride, stride: stride) }

    func columns(from first: Int) -> FloatRows { FloatRows(base: base + first, stride: stride) }

    /// Sets the first columns, a multiple of four, of so many rows to zero.
    func clear(_ rows: Int, columns: Int) {
        for row in 0..<rows {
            for column in Swift.stride(from: 0, to: columns, by: 4) {
                UnsafeMutableRawPointer(base + (row &* stride &+ column)).storeBytes(of: .zero, as: SIMD4<Float>.self)
            }
        }
    }
}

/// Rows of Float64, one after the other; a negative stride walks backward.
struct LaneRows {
    let base: UnsafeMutablePointer<Lanes>
    let stride: Int
}

private protocol RowReader {
    func read(_ row: Int) -> Lanes
}

private protocol RowWriter {
    func write(_ row: Int, _ value: Lanes)
}

// Lanes are named one by one: conversions of whole vectors become calls.
extension FloatRows: RowReader, RowWriter {
    @inline(__always)
    func read(_ row: Int) -> Lanes {
        let at = base + row * stride
        #if FERROSPIKE_AVX512
        return Lanes(
            Double(at[0]), Double(at[1]), Double(at[2]), Double(at[3]), Double(at[4]), Double(at[5]), Double(at[6]), Double(at[7]), Double(at[8]),
            Double(at[9]), Double(at[10]), Double(at[11]), Double(at[12]), Double(at[13]), Double(at[14]), Double(at[15]))
        #else
        return Lanes(Double(at[0]), Double(at[1]), Double(at[2]), Double(at[3]))
        #endif
    }

    @inline(__always)
    func write(_ row: Int, _ value: Lanes) {
        let at = base + row * stride
        #if FERROSPIKE_AVX512
        let floats = SIMD16<Float>(
            Float(value[0]), Float(value[1]), Float(value[2]), Float(value[3]), Float(value[4]), Float(value[5]), Float(value[6]), Float(value[7]),
            Float(value[8]), Float(value[9]), Float(value[10]), Float(value[11]), Float(value[12]), Float(value[13]), Float(value[14]), Float(value[15]))
        UnsafeMutableRawPointer(at).storeBytes(of: floats, as: SIMD16<Float>.self)
        #else
        at[0] = Float(value[0])
        at[1] = Float(value[1])
        at[2] = Float(value[2])
        at[3] = Float(value[3])
        #endif
    }
}

extension LaneRows: RowReader, RowWriter {
    @inline(__always)
    func read(_ row: Int) -> Lanes { base[row * stride] }

    @inline(__always)
    func write(_ row: Int, _ value: Lanes) { base[row * stride] = value }
}

// MARK: Sections

/// One section with the states of every lane, in the form above.
struct SectionLanes {
    var a1, a2, c1, c2: Double
    var m = Lanes.zero
    var n = Lanes.zero
}

/// Up to `Cascade.sectionsPerLoop` sections that one loop runs.
struct CascadePart {
    /// Multiplies the input.
    var gain: Lanes
    var sections: [SectionLanes]
    /// Whether every numerator is 1 − z⁻².
    var isBand: Bool
}

/// The sections of a filter with the states of every lane.
struct Cascade {
    /// Most sections that one loop runs; longer cascades run as several loops over the same rows.
    static let sectionsPerLoop = 6

    var parts: [CascadePart]

    /// The cascade in the steady state of an input that was always `value`; zero is a start from rest.
    ///
    /// Requires every section's b0 to be other than zero, as every design here has it.
    init(_ sections: SecondOrderSections, steadyFor value: Lanes) {
        let form = MonicForm(sections)
        var level = value * form.gain
        let lanes = form.sections.map { section -> SectionLanes in
            var lane = SectionLanes(
                a1: section.a1, a2: section.a2, c1: section.c1, c2: section.c2)
            let output = level * section.steadyGain
            lane.n = output * section.a2 - level * section.c2
            lane.m = lane.n - level * section.c1 + output * section.a1
            level = output
            return lane
        }
        parts = stride(from: 0, to: lanes.count, by: Cascade.sectionsPerLoop).map { first in
            CascadePart(
                gain: Lanes(repeating: first == 0 ? form.gain : 1), sections: Array(lanes[first..<min(first + Cascade.sectionsPerLoop, lanes.count)]),
                isBand: form.isBand)
        }
    }
}

/// A cascade with its gain taken out of the sections.
private struct MonicForm {
    struct Section {
        var c1, c2, a1, a2: Double
        /// Gain at 0 Hz.
        var steadyGain: Double { (1 + c1 + c2) / (1 + a1 + a2) }
    }

    let gain: Double
    let sections: [Section]
    let isBand: Bool

    init(_ cascade: SecondOrderSections) {
        precondition(cascade.sections.allSatisfy { $0.b0 != 0 })
        gain = cascade.sections.reduce(1) { $0 * $1.b0 }
        let plain = cascade.sections.map { Section(c1: $0.b1 / $0.b0, c2: $0.b2 / $0.b0, a1: $0.a1, a2: $0.a2) }
        let high = plain.count { ($0.c1, $0.c2) == (-2, 1) }
        let low = plain.count { ($0.c1, $0.c2) == (2, 1) }
        let band = plain.count { ($0.c1, $0.c2) == (0, -1) }
        isBand = high == low && high + low + band == plain.count
        sections = isBand ? plain.map { Section(c1: 0, c2: -1, a1: $0.a1, a2: $0.a2) } : plain
    }
}

// MARK: Loops

/// What a numerator adds to the states.
private protocol Numerator {
    static func step(_ section: inout SectionLanes, _ input: Lanes) -> Lanes
}

private enum BandNumerator: Numerator {
    @inline(__always)
    static func step(_ section: inout SectionLanes, _ input: Lanes) -> Lanes {
        let output = input - section.m
        section.m = section.n.addingProduct(Lanes(repeating: section.a1), output)
        section.n = input.addingProduct(Lanes(repeating: section.a2), output)
        return output
    }
}

private enum AnyNumerator: Numerator {
    @inline(__always)
    static func step(_ section: inout SectionLanes, _ input: Lanes) -> Lanes {
        let output = input - section.m
        let turned = Lanes.zero - input
        section.m = section.n.addingProduct(Lanes(repeating: section.c1), turned).addingProduct(Lanes(repeating: section.a1), output)
        section.n = (Lanes(repeating: section.c2) * turned).addingProduct(Lanes(repeating: section.a2), output)
        return output
    }
}

/// Sections with their states, held in local variables while a loop runs.
private protocol Recursion {
    init(_ cascade: UnsafeMutablePointer<SectionLanes>)
    mutating func step(_ input: Lanes) -> Lanes
    func save(_ cascade: UnsafeMutablePointer<SectionLanes>)
}

private struct Link<Kind: Numerator>: Recursion {
    var section: SectionLanes

    init(_ cascade: UnsafeMutablePointer<SectionLanes>) { section = cascade.pointee }

    @inline(__always)
    mutating func step(_ input: Lanes) -> Lanes { Kind.step(&section, input) }

    func save(_ cascade: UnsafeMutablePointer<SectionLanes>) { cascade.pointee = section }
}

private struct Chain<Kind: Numerator, Rest: Recursion>: Recursion {
    var head: SectionLanes
    var rest: Rest

    init(_ cascade: UnsafeMutablePointer<SectionLanes>) {
        head = cascade.pointee
        rest = Rest(cascade + 1)
    }

    @inline(__always)
    mutating func step(_ input: Lanes) -> Lanes { rest.step(Kind.step(&head, input)) }

    func save(_ cascade: UnsafeMutablePointer<SectionLanes>) {
        cascade.pointee = head
        rest.save(cascade + 1)
    }
}

private typealias Two<Kind: Numerator> = Chain<Kind, Link<Kind>>
private typealias Three<Kind: Numerator> = Chain<Kind, Two<Kind>>
private typealias Four<Kind: Numerator> = Chain<Kind, Three<Kind>>
private typealias Five<Kind: Numerator> = Chain<Kind, Four<Kind>>
private typealias Six<Kind: Numerator> = Chain<Kind, Five<Kind>>

@inline(__always)
private func run<R: Recursion, Input: RowReader, Output: RowWriter>(
    _ type: R.Type, _ cascade: UnsafeMutablePointer<SectionLanes>, _ gain: Lanes, _ input: Input, _ output: Output, _ rows: Range<Int>
) {
    var recursion = R(cascade)
    for row in rows { output.write(row, recursion.step(input.read(row) * gain)) }
    recursion.save(cascade)
}

@inline(__always)
private func run<Kind: Numerator, Input: RowReader, Output: RowWriter>(
    _ kind: Kind.Type, _ sections: UnsafeMutableBufferPointer<SectionLanes>, _ gain: Lanes, _ input: Input, _ output: Output, _ rows: Range<Int>
) {
    guard let base = sections.baseAddress else { return }
    switch sections.count {
    case 1: run(Link<Kind>.self, base, gain, input, output, rows)
    case 2: run(Two<Kind>.self, base, gain, input, output, rows)
    case 3: run(Three<Kind>.self, base, gain, input, output, rows)
    case 4: run(Four<Kind>.self, base, gain, input, output, rows)
    case 5: run(Five<Kind>.self, base, gain, input, output, rows)
    default: run(Six<Kind>.self, base, gain, input, output, rows)
    }
}

@inline(__always)
private func dispatch<Input: RowReader, Output: RowWriter>(_ part: inout CascadePart, _ input: Input, _ output: Output, _ rows: Range<Int>) {
    let (gain, isBand) = (part.gain, part.isBand)
    part.sections.withUnsafeMutableBufferPointer { sections in
        if isBand {
            run(BandNumerator.self, sections, gain, input, output, rows)
        } else {
            run(AnyNumerator.self, sections, gain, input, output, rows)
        }
    }
}

/// Filters rows with the sections of one part, whose states go on from what they are and are left as they become.
func filterRows(_ part: inout CascadePart, from input: FloatRows, to output: LaneRows, rows: Range<Int>) {
    dispatch(&part, input, output, rows)
}

func filterRows(_ part: inout CascadePart, from input: LaneRows, to output: LaneRows, rows: Range<Int>) {
    dispatch(&part, input, output, rows)
}

func filterRows(_ part: inout CascadePart, from input: LaneRows, to output: FloatRows, rows: Range<Int>) {
    dispatch(&part, input, output, rows)
}

func filterRows(_ part: inout CascadePart, from input: FloatRows, to output: FloatRows, rows: Range<Int>) {
    dispatch(&part, input, output, rows)
}
