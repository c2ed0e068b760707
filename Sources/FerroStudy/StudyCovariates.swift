// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
import FerroPipeline
package import FerroStatistics
import Foundation

/// A measure of the subject that is set beside the outcomes: a numeric column of the table of recordings.
package struct Covariate: Sendable, Equatable {
    package var name: String
    package var label: String
    /// How it is judged where it is a behaviour that the treatment is meant to bring back; nil where it is not.
    package var behaviour: OutcomeDefinition?

    package init(name: String, label: String? = nil, behaviour: OutcomeDefinition? = nil) {
        self.name = name
        self.label = label ?? name.replacing("_", with: " ")
        self.behaviour = behaviour
    }
}

/// Values of a covariate by experimental unit.
package struct CovariateValues: Sendable, Equatable {
    package var covariate: String
    package var byUnit: [String: Double]
}

/// The covariates of a study: from the table of recordings to `covariates.csv`.
package enum StudyCovariates {
    /// Values by experimental unit, that of a cage being the mean of its subjects that have one.
    static func values(_ definition: StudyDefinition, _ recordings: [StudyRecording]) -> [CovariateValues] {
        definition.covariates.map { covariate in
            var bySubject: [String: Double] = [:]
            var cages: [String: String] = [:]
            for recording in recordings {
                if let value = recording.covariates[covariate.name] { bySubject[recording.subject] = value }
                if let cage = recording.cage { cages[recording.subject] = cage }
            }
            guard definition.unitOfAnalysis == .cage else { return CovariateValues(covariate: covariate.name, byUnit: bySubject) }
            let subjects = Dictionary(grouping: bySubject.keys.sorted()) { cages[$0] ?? "" }
            return CovariateValues(
                covariate: covariate.name, byUnit: subjects.compactMapValues { Sample.mean($0.compactMap { bySubject[$0] }) })
        }
    }

    /// The table of recordings for statistics of a table of outcomes; none where the study has no covariates.
    ///
    /// - Throws: `FerroError`: usage where the study names no table, input for a table that is refused.
    static func recordings(of definition: StudyDefinition) throws -> [StudyRecording] {
        guard !definition.covariates.isEmpty else { return [] }
        guard let table = definition.recordings else {
            throw FerroError.usage(
                "the study has covariates and names no table of recordings, which holds them", at: definition.source,
                expected: "a line such as `recordings: recordings.csv`")
        }
        return try RecordingsTable.read(table, for: definition, checkFiles: false)
    }

    static func rows(_ definition: StudyDefinition, _ groups: [GroupRow], _ values: [CovariateValues]) -> [CovariateRow] {
        CovariateAnalysis.rows(
            groups, outcomes: definition.outcomes.map(\.name), values: values.map { ($0.covariate, $0.byUnit) }, settings: definition.settings)
    }

    /// `covariates.csv`: an empty field is undefined.
    package static func table(_ rows: [CovariateRow]) -> CSVText {
        var text = CSVText(columns: ["outcome", "covariate", "scope", "n", "spearman_rho", "p_perm", "p_perm_min", "perm_kind"])
        for row in rows {
            let found = row.correlation
            text.append(
                [row.outcome, row.covariate, row.scope.text, "\(row.n)"] + [found?.rho, found?.p, found?.minimum].map(CSVText.number)
                    + [found?.kind.rawValue ?? ""])
        }
        return text
    }

    /// The part `covariates:` of a study file: `{iron_ug_per_g: {label: Iron}, corticosterone_ng_per_ml: {}}`.
    static func parsed(_ node: ConfigNode?, design: StudyDesign) throws -> [Covariate] {
        guard let node else { return [] }
        guard design == .groups else {
            throw node.error(
                "covariates are measures of subjects in groups, and the design is `\(design.rawValue)`", advice: "leave `covariates` out")
        }
        let columns: Set = ["recording", "file", "subject", "cage", "group", "session", "epoch"]
        return try node.mapping().entries.map { key, value in
            guard !columns.contains(key.name) else {
                throw key.error("`\(key.name)` is no measure of a subject", expected: "the name of a numeric column of the table of recordings")
            }
            guard !value.isNull else { return Covariate(name: key.name) }
            let fields = try value.mapping(keys: ["label", "behaviour"])
            let label = try fields.optional("label")?.text()
            return Covariate(
                name: key.name, label: label,
                behaviour: try fields.optional("behaviour").map { try StudyFile.behaviour($0, name: key.name, label: label) })
        }
    }
}
