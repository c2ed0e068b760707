// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Foundation

/// The ratio to a memory copy that each kernel once had, kept in a file.
struct Baseline {
    /// A kernel this much slower than its baseline has lost something: fused multiply-adds cost a factor of 50, specialisation 190.
    static let limit = 1.5

    private(set) var ratios: [String: Double]

    /// The baseline of a file; empty where there is none.
    init(path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else {
            ratios = [:]
            return
        }
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        do { ratios = try JSONDecoder().decode([String: Double].self, from: data) } catch {
            throw FerroError.input("the baseline cannot be read", at: path, expected: "an object of kernel names and ratios")
        }
    }

    func slowdown(of name: String, ratio: Double) -> Double? { ratios[name].map { ratio / $0 } }

    mutating func set(_ name: String, ratio: Double) { ratios[name] = (ratio * 100).rounded() / 100 }

    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try (encoder.encode(ratios) + Data("\n".utf8)).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
