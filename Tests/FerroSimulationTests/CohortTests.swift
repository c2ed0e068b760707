// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroSimulation
import FerroStatistics
import FerroStudy
import Foundation
import Testing

@Suite struct CohortTests {
    private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    private func text(subjects: Int = 2, duration: String = "500 ms") -> String {
        """
        ferrospike-cohort: 1
        seed: 5
        pipeline: \(root)/pipelines/vhpc-extracellular.yaml
        groups:
          control:  {role: control, label: "Group-housed, \\"calm\\"", subjects: \(subjects), subjects-per-cage: 2}
          isolated: {role: perturbed, subjects: \(subjects)}
          dfo:      {role: treated, target: iron, restores: 1, subjects: \(subjects)}
          aso:      {role: treated, restores: 0.5, subjects: \(subjects)}
          more:     {role: treated, restores: 1.5, subjects: \(subjects)}
          void:     {role: treated, restores: 0, subjects: \(subjects)}
        perturbation: {rate: x2.0, bursting: x1.5, theta: x0.5}
        between: {subjects: 0.1 log, cages: 0 log}
        equivalence: 0.2 log
        recording:
          duration: \(duration)
          rate: 20 kHz
          electrodes: {geometry: linear, count: 4, pitch: 50 um}
          neurons:
            - {count: 4, snr: 10, rate: 4 Hz, bursting: {fraction: 0.2}}
          background: {noise: 5 uV, theta: {frequency: 8 Hz, amplitude: 40 uV}}
        """
    }

    @Test func treatmentsLeaveTheirPartOfTheLogEffect() throws {
        let spec = try CohortSpec.parse(text())
        let rates = spec.groups.map { spec.typical($0).neurons[0].rate.value }
        let fractions = spec.groups.compactMap { spec.typical($0).neurons[0].bursting?.fraction }
        let amplitudes = spec.groups.compactMap { spec.typical($0).background.theta?.amplitude.value }
        for (index, share) in [0, 1, 0, 0.5, -0.5, 1].enumerated() {
            #expect(abs(log(rates[index] / 4) - share * log(2)) < 1e-12)
            #expect(abs(log(fractions[index] / 0.2) - share * log(1.5)) < 1e-12)
            #expect(abs(log(amplitudes[index] / 40) - share * log(0.5)) < 1e-12)
        }
    }

