// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
import FerroStatistics
import FerroStudy
import Foundation

/// Studies with known answers, made by computing the statistics of tables that are built here.
enum SampleStudies {
    /// Rows of one outcome in one group: subjects around a mean on the analysis scale, cells around their subject.
    struct Cohort {
        var group: String
        var mean: Double
        var spread: Double
        var subjects = 8
        var cells = 12
    }

    /// Subjects stand on fixed, evenly spread places, so that a group has exactly its mean; cells are drawn with a seed.
    static func rows(
        _ outcome: String, _ cohorts: [Cohort], log isLog: Bool = true, session: String? = nil, epoch: String? = nil,
        subject name: (Cohort, Int) -> String = { "\($0.group)-\($1)" }
    ) -> [OutcomeRow] {
        var generator = SeededGenerator(seed: 7, stream: UInt64(outcome.count))
        return cohorts.flatMap { cohort in
            (0..<cohort.subjects).flatMap { subject -> [OutcomeRow] in
                let place = cohort.subjects > 1 ? 2 * Double(subject) / Double(cohort.subjects - 1) - 1 : 0
                let middle = cohort.mean + cohort.spread * place
                let noise = (0..<cohort.cells).map { _ in Double.random(in: -1...1, using: &generator) * (isLog ? 0.9 : 0.25) }
                let offset = noise.reduce(0, +) / Double(cohort.cells)
                return noise.enumerated().map { cell, draw in
                    let y = middle + draw - offset
                    let animal = name(cohort, subject)
                    return OutcomeRow(
                        recording: "rec-\(animal)" + (session.map { "-\($0)" } ?? ""), subject: animal, cage: "cage-\(animal)", group: cohort.group,
                        unit: "u\(cell)", outcome: outcome, value: isLog ? exp(y) : y, exposure: 900, session: session, epoch: epoch)
                }
            }
        }
    }

    static func results(_ study: String, _ rows: [OutcomeRow], recordings: [StudyRecordingState] = []) throws -> StudyResults {
        let definition = try StudyDefinition.parse(study, path: "/somewhere/studies/study.yaml")
        return try StudyStatistics.results(definition, rows: rows, recordings: recordings)
    }

    /// Five groups and three outcomes in which every verdict occurs once, and an outcome without a perturbation.
    static func everyVerdict(recordings: Bool = false, in folder: String = "/nowhere") throws -> StudyResults {
        let text = """
            ferrospike-study: 1
            title: Social isolation, iron and α-synuclein in the ventral hippocampus
            groups:
              gh:  {role: control,   label: Group-housed}
              iso: {role: perturbed, label: Isolated + vehicle}
              dfo: {role: treated,   label: Isolated + deferoxamine, target: iron}
              aso: {role: treated,   label: Isolated + Snca ASO, target: α-synuclein}
              cbx: {role: treated,   label: Isolated + carbenoxolone}
            outcomes:
              firing_rate_hz:     {scale: log, primary: true, equivalence: 0.3 log}
              burst_rate_per_min: {scale: log, equivalence: 0.3 log}
              isi_cv:             {scale: linear, equivalence: 0.1}
            statistics: {seed: 1, permutations: 2000, multiplicity: holm}
            """
        func cohort(_ group: String, _ mean: Double, _ spread: Double = 0.25) -> Cohort { Cohort(group: group, mean: mean, spread: spread) }
        let rows =
            rows("firing_rate_hz", [cohort("gh", 0), cohort("iso", 1), cohort("dfo", 0.03), cohort("aso", 0.5), cohort("cbx", -0.7)])
            + rows("burst_rate_per_min", [cohort("gh", 1), cohort("iso", 2), cohort("dfo", 1.15, 0.45), cohort("aso", 1.95), cohort("cbx", 1.5, 1.3)])
            + rows(
                "isi_cv", [cohort("gh", 1, 0.2), cohort("iso", 1.02, 0.2), cohort("dfo", 1.01, 0.2), cohort("aso", 1, 0.2), cohort("cbx", 1.03, 0.2)],
                log: false)
        return try results(text, rows, recordings: recordings ? states(of: rows, in: folder) : [])
    }

    /// One finished recording for every recording of a table.
    static func states(of rows: [OutcomeRow], in folder: String) -> [StudyRecordingState] {
        var seen: Set<String> = []
        return rows.compactMap { row in
            guard seen.insert(row.recording).inserted else { return nil }
            let recording = StudyRecording(
                name: row.recording, file: "\(row.recording).nwb", path: "/data/\(row.recording).nwb", subject: row.subject, cage: row.cage, group: row.group,
                session: row.session)
            return StudyRecordingState(recording: recording, status: .done, directory: "\(folder)/\(row.recording)")
        }
    }

