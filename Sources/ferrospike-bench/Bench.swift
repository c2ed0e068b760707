// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline
import Foundation

/// Times every kernel in turn with a memory copy of as many samples, and whole runs over simulated files.
///
///     ferrospike-bench [--baseline FILE] [--check] [--update] [--only TEXT]
///
/// A machine's speed drifts, so the figure to compare is the ratio to the copy, round by round. `--check` fails when a kernel takes more than
/// 1.5 times its baseline; `--update` writes the baseline; `--only` takes the rows whose names contain a text.
@main
enum Bench {
    static func main() async {
        do {
            let arguments = Array(CommandLine.arguments.dropFirst())
            func value(_ option: String) -> String? { arguments.firstIndex(of: option).flatMap { $0 + 1 < arguments.count ? arguments[$0 + 1] : nil } }
            let slower = try await run(
                baselinePath: value("--baseline") ?? ".ci/bench/kernels.json", checks: arguments.contains("--check"),
                updates: arguments.contains("--update"), only: value("--only"))
            if arguments.contains("--check"), slower > 0 {
                print("\(slower) kernel\(slower == 1 ? " takes" : "s take") more than \(Baseline.limit) times as long as the baseline tells.")
                exit(1)
            }
        } catch {
            print(error)
            exit(1)
        }
    }

    /// The number of kernels that are slower than they should be.
    private static func run(baselinePath: String, checks: Bool, updates: Bool, only: String?) async throws -> Int {
        let files = try Readings()
        defer { files.remove() }
        var baseline = try Baseline(path: baselinePath)
        var slower = 0
        print("kernel".padded(58) + "M samples/s".leftPadded(12) + "x copy, median (range)".leftPadded(26) + "x baseline".leftPadded(12))
        for row in try files.rows() + Kernels.rows() where only.map(row.name.contains) ?? true {
            var timing = try row.measure()
            // A busy moment is not a slow kernel: the best of three is what counts against the baseline.
            var tries = 1
            while checks, tries < 3, isSlow(row, timing, baseline) {
                let again = try row.measure()
                if again.ratios.median < timing.ratios.median { timing = again }
                tries += 1
            }
            let ratio = timing.ratios.median
            let slowdown = baseline.slowdown(of: row.name, ratio: ratio)
            if isSlow(row, timing, baseline) { slower += 1 }
            if updates { baseline.set(row.name, ratio: ratio) }
            let range = String(format: "%.1f (%.1f to %.1f)", ratio, timing.ratios.min() ?? 0, timing.ratios.max() ?? 0)
            print(
                row.name.padded(58) + String(format: "%.0f", Double(row.samples) / timing.times.median / 1e6).leftPadded(12)
                    + range.leftPadded(26) + (slowdown.map { String(format: "%.2f", $0) } ?? "-").leftPadded(12))
        }
        if updates { try baseline.write(to: baselinePath) }
        if only == nil {
            print()
            try await files.printWholeRuns()
        }
        return slower
    }

    private static func isSlow(_ row: BenchRow, _ timing: BenchRow.Timing, _ baseline: Baseline) -> Bool {
        (baseline.slowdown(of: row.name, ratio: timing.ratios.median) ?? 0) > Baseline.limit
    }
}
