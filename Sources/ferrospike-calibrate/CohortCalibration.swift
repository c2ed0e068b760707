// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroPipeline
import FerroSimulation
import FerroStatistics
import FerroStudy
import Foundation

/// How often the verdicts of a simulated cohort follow its truth: from true spikes for many seeds, from recordings through the whole
/// pipeline for some of them.
struct CohortCalibration {
    var spec: CohortSpec
    /// Studies from true spikes; seeds count up from the cohort's own.
    var studies = 100
    /// Of these, so many are simulated as recordings and analysed from them.
    var recorded = 10

    private typealias Study = [(truth: CohortTruth, found: Verdict, agreement: VerdictAgreement)]

    func text() async throws -> String {
        let spikes = try (0..<studies).map { offset in
            let spec = seeded(offset)
            return spec.agreement(of: try spec.normalizationOfTrueSpikes())
        }
        var pipeline: [Study] = []
        for offset in 0..<recorded { pipeline.append(try await analysed(seeded(offset))) }
        return
            """
            **From true spikes**, \(studies) seeds:

            \(table(spikes))
            \(summary(spikes))

            **From recordings**, simulated as voltage and run through the pipeline, the first \(recorded) of these seeds:

            \(table(pipeline))
            \(summary(pipeline))

            """
    }

    private func seeded(_ offset: Int) -> CohortSpec {
        var spec = spec
        spec.seed += UInt64(offset)
        return spec
    }

    /// The study as `ferrospike simulate cohort` and `ferrospike study run` make it.
    private func analysed(_ spec: CohortSpec) async throws -> Study {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ferrospike-cohort-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let made = try await simulateCohort(spec, into: folder + "/cohort")
        var definition = try StudyDefinition.load(made.study)
        definition.settings.bootstrap = 100
        let study = try StudyRun(definition, into: folder + "/results")
        if let failure = StudyRun.failure(try await study.process(RunOptions())) { throw failure }
        return spec.agreement(of: try study.gather().normalization)
    }

    private func table(_ studies: [Study]) -> String {
        var table = MarkdownTable(["outcome", "treatment undoes", "truth", "follows", "left open", "wrong", "verdicts given"])
        for index in studies.first?.indices ?? 0..<0 {
            let column = studies.map { $0[index] }
            guard let truth = column.first?.truth else { continue }
            func count(_ agreement: VerdictAgreement) -> String { "\(column.count { $0.agreement == agreement })" }
            let given = Verdict.allCases.compactMap { verdict in
                let count = column.count { $0.found == verdict }
                return count == 0 ? nil : "\(verdict.rawValue) \(count)"
            }
            table.append([
                truth.outcome, truth.restored.map { String(format: "%.0f %%", 100 * $0) } ?? "", truth.verdict?.rawValue ?? "", count(.follows), count(.open),
                count(.wrong), given.joined(separator: ", "),
            ])
        }
        return table.text
    }

    /// Studies as wholes, by their primary outcome and by both.
    private func summary(_ studies: [Study]) -> String {
        func line(_ what: String, _ isMeant: (CohortTruth) -> Bool) -> String {
            let worst = studies.map { study -> VerdictAgreement in
                let all = study.filter { isMeant($0.truth) }.map(\.agreement)
                return all.contains(.wrong) ? .wrong : all.contains(.open) ? .open : .follows
            }
            return
                "\(what): every verdict follows the truth in \(worst.count { $0 == .follows }) of \(studies.count) studies, some are left open in "
                + "\(worst.count { $0 == .open }), one is wrong in \(worst.count { $0 == .wrong })."
        }
        return line("Firing rate (primary)") { $0.outcome == "firing_rate_hz" } + "\n" + line("Both outcomes") { _ in true }
    }
}
