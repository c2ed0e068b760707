// SPDX-License-Identifier: GPL-3.0-or-later
package import FerroCore
package import FerroStatistics

/// One row of `recordings.csv`.
package struct StudyRecording: Sendable, Equatable {
    package var name: String
    /// The file as the table writes it.
    package var file: String
    /// The same file, found from the table's folder.
    package var path: String
    package var subject: String
    package var cage: String?
    /// Empty where the comparison is within subjects and the table has no groups.
    package var group: String
    package var session: String?
    package var epoch: String?
    /// The part of the file that it is, in seconds of the file's clock; nil for all of it.
    package var stretch: TimeInterval?
    /// Values of the study's covariates; one without a value is not in it.
    package var covariates: [String: Double]

    package init(
        name: String, file: String, path: String, subject: String, cage: String? = nil, group: String,
        session: String? = nil, epoch: String? = nil, stretch: TimeInterval? = nil, covariates: [String: Double] = [:]
    ) {
        self.name = name
        self.file = file
        self.path = path
        self.subject = subject
        self.cage = cage
        self.group = group
        self.session = session
        self.epoch = epoch
        self.stretch = stretch
        self.covariates = covariates
    }
}

/// How far a recording of a study has come.
package enum RecordingStatus: String, Sendable, CaseIterable {
    case pending, done, failed
}

/// A recording with what became of it.
package struct StudyRecordingState: Sendable, Equatable {
    package var recording: StudyRecording
    package var status: RecordingStatus
    /// Why it failed; nil otherwise.
    package var message: String?
    /// Folder of its results (`units.csv`, `bands.csv`, …); it exists where the status is `done`.
    package var directory: String

    package init(recording: StudyRecording, status: RecordingStatus, message: String? = nil, directory: String) {
        self.recording = recording
        self.status = status
        self.message = message
        self.directory = directory
    }
}

/// Everything a report shows of a study.
package struct StudyResults: Sendable, Equatable {
    package var definition: StudyDefinition
    /// In the order of `recordings.csv`; empty where the statistics were made from a table alone.
    package var recordings: [StudyRecordingState]
    /// Rows of `outcomes.csv` that belong to configured outcomes, without those of excluded units.
    package var outcomes: [OutcomeRow]
    /// Rows of `groups.csv`, in its order, with the experimental units behind each mean.
    package var groups: [GroupRow]
    /// Rows of `normalization.csv`, in its order.
    package var normalization: [NormalizationRow]
    /// Rows of `distribution.csv`, in its order.
    package var distribution: [DistributionRow]
    /// What the exclusion criteria left out; nil where the study declares none.
    package var exclusions: ExclusionFlow?
    /// Rows of `covariates.csv`, in its order; empty where the study has none.
    package var covariates: [CovariateRow]
    /// The values behind them.
    package var covariateValues: [CovariateValues]
    /// Rows of `behaviour.csv`, which has the columns of `normalization.csv`, and the groups behind them.
    package var behaviour: [NormalizationRow] = []
    package var behaviourGroups: [GroupRow] = []
    /// Rows of `mediation.csv`.
    package var mediation: [MediationRow] = []
    /// Rows of `trend.csv`.
    package var trends: [TrendRow] = []
    /// Rows of `interaction.csv`.
    package var interactions: [InteractionRow] = []

    package init(
        definition: StudyDefinition, recordings: [StudyRecordingState], outcomes: [OutcomeRow], groups: [GroupRow],
        normalization: [NormalizationRow], distribution: [DistributionRow] = [], exclusions: ExclusionFlow? = nil,
        covariates: [CovariateRow] = [], covariateValues: [CovariateValues] = []
    ) {
        self.definition = definition
        self.recordings = recordings
        self.outcomes = outcomes
        self.groups = groups
        self.normalization = normalization
        self.distribution = distribution
        self.exclusions = exclusions
        self.covariates = covariates
        self.covariateValues = covariateValues
    }

    package var failures: [StudyRecordingState] { recordings.filter { $0.status == .failed } }
}
