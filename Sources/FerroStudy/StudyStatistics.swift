// SPDX-License-Identifier: GPL-3.0-or-later
import FerroCore
package import FerroStatistics
import Foundation

/// The statistics of a study from a table of outcomes, whoever made the table.
package enum StudyStatistics {
    /// Computes without writing anything.
    package static func compute(_ definition: StudyDefinition, rows: [OutcomeRow]) throws -> (
        groups: [GroupRow], normalization: [NormalizationRow], distribution: [DistributionRow]
    ) {
        try NormalizationAnalysis(
            design: definition.design, comparison: definition.comparison, unitOfAnalysis: definition.unitOfAnalysis,
            outcomes: definition.outcomes, settings: definition.settings
        ).run(rows)
    }

    /// `study stats`: reads the table at `table` and writes `groups.csv`, `normalization.csv`, `distribution.csv` and the tables of what
    /// else the study has (exclusions, covariates, behaviour, mediation, doses, treated controls) into `directory`.
    ///
    /// Nothing is written where the table is refused.
    ///
    /// - Throws: `FerroError`: input for a refused table, usage for a study that does not fit it.
    @discardableResult
    package static func run(_ definition: StudyDefinition, table: String, into directory: String) throws -> StudyResults {
        let rows = try OutcomeTable.read(table, for: definition)
        let subjects = try StudyCovariates.recordings(of: definition)
        let results = try placed(at: table) { try StudyStatistics.results(definition, rows: rows, subjects: subjects) }
        try write(results, into: directory)
        return results
    }

    /// Leaves out what the study excludes and computes the rest.
    ///
    /// - Parameters:
    ///   - rows: those of the table, rows of the measures that the study excludes by among them.
    ///   - recordings: what became of them; empty for a table of outcomes alone.
    ///   - subjects: rows of the table of recordings, for the covariates in them.
    package static func results(
        _ definition: StudyDefinition, rows: [OutcomeRow], recordings: [StudyRecordingState] = [], subjects: [StudyRecording] = []
    ) throws -> StudyResults {
        let (kept, flow) = try StudyExclusions.apply(definition, to: rows)
        let computed = try compute(definition, rows: flow == nil ? rows : kept)
        let values = StudyCovariates.values(definition, subjects)
        var results = StudyResults(
            definition: definition, recordings: recordings, outcomes: kept, groups: computed.groups, normalization: computed.normalization,
            distribution: computed.distribution, exclusions: flow,
            covariates: StudyCovariates.rows(definition, computed.groups, values), covariateValues: values)
        let conditions = definition.comparison.conditions
        if !definition.comparison.isWithin {
            results.trends = DoseTrend.rows(computed.groups, conditions: conditions, outcomes: definition.outcomes, settings: definition.settings)
            results.interactions = TreatedControls.rows(
                computed.groups, conditions: conditions, outcomes: definition.outcomes, settings: definition.settings)
        }
        results.mediation = MediationAnalysis.rows(
            definition.mediation, computed.groups, values: Dictionary(values.map { ($0.covariate, $0.byUnit) }) { first, _ in first },
            settings: definition.settings)
        (results.behaviourGroups, results.behaviour) = try StudyBehaviour.statistics(definition, subjects)
        return results
    }

    static func write(_ results: StudyResults, into directory: String) throws {
        let folder = StudyFolder(directory)
        for (name, text) in StudyTables.all(results) {
            if let text { try text.write(to: folder.table(name)) } else { try StudyFolder.remove(folder.table(name)) }
        }
    }

    /// Gives an error the table as its place where it has none.
    static func placed<Result>(at table: String, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as FerroError {
            throw error.place == nil ? error.inside(table) : error
        }
    }
}
