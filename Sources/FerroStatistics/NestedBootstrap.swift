// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore

/// Draws of a group's mean under the nested bootstrap (Davison and Hinkley 1997, section 3.8; Saravanan et al. 2020): experimental
/// units with replacement, subjects within a drawn cage, and the rows of each drawn subject, each time afresh.
struct NestedBootstrap {
    /// Rows of all subjects of one condition one after the other.
    private struct Condition {
        var values: [Double] = []
        /// One run of rows for cells, two for sessions; of every subject in turn.
        var runs: [Range<Int>] = []
    }

    private let conditions: [Condition]
    /// Subjects of every experimental unit, as a range of all subjects.
    private let members: [Range<Int>]
    private let measure: ChangeMeasure?
    /// Rows of the conditions are the same cells, so one draw of rows serves them all.
    private let isMatched: Bool

    /// One group of independent subjects.
    init(_ units: [ExperimentalUnit]) {
        self.init([units], isMatched: false)
    }

    /// The same subjects under several conditions: units agree in names and order.
    ///
    /// - Parameter isMatched: cells agree as well (epochs); otherwise the rows of each condition are drawn separately (sessions).
    init(conditions: [[ExperimentalUnit]], isMatched: Bool) {
        self.init(conditions, isMatched: isMatched)
    }

    private init(_ samples: [[ExperimentalUnit]], isMatched: Bool) {
        self.isMatched = isMatched
        var measure: ChangeMeasure?
        conditions = samples.map { units in
            var condition = Condition()
            func append(_ rows: [Double]) {
                condition.runs.append(condition.values.count..<condition.values.count + rows.count)
                condition.values += rows
            }
            for subject in units.flatMap(\.subjects) {
                switch subject.rows {
                case .cells(let cells):
                    append(cells)
                case .sessions(let baseline, let response, let change):
                    append(baseline)
                    append(response)
                    measure = change
                }
            }
            return condition
        }
        self.measure = measure
        var count = 0
        members = (samples.first ?? []).map { unit in
            defer { count += unit.subjects.count }
            return count..<count + unit.subjects.count
        }
    }

    /// Means of every condition, one array a condition. A draw that has no mean (a percentage of zero) is NaN.
    func means(draws: Int, generator: SeededGenerator) -> [[Double]] {
        var random = IndexGenerator(generator)
        if conditions.count == 1, measure == nil { return [simpleMeans(conditions[0], draws: draws, &random)] }
        var means = conditions.map { _ in [Double](repeating: 0, count: draws) }
        guard !members.isEmpty else { return conditions.map { _ in [] } }
        var sums = [Double](repeating: 0, count: conditions.count)
        var ofUnit = sums
        for draw in 0..<draws {
            for index in sums.indices { sums[index] = 0 }
            for _ in members.indices {
                let unit = members[random.next(members.count)]
                if unit.count == 1 {
                    addSubject(unit.lowerBound, to: &sums, 1, &random)
                } else {
                    for index in ofUnit.indices { ofUnit[index] = 0 }
                    for _ in unit { addSubject(unit.lowerBound + random.next(unit.count), to: &ofUnit, 1 / Double(unit.count), &random) }
                    for index in sums.indices { sums[index] += ofUnit[index] }
                }
            }
            for index in sums.indices { means[index][draw] = sums[index] / Double(members.count) }
        }
        return means
    }

    /// The case of independent groups, with everything that the loop needs at hand.
    private func simpleMeans(_ condition: Condition, draws: Int, _ random: inout IndexGenerator) -> [Double] {
        guard !members.isEmpty else { return [] }
        let (values, runs, members) = (condition.values.span, condition.runs.span, members.span)
        func drawnMean(_ subject: Int) -> Double {
            let run = runs[subject]
            let rows = values.extracting(run)
            var sum = 0.0
            for _ in rows.indices { sum += rows[random.next(rows.count)] }
            return sum / Double(rows.count)
        }
        return (0..<draws).map { _ in
            var sum = 0.0
            for _ in members.indices {
                let unit = members[random.next(members.count)]
                var ofUnit = 0.0
                for _ in unit { ofUnit += drawnMean(unit.lowerBound + random.next(unit.count)) }
                sum += ofUnit / Double(unit.count)
            }
            return sum / Double(members.count)
        }
    }

