// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Foundation

@testable import FerroReport

/// Charting libraries for tests that do not draw: pages are made of them as of the real one.
enum SampleCharts {
    static let none: Result<ChartLibrary, FerroError> = .failure(
        .input("`vega-util.min.js` cannot be read", at: "/nowhere/vega-util.min.js", advice: "install libjs-vega"))

    static func text(of module: String) -> String { "define([\"exports\"],e=>{e.says=\"\(module)\"});" }

    /// A folder of modules that say their names.
    static func folder(without missing: String? = nil) throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ferro-charts-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for module in ChartLibrary.modules where module != missing {
            try Data(text(of: module).utf8).write(to: folder.appendingPathComponent("vega-\(module).min.js"))
        }
        return folder.path
    }

    static func library() throws -> Result<ChartLibrary, FerroError> {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data("Copyright <someone>".utf8).write(to: URL(fileURLWithPath: folder + "/LICENSE"))
        return .success(try ChartLibrary(folder: folder, version: "5.1", notice: folder + "/LICENSE"))
    }
}
