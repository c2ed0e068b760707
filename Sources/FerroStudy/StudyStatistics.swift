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

    /// `study stats`: reads the table at `table` and writes `groups.csv`, `normalization.csv` and `distribution.csv` into `directory`.
    ///
    /// Nothing is written where the table is refused.
    ///
    /// - Throws: `FerroError`: input for a refused table, usage for a study that does not fit it.
    @discardableResult
    package static func run(_ definition: StudyDefinition, table: String, into directory: String) throws -> StudyResults {
        let rows = try OutcomeTable.read(table, for: definition)
        let computed = try placed(at: table) { try compute(definition, rows: rows) }
        try write(computed.groups, computed.normalization, computed.distribution, into: directory)
        let configured = Set(definition.outcomes.map(\.name))
        return StudyResults(
            definition: definition, recordings: [], outcomes: rows.filter { configured.contains($0.outcome) }, groups: computed.groups,
            normalization: computed.normalization, distribution: computed.distribution)
    }

    static func write(
        _ groups: [GroupRow], _ normalization: [NormalizationRow], _ distribution: [DistributionRow], into directory: String
    ) throws {
        let folder = URL(fileURLWithPath: directory)
        try StatisticsTables.groups(groups).write(to: folder.appendingPathComponent("groups.csv").path)
        try StatisticsTables.normalization(normalization).write(to: folder.appendingPathComponent("normalization.csv").path)
        try StatisticsTables.distribution(distribution).write(to: folder.appendingPathComponent("distribution.csv").path)
    }

    /// Gives an error the table as its place where it has none.
    static func placed<Result>(at table: String, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as FerroError {
            throw error.place == nil ? error.inside(table) : error
        }
    }
}
