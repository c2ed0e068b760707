// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroStatistics
import Foundation

/// A figure to keep: its drawing and its numbers as links that hold the files themselves, so that nothing is loaded and no script runs.
///
/// ```swift
/// FigureDownload(name: "Firing rate", title: "Firing rate", svg: plot.drawn(), data: table).svgFile
/// // firing-rate.svg
/// ```
struct FigureDownload {
    /// A file that the page holds.
    struct File {
        let file: String
        let link: String
    }

    let title: String
    let svgFile: String
    let csvFile: String
    let svgLink: String
    let csvLink: String
    /// Values of the units, which are the bulk of a page and are kept once; nil where another figure has them, or none.
    let units: File?

    init(name: String, title: String, svg: SVG, data: CSVText, units: CSVText? = nil) {
        self.title = title
        let stem = FigureDownload.stem(of: name)
        svgFile = stem + ".svg"
        csvFile = stem + ".csv"
        svgLink = FigureDownload.link("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + svg.text + "\n", type: "image/svg+xml")
        csvLink = FigureDownload.link(data.text, type: "text/csv;charset=utf-8")
        self.units = units.map { File(file: stem + FigureDownload.unitsEnding, link: FigureDownload.link($0.text, type: "text/csv;charset=utf-8")) }
    }

    private static let unitsEnding = "-units.csv"

    static func distributionName(of outcome: OutcomeDefinition) -> String { "distribution-\(outcome.name)" }

    /// The file of the units of an outcome, a column an experimental unit.
    static func unitsFile(of outcome: OutcomeDefinition) -> String { stem(of: distributionName(of: outcome)) + unitsEnding }

    /// A `data:` address in whichever of its two codings is shorter: base64, or percent signs for what may not stand in an address. Neither
    /// needs an escape in an attribute.
    static func link(_ text: String, type: String) -> String {
        let bytes = Array(text.utf8)
        let plainCount = bytes.count { plain.contains($0) }
        guard plainCount + 3 * (bytes.count - plainCount) < (bytes.count + 2) / 3 * 4 else {
            return "data:\(type);base64," + Data(bytes).base64EncodedString()
        }
        var coded: [UInt8] = []
        coded.reserveCapacity(3 * bytes.count - 2 * plainCount)
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in bytes {
            if plain.contains(byte) {
                coded.append(byte)
            } else {
                coded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return "data:\(type)," + String(decoding: coded, as: UTF8.self)
    }

    /// Letters, digits and signs that mean themselves in an address.
    private static let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~!*'(),;:@+$/=".utf8)

    /// A name that every file system takes: letters, digits and single hyphens.
    static func stem(of name: String) -> String {
        let words = name.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_")) }
        let stem = words.joined(separator: "-").prefix(80)
        return stem.isEmpty ? "figure" : String(stem)
    }
}
