// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroStatistics
import Foundation

/// The tables: false positives, coverage, equivalence, verdicts, and what stands beside the verdicts.
struct CalibrationTables {
    var studies: Int
    private let sizes = [4, 6, 8, 12]

    init(studies: Int) { self.studies = studies }

    func text() throws -> String {
        [
            try falsePositives(), try coverage(), try equivalence(), try verdicts(), BesideCalibration(studies: studies, sizes: sizes).text(),
        ].joined(separator: "\n\n") + "\n"
    }

    // MARK: Tables

    /// No difference anywhere: how often is p < 0.05?
    private func falsePositives() throws -> String {
        var table = MarkdownTable([
            "animals a group", "cells each", "cells as independent", "Welch or paired t", "permutation", "mixed model", "distributions", "singular fits",
            "Holm, family of 5",
        ])
        let designs =
            sizes.map { SimulatedStudies(animals: $0, seed: 100 + UInt64($0)) }
            + [SimulatedStudies(animals: 6, cells: 4...20, seed: 120), SimulatedStudies(animals: 12, cells: 4...20, seed: 121)]
            + [8, 12].map { SimulatedStudies(animals: $0, isWithin: true, seed: 130 + UInt64($0)) }
        for design in designs {
            let results = try design.run(studies, bootstrap: 1, permutations: 2000)
            func share(_ p: (SimulatedStudies.Result) -> Double?) -> String { rate(results.count { (p($0) ?? 1) < 0.05 }, results.count) }
            let families = stride(from: 0, to: results.count - 4, by: 5).map { first in
                Multiplicity.holm.adjusted(results[first..<first + 5].compactMap(\.row.pc.permutationP))
            }
            table.append([
                "\(design.animals)" + (design.isWithin ? ", within" : ""), span(design.cells), share(\.cellP), share(\.row.pc.welchP),
                share(\.row.pc.permutationP), share(\.row.pc.mixed?.p), share(\.distribution.pc.permutationP),
                rate(results.count { $0.row.mixedStatus == .singular }, results.count),
                rate(families.count { $0.contains { $0 < 0.05 } }, families.count),
            ])
        }
        return "**False positives at 0.05** where nothing differs (\(studies) studies a row):\n\n" + table.text
    }

    /// How often does the interval of the rescue index contain the true one?
    private func coverage() throws -> String {
        var table = MarkdownTable(["animals a group", "perturbation", "true index", "index defined", "Fieller covers", "bootstrap covers"])
        var repeated: [String] = []
        for perturbation in [3.0, 1.5] {
            for animals in sizes {
                for truth in [0, 0.5, 1] {
                    let results = try coverageStudies(animals, perturbation, truth).filter { $0.row.rescueStatus == .defined }
                    let fieller = share(results, covers: truth, \.fiellerLow, \.fiellerHigh)
                    table.append([
                        "\(animals)", "\(perturbation)", "\(truth)", rate(results.count, studies), String(format: "%.3f", fieller),
                        String(format: "%.3f", share(results, covers: truth, \.bootstrapLow, \.bootstrapHigh)),
                    ])
                    // Beyond 0.93 to 0.96 either the interval errs or these studies do; ten times as many others tell.
                    if !(0.93...0.96).contains(fieller) { repeated.append(try again(animals, perturbation, truth, fieller)) }
                }
            }
        }
        return "**Coverage of the 95 % interval of the rescue index**, among studies in which it is defined:\n\n" + table.text
            + repeated.map { "\n" + $0 + "\n" }.joined()
    }

    private func share(
        _ results: [SimulatedStudies.Result], covers truth: Double, _ low: (NormalizationRow) -> Double?, _ high: (NormalizationRow) -> Double?
    ) -> Double {
        let covered = results.count { (low($0.row) ?? .infinity) <= truth && truth <= (high($0.row) ?? -.infinity) }
        return Double(covered) / Double(max(results.count, 1))
    }

