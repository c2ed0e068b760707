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
    /// The input is compared by content where it is there, and taken on trust where it is gone.
    ///
    /// - Parameter readingInput: whether the whole input is read; without it, its size alone is compared.
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
        if FileManager.default.fileExists(atPath: path) {
            let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
            let isSame = size == manifest.input.size && (!readingInput || (try? FileHash.of(file: file)) == manifest.input.hash)
            guard isSame else { return .outdated("the results are of another content of the file") }
        }
        let problems = Verification.problems(in: directory, manifest)
        return problems.isEmpty ? .finished(manifest) : .outdated(problems.joined(separator: "; "))
    }
}
