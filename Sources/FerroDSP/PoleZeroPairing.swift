// SPDX-License-Identifier: GPL-3.0-or-later

/// A root of a real polynomial: a real one, or the upper one of a conjugate pair.
struct Root: Hashable, Sendable {
    var value: ComplexNumber
    var isReal: Bool { value.imaginary == 0 }
    /// How many roots it stands for.
    var count: Int { isReal ? 1 : 2 }

    init(_ real: Double) { value = ComplexNumber(real, 0) }
    /// The member of the pair in the upper half plane.
    init(pair: ComplexNumber) { value = pair.imaginary < 0 ? pair.conjugate : pair }
}

/// Groups poles with the zeros nearest to them, so that no section has a high gain that the next must undo, and
/// orders the sections with the poles nearest to the unit circle last.
///
/// The rule is the `nearest` pairing of `scipy.signal.zpk2sos`, so that sections and their states can be compared
/// one by one. The gain sits in the first section. As many zeros as poles, counted with multiplicity.
func pairedSections(zeros: [Root], poles: [Root], gain: Double) -> SecondOrderSections {
    var zeros = zeros
    var poles = poles
    if poles.reduce(0, { $0 + $1.count }) % 2 == 1 {
        poles.append(Root(0))
        zeros.append(Root(0))
    }

    func takeNearest(_ goal: ComplexNumber, realOnly: Bool) -> Root? {
        let candidates = zeros.indices.filter { !realOnly || zeros[$0].isReal }
        guard let best = candidates.min(by: { (zeros[$0].value - goal).magnitude < (zeros[$1].value - goal).magnitude })
        else { return nil }
        return zeros.remove(at: best)
    }
    func takeWorstPole(realOnly: Bool) -> Root? {
        let candidates = poles.indices.filter { !realOnly || poles[$0].isReal }
        guard let worst = candidates.min(by: { abs(1 - poles[$0].value.magnitude) < abs(1 - poles[$1].value.magnitude) })
        else { return nil }
        return poles.remove(at: worst)
    }
    /// Coefficients of z⁻¹ and z⁻² of the monic polynomial with one pair, two real roots, or one and 0.
    func polynomial(_ first: Root, _ second: Root?) -> (Double, Double) {
        if first.isReal {
            let other = second?.value.real ?? 0
            return (-(first.value.real + other), first.value.real * other)
        }
        return (-2 * first.value.real, first.value.real * first.value.real + first.value.imaginary * first.value.imaginary)
    }

    var sections: [SecondOrderSections.Section] = []
    while let pole = takeWorstPole(realOnly: false) {
        let partner = pole.isReal ? takeWorstPole(realOnly: true) : nil
        let zero = takeNearest(pole.value, realOnly: false) ?? Root(0)
        let zeroPartner = zero.isReal ? takeNearest(pole.value, realOnly: true) : nil
        let (b1, b2) = polynomial(zero, zeroPartner)
        let (a1, a2) = polynomial(pole, partner)
        sections.append(.init(b0: 1, b1: b1, b2: b2, a1: a1, a2: a2))
    }
    sections.reverse()
    if !sections.isEmpty {
        sections[0].b0 *= gain
        sections[0].b1 *= gain
        sections[0].b2 *= gain
    }
    return SecondOrderSections(sections)
}
