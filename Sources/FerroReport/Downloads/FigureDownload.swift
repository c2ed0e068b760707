// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Foundation

/// A figure to keep: its drawing and its numbers as links that hold the files themselves, so that nothing is loaded and no script runs.
///
/// ```swift
/// FigureDownload(name: "Firing rate", title: "Firing rate", svg: plot.drawn(), data: table).svgFile
/// // firing-rate.svg
/// ```
struct FigureDownload {
    let title: String
    let svgFile: String
    let csvFile: String
    /// `data:` addresses in base64, whose letters need no escape in an attribute.
    let svgLink: String
    let csvLink: String

    init(name: String, title: String, svg: SVG, data: CSVText) {
        self.title = title
        let stem = FigureDownload.stem(of: name)
        svgFile = stem + ".svg"
        csvFile = stem + ".csv"
        let drawing = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + svg.text + "\n"
        svgLink = "data:image/svg+xml;base64," + Data(drawing.utf8).base64EncodedString()
        csvLink = "data:text/csv;charset=utf-8;base64," + Data(data.text.utf8).base64EncodedString()
    }

    /// A name that every file system takes: letters, digits and single hyphens.
    static func stem(of name: String) -> String {
        let words = name.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_")) }
        let stem = words.joined(separator: "-").prefix(80)
        return stem.isEmpty ? "figure" : String(stem)
    }
}
