// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroSimulation
import Foundation

/// Counts over simulated studies how often p-values, intervals and verdicts err, and prints the tables as Markdown.
///
///     ferrospike-calibrate [DOCUMENT] [--studies N]
///     ferrospike-calibrate [DOCUMENT] --cohort COHORT.yaml [--seeds N] [--recorded N]
///
/// The first simulates numbers; the second draws a cohort with many seeds, from true spikes, and for some of them from recordings that
/// pass the whole pipeline. With a document, its text between `<!-- calibration -->` and `<!-- end of calibration -->` is replaced, or
/// that between `<!-- cohort -->` and `<!-- end of cohort -->`. Everything is seeded: the same version prints the same tables on every
/// machine.
@main
enum Calibrate {
    static func main() async {
        do {
            var arguments = Array(CommandLine.arguments.dropFirst())
            let studies = try number("--studies", least: 100, from: &arguments) ?? 4000
            let seeds = try number("--seeds", least: 1, from: &arguments) ?? 100
            let recorded = try number("--recorded", least: 1, from: &arguments) ?? 10
            let cohort = try value("--cohort", from: &arguments)
            let text: String
            if let cohort {
                text = try await CohortCalibration(spec: .load(cohort), studies: seeds, recorded: min(recorded, seeds)).text()
            } else {
                text = try CalibrationTables(studies: studies).text()
            }
            print(text)
            if let path = arguments.first { try insert(text, as: cohort == nil ? "calibration" : "cohort", into: path) }
        } catch {
            FileHandle.standardError.write(Data("ferrospike-calibrate: \(error)\n".utf8))
            exit((error as? FerroError)?.kind.rawValue ?? 1)
        }
    }

    /// Takes an option with its value out of the arguments.
    private static func value(_ option: String, from arguments: inout [String]) throws -> String? {
        guard let place = arguments.firstIndex(of: option) else { return nil }
        guard place + 1 < arguments.count else { throw FerroError.usage("`\(option)` needs a value") }
        defer { arguments.removeSubrange(place...place + 1) }
        return arguments[place + 1]
    }

    private static func number(_ option: String, least: Int, from arguments: inout [String]) throws -> Int? {
        guard let text = try value(option, from: &arguments) else { return nil }
        guard let count = Int(text), count >= least else { throw FerroError.usage("`\(option)` needs a number of at least \(least)") }
        return count
    }

    private static func insert(_ text: String, as name: String, into path: String) throws {
        let start = "<!-- \(name) -->\n"
        let end = "<!-- end of \(name) -->"
        guard let document = try? String(contentsOfFile: path, encoding: .utf8), let opening = document.range(of: start),
            let closing = document.range(of: end, range: opening.upperBound..<document.endIndex)
        else {
            throw FerroError.input("there is no place for the tables", at: path, expected: "a line `<!-- \(name) -->` and a line `\(end)`")
        }
        let whole = document.replacingCharacters(in: opening.upperBound..<closing.lowerBound, with: "\n" + text + "\n")
        do { try Data(whole.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
            throw FerroError.input("the tables cannot be written: \(error.localizedDescription)", at: path)
        }
    }
}
