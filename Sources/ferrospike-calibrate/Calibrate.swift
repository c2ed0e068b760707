// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Foundation

/// Counts over simulated studies how often p-values, intervals and verdicts err, and prints the tables as Markdown.
///
///     ferrospike-calibrate [DOCUMENT] [--studies N]
///
/// With a document, its text between `<!-- calibration -->` and `<!-- end of calibration -->` is replaced. Everything is seeded: the same
/// version prints the same tables on every machine.
@main
enum Calibrate {
    static func main() {
        do {
            var arguments = Array(CommandLine.arguments.dropFirst())
            var studies = 4000
            if let option = arguments.firstIndex(of: "--studies") {
                guard option + 1 < arguments.count, let count = Int(arguments[option + 1]), count >= 100 else {
                    throw FerroError.usage("`--studies` needs a number of at least 100")
                }
                studies = count
                arguments.removeSubrange(option...option + 1)
            }
            let text = try CalibrationTables(studies: studies).text()
            print(text)
            if let path = arguments.first { try insert(text, into: path) }
        } catch {
            FileHandle.standardError.write(Data("ferrospike-calibrate: \(error)\n".utf8))
            exit((error as? FerroError)?.kind.rawValue ?? 1)
        }
    }

    private static func insert(_ text: String, into path: String) throws {
        let start = "<!-- calibration -->\n"
        let end = "<!-- end of calibration -->"
        guard let document = try? String(contentsOfFile: path, encoding: .utf8), let opening = document.range(of: start),
            let closing = document.range(of: end, range: opening.upperBound..<document.endIndex)
        else {
            throw FerroError.input("there is no place for the tables", at: path, expected: "a line `<!-- calibration -->` and a line `\(end)`")
        }
        let whole = document.replacingCharacters(in: opening.upperBound..<closing.lowerBound, with: "\n" + text + "\n")
        do { try Data(whole.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
            throw FerroError.input("the tables cannot be written: \(error.localizedDescription)", at: path)
        }
    }
}
