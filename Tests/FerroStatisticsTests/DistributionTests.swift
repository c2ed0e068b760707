// SPDX-License-Identifier: GPL-3.0-or-later
import FerroStatistics
import Foundation
import Testing

/// Tails and quantiles against SciPy, fixtures/reference/statistics-distributions.json.
@Suite struct DistributionTests {
    struct Reference: Decodable {
        let t: [[Double]]
        let t_quantile: [[Double]]
        let normal: [[Double]]
        let normal_quantile: [[Double]]
    }

    static func reference() throws -> Reference {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let url = root.appendingPathComponent("fixtures/reference/statistics-distributions.json")
        return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: url))
    }

    static func error(_ value: Double, _ expected: Double) -> Double {
        value == expected ? 0 : abs(value - expected) / max(abs(expected), 1e-300)
    }

    @Test func studentTails() throws {
        for row in try Self.reference().t where row[2] > 1e-290 {
            let tail = StudentT(degreesOfFreedom: row[0]).upperTail(row[1])
            // An exponent's rounding grows with its size, and the continued fraction lengthens with the degrees of freedom.
            let allowed = row[2] < 1e-30 || row[0] > 1e5 ? 1e-10 : 2e-12
            #expect(Self.error(tail, row[2]) < allowed, "df \(row[0]), t \(row[1]): \(tail) for \(row[2])")
        }
    }

    @Test func studentQuantiles() throws {
        for row in try Self.reference().t_quantile {
            let quantile = StudentT(degreesOfFreedom: row[0]).quantile(row[1])
            #expect(Self.error(quantile, row[2]) < (row[0] > 1e5 ? 1e-11 : 2e-12), "df \(row[0]), p \(row[1]): \(quantile) for \(row[2])")
        }
    }

    /// With one degree of freedom it is Cauchy's distribution, with two there is a closed form.
    @Test(arguments: [0.6, 0.9, 0.975, 0.9999])
    func studentClosedForms(_ p: Double) {
        #expect(Self.error(StudentT(degreesOfFreedom: 1).quantile(p), tan(.pi * (p - 0.5))) < 1e-12)
        let two = (2 * p - 1) / (2 * p * (1 - p)).squareRoot()
        #expect(Self.error(StudentT(degreesOfFreedom: 1).upperTail(1e-8), 0.5 - atan(1e-8) / .pi) < 1e-15)
        #expect(Self.error(StudentT(degreesOfFreedom: 2).quantile(p), two) < 1e-12)
    }

    @Test func tailAndQuantileAreInverse() {
        for df in [1.0, 2.7, 8, 55.5, 900] {
            let t = StudentT(degreesOfFreedom: df)
            for p in stride(from: 0.005, to: 1, by: 0.015) {
                #expect(abs(t.cdf(t.quantile(p)) - p) < 1e-14)
                #expect(abs(NormalDistribution.cdf(NormalDistribution.quantile(p)) - p) < 1e-14)
            }
        }
    }

    @Test func normal() throws {
        let reference = try Self.reference()
        for row in reference.normal { #expect(Self.error(NormalDistribution.cdf(row[0]), row[1]) < 1e-12) }
        for row in reference.normal_quantile { #expect(Self.error(NormalDistribution.quantile(row[0]), row[1]) < 1e-12) }
    }
}
