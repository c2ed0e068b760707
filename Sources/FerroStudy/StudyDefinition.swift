// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroStatistics

/// A study file: which recordings, which design, which outcomes.
package struct StudyDefinition: Sendable, Equatable {
    package var title: String
    /// Path of the pipeline file, relative to the study file's folder made absolute or relative to the working folder; nil where
    /// the study names none (`study stats` needs none).
    package var pipeline: String?
    /// Path of the table of recordings; nil where the study names none.
    package var recordings: String?
    /// Folder that the files in the table of recordings are taken from; nil for the table's own.
    package var files: String?
    package var design: StudyDesign
    package var comparison: Comparison
    package var unitOfAnalysis: UnitOfAnalysis
    /// In the order of the study file.
    package var outcomes: [OutcomeDefinition]
    package var settings: StatisticsSettings
    /// Which units are left out; nil where the study declares none.
    package var exclusions: ExclusionCriteria?
    /// Measures of the subjects beside the outcomes, in the order of the study file.
    package var covariates: [Covariate]
    /// Paths from one covariate through an outcome to another.
    package var mediation: [MediationPath]
    /// By what units are known again in the file of another epoch.
    package var unitMatching: UnitMatching
    /// What the reader of the report has to know, in the words of the study.
    package var notes: [String]
    /// The file this was read from.
    package var source: String

    package init(
        title: String, pipeline: String? = nil, recordings: String? = nil, files: String? = nil, design: StudyDesign, comparison: Comparison,
        unitOfAnalysis: UnitOfAnalysis, outcomes: [OutcomeDefinition], settings: StatisticsSettings, exclusions: ExclusionCriteria? = nil,
        covariates: [Covariate] = [], mediation: [MediationPath] = [], unitMatching: UnitMatching = .name, notes: [String] = [],
        source: String = ""
    ) {
        self.title = title
        self.pipeline = pipeline
        self.recordings = recordings
        self.files = files
        self.design = design
        self.comparison = comparison
        self.unitOfAnalysis = unitOfAnalysis
        self.outcomes = outcomes
        self.settings = settings
        self.exclusions = exclusions
        self.covariates = covariates
        self.mediation = mediation
        self.unitMatching = unitMatching
        self.notes = notes
        self.source = source
    }
}
