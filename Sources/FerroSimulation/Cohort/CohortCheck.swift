// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroSpikes
package import FerroStatistics

/// A verdict of a simulated study beside the truth.
package enum VerdictAgreement: String, Sendable, CaseIterable {
    /// The verdict that a study large enough would give.
    case follows
    /// Another that leaves the question open: undetermined, or rescued with its extent unresolved.
    case open
    case wrong

    package init(found: Verdict, expected: Verdict) {
        self = found == expected ? .follows : [.undetermined, .extentUnresolved].contains(found) ? .open : .wrong
    }
}

extension CohortSpec {
    /// Rows of `outcomes.csv` as a detector without errors would give them: every spike of an electrode's neurons, but those within a
    /// millisecond of another, and the bursts in them. No signal is made.
    ///
    /// - Throws: `FerroError` (usage) for a description that cannot be simulated.
    package func trueRows() throws -> [OutcomeRow] {
        let seconds = recording.duration.value
        let detector = MaxIntervalBursts(.hippocampalComplexSpike)
        return try subjects.flatMap { subject -> [OutcomeRow] in
            let truth = GroundTruth(try RecordingPlan(subject.recording))
            let electrodes = Dictionary(grouping: truth.units) { $0.train.electrode ?? -1 }
            return electrodes.keys.sorted().flatMap { electrode -> [OutcomeRow] in
                let units = electrodes[electrode] ?? []
                let train = SpikeTrain(
                    id: "\(electrode)", times: CohortSpec.withDeadTime(units.flatMap(\.train.times).sorted()), observed: units.first?.train.observed ?? [])
                func row(_ outcome: String, _ value: Double) -> OutcomeRow {
                    OutcomeRow(
                        recording: subject.name, subject: subject.name, cage: subject.cage, group: subject.group, unit: train.id, outcome: outcome,
                        value: value, exposure: seconds)
                }
                return [
                    row("firing_rate_hz", Double(train.times.count) / seconds),
                    row("burst_rate_per_min", 60 * Double(detector.bursts(in: train).count) / seconds),
                ]
            }
        }
    }

    private static func withDeadTime(_ times: [Double]) -> [Double] {
        var last = -Double.infinity
        return times.filter { time in
            guard time - last >= 0.001 else { return false }
            last = time
            return true
        }
    }

    /// The study's statistics of true spikes, with few draws: neither permutations nor bootstrap have a say in a verdict.
    package func normalizationOfTrueSpikes() throws -> [NormalizationRow] {
        var settings = statistics
        settings.permutations = 100
        settings.bootstrap = 100
        let outcomes = [
            OutcomeDefinition(name: "firing_rate_hz", scale: .log, primary: true, margin: equivalence),
            OutcomeDefinition(name: "burst_rate_per_min", scale: .log),
        ]
        return try NormalizationAnalysis(
            design: .groups, comparison: .groups(groups.map(\.condition)), unitOfAnalysis: .subject, outcomes: outcomes, settings: settings
        ).run(trueRows()).normalization
    }

    /// Every verdict that the truth expects beside the one found, in the order of `truth`.
    package func agreement(of rows: [NormalizationRow]) -> [(truth: CohortTruth, found: Verdict, agreement: VerdictAgreement)] {
        truth.compactMap { truth in
            guard let expected = truth.verdict, let row = rows.first(where: { $0.outcome == truth.outcome && $0.treated == truth.group }) else { return nil }
            return (truth, row.verdict, VerdictAgreement(found: row.verdict, expected: expected))
        }
    }
}
