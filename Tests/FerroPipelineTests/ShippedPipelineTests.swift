// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline
import Foundation
import Testing

@Suite("Shipped pipelines")
struct ShippedPipelineTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "pipelines").path(percentEncoded: false)

    @Test("every shipped pipeline reads without complaint", arguments: ["vhpc-extracellular", "vhpc-lfp", "spike-list", "spike-list-culture"])
    func reads(name: String) throws {
        let pipeline = try Pipeline.load(Self.folder + "/" + name + ".yaml")
        #expect(!pipeline.stages.isEmpty)
        #expect(try Pipeline.parse(pipeline.resolvedYAML(series: nil)).stages.map(\.id) == pipeline.stages.map(\.id))
    }
}