    @Test func theTruthNamesTheVerdictsOfALargeStudy() throws {
        let spec = try CohortSpec.parse(text())
        let rates = spec.truth.filter { $0.outcome == "firing_rate_hz" }
        #expect(rates.map(\.group) == ["control", "isolated", "dfo", "aso", "more", "void"])
        #expect(rates.map(\.verdict) == [nil, nil, .normalized, .partial, .overCorrected, .noEvidence])
        let restored = rates.compactMap(\.restored)
        for (found, expected) in zip(restored, [1, 0, 1, 0.5, 1.5, 0]) { #expect(abs(found - expected) < 1e-9) }
        // Bursts per minute rise with the rate and with the share of bursts, less what bursts add to the spikes of an event.
        let bursts = spec.truth.filter { $0.outcome == "burst_rate_per_min" }
        let meanSpikes = BurstingSpec(fraction: 0.2).meanSpikes
        let expected = log(2) + log(1.5) - log((1 + 0.3 * (meanSpikes - 1)) / (1 + 0.2 * (meanSpikes - 1)))
        #expect(abs(bursts[1].logDifference - expected) < 1e-9)
        #expect(bursts[2].verdict == .extentUnresolved)
    }

    @Test func animalsScatterAroundTheirGroup() throws {
        let spec = try CohortSpec.parse(text(subjects: 400))
        for group in spec.groups {
            let logs = spec.subjects.filter { $0.group == group.condition.name }.map { log($0.recording.neurons[0].rate.value) }
            let mean = logs.reduce(0, +) / 400
            let deviation = (logs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 399).squareRoot()
            #expect(abs(mean - log(spec.typical(group).neurons[0].rate.value)) < 4 * 0.1 / 20)
            #expect(abs(deviation - 0.1) < 4 * 0.1 / 28)
        }
        // Spreads of the groups are their own.
        let first = spec.subjects.filter { $0.name.hasSuffix("-01") }.map(\.rateFactor)
        #expect(Set(first).count == first.count)
    }

    @Test func animalsDoNotDependOnHowManyThereAre() throws {
        let few = try CohortSpec.parse(text(subjects: 2)).subjects
        let many = try CohortSpec.parse(text(subjects: 5)).subjects
        for subject in few {
            let same = try #require(many.first { $0.name == subject.name })
            #expect(same.recording == subject.recording)
            #expect(same.cage == subject.cage)
        }
        #expect(Set(many.map(\.recording.seed)).count == many.count)
        #expect(many.filter { $0.group == "control" }.map(\.cage) == [1, 1, 2, 2, 3].map { "control-cage-0\($0)" })
    }

    @Test func theSpikesFollowTheGroups() throws {
        // 40 s of 4 neurons: some 640 spikes an animal of the control group.
        let spec = try CohortSpec.parse(text(subjects: 6, duration: "40 s"))
        var means: [String: Double] = [:]
        for subject in spec.subjects {
            let truth = GroundTruth(try RecordingPlan(subject.recording))
            let spikes = truth.units.reduce(0) { $0 + $1.frames.count }
            means[subject.group, default: 0] += log(Double(spikes) / 160) / 6
        }
        let control = try #require(means["control"])
        for (group, share) in [("isolated", 1.0), ("dfo", 0), ("aso", 0.5), ("more", -0.5), ("void", 1)] {
            // Spread of the animals 0.1, of the counts about 0.06, six animals in each mean.
            #expect(abs((means[group] ?? .nan) - control - share * log(2)) < 0.25)
        }
    }

    @Test func equalDescriptionsMakeEqualStudies() async throws {
        let folder = try TemporaryFolder()
        let spec = try CohortSpec.parse(text())
        let made = try await simulateCohort(spec, into: folder.path("a"), workers: 1)
        try await simulateCohort(spec, into: folder.path("b"), workers: 4)
        #expect(made.recordings == 12)
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path("a")).sorted()
        #expect(names.count == 12 + 5)
        #expect(try FileManager.default.subpathsOfDirectory(atPath: folder.path("b")).sorted() == names)
        for name in names where name != "recordings" {
            #expect(FileManager.default.contents(atPath: folder.path("a/\(name)")) == FileManager.default.contents(atPath: folder.path("b/\(name)")))
        }
        var other = spec
        other.seed = 6
        try await simulateCohort(other, into: folder.path("c"))
        let file = "recordings/control-01.nwb"
        #expect(FileManager.default.contents(atPath: folder.path("a/\(file)")) != FileManager.default.contents(atPath: folder.path("c/\(file)")))
    }

    @Test func theStudyFileReadsBack() async throws {
        let folder = try TemporaryFolder()
        try await simulateCohort(CohortSpec.parse(text()), into: folder.path("a"))
        let study = try StudyDefinition.load(folder.path("a/study.yaml"))
        #expect(study.pipeline == URL(fileURLWithPath: folder.path("a/pipeline.yaml")).standardizedFileURL.path)
        #expect(study.comparison.conditions.map(\.label)[0] == "Group-housed, \"calm\"")
        #expect(study.comparison.conditions[2] == Condition(name: "dfo", role: .treated, target: "iron"))
        #expect(study.outcomes.map(\.name) == ["firing_rate_hz", "burst_rate_per_min"])
        #expect(study.outcomes[0].primary && study.outcomes[0].margin == 0.2 && study.outcomes[0].scale == .log)
    }

    static let refusals: [(String, String, String, String)] = [
        ("ferrospike-cohort: 1", "ferrospike-cohort: 3", "1:20", "version 3"),
        ("rate: x2.0", "rate: 2.0", "11:22", "factor"),
        ("rate: x2.0", "rate: x200", "11:15", "isolated"),
        ("bursting: x1.5", "bursting: x6", "11:15", "burst fraction"),
        ("bursting: x1.5", "burst: x1.5", "11:28", "did you mean"),
        ("role: perturbed, ", "role: control, ", "5:3", "control"),
        ("role: perturbed, ", "role: perturbed, restores: 1, ", "6:41", "only a treatment"),
        ("restores: 0.5, ", "", "8:13", "`restores` is missing"),
        ("  void:", "  vo id:", "10:3", "name a group"),
        ("  duration: 500 ms", "  seed: 3", "15:3", "not a known key"),
        ("subjects: 0.1 log", "subjects: 0.1", "12:21", "log"),
        (", theta: {frequency: 8 Hz, amplitude: 40 uV}", "", "11:51", "theta"),
        ("equivalence: 0.2 log", "equivalence: 0 log", "13:14", "positive"),
    ]

