// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroStatistics
import Testing

@Suite struct RescueIndexTests {
    private func draws(_ seed: UInt64, _ n: Int, _ mean: Double, _ sd: Double) -> Sample {
        var generator = SeededGenerator(seed: seed)
        return Sample(
            (0..<n).map { _ in
                mean + sd * NormalDistribution.quantile(min(max(generator.uniform(), 1e-9), 1 - 1e-9))
            })
    }

    /// r = 0 and r = 1 lie outside the interval exactly where the Welch intervals of T - P and T - C exclude 0, and the
    /// index exists exactly where the one of P - C does.
    @Test(arguments: 0..<200)
    func neverContradictsTheContrasts(_ seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed), stream: 7)
        let sizes = (0..<3).map { _ in 2 + generator.index(below: 6) }
        let control = draws(UInt64(3 * seed), sizes[0], 0, 1)
        let perturbed = draws(UInt64(3 * seed + 1), sizes[1], 4, 0.2 + 2 * generator.uniform())
        let treated = draws(UInt64(3 * seed + 2), sizes[2], 4 * generator.uniform(), 0.2 + 2 * generator.uniform())
        let index = RescueIndex.between(control: control, perturbed: perturbed, treated: treated)
        func excludesZero(_ contrast: Contrast) throws -> Bool {
            try #require(contrast.low) > 0 || #require(contrast.high) < 0
        }
        let resolved = try excludesZero(.between(perturbed, minus: control, scale: .linear))
        #expect((index.status == .defined) == resolved)
        #expect((try #require(index.g) < 1) == resolved)
        guard let low = index.low, let high = index.high, let value = index.value else { return }
        #expect(low < value && value < high)
        if try !excludesZero(.between(treated, minus: perturbed, scale: .linear)) { #expect(low <= 1e-9 || low > 0 && value < 0) }
        if try excludesZero(.between(treated, minus: perturbed, scale: .linear)) { #expect(!(low <= 0 && 0 <= high)) }
        if try excludesZero(.between(treated, minus: control, scale: .linear)) { #expect(!(low <= 1 && 1 <= high)) }
    }

    /// Another unit of measurement and another zero change nothing.
    @Test func isEquivariant() throws {
        let control = draws(1, 6, 1, 0.4)
        let perturbed = draws(2, 7, 4, 0.6)
        let treated = draws(3, 5, 2, 0.5)
        func moved(_ sample: Sample) -> Sample { Sample(sample.values.map { 3 - 2 * $0 }) }
        let base = RescueIndex.between(control: control, perturbed: perturbed, treated: treated)
        let other = RescueIndex.between(control: moved(control), perturbed: moved(perturbed), treated: moved(treated))
        let pairs = [(base.value, other.value), (base.low, other.low), (base.high, other.high), (base.g, other.g)]
        for (one, two) in pairs { #expect(abs(try #require(one) - #require(two)) < 1e-10) }
        let within = RescueIndex.within(control: draws(1, 6, 1, 0.4), perturbed: draws(2, 6, 4, 0.4), treated: draws(3, 6, 2, 0.4))
        #expect(within.status == .defined)
    }

    @Test func statuses() {
        let flat = { (value: Double) in Sample([value, value, value]) }
        let none = RescueIndex.between(control: flat(1), perturbed: flat(3), treated: flat(2))
        #expect(none.status == .noVariance && none.g == 0 && none.value == nil)
        let same = RescueIndex.between(control: flat(0.1), perturbed: Sample([0.1, 0.1, 0.1, 0.1]), treated: flat(2))
        #expect(same.status == .perturbationNotResolved && same.g == nil)
        let noisy = RescueIndex.between(control: Sample([1, 9]), perturbed: Sample([2, 11]), treated: Sample([4, 5]))
        #expect(noisy.status == .perturbationNotResolved && (noisy.g ?? 0) > 1 && noisy.low == nil)
        #expect(RescueIndex.between(control: Sample([1]), perturbed: Sample([2, 3]), treated: Sample([4, 5])).status == .fewSubjects)
        let paired = RescueIndex.within(control: flat(1), perturbed: flat(3), treated: flat(2))
        #expect(paired.status == .noVariance && paired.g == 0)
    }

    @Test func withinSolvesTheClosedForm() throws {
        let control = draws(4, 8, 1, 0.3)
        let perturbed = draws(5, 8, 3, 0.3)
        let treated = draws(6, 8, 2, 0.3)
        let index = RescueIndex.within(control: control, perturbed: perturbed, treated: treated)
        for limit in [try #require(index.low), try #require(index.high)] {
            // At a limit the combination P - T - r (P - C) is on the edge of significance.
            let mixed = Sample(zip(control.values, zip(perturbed.values, treated.values)).map { $1.0 - $1.1 - limit * ($1.0 - $0) })
            let t = try #require(mixed.mean) / #require(mixed.sem)
            #expect(abs(abs(t) - StudentT(degreesOfFreedom: 7).quantile(0.975)) < 1e-9)
        }
    }
}
