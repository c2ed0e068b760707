// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings
import Foundation

/// Processes one file with a pipeline and leaves a folder of results.
///
/// The folder is filled under another name and renamed when it is complete, with the manifest written last: whatever has the
/// recording's name is whole. A failure leaves what was there before as it was.
package struct RecordingRun: Sendable {
    package let pipeline: Pipeline
    package let options: RunOptions

    package init(pipeline: Pipeline, options: RunOptions = RunOptions()) {
        self.pipeline = pipeline
        self.options = options
    }

    package enum Outcome: Sendable, Codable {
        case done(Manifest)
        /// `resume` found the recording finished, with the same input, pipeline and tool, and left it alone.
        case kept(Manifest)

        package var manifest: Manifest {
            switch self {
            case .done(let manifest), .kept(let manifest): manifest
            }
        }
    }

    /// Results go to `directory`, the recording's own folder.
    ///
    /// - Throws: `FerroError`: usage for settings that this recording makes impossible (before a sample is read), input for what cannot
    ///   be read or written, interrupted when the process was asked to stop. Every error names the file.
    package func run(file: String, name: String, directory: String) async throws -> Outcome {
        do {
            return try await work(file: file, name: name, directory: directory)
        } catch let error as FerroError where error.kind == .input && error.place?.contains(file) != true && error.place?.hasPrefix(directory) != true {
            throw error.inside(file)
        } catch var error as FerroError {
            // A pipeline's complaint is about one recording.
            if error.kind == .usage { error.what = "with \(file): \(error.what)" }
            throw error
        } catch {
            throw FerroError.internalError("\(error)", at: file)
        }
    }

    private func work(file: String, name: String, directory: String) async throws -> Outcome {
        let started = Date()
        var declared = pipeline.recording.declared
        declared.allowsExternal = options.allowsExternal
        let recording = try openRecording(file, declared: declared)
        options.sign?()
        let series = pipeline.readsSignal ? try SeriesChoice(pipeline.recording, in: recording).series : nil
        let resolved = pipeline.resolvedYAML(series: series?.path)
        if options.resume, let kept = try finished(in: directory, file: file, resolved: resolved) { return .kept(kept) }

        let folder = try ResultFolder(directory)
        do {
            let hashing = try FileHashing(file, sign: options.sign)
            var options = options
            options.hashing = hashing
            let analysed = try await RecordingAnalysis(
                pipeline: pipeline, recording: recording, name: name, options: options, folder: folder.temporary
            ).run()
            async let hash = hashing.finish()
            // Blocks are done with, and to give back their memory takes as long as a small file.
            async let _: Void = BlockPool.giveBack()
            async let tables: Void = writeTables(analysed.result, resolved: resolved, to: folder)
            try writeRecordingResult(analysed.result, to: folder.temporary + "/result.nwb")
            try await tables
            let manifest = Manifest(
                recording: name, configHash: FileHash.of(resolved), input: input(file, hashing.size, try await hash, recording, analysed), analysed: analysed,
                warnings: recording.problems.filter { $0.severity == .warning }.map(\.message) + analysed.findings.warnings,
                outputs: try folder.outputs(), wallTime: Date().timeIntervalSince(started))
            try manifest.write(to: folder.temporary)
            try Interruption.check()
            try folder.commit()
            return .done(manifest)
        } catch {
            folder.discard()
            throw error
        }
    }

    private func writeTables(_ result: RecordingResult, resolved: String, to folder: ResultFolder) throws {
        if pipeline.stages.contains(where: { $0.gives == .units }) {
            try folder.write(ResultTables.units(result), as: "units.csv")
        }
        if pipeline.stages.contains(where: { $0.stage is DetectBurstsStage }) {
            try folder.write(ResultTables.bursts(result), as: "bursts.csv")
        }
        if pipeline.stages.contains(where: { $0.gives == .spectra }) {
            try folder.write(ResultTables.spectra(result), as: "spectra.csv")
            try folder.write(ResultTables.bands(result), as: "bands.csv")
        }
        try folder.write(resolved, as: "pipeline.yaml")
    }

    private func input(_ file: String, _ size: Int, _ hash: String, _ recording: any Recording, _ analysed: RecordingAnalysis.Outcome) -> Manifest.Input {
        Manifest.Input(
            file: (file as NSString).lastPathComponent, size: size, hash: hash, format: recording.format.rawValue,
            series: analysed.series?.path, rate_hz: analysed.series?.rate.hertz, channels: analysed.series == nil ? nil : analysed.channels)
    }

    /// The manifest of results that are complete, unchanged, and of this input, pipeline and tool.
    private func finished(in directory: String, file: String, resolved: String) throws -> Manifest? {
        guard let manifest = try? Manifest.read(from: directory), manifest.tool.version == ferrospikeVersion,
            manifest.config_hash == FileHash.of(resolved), manifest.input.size == RecordingRun.size(of: file),
            Verification.problems(in: directory, manifest).isEmpty
        else { return nil }
        return try FileHash.of(file: file, sign: options.sign) == manifest.input.hash ? manifest : nil
    }

    private static func size(of file: String) -> Int? {
        try? FileManager.default.attributesOfItem(atPath: (file as NSString).resolvingSymlinksInPath)[.size] as? Int
    }
}

extension Manifest {
    fileprivate init(
        recording: String, configHash: String, input: Input, analysed: RecordingAnalysis.Outcome, warnings: [String], outputs: [Output], wallTime: Double
    ) {
        self.recording = recording
        config_hash = configHash
        self.input = input
        let observed = analysed.result.segments
        segments = observed.enumerated().map { index, interval in
            let frames = analysed.series?.segments[index].frames
            return SegmentEntry(start_s: interval.start, duration_s: interval.duration, first_frame: frames?.lowerBound, frames: frames?.count)
        }
        gaps = zip(observed, observed.dropFirst()).map { Gap(start_s: $0.stop, duration_s: $1.start - $0.stop) }
        block_frames = analysed.blockFrames
        noise_uv = analysed.findings.noise
        units = analysed.result.units.count
        spikes = analysed.result.units.reduce(0) { $0 + $1.train.times.count }
        bursts = analysed.result.units.contains { $0.bursts != nil } ? analysed.result.units.reduce(0) { $0 + ($1.bursts?.count ?? 0) } : nil
        self.warnings = warnings
        seeds = [:]
        self.outputs = outputs
        wall_time_s = wallTime
        peak_memory_mb = Manifest.peakMemory
    }

    /// The most memory that the process has held so far, in megabytes.
    private static var peakMemory: Double {
        var usage = rusage()
        // 0 is RUSAGE_SELF, whose type differs between systems; the figure is in kilobytes, on macOS in bytes.
        getrusage(0, &usage)
        return (Double(usage.ru_maxrss) * 1024 / 1e5).rounded() / 10
    }
}