    /// Adds the value of a subject made of freshly drawn rows to the sum of every condition.
    private func addSubject(_ subject: Int, to sums: inout [Double], _ weight: Double, _ random: inout IndexGenerator) {
        if let measure {
            for index in conditions.indices {
                let baseline = mean(conditions[index], 2 * subject, &random)
                let response = mean(conditions[index], 2 * subject + 1, &random)
                sums[index] += weight * (measure.change(from: baseline, to: response) ?? .nan)
            }
        } else if isMatched, conditions.count > 1 {
            let run = conditions[0].runs[subject]
            let share = weight / Double(run.count)
            for _ in run {
                let row = random.next(run.count)
                for index in conditions.indices {
                    sums[index] += share * conditions[index].values[conditions[index].runs[subject].lowerBound + row]
                }
            }
        } else {
            for index in conditions.indices { sums[index] += weight * mean(conditions[index], subject, &random) }
        }
    }

    private func mean(_ condition: Condition, _ index: Int, _ random: inout IndexGenerator) -> Double {
        let run = condition.runs[index]
        let count = run.count
        if count == 1 { return condition.values[run.lowerBound] }
        let rows = condition.values.span.extracting(run)
        var sum = 0.0
        for _ in 0..<count { sum += rows[random.next(count)] }
        return sum / Double(count)
    }
}

/// Percentile interval of the rescue index.
package struct BootstrapInterval: Sendable, Equatable {
    package let low: Double
    package let high: Double

    /// - Parameters: draws of the means of control, perturbed and treated. Draws without a finite index are left out; nil of none.
    init?(control: [Double], perturbed: [Double], treated: [Double]) {
        var ratios: [Double] = []
        ratios.reserveCapacity(control.count)
        for (c, (p, t)) in zip(control, zip(perturbed, treated)) {
            let ratio = (p - t) / (p - c)
            if ratio.isFinite { ratios.append(ratio) }
        }
        guard !ratios.isEmpty else { return nil }
        ratios.sort()
        low = BootstrapInterval.quantile(0.025, ofSorted: ratios)
        high = BootstrapInterval.quantile(0.975, ofSorted: ratios)
    }

    /// Linear interpolation at (count - 1) q ("type 7"). Requires a value.
    static func quantile(_ q: Double, ofSorted values: [Double]) -> Double {
        let place = Double(values.count - 1) * q
        let below = Int(place)
        let share = place - Double(below)
        guard share > 0 else { return values[below] }
        return values[below] + share * (values[below + 1] - values[below])
    }
}

/// Uniform integers below small bounds, two of each random word, without bias (Lemire 2019, doi:10.1145/3230636).
struct IndexGenerator {
    private var generator: SeededGenerator
    private var word: UInt64 = 0
    private var isHalf = false

    init(_ generator: SeededGenerator) { self.generator = generator }

    /// Requires 0 < bound < 2^32.
    @inline(__always)
    mutating func next(_ bound: Int) -> Int {
        if bound == 1 { return 0 }
        let bound = UInt64(truncatingIfNeeded: bound)
        while true {
            let product = half() &* bound
            let low = UInt32(truncatingIfNeeded: product)
            // Only words below 2^32 mod bound are rejected; the division is needed where that is possible at all.
            if UInt64(low) >= bound || UInt64(low) >= (0x1_0000_0000 - bound) % bound {
                return Int(truncatingIfNeeded: product >> 32)
            }
        }
    }

    @inline(__always)
    private mutating func half() -> UInt64 {
        isHalf.toggle()
        guard isHalf else { return word >> 32 }
        word = generator.next()
        return word & 0xFFFF_FFFF
    }
}