    /// The same truth with ten times as many studies that nothing else uses.
    private func again(_ animals: Int, _ perturbation: Double, _ truth: Double, _ before: Double) throws -> String {
        let design = SimulatedStudies(animals: animals, perturbation: perturbation, rescue: truth, seed: 7_000_000 + UInt64(animals))
        let results = try design.run(10 * studies, bootstrap: 1, permutations: 1).filter { $0.row.rescueStatus == .defined }
        let covered = share(results, covers: truth, \.fiellerLow, \.fiellerHigh)
        let error = (covered * (1 - covered) / Double(max(results.count, 1))).squareRoot()
        return String(
            format: "%d animals, perturbation %.1f, true index %.1f (%.3f above): %.4f ± %.4f (standard error) in %d other studies.", animals, perturbation,
            truth, before, covered, error, 10 * studies)
    }

    /// The treated group lies exactly at the margin: how often is it called equivalent?
    private func equivalence() throws -> String {
        var table = MarkdownTable(["animals a group", "tost_p < 0.05"])
        for animals in sizes {
            let perturbation = 3.0
            let rescue = 1 - SimulatedStudies.margin / perturbation
            let results = try SimulatedStudies(animals: animals, perturbation: perturbation, rescue: rescue, seed: 300 + UInt64(animals))
                .run(studies, bootstrap: 1, permutations: 1)
            table.append(["\(animals)", rate(results.count { ($0.row.tostP ?? 1) < 0.05 }, results.count)])
        }
        return "**Equivalence shown although the difference is the margin** (\(SimulatedStudies.margin)):\n\n" + table.text
    }

    /// Which verdict follows which truth?
    private func verdicts() throws -> String {
        let order: [Verdict] = [.normalized, .overCorrected, .partial, .extentUnresolved, .noEvidence, .undetermined]
        var table = MarkdownTable(["animals a group", "truth"] + order.map(\.rawValue))
        for animals in sizes {
            let truths: [(String, [SimulatedStudies.Result])] = [
                (
                    "no perturbation, void treatment",
                    try SimulatedStudies(animals: animals, seed: 400 + UInt64(animals)).run(studies, bootstrap: 1, permutations: 1)
                ),
                ("void treatment", try coverageStudies(animals, 1.5, 0)), ("half a rescue", try coverageStudies(animals, 1.5, 0.5)),
                ("full rescue", try coverageStudies(animals, 1.5, 1)),
            ]
            for (truth, results) in truths {
                table.append(["\(animals)", truth] + order.map { verdict in rate(results.count { $0.row.verdict == verdict }, results.count) })
            }
        }
        return "**Verdicts** with a perturbation of 1.5 and a margin of \(SimulatedStudies.margin):\n\n" + table.text
    }

    private func coverageStudies(_ animals: Int, _ perturbation: Double, _ rescue: Double) throws -> [SimulatedStudies.Result] {
        let seed = 200 + UInt64(animals) + 1000 * UInt64(10 * perturbation) + 100_000 * UInt64(10 * rescue)
        return try SimulatedStudies(animals: animals, perturbation: perturbation, rescue: rescue, seed: seed).run(studies, bootstrap: 500, permutations: 1)
    }

    // MARK: Words

    private func rate(_ part: Int, _ whole: Int) -> String { CalibrationTables.rate(part, whole) }

    static func rate(_ part: Int, _ whole: Int) -> String {
        whole == 0 ? "" : String(format: "%.3f", Double(part) / Double(whole))
    }

    private func span(_ range: ClosedRange<Int>) -> String {
        range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
    }
}

/// Rows and columns as Markdown.
struct MarkdownTable {
    private(set) var text: String

    init(_ columns: [String]) {
        text = ""
        append(columns)
        append(columns.map { _ in "---" })
    }

    mutating func append(_ fields: [String]) { text += "| " + fields.joined(separator: " | ") + " |\n" }
}
