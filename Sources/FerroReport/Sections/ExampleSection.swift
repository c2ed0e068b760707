// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroRecordings
import FerroStatistics
import FerroStudy

/// For every group one recording to look at: spikes of its units over some seconds, and the voltage they were found in.
struct ExampleSection {
    struct Example {
        let heading: String
        let choice: String
        let raster: String?
        let rasterDownload: FigureDownload?
        let rasterCaption: String
        let voltage: String?
        let voltageDownload: FigureDownload?
        let voltageCaption: String
        let note: String?
    }

    let examples: [Example]

    init?(_ chosen: [ExampleChoice.Example], _ results: [String: Result<RecordingResult, FerroError>], _ study: StudyWords, _ choice: ExampleChoice) {
        guard !chosen.isEmpty, let outcome = choice.outcome else { return nil }
        let words = study.outcome(outcome)
        let seconds = RasterExcerpt.length(for: chosen.compactMap { try? results[$0.state.recording.folderName]?.get() })
        examples = chosen.map { one in
            let name = one.state.recording.folderName
            let heading = "\(one.condition.label): \(name)"
            // The mean of a recording is a value, also where the study compares changes.
            let values = OutcomeWords(outcome, isChange: false)
            let why =
                "Recording nearest to the \(study.conditionWord)'s mean \(words.inSentence): \(values.value(one.value)) against \(values.value(one.mean)). Subject \(one.state.recording.subject)."
            switch results[name] {
            case .success(let result)?: return ExampleSection.drawn(result, seconds, heading, why)
            case .failure(let error)?:
                return ExampleSection.missing(heading, why, "Not shown. \(error.description)")
            case nil:
                return ExampleSection.missing(heading, why, "Not shown: the recording was not read.")
            }
        }
    }

    private static func missing(_ heading: String, _ why: String, _ note: String) -> Example {
        Example(
            heading: heading, choice: why, raster: nil, rasterDownload: nil, rasterCaption: "", voltage: nil, voltageDownload: nil, voltageCaption: "",
            note: note)
    }

    private static func drawn(_ result: RecordingResult, _ seconds: Double, _ heading: String, _ why: String) -> Example {
        let voltage = VoltageExcerpt(result)
        let raster = RasterExcerpt(result, seconds: seconds, showing: voltage?.stretch)
        let isBare = raster == nil && voltage == nil
        let spikes = raster.map { $0.plot(title: "Spikes: \(heading)").drawn() }
        let trace = voltage.map { $0.plot(title: "Voltage: \(heading)").drawn() }
        return Example(
            heading: heading, choice: why, raster: spikes?.text,
            rasterDownload: spikes.flatMap { drawing in
                raster.map { FigureDownload(name: "raster-\(heading)", title: "spikes, \(heading)", svg: drawing, data: FigureData.raster($0)) }
            },
            rasterCaption: raster?.caption ?? "", voltage: trace?.text,
            voltageDownload: trace.flatMap { drawing in
                voltage.map { FigureDownload(name: "voltage-\(heading)", title: "voltage, \(heading)", svg: drawing, data: FigureData.voltage($0)) }
            },
            voltageCaption: voltage?.caption ?? "",
            note: isBare ? "This recording holds neither units nor a stretch of voltage." : nil)
    }
}
