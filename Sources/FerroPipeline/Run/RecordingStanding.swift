// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import Foundation

/// What a folder of results is worth to a run that would leave results there.
package enum RecordingStanding: Sendable {
    /// Nothing finished stands there.
    case absent
    /// Complete and unchanged, of this pipeline, input and tool.
    case finished(Manifest)
    /// Finished once, but something is different now; a sentence says what.
    case outdated(String)
}

extension RecordingRun {
    /// Looks at the results in `directory` without running anything.
    ///
    /// An input that is gone is taken on trust if its name is the same: results can be gathered after the data were archived.
    ///
    /// - Parameter readingInput: whether the whole input is read; without it, an input of the same name and size is taken for the same.
    package func standing(of directory: String, file: String, readingInput: Bool) -> RecordingStanding {
        guard FileManager.default.fileExists(atPath: directory + "/" + Manifest.fileName) else { return .absent }
        guard let manifest = try? Manifest.read(from: directory) else { return .outdated("the manifest is not one of Ferrospike's") }
        guard manifest.tool.version == ferrospikeVersion else {
            return .outdated("the results are of version \(manifest.tool.version), this is \(ferrospikeVersion)")
        }
        guard manifest.config_hash == FileHash.of(pipeline.resolvedYAML(series: manifest.input.series)) else {
            return .outdated("the results are of another pipeline")
        }
        let path = (file as NSString).resolvingSymlinksInPath
        let hasName = (file as NSString).lastPathComponent == manifest.input.file
        let isSame: Bool
        if FileManager.default.fileExists(atPath: path) {
            let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
            let isVouchedFor = hasName && !readingInput
            isSame = size == manifest.input.size && (isVouchedFor || (try? FileHash.of(file: file)) == manifest.input.hash)
        } else {
            isSame = hasName
        }
        guard isSame else { return .outdated("the results are of another content of the file") }
        let problems = Verification.problems(in: directory, manifest)
        return problems.isEmpty ? .finished(manifest) : .outdated(problems.joined(separator: "; "))
    }
}