    @Test(arguments: refusals) func aMistakeIsRefusedAtItsPlace(old: String, new: String, place: String, word: String) throws {
        let whole = text()
        let changed = whole.replacing(old, with: new, maxReplacements: 1)
        #expect(changed != whole)
        let error = try #require(throws: FerroError.self) { try CohortSpec.parse(changed, path: "c.yaml") }
        #expect(error.kind == .usage)
        #expect(error.place == "c.yaml:\(place)", "\(error)")
        #expect(error.description.contains(word), "\(error)")
    }

    @Test func aMissingPipelineIsRefusedBeforeAnythingIsWritten() async throws {
        let folder = try TemporaryFolder()
        var spec = try CohortSpec.parse(text())
        spec.pipeline = folder.path("none.yaml")
        let missing = spec
        await #expect(throws: FerroError.self) { try await simulateCohort(missing, into: folder.path("a")) }
        #expect(!FileManager.default.fileExists(atPath: folder.path("a")))
    }
}

/// What the demonstration cohort promises, told from its true spikes without making a signal.
@Suite struct DemonstrationCohortTests {
    private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    @Test(arguments: [0, 1, 2, 3] as [UInt64]) func verdictsFollowTheTruth(offset: UInt64) throws {
        var spec = try CohortSpec.load(root + "/fixtures/cohorts/demo.yaml")
        spec.seed += offset
        let found = try spec.normalizationOfTrueSpikes()
        let expected = spec.truth.filter { $0.outcome == "firing_rate_hz" }.compactMap { row in row.verdict.map { (row.group, $0) } }
        #expect(expected.map(\.1) == [.normalized, .partial, .noEvidence])
        for (group, verdict) in expected { #expect(found.first { $0.treated == group }?.verdict == verdict, "\(group)") }
    }

    @Test func aVerdictFollowsLeavesOpenOrIsWrong() {
        #expect(VerdictAgreement(found: .partial, expected: .partial) == .follows)
        #expect(VerdictAgreement(found: .extentUnresolved, expected: .extentUnresolved) == .follows)
        #expect(VerdictAgreement(found: .extentUnresolved, expected: .partial) == .open)
        #expect(VerdictAgreement(found: .undetermined, expected: .noEvidence) == .open)
        #expect(VerdictAgreement(found: .noEvidence, expected: .partial) == .wrong)
        #expect(VerdictAgreement(found: .normalized, expected: .partial) == .wrong)
    }

    /// The rates of a perfect detector are those of the neurons less what falls into dead times, and bursts follow the truth.
    @Test func trueRowsHaveTheRatesOfTheNeurons() throws {
        let spec = try CohortSpec.load(root + "/fixtures/cohorts/demo.yaml")
        let rows = try spec.trueRows()
        let subject = try #require(spec.subjects.first)
        let own = rows.filter { $0.subject == subject.name && $0.outcome == "firing_rate_hz" }
        let spikes = GroundTruth(try RecordingPlan(subject.recording)).units.reduce(0) { $0 + $1.train.times.count }
        let found = own.reduce(0) { $0 + ($1.value ?? 0) } * spec.recording.duration.value
        #expect(own.count == 16 && found <= Double(spikes) && found > 0.97 * Double(spikes))
        #expect(rows.count == 2 * 16 * 40 && rows.allSatisfy { ($0.value ?? -1) >= 0 && $0.cage != nil })
        let bursts = spec.agreement(of: try spec.normalizationOfTrueSpikes()).filter { $0.truth.outcome == "burst_rate_per_min" }
        #expect(bursts.map(\.truth.group) == ["dfo", "aso", "void"])
    }
}