    /// Changes between sessions, compared between groups.
    static func sessions() throws -> StudyResults {
        let text = """
            ferrospike-study: 1
            title: Two weeks of treatment, before and after
            design: sessions
            sessions: {day0: {role: baseline, label: Day 0}, day14: {role: response, label: Day 14}}
            groups:
              gh:  {role: control,   label: Group-housed}
              iso: {role: perturbed, label: Isolated}
              dfo: {role: treated,   label: Isolated + deferoxamine}
            outcomes:
              firing_rate_hz:  {scale: log, primary: true, equivalence: 0.3 log}
              theta_power_uv2: {scale: linear, change: percent, equivalence: 20 %}
            statistics: {multiplicity: bh}
            """
        func both(_ outcome: String, _ base: Double, _ changes: [(String, Double)], log: Bool) -> [OutcomeRow] {
            rows(outcome, changes.map { Cohort(group: $0.0, mean: base, spread: 0.1, cells: 6) }, log: log, session: "day0")
                + rows(outcome, changes.map { Cohort(group: $0.0, mean: base + $0.1, spread: 0.3, cells: 6) }, log: log, session: "day14")
        }
        return try results(
            text,
            both("firing_rate_hz", 0.5, [("gh", 0), ("iso", 0.8), ("dfo", 0.1)], log: true)
                + both("theta_power_uv2", 10, [("gh", 0.2), ("iso", 6), ("dfo", 3)], log: false))
    }

    /// The same subjects under three epochs.
    static func within() throws -> StudyResults {
        let text = """
            ferrospike-study: 1
            title: Baseline, drug and antidote in one recording
            design: epochs
            epochs: {before: {role: control, label: Baseline}, drug: {role: perturbed, label: Kainate}, wash: {role: treated, label: Kainate + CNQX}}
            outcomes:
              firing_rate_hz: {scale: log, equivalence: 0.3 log}
            """
        let means = [("before", 0.2, 0.3), ("drug", 1.4, 0.6), ("wash", 0.45, 0.4)]
        let rows = means.flatMap { epoch, mean, spread in
            self.rows("firing_rate_hz", [Cohort(group: "", mean: mean, spread: spread, subjects: 7)], epoch: epoch) { "mouse-\($1)" }
        }
        return try results(text, rows)
    }

    /// A perturbation alone.
    static func withoutTreatment() throws -> StudyResults {
        let text = """
            ferrospike-study: 1
            title: A perturbation
            groups: {gh: {role: control, label: Group-housed}, iso: {role: perturbed, label: Isolated}, naive: {role: other, label: Naive}}
            unit-of-analysis: cage
            outcomes:
              theta_power_uv2: {scale: log, label: "Theta power (µV²)"}
            statistics: {multiplicity: none}
            """
        let cohorts = [("gh", 2.0), ("iso", 2.05), ("naive", 2.6)].map { Cohort(group: $0.0, mean: $0.1, spread: 0.6, subjects: 4) }
        return try results(text, rows("theta_power_uv2", cohorts))
    }

    /// Names that HTML, XML and figures could stumble over, a group too small for an interval, failures.
    static func awkward(in folder: String = "/nowhere") throws -> StudyResults {
        let text = """
            ferrospike-study: 1
            title: "A <script>alert('x')</script> & \\"quoted\\" title {{with}} braces"
            groups:
              a: {role: control,   label: "Wild-type littermates, group-housed on a twelve-hour cycle <b>"}
              b: {role: perturbed, label: "SNCA-A53T/α-synuclein⁺ overexpressing, single-housed for four weeks & stressed"}
              c: {role: treated,   label: "Deferoxamine·mesylate 10 mg·kg⁻¹·d⁻¹ intranasal; SupercalifragilisticexpialidociousCompound"}
              d: {role: treated,   label: "<script>d</script>"}
              e: {role: other,     label: Naïve}
            outcomes:
              firing_rate_hz: {scale: log, primary: true}
              amplitude_uv: {scale: linear, equivalence: 9 uV, label: "Amplitude µV > \\"peak\\" <i>"}
            """
        let rows =
            rows(
                "firing_rate_hz",
                [
                    Cohort(group: "a", mean: 0, spread: 0.3, subjects: 4), Cohort(group: "b", mean: 1.2, spread: 0.3, subjects: 4),
                    Cohort(group: "c", mean: 0.2, spread: 0.3, subjects: 3), Cohort(group: "d", mean: 0.6, spread: 0.5, subjects: 1),
                    Cohort(group: "e", mean: 0.2, spread: 0.5, subjects: 2),
                ]
            ) { "<script>\($0.group)</script>-\($1)" }
            + rows(
                "amplitude_uv",
                [
                    Cohort(group: "a", mean: 60, spread: 8, subjects: 4, cells: 1), Cohort(group: "b", mean: 90, spread: 8, subjects: 4, cells: 1),
                    Cohort(group: "c", mean: 66, spread: 6, subjects: 2, cells: 1), Cohort(group: "d", mean: 80, spread: 5, subjects: 1, cells: 1),
                    Cohort(group: "e", mean: 70, spread: 5, subjects: 2, cells: 1),
                ], log: false
            ) { "<script>\($0.group)</script>-\($1)" }
        var states = states(of: rows, in: folder)
        states[1].status = .failed
        states[1].message =
            "/data/\(states[1].recording.name).nwb: /acquisition/ElectricalSeries/data: the dataset has no unit <none> (expected an attribute `unit`); declare `unit: V`"
        states[2].status = .pending
        return try results(text, rows, recordings: states)
    }
}
