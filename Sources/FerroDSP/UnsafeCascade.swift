// SPDX-License-Identifier: GPL-3.0-or-later

// Goals, in order: the value of every sample independent of how it was reached; Float64 throughout; states and
// coefficients in registers. Everything generic stays in this one file, so that it is specialised in every build.

/// Four channels of one frame.
typealias Lanes = SIMD4<Double>

/// Rows of Float32 samples, seen through a window four channels wide.
struct FloatRows {
    let base: UnsafeMutablePointer<Float>
    /// Floats from one row to the next; negative to walk backward.
    let stride: Int
}

/// Four-channel rows of Float64, one after the other; a negative stride walks backward.
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

extension FloatRows: RowReader, RowWriter {
    @inline(__always)
    func read(_ row: Int) -> Lanes {
        let at = base + row * stride
        return Lanes(Double(at[0]), Double(at[1]), Double(at[2]), Double(at[3]))
    }

    @inline(__always)
    func write(_ row: Int, _ value: Lanes) {
        let at = base + row * stride
        at[0] = Float(value[0])
        at[1] = Float(value[1])
        at[2] = Float(value[2])
        at[3] = Float(value[3])
    }
}

extension LaneRows: RowReader, RowWriter {
    @inline(__always)
    func read(_ row: Int) -> Lanes { base[row * stride] }

    @inline(__always)
    func write(_ row: Int, _ value: Lanes) { base[row * stride] = value }
}

/// Up to six sections with their states, held in local variables while a loop runs.
private protocol Recursion {
    init(_ cascade: UnsafeMutablePointer<SectionLanes>)
    mutating func step(_ input: Lanes) -> Lanes
    func save(_ cascade: UnsafeMutablePointer<SectionLanes>)
}

/// One section in transposed direct form II with the states of four channels.
struct SectionLanes {
    var b0, b1, b2, minusA1, minusA2: Lanes
    var first = Lanes.zero
    var second = Lanes.zero

    init(_ section: SecondOrderSections.Section) {
        b0 = Lanes(repeating: section.b0)
        b1 = Lanes(repeating: section.b1)
        b2 = Lanes(repeating: section.b2)
        minusA1 = Lanes(repeating: -section.a1)
        minusA2 = Lanes(repeating: -section.a2)
    }
}

extension SectionLanes: Recursion {
    init(_ cascade: UnsafeMutablePointer<SectionLanes>) { self = cascade.pointee }

    @inline(__always)
    mutating func step(_ input: Lanes) -> Lanes {
        let output = first.addingProduct(b0, input)
        first = second.addingProduct(b1, input).addingProduct(minusA1, output)
        second = (b2 * input).addingProduct(minusA2, output)
        return output
    }

    func save(_ cascade: UnsafeMutablePointer<SectionLanes>) { cascade.pointee = self }
}

private struct Chain<Rest: Recursion>: Recursion {
    var head: SectionLanes
    var rest: Rest

    init(_ cascade: UnsafeMutablePointer<SectionLanes>) {
        head = cascade.pointee
        rest = Rest(cascade + 1)
    }

    @inline(__always)
    mutating func step(_ input: Lanes) -> Lanes { rest.step(head.step(input)) }

    func save(_ cascade: UnsafeMutablePointer<SectionLanes>) {
        cascade.pointee = head
        rest.save(cascade + 1)
    }
}

private typealias Two = Chain<SectionLanes>
private typealias Three = Chain<Two>
private typealias Four = Chain<Three>
private typealias Five = Chain<Four>
private typealias Six = Chain<Five>

@inline(__always)
private func run<R: Recursion, Input: RowReader, Output: RowWriter>(
    _ type: R.Type, _ cascade: UnsafeMutablePointer<SectionLanes>, _ input: Input, _ output: Output, _ rows: Range<Int>
) {
    var recursion = R(cascade)
    for row in rows { output.write(row, recursion.step(input.read(row))) }
    recursion.save(cascade)
}

@inline(__always)
private func dispatch<Input: RowReader, Output: RowWriter>(
    _ cascade: UnsafeMutableBufferPointer<SectionLanes>, _ input: Input, _ output: Output, _ rows: Range<Int>
) {
    guard let base = cascade.baseAddress else { return }
    switch cascade.count {
    case 1: run(SectionLanes.self, base, input, output, rows)
    case 2: run(Two.self, base, input, output, rows)
    case 3: run(Three.self, base, input, output, rows)
    case 4: run(Four.self, base, input, output, rows)
    case 5: run(Five.self, base, input, output, rows)
    default: run(Six.self, base, input, output, rows)
    }
}

/// Most sections that one loop runs; longer cascades run as several loops over the same rows.
let sectionsPerLoop = 6

/// Filters rows with at most `sectionsPerLoop` sections whose states go on from `cascade` and are left there.
func filterRows(_ cascade: UnsafeMutableBufferPointer<SectionLanes>, from input: FloatRows, to output: LaneRows, rows: Range<Int>) {
    dispatch(cascade, input, output, rows)
}

func filterRows(_ cascade: UnsafeMutableBufferPointer<SectionLanes>, from input: LaneRows, to output: LaneRows, rows: Range<Int>) {
    dispatch(cascade, input, output, rows)
}

func filterRows(_ cascade: UnsafeMutableBufferPointer<SectionLanes>, from input: LaneRows, to output: FloatRows, rows: Range<Int>) {
    dispatch(cascade, input, output, rows)
}

func filterRows(_ cascade: UnsafeMutableBufferPointer<SectionLanes>, from input: FloatRows, to output: FloatRows, rows: Range<Int>) {
    dispatch(cascade, input, output, rows)
}
